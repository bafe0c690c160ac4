//! Proxies with one fault each, between a client and a server.

use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// The fault of a proxy; none by default.
#[derive(Clone, Default)]
pub(crate) struct Fault {
    /// Request headers that are dropped.
    pub(crate) drops: Vec<&'static str>,
    /// Value of `Host` that replaces that of the client.
    pub(crate) host: Option<String>,
    /// Sends no `X-Forwarded-For`.
    pub(crate) hides_client: bool,
    /// Value of `X-Forwarded-For`, if it is not an address alone.
    pub(crate) forwarded_for: Option<&'static str>,
    /// Response that is sent instead of the server's.
    pub(crate) answers: Option<&'static str>,
    /// Timeout after which silent connections are closed.
    pub(crate) patience: Option<Duration>,
    /// Delay of responses below this path.
    pub(crate) holds: Option<(&'static str, Duration)>,
    /// Buffers the output of the server until it has this many bytes.
    pub(crate) heaps: Option<usize>,
    /// Replacement of a text in response heads.
    pub(crate) rewrites: Option<(&'static str, &'static str)>,
}

/// A proxy.
pub(crate) struct Faulty {
    pub(crate) url: String,
    upstream: Arc<OnceLock<String>>,
}

impl Faulty {
    /// Binds a port; the server may start later.
    pub(crate) async fn listen(fault: Fault, tls: Option<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = if tls.is_some() {
            format!("https://localhost:{port}")
        } else {
            format!("http://localhost:{port}")
        };
        let tls = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
        let upstream = Arc::new(OnceLock::<String>::new());
        let to = Arc::clone(&upstream);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (fault, tls, to) = (fault.clone(), tls.clone(), Arc::clone(&to));
                tokio::spawn(async move {
                    let to = to.get().expect("a server");
                    // A client that does not trust the certificate hangs up.
                    let _ = match tls {
                        Some(tls) => match tls.accept(client).await {
                            Ok(client) => fault.carry(client, to).await,
                            Err(error) => Err(error),
                        },
                        None => fault.carry(client, to).await,
                    };
                });
            }
        });
        Self { url, upstream }
    }

    /// `127.0.0.1:port` of the server.
    pub(crate) fn stand_before(&self, server: &str) {
        self.upstream.set(server.to_owned()).expect("one server");
    }
}

impl Fault {
    /// Serves one request or one socket per connection.
    async fn carry(self, mut client: impl AsyncRead + AsyncWrite + Unpin, to: &str) -> std::io::Result<()> {
        let head = read_head(&mut client).await?;
        let text = String::from_utf8_lossy(&head).into_owned();
        if let Some(answer) = self.answers {
            return client.write_all(answer.as_bytes()).await;
        }
        let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut server = TcpStream::connect(to).await?;
        server.write_all(self.request(&text).as_bytes()).await?;
        let (mut from_client, mut to_client) = tokio::io::split(client);
        let (mut from_server, mut to_server) = server.split();
        let up = async { tokio::io::copy(&mut from_client, &mut to_server).await.map(drop) };
        let down = self.answer(&path, &mut from_server, &mut to_client);
        // The first direction to end closes both.
        tokio::select! {
            up = up => up?,
            down = down => return down,
        }
        Ok(())
    }

    fn request(&self, text: &str) -> String {
        let mut head = String::new();
        let is_upgrade = text.to_ascii_lowercase().contains("upgrade: websocket");
        let upgrades = is_upgrade && !self.drops.contains(&"upgrade");
        for line in text.trim_end().lines() {
            let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
            match (name.as_str(), &self.host) {
                (name, _) if self.drops.contains(&name) => {}
                ("connection", _) if !upgrades => {}
                ("host", Some(host)) => head += &format!("host: {host}\r\n"),
                _ => head += &format!("{line}\r\n"),
            }
        }
        if !upgrades {
            head += "connection: close\r\n";
        }
        if !self.hides_client {
            let client = self.forwarded_for.unwrap_or("203.0.113.7");
            head += &format!("x-forwarded-for: {client}\r\n");
        }
        head + "\r\n"
    }

    async fn answer(
        &self,
        path: &str,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
    ) -> std::io::Result<()> {
        let (mut buffer, mut heap, mut first) = (vec![0; 64 * 1024], Vec::new(), true);
        loop {
            let read = from.read(&mut buffer);
            let n = match self.patience {
                Some(patience) => {
                    match tokio::time::timeout(patience, read).await {
                        Ok(n) => n?,
                        Err(_) if first => {
                            to.write_all(b"HTTP/1.1 504 Gateway Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                            .await?;
                            return to.shutdown().await;
                        }
                        Err(_) => return to.shutdown().await,
                    }
                }
                None => read.await?,
            };
            if first && n > 0 {
                first = false;
                if let Some((below, time)) = self.holds
                    && path.starts_with(below)
                {
                    tokio::time::sleep(time).await;
                }
                heap.extend(self.rewritten(&buffer[..n]));
            } else {
                heap.extend_from_slice(&buffer[..n]);
            }
            // The upgrade itself passes; what is said over it is heaped up.
            if n == 0
                || self.heaps.is_none_or(|heaps| heap.len() >= heaps || heap.starts_with(b"HTTP/1.1 101"))
            {
                to.write_all(&heap).await?;
                to.flush().await?;
                heap.clear();
            }
            if n == 0 {
                return to.shutdown().await;
            }
        }
    }

    fn rewritten(&self, bytes: &[u8]) -> Vec<u8> {
        let Some((from, to)) = self.rewrites else { return bytes.to_vec() };
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
        let head = String::from_utf8_lossy(&bytes[..end]).replace(from, to);
        [head.as_bytes(), &bytes[end..]].concat()
    }
}

async fn read_head(client: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    Ok(head)
}
