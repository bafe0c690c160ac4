//! Quotes in `docs/troubleshooting.md`: each command, setting, metric, step and log line exists.

use crate::support::Program;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: &str) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files under this folder with this ending, as one text.
fn all(folder: &str, ending: &str) -> String {
    let mut text = String::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                text.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    text
}

/// The sources as one line, with string literals that span several lines joined.
fn sources(folders: &[&str]) -> String {
    let text: String = folders.iter().map(|folder| all(folder, ".rs")).collect();
    let joined: Vec<_> = text.split("\\\n").map(str::trim_start).collect();
    joined.concat().replace("\\\"", "\"")
}

/// The texts between these marks, outside of code blocks.
fn between<'a>(page: &'a str, mark: &str) -> Vec<&'a str> {
    page.lines().flat_map(|line| line.split(mark).skip(1).step_by(2)).collect()
}

/// The sources of valid quotes, by kind.
struct Known {
    metrics: String,
    settings: String,
    limits: String,
    checks: String,
    sources: String,
    nginx: String,
    api: String,
    closes: String,
    words: String,
}

impl Known {
    fn read() -> Self {
        Self {
            metrics: read("docs/metrics.md"),
            settings: read("README.md"),
            limits: read("chat/src/limits.rs"),
            checks: sources(&["server/src/commands/check"]),
            sources: sources(&["server/src", "chat/src", "app/src"]),
            nginx: sources(&["server/src/commands/check"])
                + &read("docs/proxy.md")
                + &all("deploy/nginx", ".conf"),
            api: read("docs/api.md"),
            closes: read("protocol/src/close_code.rs"),
            words: all("app/locales", ".yml"),
        }
    }

    /// Whether the quote exists; `None` if its kind is unknown.
    fn has(&self, quoted: &str) -> Option<bool> {
        let first = quoted.split([' ', '=', ';', '{']).next().unwrap_or_default();
        // `…` stands for what differs from time to time.
        let pieces = |text: &str, within: &str| {
            let text = text.trim_start_matches("rapport: ");
            text.split('…')
                .map(str::trim)
                .filter(|piece| !piece.is_empty())
                .all(|piece| within.contains(piece))
        };
        Some(match quoted {
            _ if quoted.starts_with("$ ") || quoted.starts_with("https://") => true,
            _ if first.starts_with("RAPPORT_") => self.settings.contains(&format!("`{first}`")),
            _ if first.starts_with("rapport_") || first.starts_with("process_") => {
                self.metrics.contains(&format!("| `{first}` |"))
            }
            _ if quoted.starts_with("✗ ") => {
                self.checks.contains(&format!("\"{}\"", &quoted["✗ ".len()..]))
            }
            _ if quoted.starts_with("nginx: ") => {
                quoted["nginx: ".len()..].split_inclusive(';').all(|line| self.nginx.contains(line.trim()))
            }
            _ if ["INFO ", "WARN ", "ERROR "].iter().any(|level| quoted.starts_with(level)) => {
                pieces(quoted.split_once(' ').unwrap().1, &self.sources)
            }
            _ if quoted.len() == 4 && quoted.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.closes.contains(&format!("= {quoted},")) || quoted == "1006"
            }
            _ if quoted.starts_with("POST /") => self.api.contains(quoted),
            _ if quoted.starts_with('/') => {
                server::routes().iter().any(|(_, path)| *path == quoted)
                    || ["/healthz", "/readyz", "/metrics", "/pkg/"].contains(&quoted)
            }
            _ if self.limits.contains(&format!("pub {quoted}: ")) => true,
            _ if quoted.split(' ').count() > 2 => pieces(quoted, &self.sources),
            _ => return None,
        })
    }
}

/// Words of other programs, of the wire, and of the audit log.
const OTHERS: [&str; 15] = [
    "✗",
    "proxy_pass",
    "location",
    "LimitNOFILE",
    "ws:",
    "wss:",
    "http:",
    "https:",
    "http",
    "https",
    "www",
    "ERROR",
    "WARN",
    "cp",
    "begun",
];

#[tokio::test]
async fn r5_every_quote_in_the_troubleshooting_page_exists() {
    let page = read("docs/troubleshooting.md");
    let known = Known::read();
    let mut unknown = Vec::new();
    let mut commands = BTreeSet::new();
    for quoted in between(&page, "`") {
        if let Some(command) = quoted.strip_prefix("rapport ").filter(|_| !quoted.contains(':')) {
            commands.insert(
                command
                    .split(' ')
                    .take_while(|word| word.bytes().all(|b| b.is_ascii_lowercase()))
                    .collect::<Vec<_>>(),
            );
            continue;
        }
        let elsewhere =
            || known.api.contains(&format!("`{quoted}`")) || known.sources.contains(&format!("\"{quoted}\""));
        if !known.has(quoted).unwrap_or_else(|| OTHERS.contains(&quoted) || elsewhere()) {
            unknown.push(quoted);
        }
    }
    assert!(unknown.is_empty(), "these are not there: {unknown:#?}");
    let at = tempfile::tempdir().unwrap();
    assert!(commands.len() >= 4, "{commands:?}");
    for mut command in commands {
        command.push("--help");
        let ended = Program::run(at.path(), at.path(), &command, "").await;
        assert_eq!(ended.code, Some(0), "rapport {command:?}: {}", ended.err);
    }
    for badge in
        ["Slower connection", "Connected", "Reconnecting…", "Offline", "Cannot connect", "You are signed out"]
    {
        assert!(page.contains(&format!("**{badge}**")), "nothing on {badge}");
        assert!(known.words.contains(&format!("en: {badge}\n")), "{badge} is not what the badge says");
    }
    // A link to a section that is not there.
    let slug = |title: &str| -> String {
        let kept = title.to_lowercase().replace(' ', "-");
        kept.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect()
    };
    let titles: BTreeSet<_> = page.lines().filter_map(|line| line.strip_prefix("## ")).map(slug).collect();
    for link in page.split("](#").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(titles.contains(link), "no section #{link}");
    }
    for link in page.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
        assert!(link.is_empty() || root().join("docs").join(link).exists(), "no page {link}");
    }
}

#[test]
fn r5_wrong_quotes_in_the_troubleshooting_page_are_found() {
    let known = Known::read();
    for wrong in [
        "RAPPORT_LISTNE",
        "rapport_socket",
        "process_memory",
        "✗ Socket opens",
        "nginx: proxy_http_version 1.0;",
        "INFO listening at …",
        "4004",
        "/api/nothing",
        "POST /api/nothing",
        "this sentence is said by nobody",
    ] {
        assert_eq!(known.has(wrong), Some(false), "{wrong}");
    }
    for right in
        ["RAPPORT_LISTEN=127.0.0.1:3000", "✗ Sockets open", "INFO listening on …", "4003", "/ws/", "queue"]
    {
        assert_eq!(known.has(right), Some(true), "{right}");
    }
}
