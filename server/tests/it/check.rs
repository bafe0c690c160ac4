//! `rapport check` (R3) through proxies with a fault: it reports the cause, and the line to change.

use crate::support::{Ended, Fault, Faulty, LISTEN, PASSWORD, Program};
use serde_json::Value;
use std::time::Duration;

/// The report of the command.
pub(super) struct Checked {
    pub(super) code: Option<i32>,
    pub(super) steps: Vec<Value>,
    said: Ended,
}

impl Checked {
    /// Runs the command with the data folder of this server.
    pub(super) async fn beside(server: &Program, arguments: &[&str]) -> Self {
        Self::with(&server.data(), arguments).await
    }

    pub(super) async fn with(data: &std::path::Path, arguments: &[&str]) -> Self {
        let at = tempfile::tempdir().unwrap();
        let arguments: Vec<_> = ["check", "--json"].iter().chain(arguments).copied().collect();
        let said = Program::run_within(Duration::from_secs(90), at.path(), data, &arguments, "").await;
        let whole: Value =
            serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
        let steps = whole["steps"].as_array().unwrap().clone();
        Self { code: said.code, steps, said }
    }

    fn of(&self, outcome: &str) -> Vec<&Value> {
        self.steps.iter().filter(|step| step["outcome"] == outcome).collect()
    }

    /// Asserts that all steps passed.
    pub(super) fn is_good(&self) {
        let others: Vec<_> = self.steps.iter().filter(|step| step["outcome"] != "good").collect();
        assert!(others.is_empty(), "{others:#?}");
        assert_eq!(self.code, Some(0), "{:?}", self.said);
    }

    /// Asserts that the first failed step is this one, with this cause and this line to change.
    pub(super) fn failed(&self, step: &str, cause: &str, line: &str) {
        assert_eq!(self.code, Some(1), "{:?}", self.said);
        let first = self.of("failed").first().copied().unwrap_or_else(|| panic!("{:?}", self.said));
        self.says(first, step, cause, line);
    }

    /// Asserts that no step failed, and that this step has this warning.
    pub(super) fn warned(&self, step: &str, cause: &str, line: &str) {
        let found =
            self.of("warning").into_iter().find(|found| found["step"].as_str().unwrap().contains(step));
        let found = found.unwrap_or_else(|| panic!("{step}: {:?}", self.said));
        self.says(found, step, cause, line);
        assert!(self.of("failed").is_empty(), "{:?}", self.said);
        assert_eq!(self.code, Some(0), "{:?}", self.said);
    }

    fn says(&self, found: &Value, step: &str, cause: &str, line: &str) {
        assert!(found["step"].as_str().unwrap().contains(step), "{step}: {:?}", self.said);
        let why = format!("{}: {}", found["what"], found["cause"]);
        assert!(why.contains(cause), "{cause}: {:?}", self.said);
        let change = found["change"].to_string().replace("\\\"", "\"");
        assert!(change.contains(line), "{line}: {:?}", self.said);
    }
}

/// A server behind this proxy, with its public URL, which trusts it.
async fn behind(fault: Fault) -> (Program, Faulty) {
    behind_with(fault, &[]).await
}

async fn behind_with(fault: Fault, settings: &[(&str, &str)]) -> (Program, Faulty) {
    let proxy = Faulty::listen(fault, None).await;
    let url = proxy.url.clone();
    let usual = [("RAPPORT_PUBLIC_URL", url.as_str()), ("RAPPORT_TRUSTED_PROXIES", "127.0.0.1")];
    let settings: Vec<_> = usual.iter().chain(settings).copied().collect();
    let server = Program::with_site(&settings).await;
    proxy.stand_before(server.address());
    (server, proxy)
}

/// Runs the command without the steps that take half a minute.
async fn quickly(fault: Fault) -> (Checked, Program, Faulty) {
    let (server, proxy) = behind(fault).await;
    (Checked::beside(&server, &["--quick", &proxy.url]).await, server, proxy)
}

#[tokio::test]
async fn r3_all_steps_pass_without_a_proxy_idle_connections_included() {
    let server = Program::with_site(&[]).await;
    let checked = Checked::beside(&server, &[&server.url]).await;
    checked.is_good();
    assert!(checked.steps.len() >= 22, "{}", checked.steps.len());
    let anna = server.register("anna").await;
    let people: Value = anna.get("/api/people?q=check").await.json().await.unwrap();
    assert_eq!(people["people"], serde_json::json!([]), "nothing of it stays");
}

#[tokio::test]
async fn r3_all_steps_pass_through_a_correct_proxy() {
    quickly(Fault::default()).await.0.is_good();
}

#[tokio::test]
async fn x4_a_server_with_another_wire_format_passes_as_well() {
    let (server, proxy) = behind_with(Fault::default(), &[("RAPPORT_WIRE", "004")]).await;
    Checked::beside(&server, &["--quick", &proxy.url]).await.is_good();
}

#[tokio::test]
async fn r3_a_proxy_that_drops_the_upgrade() {
    let (checked, ..) = quickly(Fault { drops: vec!["upgrade"], ..Fault::default() }).await;
    checked.failed("Sockets open", "Upgrade and Connection", "proxy_set_header Connection \"upgrade\";");
    assert!(
        checked
            .steps
            .iter()
            .any(|step| step["step"] == "Polling works without sockets" && step["outcome"] == "good"),
        "the rest is looked at all the same"
    );
}

#[tokio::test]
async fn r3_a_proxy_that_buffers_frames() {
    let (checked, ..) = quickly(Fault { heaps: Some(64 * 1024), ..Fault::default() }).await;
    checked.failed("Sockets open", "buffering", "proxy_buffering off;");
}

#[tokio::test]
async fn r3_a_proxy_that_buffers_responses() {
    let holds = Some(("/api/poll", Duration::from_secs(4)));
    let (checked, ..) = quickly(Fault { holds, ..Fault::default() }).await;
    checked.failed("Polling works", "holds responses back", "proxy_buffering off;");
}

#[tokio::test]
async fn r3_a_proxy_with_a_short_timeout_is_reported_with_its_seconds() {
    let (server, proxy) = behind(Fault { patience: Some(Duration::from_secs(5)), ..Fault::default() }).await;
    let checked = Checked::beside(&server, &[&proxy.url]).await;
    checked.warned("held for 25 s", "ended after 5 s", "proxy_read_timeout 60s;");
    checked.warned("idle socket", "closed after 5 s of silence", "proxy_read_timeout 60s;");
}

#[tokio::test]
async fn r3_a_proxy_that_changes_the_host() {
    let (checked, ..) = quickly(Fault { host: Some("backend:3000".into()), ..Fault::default() }).await;
    checked.failed("sign-in page loads", "`backend:3000`", "proxy_set_header Host $http_host;");
    let (server, proxy) = behind(Fault { host: Some("127.0.0.1:1".into()), ..Fault::default() }).await;
    let checked = Checked::beside(&server, &["--quick", &proxy.url]).await;
    checked.failed("sign-in page loads", "`127.0.0.1:1`", "proxy_set_header Host $http_host;");
}

#[tokio::test]
async fn r3_a_host_replaced_by_a_local_address_is_a_warning() {
    let proxy = Faulty::listen(Fault::default(), None).await;
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let own = format!("127.0.0.1:{port}");
    let renaming = Faulty::listen(Fault { host: Some(own.clone()), ..Fault::default() }, None).await;
    drop(proxy);
    let server = Program::with_site(&[
        ("RAPPORT_PUBLIC_URL", &renaming.url),
        ("RAPPORT_TRUSTED_PROXIES", "127.0.0.1"),
        (LISTEN, &own),
    ])
    .await;
    renaming.stand_before(server.address());
    let checked = Checked::beside(&server, &["--quick", &renaming.url]).await;
    checked.warned("Host header", &own, "proxy_set_header Host $http_host;");
}

#[tokio::test]
async fn r3_a_proxy_that_cannot_reach_the_server() {
    let answers = Some("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let (checked, ..) = quickly(Fault { answers, ..Fault::default() }).await;
    checked.failed("The server answers", "cannot reach the server", "proxy_pass http://127.0.0.1:3000;");
}

#[tokio::test]
async fn r3_an_address_that_redirects() {
    let answers = Some(
        "HTTP/1.1 301 Moved\r\nlocation: https://chat.example/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    );
    let (checked, ..) = quickly(Fault { answers, ..Fault::default() }).await;
    checked.failed(
        "The server answers",
        "redirects to https://chat.example/",
        "RAPPORT_PUBLIC_URL=https://chat.example",
    );
}

#[tokio::test]
async fn r3_a_proxy_that_drops_tokens() {
    let (checked, ..) = quickly(Fault { drops: vec!["authorization"], ..Fault::default() }).await;
    checked.failed(
        "tokens of the test users",
        "drops the Authorization",
        "proxy_set_header Authorization $http_authorization;",
    );
}

#[tokio::test]
async fn r3_a_proxy_that_is_not_trusted_or_does_not_forward_addresses() {
    let proxy = Faulty::listen(Fault::default(), None).await;
    let server = Program::with_site(&[("RAPPORT_PUBLIC_URL", &proxy.url)]).await;
    proxy.stand_before(server.address());
    let checked = Checked::beside(&server, &["--quick", &proxy.url]).await;
    checked.warned("client address", "not trusted", "RAPPORT_TRUSTED_PROXIES=127.0.0.1");
    let (checked, ..) = quickly(Fault { hides_client: true, ..Fault::default() }).await;
    checked.warned("client address", "does not forward", "X-Forwarded-For $proxy_add_x_forwarded_for;");
}

#[tokio::test]
async fn r3_a_public_url_that_differs_from_the_address_is_reported() {
    let proxy = Faulty::listen(Fault::default(), None).await;
    let server = Program::with_site(&[
        ("RAPPORT_PUBLIC_URL", "https://localhost"),
        ("RAPPORT_TRUSTED_PROXIES", "127.0.0.1"),
    ])
    .await;
    proxy.stand_before(server.address());
    let checked = Checked::beside(&server, &["--quick", &proxy.url]).await;
    checked.failed("sign-in page loads", "RAPPORT_PUBLIC_URL", &format!("RAPPORT_PUBLIC_URL={}", proxy.url));

    // By a name that this machine may always ask by, it goes further.
    let renaming =
        Faulty::listen(Fault { host: Some(server.address().to_owned()), ..Fault::default() }, None).await;
    renaming.stand_before(server.address());
    let checked = Checked::beside(&server, &["--quick", &renaming.url]).await;
    checked.failed(
        "public URL",
        "the public URL https://localhost",
        &format!("RAPPORT_PUBLIC_URL={}", renaming.url),
    );
    let all = serde_json::to_string(&checked.steps).unwrap();
    assert!(all.contains(&format!("browsers use {}", renaming.url)), "both addresses are named: {all}");
    let cookie =
        checked.steps.iter().find(|step| step["step"] == "A browser signs in and stores the cookie").unwrap();
    assert_eq!(cookie["outcome"], "failed");
    assert!(cookie["what"].as_str().unwrap().contains("rejected as cross-site"), "{cookie}");
}

#[tokio::test]
async fn r3_a_proxy_that_changes_content_types() {
    let rewrites = Some(("application/wasm", "application/octet-stream"));
    let (checked, ..) = quickly(Fault { rewrites, ..Fault::default() }).await;
    checked.failed("The WASM loads", "instead of application/wasm", "types { application/wasm wasm; }");
}

#[tokio::test]
async fn r3_a_proxy_that_changes_cookies() {
    let rewrites = Some(("HttpOnly", "X"));
    let (checked, ..) = quickly(Fault { rewrites, ..Fault::default() }).await;
    checked.failed("stores the cookie", "changed in transit", "proxy_cookie_flags");
}

#[tokio::test]
async fn r3_a_wrong_address_and_a_wrong_data_folder_are_reported() {
    let server = Program::with_site(&[]).await;
    let nobody = Checked::beside(&server, &["http://127.0.0.1:1"]).await;
    nobody.failed("The server answers", "nothing listens there", "RAPPORT_LISTEN=127.0.0.1:3000");
    let other = tempfile::tempdir().unwrap();
    let empty = Checked::with(other.path(), &["--quick", &server.url]).await;
    empty.failed("test users are created", "there is no installation here", "RAPPORT_DATA");
    let made = Program::run(other.path(), other.path(), &["user", "add", "anna", "--create"], PASSWORD).await;
    assert_eq!(made.code, Some(0), "{made:?}");
    let elsewhere = Checked::with(other.path(), &["--quick", &server.url]).await;
    elsewhere.failed("tokens of the test users", "another secret or database", "RAPPORT_DATA");
    let missing = Checked::with(&other.path().join("missing"), &["--quick", &server.url]).await;
    missing.failed("data folder is writable", "no such folder", "RAPPORT_DATA");
    let nonsense = Checked::beside(&server, &["chat.example"]).await;
    nonsense.failed("The address is valid", "is not a valid address", "");
}

#[tokio::test]
async fn r3_a_unix_socket_is_checked() {
    let at = tempfile::tempdir().unwrap();
    let path = format!("unix:{}", at.path().join("rapport.sock").display());
    let server = Program::with_site(&[(LISTEN, &path), ("RAPPORT_PUBLIC_URL", "https://chat.example")]).await;
    // Named, or found in the configuration; with the server's public address or without.
    Checked::beside(&server, &["--quick", "--listen", &path]).await.is_good();
    Checked::beside(&server, &["--quick", "--public-url", "https://chat.example", &path]).await.is_good();
    let nobody = Checked::beside(&server, &["--quick", "unix:/nowhere/rapport.sock"]).await;
    nobody.failed("The server answers", "not running", "RAPPORT_LISTEN=unix:/nowhere/rapport.sock");
}

#[tokio::test]
async fn r3_the_report_as_text() {
    let (server, proxy) = behind(Fault { drops: vec!["upgrade"], ..Fault::default() }).await;
    let at = tempfile::tempdir().unwrap();
    let told = Program::run(at.path(), &server.data(), &["check", "--quick", &proxy.url], "").await;
    assert!(told.out.contains("✓ The server answers\n"), "{}", told.out);
    assert!(told.out.contains("✗ Sockets open: ") && told.out.contains("  Change: nginx: "), "{}", told.out);
    assert!(told.out.ends_with("1 step failed.\n"), "{}", told.out);
}

#[tokio::test]
async fn r3_a_proxy_that_writes_the_address_with_its_port() {
    // As IIS and Azure Application Gateway do.
    for forwarded_for in ["203.0.113.7:52144", "[2001:db8::7]:52144"] {
        let fault = Fault { forwarded_for: Some(forwarded_for), ..Fault::default() };
        let (checked, ..) = quickly(fault).await;
        checked.is_good();
        let address = forwarded_for.trim_end_matches(":52144").trim_matches(['[', ']']);
        let told = serde_json::to_string(&checked.steps).unwrap();
        assert!(told.contains(&format!("The client address arrives: {address}")), "{told}");
    }
}

#[tokio::test]
async fn r3_a_proxy_whose_address_is_not_understood() {
    let fault = Fault { forwarded_for: Some("unknown"), ..Fault::default() };
    let (checked, ..) = quickly(fault).await;
    checked.warned("client address", "`unknown`", "X-Forwarded-For $proxy_add_x_forwarded_for;");
}
