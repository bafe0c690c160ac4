//! The machine, and the versions of the programs.

use super::subject::Programs;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The processor, cores, memory and kernel.
#[must_use]
pub(super) fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let value = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let model = value(&read("/proc/cpuinfo"), "model name").unwrap_or_else(|| "unknown processor".into());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = value(&read("/proc/meminfo"), "MemTotal").unwrap_or_default();
    let kib = memory.trim_end_matches(" kB").parse::<f64>().unwrap_or_default();
    let (gib, kernel) = (kib / 1_048_576.0, read("/proc/sys/kernel/osrelease"));
    format!("{model}, {cores} cores, {gib:.0} GiB, Linux {}, all over loopback", kernel.trim())
}

/// The versions of all programs that tell them.
#[must_use]
pub(super) fn versions(programs: &Programs) -> Vec<String> {
    let mut all = Vec::new();
    let rapport = programs.rapport.to_string_lossy();
    all.extend(first_line(&rapport, &["--version"]));
    all.extend(
        first_line("git", &["describe", "--always", "--dirty"]).map(|commit| format!("commit {commit}")),
    );
    all.extend(first_line("rustc", &["--version"]));
    all.extend(first_line("node", &["--version"]).map(|version| format!("Node {version}")));
    all.extend(pinned_by_npm(&programs.peers.join("node/package.json")));
    all.extend(first_line("python3", &["--version"]));
    let pinned = fs::read_to_string(programs.peers.join("channels/requirements.txt")).unwrap_or_default();
    all.extend(pinned.lines().filter(|line| line.contains("==")).map(|line| line.trim().replace("==", " ")));
    all.extend(first_line("redis-server", &["--version"]).and_then(|line| {
        Some(format!("Redis {}", line.split_whitespace().find_map(|word| word.strip_prefix("v="))?))
    }));
    all
}

fn pinned_by_npm(path: &Path) -> Vec<String> {
    let package = fs::read_to_string(path).ok().and_then(|text| serde_json::from_str(&text).ok());
    let package: serde_json::Value = package.unwrap_or_default();
    let pinned = package.get("dependencies").and_then(|all| all.as_object()).into_iter().flatten();
    pinned.map(|(name, version)| format!("{name} {}", version.as_str().unwrap_or_default())).collect()
}

/// The first line of the output of a program.
fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|o| o.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.lines().next()?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_npm_pins_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("package.json");
        assert!(pinned_by_npm(&path).is_empty());
        fs::write(&path, r#"{"dependencies": {"ws": "8.18.0"}}"#).unwrap();
        assert_eq!(pinned_by_npm(&path), ["ws 8.18.0"]);
    }

    #[test]
    fn the_machine_says_what_it_is() {
        assert!(machine().contains("cores"));
    }
}
