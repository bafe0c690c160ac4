//! A real nginx with the files of `deploy/nginx/`.

use std::path::Path;

/// An nginx process, stopped on drop.
pub(crate) struct Nginx {
    pub(crate) url: String,
    _nginx: test_servers::Nginx,
    _folder: Option<tempfile::TempDir>,
}

/// A file of `deploy/nginx/`.
fn shipped(name: &str) -> String {
    let path = format!("{}/../deploy/nginx/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Directives in the server block of every site.
pub(crate) fn locations() -> String {
    shipped("rapport-locations.conf")
}

impl Nginx {
    /// Starts on this port, with one of the upstreams and this server block. `names` maps names of a deployment to those of
    /// the test.
    pub(crate) fn at(port: u16, upstream: &str, names: &[(&str, &str)], locations: &str) -> Self {
        let (map, upstream) = (shipped("rapport-map.conf"), replaced(&shipped(upstream), names));
        let locations = replaced(locations, names);
        let site = format!("{map}\n{upstream}\nserver {{\nlisten 127.0.0.1:{port};\n{locations}\n}}\n");
        Self::start(format!("http://localhost:{port}"), port, &site, None)
    }

    /// Starts the complete site with its certificate, on these ports.
    pub(crate) fn site(port: u16, tls_port: u16, names: &[(&str, &str)], certificate: &Path) -> Self {
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
        Self::start(format!("https://localhost:{tls_port}"), tls_port, &site, Some(folder))
    }

    /// Starts with this in the `http` block.
    fn start(url: String, port: u16, site: &str, folder: Option<tempfile::TempDir>) -> Self {
        let nginx = test_servers::Nginx::start(port, site);
        let nginx = nginx.unwrap_or_else(|fault| panic!("{fault}\n{site}"));
        Self { url, _nginx: nginx, _folder: folder }
    }
}

/// Replaces these names.
fn replaced(text: &str, names: &[(&str, &str)]) -> String {
    names.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// A free port.
pub(crate) fn free() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
