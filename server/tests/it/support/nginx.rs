//! A real nginx with the files of `deploy/nginx/`.

use super::until;
use std::path::Path;
use std::process::Stdio;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// An nginx of its own, which ends with this.
pub(crate) struct Nginx {
    pub(crate) url: String,
    _process: Child,
    _folder: tempfile::TempDir,
}

/// A file that comes along.
fn shipped(name: &str) -> String {
    let path = format!("{}/../deploy/nginx/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands in the server block of every site.
pub(crate) fn locations() -> String {
    shipped("rapport-locations.conf")
}

impl Nginx {
    /// At this port, behind one of the upstreams, with this in its server block. `names` are those of a deployment, and what
    /// stands for them here.
    pub(crate) async fn at(port: u16, upstream: &str, names: &[(&str, &str)], locations: &str) -> Self {
        let (map, upstream) = (shipped("rapport-map.conf"), replaced(&shipped(upstream), names));
        let locations = replaced(locations, names);
        let site = format!("{map}\n{upstream}\nserver {{\nlisten 127.0.0.1:{port};\n{locations}\n}}\n");
        Self::start(format!("http://localhost:{port}"), port, &site, None).await
    }

    /// The whole site with its certificate, which listens at these ports.
    pub(crate) async fn site(port: u16, tls_port: u16, names: &[(&str, &str)], certificate: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().to_str().unwrap().to_owned();
        for name in ["rapport-map.conf", "rapport-locations.conf", "upstream-unix.conf"] {
            std::fs::write(folder.path().join(name), replaced(&shipped(name), names)).unwrap();
        }
        let (here, secure) =
            (format!("listen 127.0.0.1:{port};"), format!("listen 127.0.0.1:{tls_port} ssl http2;"));
        let certificate = certificate.to_str().unwrap();
        let site = replaced(
            &shipped("site.conf"),
            &[
                ("/etc/nginx/rapport", &own),
                ("listen 80;", &here),
                ("listen 443 ssl http2;", &secure),
                // Not every machine that tests has it.
                ("listen [::]:80;", ""),
                ("listen [::]:443 ssl http2;", ""),
                ("server_name chat.example;", "server_name localhost;"),
                ("/etc/letsencrypt/live/chat.example", certificate),
                ("https://$host$request_uri", &format!("https://$host:{tls_port}$request_uri")),
            ],
        );
        Self::start(format!("https://localhost:{tls_port}"), tls_port, &site, Some(folder)).await
    }

    /// With this in its `http { }`.
    async fn start(url: String, port: u16, site: &str, folder: Option<tempfile::TempDir>) -> Self {
        let folder = folder.unwrap_or_else(|| tempfile::tempdir().unwrap());
        let at = folder.path().display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|name| format!("{name}_temp_path {at}/{name}; "))
            .collect();
        // One process, so that nothing is left when it is ended.
        let written = format!(
            "daemon off; master_process off; pid {at}/pid; error_log {at}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{ access_log off; {temporary}\n{site}\n}}\n"
        );
        let config = folder.path().join("nginx.conf");
        std::fs::write(&config, &written).unwrap();
        let path =
            ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx"];
        let program = path.into_iter().find(|path| Path::new(path).exists()).unwrap_or("nginx");
        let log = folder.path().join("error.log");
        let mut command = Command::new(program);
        command.arg("-p").arg(folder.path()).arg("-e").arg(&log).arg("-c").arg(&config);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        let mut process = command.spawn().expect("an nginx");
        until("nginx answers", async || {
            if let Some(ended) = process.try_wait().unwrap() {
                panic!("{ended}: {}\n{written}", std::fs::read_to_string(&log).unwrap_or_default());
            }
            TcpStream::connect(("127.0.0.1", port)).await.is_ok()
        })
        .await;
        Self { url, _process: process, _folder: folder }
    }
}

/// With other names in place of these.
fn replaced(text: &str, names: &[(&str, &str)]) -> String {
    names.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// A port that is free now.
pub(crate) fn free() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
