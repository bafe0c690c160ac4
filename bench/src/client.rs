//! A program that talks to a server: the HTTP API and a socket.

use crate::Fault;
use futures::{SinkExt, StreamExt};
use protocol::{ClientFrame, Conversation, ConversationId, Message, Page, Person, ServerFrame};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, protocol::WebSocketConfig};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Somebody's account, signed in as a program.
#[derive(Clone, Debug)]
pub struct Api {
    http: reqwest::Client,
    address: String,
    /// The access token.
    pub token: String,
    /// Who.
    pub me: Person,
}

#[derive(Deserialize)]
struct Tokens {
    access: String,
}

impl Api {
    /// Registers somebody and signs in.
    ///
    /// # Errors
    /// The server refuses, or is not there.
    pub async fn register(http: &reqwest::Client, address: &str, username: &str) -> Result<Self, Fault> {
        let body = json!({"username": username, "password": "correct horse battery"});
        let post = |path: &str| http.post(format!("http://{address}/api/{path}")).json(&body);
        let me = post("register").send().await?.error_for_status()?.json().await?;
        let tokens: Tokens = post("token").send().await?.error_for_status()?.json().await?;
        Ok(Self { http: http.clone(), address: address.to_owned(), token: tokens.access, me })
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/api/{path}", self.address)
    }

    /// Founds a conversation with these people.
    ///
    /// # Errors
    /// The server refuses, or is not there.
    pub async fn open_conversation(
        &self,
        participants: &[String],
        title: Option<&str>,
    ) -> Result<ConversationId, Fault> {
        let body = json!({"participants": participants, "title": title});
        let request = self.http.post(self.url("conversations")).bearer_auth(&self.token).json(&body);
        let conversation: Conversation = request.send().await?.error_for_status()?.json().await?;
        Ok(conversation.id)
    }

    /// Sends a message; the status tells what became of it.
    ///
    /// # Errors
    /// The line broke: what became of it is not known.
    pub async fn say(
        &self,
        conversation: ConversationId,
        client_id: protocol::ClientId,
        content: &str,
    ) -> Result<Said, Fault> {
        let body = json!({"content": content, "client_id": client_id});
        let request = self.http.post(self.url(&format!("conversations/{conversation}/messages")));
        let answer = request.bearer_auth(&self.token).json(&body).send().await?;
        let status = answer.status();
        if status.is_success() {
            Ok(Said::Sent(Box::new(answer.json().await?)))
        } else if status.is_client_error() && status.as_u16() != 429 {
            Ok(Said::Refused(answer.text().await?))
        } else {
            Err(format!("{status}").into())
        }
    }

    /// A page of history.
    ///
    /// # Errors
    /// The server refuses, or is not there.
    pub async fn page(&self, conversation: ConversationId, before: Option<i64>) -> Result<Page, Fault> {
        #[derive(Deserialize)]
        struct Answer {
            messages: Vec<Message>,
            as_of: i64,
        }
        let before = before.map_or(String::new(), |seq| format!("?before={seq}"));
        let url = self.url(&format!("conversations/{conversation}/messages{before}"));
        let answer: Answer =
            self.http.get(url).bearer_auth(&self.token).send().await?.error_for_status()?.json().await?;
        let at_start = answer.messages.first().is_none_or(|message| message.seq == 1);
        Ok(Page { messages: answer.messages, as_of: answer.as_of, at_start, at_end: before.is_empty() })
    }

    /// The whole history, page by page, oldest first.
    ///
    /// # Errors
    /// The server refuses, or is not there.
    pub async fn history(&self, conversation: ConversationId) -> Result<Vec<Message>, Fault> {
        let mut all: Vec<Message> = Vec::new();
        loop {
            let before = all.first().map(|message| message.seq);
            let page = self.page(conversation, before).await?;
            if page.messages.is_empty() {
                return Ok(all);
            }
            all.splice(0..0, page.messages);
        }
    }

    /// Opens the socket of everything (`/ws/`).
    ///
    /// # Errors
    /// The server refuses, or is not there.
    pub async fn connect(&self) -> Result<Socket, Fault> {
        self.connect_from(None).await
    }

    /// Opens the socket from one of this machine's loopback addresses, since each has its own ports.
    ///
    /// # Errors
    /// The server refuses, or is not there.
    pub async fn connect_from(&self, source: Option<std::net::Ipv4Addr>) -> Result<Socket, Fault> {
        let mut request = format!("ws://{}/ws/", self.address).into_client_request()?;
        request.headers_mut().insert("authorization", format!("Bearer {}", self.token).parse()?);
        let tcp = tokio::net::TcpSocket::new_v4()?;
        if let Some(source) = source {
            tcp.bind((source, 0).into())?;
        }
        let stream = tcp.connect(self.address.parse()?).await?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default().read_buffer_size(4096);
        let (line, _) =
            tokio_tungstenite::client_async_with_config(request, MaybeTlsStream::Plain(stream), Some(config))
                .await?;
        Ok(Socket { line })
    }
}

/// What became of a message that was answered.
#[derive(Debug)]
pub enum Said {
    /// It is durable.
    Sent(Box<Message>),
    /// It is not, and why.
    Refused(String),
}

/// An open socket.
#[derive(Debug)]
pub struct Socket {
    line: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    /// Sends a frame.
    ///
    /// # Errors
    /// The line broke.
    pub async fn send(&mut self, frame: &ClientFrame) -> Result<(), Fault> {
        Ok(self.line.send(tungstenite::Message::text(serde_json::to_string(frame)?)).await?)
    }

    /// The next frame.
    ///
    /// # Errors
    /// The line broke or was closed, or what came is no frame.
    pub async fn next(&mut self) -> Result<ServerFrame, Fault> {
        loop {
            match self.line.next().await.ok_or("the line broke")?? {
                tungstenite::Message::Text(text) => return Ok(serde_json::from_str(&text)?),
                tungstenite::Message::Close(frame) => return Err(format!("closed: {frame:?}").into()),
                _ => {}
            }
        }
    }

    /// Says goodbye.
    ///
    /// # Errors
    /// The line broke.
    pub async fn close(mut self) -> Result<(), Fault> {
        Ok(self.line.close(None).await?)
    }
}
