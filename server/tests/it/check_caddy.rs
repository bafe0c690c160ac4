//! `rapport check` through a real Caddy with the file of `deploy/caddy/`. Without Caddy, `./test` skips these tests.

use crate::check::Checked;
use crate::support::nginx::free;
use crate::support::{Person, Program};
use serde_json::Value;

/// A server behind Caddy with the shipped site; the public URL is the address of Caddy.
async fn behind(trusted: &str) -> (Program, test_servers::Caddy, String) {
    let path = format!("{}/../deploy/caddy/Caddyfile", env!("CARGO_MANIFEST_DIR"));
    let shipped = std::fs::read_to_string(path).unwrap();
    let port = free();
    let url = format!("http://localhost:{port}");
    let settings = [("RAPPORT_PUBLIC_URL", url.as_str()), ("RAPPORT_TRUSTED_PROXIES", trusted)];
    let server = Program::with_site(&settings).await;
    let site = shipped.replace("\nchat.example {", &format!("\n{url} {{"));
    let site = site.replace("reverse_proxy 127.0.0.1:3000", &format!("reverse_proxy {}", server.address()));
    assert!(site.contains(&url) && site.contains(server.address()), "{site}");
    let caddy = test_servers::Caddy::start(port, &site).unwrap_or_else(|fault| panic!("{fault}\n{site}"));
    (server, caddy, url)
}

#[tokio::test]
async fn r3_all_steps_pass_through_the_caddy_site() {
    let (server, _caddy, url) = behind("127.0.0.1").await;
    Checked::beside(&server, &[&url]).await.is_good();
    // A client cannot choose its own address.
    let anna = Person::register(&reqwest::Client::new(), &url, "anna").await;
    let seen = reqwest::Client::new().get(format!("{url}/api/connection")).bearer_auth(&anna.access);
    let seen: Value = seen.header("x-forwarded-for", "6.6.6.6").send().await.unwrap().json().await.unwrap();
    assert_ne!(seen["client"], "6.6.6.6", "{seen}");
}

#[tokio::test]
async fn r3_a_caddy_that_is_not_trusted() {
    let (server, _caddy, url) = behind("10.1.2.3").await;
    let checked = Checked::beside(&server, &["--quick", &url]).await;
    checked.warned("client address", "not trusted", "RAPPORT_TRUSTED_PROXIES=127.0.0.1");
}
