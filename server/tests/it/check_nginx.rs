//! `rapport check` through a real nginx (`./test` leaves this out, and says so, where there is none).

use crate::check::Checked;
use crate::support::{Program, until};
use std::process::Stdio;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// An nginx of its own, which ends with this.
struct Nginx {
    url: String,
    _process: Child,
    _folder: tempfile::TempDir,
}

/// What the guide says, but for the address of the server.
fn as_it_should_be() -> String {
    let guide = include_str!("../../../docs/proxy.md");
    let (_, block) = guide.split_once("location / {").unwrap();
    let lines = block.split_once('}').unwrap().0.lines();
    lines.filter(|line| !line.contains("proxy_pass")).map(|line| line.trim().to_owned() + " ").collect()
}

impl Nginx {
    /// Before this server, with these lines in its `location /`.
    async fn start(port: u16, server: &str, lines: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|name| format!("{name}_temp_path {at}/{name}; "))
            .collect();
        // One process, so that nothing is left when it is ended.
        let written = format!(
            "daemon off; master_process off; pid {at}/pid; error_log {at}/error.log;\n\
             events {{ worker_connections 256; }}\n\
             http {{ access_log off; {temporary}\n\
             server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://{server}; {lines} }} }} }}\n"
        );
        let config = folder.path().join("nginx.conf");
        std::fs::write(&config, written).unwrap();
        let path =
            ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx"];
        let program = path.into_iter().find(|path| std::path::Path::new(path).exists()).unwrap_or("nginx");
        let mut command = Command::new(program);
        command
            .arg("-p")
            .arg(folder.path())
            .arg("-e")
            .arg(folder.path().join("error.log"))
            .arg("-c")
            .arg(&config);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let process = command.spawn().expect("an nginx");
        until("nginx answers", async || TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
        Self { url: format!("http://localhost:{port}"), _process: process, _folder: folder }
    }
}

/// A server that knows the address that nginx will have, and nginx before it.
async fn behind(lines: &str) -> (Program, Nginx) {
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    };
    let url = format!("http://localhost:{port}");
    let settings = [("RAPPORT_PUBLIC_URL", url.as_str()), ("RAPPORT_TRUSTED_PROXIES", "127.0.0.1")];
    let server = Program::with_site(&settings).await;
    let nginx = Nginx::start(port, server.address(), lines).await;
    (server, nginx)
}

#[tokio::test]
async fn r3_nginx_as_it_should_be() {
    let (server, nginx) = behind(&as_it_should_be()).await;
    Checked::beside(&server, &[&nginx.url]).await.is_good();
}

#[tokio::test]
async fn r3_nginx_as_it_comes() {
    let (server, nginx) = behind("").await;
    let checked = Checked::beside(&server, &["--quick", &nginx.url]).await;
    checked.failed("Sockets open", "Upgrade and Connection", "proxy_set_header Upgrade $http_upgrade;");
    let told = serde_json::to_string(&checked.steps).unwrap();
    for line in
        ["proxy_set_header Host $http_host;", "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"]
    {
        assert!(told.contains(line), "{line}: {told}");
        assert!(as_it_should_be().contains(line));
    }
}

#[tokio::test]
async fn r3_nginx_without_patience() {
    let (server, nginx) = behind(&as_it_should_be().replace("60s", "5s")).await;
    let checked = Checked::beside(&server, &[&nginx.url]).await;
    checked.warned("left alone for 25 s", "ended after 5 s", "proxy_read_timeout 60s;");
    checked.warned("quiet socket", "ended after 5 s of silence", "proxy_read_timeout 60s;");
}
