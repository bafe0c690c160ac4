//! `rapport check` through a real nginx with the files of `deploy/nginx/`. Without nginx, `./test` skips these tests.

use crate::check::Checked;
use crate::check_tls::Authority;
use crate::support::nginx::{Nginx, free, locations};
use crate::support::{LISTEN, Program};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;

const TCP: (&str, &str) = ("upstream-tcp.conf", "127.0.0.1:3000");
const UNIX: (&str, &str) = ("upstream-unix.conf", "/run/rapport/rapport.sock");

/// A server behind nginx with this server block; the public URL is the address of nginx.
async fn behind(locations: &str) -> (Program, Nginx) {
    let port = free();
    let url = format!("http://localhost:{port}");
    let settings = [("RAPPORT_PUBLIC_URL", url.as_str()), ("RAPPORT_TRUSTED_PROXIES", "127.0.0.1")];
    let server = Program::with_site(&settings).await;
    let nginx = Nginx::at(port, TCP.0, &[(TCP.1, server.address())], locations);
    (server, nginx)
}

#[tokio::test]
async fn r3_all_steps_pass_through_nginx_to_a_port() {
    let (server, nginx) = behind(&locations()).await;
    Checked::beside(&server, &[&nginx.url]).await.is_good();
}

#[tokio::test]
async fn r3_all_steps_pass_through_the_nginx_site_to_a_unix_socket() {
    let (port, tls_port, folder) = (free(), free(), tempfile::tempdir().unwrap());
    let socket = folder.path().join("rapport.sock");
    let (url, listen) = (format!("https://localhost:{tls_port}"), format!("unix:{}", socket.display()));
    let settings = [
        ("RAPPORT_PUBLIC_URL", url.as_str()),
        ("RAPPORT_TRUSTED_PROXIES", "unix"),
        (LISTEN, listen.as_str()),
    ];
    let server = Program::with_site(&settings).await;
    let authority = Authority::new();
    authority.write("localhost", folder.path());
    let nginx = Nginx::site(port, tls_port, &[(UNIX.1, socket.to_str().unwrap())], folder.path());
    let file = authority.file();
    Checked::beside(&server, &["--ca", file.to_str().unwrap(), &nginx.url]).await.is_good();

    // Who comes without TLS is sent on, and who can speaks HTTP/2.
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let sent_on = http.post(format!("http://localhost:{port}/register?x=1")).send().await.unwrap();
    assert_eq!(sent_on.status(), 308);
    assert_eq!(sent_on.headers()["location"], format!("{url}/register?x=1"));
    let mut config = ClientConfig::builder().with_root_certificates(authority.roots()).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = TcpStream::connect(("127.0.0.1", tls_port)).await.unwrap();
    let name = "localhost".try_into().unwrap();
    let secure = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    assert_eq!(secure.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
}

#[tokio::test]
async fn r3_nginx_without_our_settings() {
    let (server, nginx) = behind("location / { proxy_pass http://127.0.0.1:3000; }").await;
    let checked = Checked::beside(&server, &["--quick", &nginx.url]).await;
    checked.failed("Sockets open", "Upgrade and Connection", "proxy_set_header Upgrade $http_upgrade;");
    let told = serde_json::to_string(&checked.steps).unwrap();
    for line in
        ["proxy_set_header Host $http_host;", "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"]
    {
        assert!(told.contains(line), "{line}: {told}");
        assert!(locations().contains(line));
    }
}

#[tokio::test]
async fn r3_nginx_with_a_short_timeout() {
    let hasty = locations().replace("60s", "5s").replace("1h", "5s");
    let (server, nginx) = behind(&hasty).await;
    let checked = Checked::beside(&server, &[&nginx.url]).await;
    checked.warned("held for 25 s", "ended after 5 s", "proxy_read_timeout 60s;");
    checked.warned("idle socket", "closed after 5 s of silence", "proxy_read_timeout 60s;");
}
