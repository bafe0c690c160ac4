//! A WebSocket client whose failures are explained.

use super::report::Problem;
use super::target::Stream;
use super::web::{Web, other_data};
use futures::{SinkExt as _, StreamExt as _};
use protocol::{ClientFrame, CloseCode, ServerFrame};
use reqwest::StatusCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

const SOON: Duration = Duration::from_secs(10);
pub(super) const UPGRADE: &str = "nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; \
    proxy_set_header Connection \"upgrade\";";
pub(super) const TIMEOUT: &str = "nginx: proxy_read_timeout 60s;";
const BUFFERING: &str = "nginx: proxy_buffering off;";

pub(super) struct Socket {
    line: WebSocketStream<MaybeTlsStream<Box<dyn Stream>>>,
}

impl Socket {
    /// Opens a socket with these headers, and waits for the first frame.
    pub(super) async fn open(
        web: &Web,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, Problem> {
        let wrong = |error: Error| broken(&error);
        let address = format!("{}{path}", web.target.base("ws"));
        let mut request = address.into_client_request().map_err(wrong)?;
        for (name, value) in headers {
            let value = HeaderValue::from_str(value);
            let value = value.map_err(|error| Problem::new(error.to_string(), "a fault in this program"))?;
            request.headers_mut().insert(*name, value);
        }
        let stream = web.target.dial().await.map_err(|error| broken(&Error::Io(error)))?;
        let connector = Some(Connector::Rustls(Arc::clone(&web.target.tls)));
        let opening = client_async_tls_with_config(request, stream, None, connector);
        let opened = tokio::time::timeout(SOON, opening).await;
        let opened = opened.map_err(|_| {
            Problem::new("the upgrade request timed out", "a proxy does not pass it on").change(UPGRADE)
        })?;
        let (line, _) = opened.map_err(|error| refused(web, error))?;
        let mut socket = Self { line };
        let greeted =
            |frame: &ServerFrame| matches!(frame, ServerFrame::ConnectionEstablished(_)).then_some(());
        socket.wait("the first frame", greeted).await?;
        Ok(socket)
    }

    /// Opens a socket authenticated by a token.
    pub(super) async fn with_token(web: &Web, path: &str, token: &str) -> Result<Self, Problem> {
        Self::open(web, path, &[("authorization", &format!("Bearer {token}"))]).await
    }

    pub(super) async fn send(&mut self, frame: &ClientFrame) -> Result<(), Problem> {
        let text = serde_json::to_string(frame);
        self.say(text.map_err(|error| Problem::new(error.to_string(), "a fault in this program"))?).await
    }

    pub(super) async fn say(&mut self, text: String) -> Result<(), Problem> {
        self.line.send(Message::text(text)).await.map_err(|error| broken(&error))
    }

    /// Waits for a frame that matches, and skips others.
    pub(super) async fn wait<T>(
        &mut self,
        what: &str,
        wanted: impl Fn(&ServerFrame) -> Option<T>,
    ) -> Result<T, Problem> {
        let found = async {
            loop {
                if let Some(found) = wanted(&self.next().await?) {
                    return Ok(found);
                }
            }
        };
        match tokio::time::timeout(SOON, found).await {
            Ok(found) => found,
            Err(_) => {
                Err(Problem::new(format!("{what} did not arrive"), "a proxy holds frames back (buffering)")
                    .change(BUFFERING))
            }
        }
    }

    /// Checks that the socket stays open for this long without sending.
    pub(super) async fn is_left_alone(&mut self, time: Duration) -> Result<(), Problem> {
        // The silence is measured from a moment at which both sides have sent something.
        self.send(&ClientFrame::Ping).await?;
        self.wait("the pong", |frame| matches!(frame, ServerFrame::Pong).then_some(())).await?;
        let mut heard = Instant::now();
        let listening = async {
            while self.next().await.is_ok() {
                heard = Instant::now();
            }
        };
        if tokio::time::timeout(time, listening).await.is_err() {
            return Ok(());
        }
        let after = heard.elapsed().as_secs_f64().round();
        Err(Problem::new(
            format!("the socket was closed after {after} s of silence"),
            "the timeout of the proxy is shorter than the 20 s between two pings",
        )
        .change(TIMEOUT)
        .warning())
    }

    async fn next(&mut self) -> Result<ServerFrame, Problem> {
        loop {
            match self.line.next().await {
                Some(Ok(Message::Text(text))) => match ServerFrame::decode(&text) {
                    Ok(ServerFrame::Error(error)) => {
                        return Err(Problem::new(error.message, "the cause is in the server's log"));
                    }
                    Ok(ServerFrame::Unreadable(frame)) => {
                        return Err(Problem::new(frame.to_string(), "the server has another version"));
                    }
                    Ok(frame) => return Ok(frame),
                    Err(error) => {
                        return Err(Problem::new(error.to_string(), "the server has another version"));
                    }
                },
                Some(Ok(Message::Close(frame))) => {
                    return Err(closed(frame.map_or(CloseCode::NO_STATUS, |frame| u16::from(frame.code))));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(broken(&error)),
                None => return Err(broken(&Error::ConnectionClosed)),
            }
        }
    }
}

fn broken(error: &Error) -> Problem {
    Problem::new(error.to_string(), "a proxy or firewall closes sockets").change(TIMEOUT)
}

/// The upgrade was rejected.
fn refused(web: &Web, error: Error) -> Problem {
    let Error::Http(answer) = error else {
        return match error {
            Error::Protocol(error) => {
                Problem::new(error.to_string(), "the proxy changes the upgrade").change(UPGRADE)
            }
            error => broken(&error),
        };
    };
    let body = answer.body().as_deref().map(|body| String::from_utf8_lossy(body).into_owned());
    match answer.status().as_u16() {
        200 | 400 | 404 | 405 | 426 => Problem::new(
            format!("the upgrade was answered with {}", answer.status()),
            "the proxy does not pass the Upgrade and Connection headers on",
        )
        .change(UPGRADE),
        status => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            web.refused(status, None, &body.unwrap_or_default())
        }
    }
}

fn closed(code: u16) -> Problem {
    let what = format!("the server closed with {code}");
    match CloseCode::from_code(code) {
        Some(CloseCode::NotAuthenticated | CloseCode::NoSuchConversation) => other_data(what),
        Some(CloseCode::Restarting) => Problem::new(what, "the server is restarting"),
        Some(CloseCode::Unavailable) => Problem::new(what, "the database of the server is unavailable"),
        Some(CloseCode::TooBig) => Problem::new(what, "a proxy limits the size of frames"),
        _ => Problem::new(what, "the cause is in the server's log"),
    }
}
