//! Requests and sockets as a client makes them, with their failures explained.

use super::report::Wrong;
use futures::{SinkExt as _, StreamExt as _};
use protocol::{ClientFrame, ServerFrame};
use reqwest::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// A request or a frame that takes longer is lost; a held poll takes 25 s.
const PATIENCE: Duration = Duration::from_secs(35);
const SOON: Duration = Duration::from_secs(10);

/// The server under its address.
pub(super) struct Web {
    http: reqwest::Client,
    url: String,
}

impl Web {
    pub(super) fn new(url: &str) -> Result<Self, Wrong> {
        let url = url.trim_end_matches('/').to_owned();
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(Wrong::new(
                format!("`{url}` is no address"),
                "it must begin with http:// or https://",
            ));
        }
        // Another part of the program may have chosen already; then that counts.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
        let http = http.build().map_err(|error| Wrong::new(error.to_string(), "no TLS on this machine"))?;
        Ok(Self { http, url })
    }

    pub(super) async fn get(&self, path: &str) -> Result<(), Wrong> {
        let answer =
            self.http.get(format!("{}{path}", self.url)).send().await.map_err(|error| lost(&error))?;
        explained(answer).await.map(drop)
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        token: &str,
        body: &impl Serialize,
    ) -> Result<T, Wrong> {
        let request = self.http.post(format!("{}{path}", self.url)).bearer_auth(token).json(body);
        let answer = request.send().await.map_err(|error| lost(&error))?;
        let text = explained(answer).await?;
        serde_json::from_str(&text).map_err(|error| {
            Wrong::new(error.to_string(), "something else than Rapport answers at this address")
        })
    }
}

fn lost(error: &reqwest::Error) -> Wrong {
    let why = if error.is_timeout() {
        "a proxy or firewall swallows the request, or ends answers that take a while"
    } else if error.is_connect() {
        "the server is not running, or listens elsewhere; or the name or the certificate is wrong"
    } else {
        "a proxy in between breaks the answer off"
    };
    let mut what = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        what = format!("{what}: {cause}");
        source = cause.source();
    }
    Wrong::new(what, why)
}

async fn explained(answer: reqwest::Response) -> Result<String, Wrong> {
    let status = answer.status();
    let text = answer.text().await.map_err(|error| lost(&error))?;
    if status.is_success() {
        return Ok(text);
    }
    Err(Wrong::new(
        format!("answered {status}: {}", text.chars().take(200).collect::<String>()),
        cause(status),
    ))
}

fn cause(status: StatusCode) -> &'static str {
    match status.as_u16() {
        300..=399 => "the address leads elsewhere: check http against https, and the name",
        401 => {
            "the server at this address has another secret or database than this data folder; or a proxy drops the Authorization header"
        }
        403 => "a proxy or firewall forbids it",
        404 => "the proxy passes only some paths, or something else than Rapport answers",
        421 => "the proxy does not pass the Host header on, or RAPPORT_PUBLIC_URL is another address",
        429 => "too many checks in a short time",
        502..=504 => "the proxy cannot reach the server, or the server its database",
        _ => "see the server's log",
    }
}

/// One end of a socket.
pub(super) struct Socket {
    line: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    pub(super) async fn open(web: &Web, path: &str, token: &str) -> Result<Self, Wrong> {
        // http becomes ws, and https wss.
        let address = format!("ws{}{path}", web.url.trim_start_matches("http"));
        let wrong = |error: Error| match error {
            Error::Http(answer)
                if answer.status() == 200 || answer.status() == 400 || answer.status() == 426 =>
            {
                Wrong::new(
                    format!("the upgrade was answered with {}", answer.status()),
                    "the proxy does not pass the Upgrade and Connection headers on",
                )
            }
            Error::Http(answer) => Wrong::new(
                format!("the upgrade was answered with {}", answer.status()),
                cause(answer.status()),
            ),
            error => Wrong::new(error.to_string(), "a proxy or firewall between breaks sockets off"),
        };
        let mut request = address.into_client_request().map_err(wrong)?;
        let bearer = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|error| Wrong::new(error.to_string(), "the token cannot be sent"))?;
        request.headers_mut().insert("authorization", bearer);
        let opened = tokio::time::timeout(SOON, tokio_tungstenite::connect_async(request)).await;
        let (line, _) = opened
            .map_err(|_| Wrong::new("the upgrade is not answered", "a proxy holds it back"))?
            .map_err(wrong)?;
        let mut socket = Self { line };
        let greeted =
            |frame: &ServerFrame| matches!(frame, ServerFrame::ConnectionEstablished { .. }).then_some(());
        socket.wait("the greeting", greeted).await?;
        Ok(socket)
    }

    pub(super) async fn send(&mut self, frame: &ClientFrame) -> Result<(), Wrong> {
        let text = serde_json::to_string(frame)
            .map_err(|error| Wrong::new(error.to_string(), "a fault in this program"))?;
        let sent = self.line.send(Message::text(text)).await;
        sent.map_err(|error| Wrong::new(error.to_string(), "a proxy broke the socket off"))
    }

    /// Waits for a frame of this kind, past all others.
    pub(super) async fn wait<T>(
        &mut self,
        what: &str,
        wanted: impl Fn(&ServerFrame) -> Option<T>,
    ) -> Result<T, Wrong> {
        let found = async {
            loop {
                match self.line.next().await {
                    Some(Ok(Message::Text(text))) => match serde_json::from_str(&text) {
                        Ok(ServerFrame::Error(error)) => {
                            return Err(Wrong::new(error.message, "see the server's log"));
                        }
                        Ok(frame) => {
                            if let Some(found) = wanted(&frame) {
                                return Ok(found);
                            }
                        }
                        Err(error) => {
                            return Err(Wrong::new(error.to_string(), "the server is of another version"));
                        }
                    },
                    Some(Ok(Message::Close(frame))) => {
                        let code = frame.map_or(1005, |frame| u16::from(frame.code));
                        return Err(Wrong::new(format!("the server closed with {code}"), closed(code)));
                    }
                    Some(Ok(_)) => {}
                    Some(Err(error)) => {
                        return Err(Wrong::new(error.to_string(), "a proxy broke the socket off"));
                    }
                    None => return Err(Wrong::new("the socket ended", "a proxy broke the socket off")),
                }
            }
        };
        match tokio::time::timeout(SOON, found).await {
            Ok(found) => found,
            Err(_) => {
                Err(Wrong::new(format!("{what} did not come"), "a proxy keeps frames back (buffering)"))
            }
        }
    }
}

fn closed(code: u16) -> &'static str {
    match code {
        4001 => "the server at this address has another secret or database than this data folder",
        4003 => "the server at this address has another database than this data folder",
        1012 => "the server is restarting",
        1013 => "the server's database is away",
        _ => "see the server's log",
    }
}
