//! `/metrics`.

use crate::support::{PASSWORD, Program, Socket, room, until};
use protocol::{ClientId, Message};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// A response of `/metrics`, by name.
struct Scrape {
    text: String,
    url: String,
}

impl Scrape {
    /// Scrapes a server that was started with `RAPPORT_METRICS_LISTEN`.
    async fn of(program: &Program) -> Self {
        let line = "metrics are at ";
        until("the address of the metrics", async || program.log().contains(line)).await;
        let log = program.log();
        let url = log.split(line).nth(1).unwrap().lines().next().unwrap().trim().to_owned();
        let answer = reqwest::get(&url).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        Self { text: answer.text().await.unwrap(), url }
    }

    /// The number of one series, as it is written: name and labels.
    fn value(&self, series: &str) -> f64 {
        let found = self.text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        found.unwrap_or_else(|| panic!("no {series} in\n{}", self.text)).parse().unwrap()
    }

    /// All series of a name together.
    fn sum(&self, start: &str) -> f64 {
        let values = self.samples().filter(|line| line.starts_with(start));
        values.map(|line| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap()).sum()
    }

    fn samples(&self) -> impl Iterator<Item = &str> {
        self.text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
    }

    /// The labels of each metric, without those that a histogram has by itself, and their values.
    fn labels(&self) -> BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> {
        let mut all = BTreeMap::<_, BTreeMap<_, BTreeSet<_>>>::new();
        for line in self.samples() {
            let Some((name, rest)) = line.split_once('{') else { continue };
            let name =
                ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
            let (labels, _) = rest.rsplit_once("} ").unwrap();
            for label in labels.trim_end_matches('"').split("\",") {
                let (key, value) = label.split_once("=\"").unwrap();
                if key != "le" {
                    all.entry(name).or_default().entry(key).or_default().insert(value);
                }
            }
        }
        all
    }

    /// The table, in the form of `docs/metrics.md`.
    fn table(&self) -> BTreeSet<String> {
        let labels = self.labels();
        let lines = |kind: &str| {
            let start = format!("# {kind} ");
            self.text.lines().filter_map(move |line| line.strip_prefix(&start)?.split_once(' '))
        };
        let kinds: BTreeMap<_, _> = lines("TYPE").collect();
        let helps: BTreeMap<_, _> = lines("HELP").collect();
        assert_eq!(kinds.keys().collect::<Vec<_>>(), helps.keys().collect::<Vec<_>>(), "each is described");
        let row = |(name, kind): (&&str, &&str)| {
            let keys = labels.get(name).into_iter().flat_map(BTreeMap::keys);
            let keys = keys.map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
            format!("| `{name}` | {kind} | {keys} | {} |", helps[name])
        };
        kinds.iter().map(row).collect()
    }
}

/// Causes every counted event. Returns the names and contents that were used.
async fn a_day(program: &Program) -> Vec<String> {
    let (anna, ben) = (program.register("anna-metrics").await, program.register("ben-metrics").await);
    let talk = room(&[&anna, &ben], None).await;
    let http = reqwest::Client::new();
    let wrong = json!({"username": "anna-metrics", "password": "not the password"});
    let refused = http.post(format!("{}/api/token", program.url)).json(&wrong).send().await.unwrap();
    assert_eq!(refused.status(), 401);

    let ws = program.url.replace("http", "ws");
    let mut all = Socket::open(&format!("{ws}/ws/?token={}", anna.access), &[]).await.unwrap();
    all.greeted().await;
    let mut one = Socket::open(&format!("{ws}/ws/chat/{talk}/?token={}", ben.access), &[]).await.unwrap();
    one.greeted().await;
    one.says("a word in confidence").await;
    all.hears("a word in confidence").await;

    let path = format!("/api/conversations/{talk}/messages");
    let body = json!({"content": "said twice", "client_id": ClientId::mint()});
    for status in [201, 200] {
        let answer = anna.post(&path, &body).await;
        assert_eq!(answer.status(), status);
        assert_eq!(answer.json::<Message>().await.unwrap().content, "said twice");
    }
    assert_eq!(anna.post(&path, &json!({"content": "  "})).await.status(), 422);
    assert_eq!(anna.get("/api/conversations/8675309").await.status(), 404);

    let poll =
        async |request| ben.post("/api/poll", &request).await.json::<serde_json::Value>().await.unwrap();
    let sync = json!({"user_rev": 0});
    let begun = poll(json!({"mailbox": null, "batch": 0, "sync": sync, "wait": false})).await;
    let next = json!({"mailbox": begun["mailbox"], "batch": begun["batch"], "sync": sync, "wait": false});
    let none = poll(next).await;
    assert_eq!(none["frames"], json!([]), "{none}");
    assert_eq!(anna.post(&path, &json!({"content": "for the poll"})).await.status(), 201);
    let next = json!({"mailbox": begun["mailbox"], "batch": none["batch"], "sync": sync, "wait": true});
    assert_ne!(poll(next).await["frames"], json!([]));

    one.line.close(None).await.unwrap();
    one.closed().await;
    let mut nobody = Socket::open(&format!("{ws}/ws/?token=forged"), &[]).await.unwrap();
    assert_eq!(nobody.closed().await.0, 4001);
    drop(all.line.close(None).await);
    all.closed().await;
    ["anna-metrics", "ben-metrics", "confidence", "said twice", "/8675309", "forged", "127.0.0.1"]
        .map(str::to_owned)
        .into_iter()
        .chain([anna.access, ben.access])
        .collect()
}

#[tokio::test]
async fn r5_metrics_count_what_happens_and_name_nobody() {
    let program = Program::alone(&[("RAPPORT_METRICS_LISTEN", "127.0.0.1:0")]).await;
    let secrets = a_day(&program).await;
    // Sockets end a moment after their clients have gone.
    let ended = async || {
        let scrape = Scrape::of(&program).await;
        scrape.sum("rapport_socket_closes_total{") == 3.0 && scrape.sum("rapport_sockets{") == 0.0
    };
    until("the sockets' ends", ended).await;
    let scrape = Scrape::of(&program).await;
    for (series, value) in [
        ("rapport_messages_total{result=\"sent\"}", 3.0),
        ("rapport_messages_total{result=\"repeated\"}", 1.0),
        ("rapport_messages_total{result=\"refused\"}", 1.0),
        ("rapport_messages_total{result=\"failed\"}", 0.0),
        ("rapport_sign_ins_total{result=\"ok\"}", 2.0),
        ("rapport_sign_ins_total{result=\"wrong\"}", 1.0),
        ("rapport_socket_closes_total{code=\"4001\"}", 1.0),
        ("rapport_mailboxes", 1.0),
        ("rapport_polls_held", 0.0),
        ("rapport_polls_total{result=\"begun\"}", 1.0),
        ("rapport_polls_total{result=\"expired\"}", 1.0),
        ("rapport_polls_total{result=\"woken\"}", 1.0),
        ("rapport_commits_failed_total", 0.0),
        ("rapport_hashing_waiting", 0.0),
        ("rapport_database_up", 1.0),
        ("rapport_bus_connected", 1.0),
        ("rapport_bus_lost_total", 0.0),
        ("rapport_http_requests_total{method=\"POST\",route=\"/api/token\",status=\"401\"}", 1.0),
        ("rapport_http_requests_total{method=\"GET\",route=\"/api/conversations/{id}\",status=\"404\"}", 1.0),
        ("rapport_http_seconds_count{route=\"/ws/\"}", 2.0),
    ] {
        assert_eq!(scrape.value(series), value, "{series} in\n{}", scrape.text);
    }
    // One send to a conversation of two is told to both; which receipts come as well is a matter of time.
    assert!(scrape.value("rapport_deliveries_total") >= 4.0);
    assert!(scrape.value("rapport_frames_out_total") > scrape.value("rapport_frames_in_total"));
    assert!(scrape.value("rapport_commit_seconds_count") >= 4.0);
    assert_eq!(scrape.value("rapport_commit_seconds_count"), scrape.value("rapport_commit_writes_count"));
    assert!(scrape.value("process_resident_memory_bytes") > 1e6);
    assert!(scrape.value("rapport_socket_queue_frames_count") >= 2.0);
    assert!(scrape.value("process_open_fds") > 5.0);

    for secret in &secrets {
        assert!(!scrape.text.contains(secret.as_str()), "{secret} is told");
    }
    // A label is a word out of a short list; a route is a pattern.
    let routes: BTreeSet<_> = server::routes().into_iter().map(|(_, path)| path).collect();
    for (name, labels) in scrape.labels() {
        for (key, values) in labels {
            assert!(values.len() <= 60, "{name} has too many values of {key}");
            let known = |value: &str| match key {
                "route" => routes.contains(value) || matches!(value, "other" | "/healthz" | "/readyz"),
                "version" => true,
                _ => value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
            };
            assert!(values.iter().all(|value| known(value)), "{name} {key}: {values:?}");
        }
    }
    // Whoever reaches the chat does not reach this.
    let own = scrape.url.rsplit_once('/').unwrap().0;
    assert_eq!(reqwest::get(format!("{own}/api/me")).await.unwrap().status(), 404);
    let public = reqwest::get(format!("{}/metrics", program.url)).await.unwrap();
    assert_eq!(public.status(), 404);
    assert!(!public.text().await.unwrap().contains("rapport_"));
    assert_eq!(program.terminates().await, Some(0));
}

#[tokio::test]
async fn r5_the_table_of_metrics_matches_the_server() {
    let program = Program::alone(&[("RAPPORT_METRICS_LISTEN", "127.0.0.1:0")]).await;
    a_day(&program).await;
    let counted = async || Scrape::of(&program).await.text.contains("rapport_socket_closes_total{");
    until("the closes", counted).await;
    let told = Scrape::of(&program).await.table();
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/metrics.md")).unwrap();
    let written: BTreeSet<_> =
        page.lines().filter(|line| line.starts_with("| `")).map(str::to_owned).collect();
    let told_only: Vec<_> = told.difference(&written).cloned().collect();
    let written_only: Vec<_> = written.difference(&told).cloned().collect();
    assert!(
        told_only.is_empty() && written_only.is_empty(),
        "docs/metrics.md lacks\n{}\n\nand has\n{}",
        told_only.join("\n"),
        written_only.join("\n")
    );
}

#[tokio::test]
async fn r5_metrics_over_a_unix_socket_and_rejected_addresses() {
    let at = tempfile::tempdir().unwrap();
    let socket = at.path().join("metrics.sock");
    let listen = format!("unix:{}", socket.display());
    let program = Program::alone(&[("RAPPORT_METRICS_LISTEN", &listen)]).await;
    assert_eq!(crate::support::asked_over(&socket, "/metrics").await, "HTTP/1.1 200 OK");
    // The address of the metrics is taken, by a server of other data.
    let data = tempfile::tempdir().unwrap();
    let other = ["serve", "--listen", "127.0.0.1:0", "--metrics-listen", &listen];
    let ended = Program::run(at.path(), data.path(), &other, "").await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("in use") && ended.err.contains("RAPPORT_METRICS_LISTEN"), "{ended:?}");
    let same = ["serve", "--listen", "127.0.0.1:3999", "--metrics-listen", "127.0.0.1:3999"];
    let ended = Program::run(at.path(), data.path(), &same, PASSWORD).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("an address of their own"), "{ended:?}");
    assert_eq!(program.terminates().await, Some(0));
    assert!(!socket.exists());
}
