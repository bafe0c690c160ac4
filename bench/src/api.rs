//! A program that talks to a server: the HTTP API and a socket.

use crate::BoxError;
use futures::{SinkExt, StreamExt};
use protocol::{
    ClientFrame, Conversation, ConversationId, Message, MessageId, Page, Person, PollAnswer, PollRequest,
    ServerFrame, UserId, limits,
};
use reqwest::{Method, RequestBuilder};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, protocol::WebSocketConfig};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

const PASSWORD: &str = "correct horse battery";
/// A held request is given up this long after the server should have answered it.
const GRACE: Duration = Duration::from_secs(5);

/// Somebody's account, signed in as a program.
#[derive(Clone, Debug)]
pub struct Api {
    http: reqwest::Client,
    /// Where it connects to.
    address: String,
    /// What it calls the server: that is another address where a proxy is in between.
    host: String,
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
    pub async fn register(http: &reqwest::Client, address: &str, username: &str) -> Result<Self, BoxError> {
        let body = json!({"username": username, "password": PASSWORD});
        let url = format!("http://{address}/api/register");
        let me = http.post(url).json(&body).send().await?.error_for_status()?.json().await?;
        Self::sign_in(http, address, me).await
    }

    /// Signs somebody in who was registered.
    ///
    /// # Errors
    /// The server refuses, or is not there.
    pub async fn sign_in(http: &reqwest::Client, address: &str, me: Person) -> Result<Self, BoxError> {
        let body = json!({"username": me.username, "password": PASSWORD});
        let url = format!("http://{address}/api/token");
        let tokens: Tokens = http.post(url).json(&body).send().await?.error_for_status()?.json().await?;
        let (address, host) = (address.to_owned(), address.to_owned());
        Ok(Self { http: http.clone(), address, host, token: tokens.access, me })
    }

    /// The same sign-in by another way: connecting to `address`, where something passes it on to `host`.
    #[must_use]
    pub fn through(&self, http: &reqwest::Client, address: &str, host: &str) -> Self {
        let (address, host) = (address.to_owned(), host.to_owned());
        Self { http: http.clone(), address, host, token: self.token.clone(), me: self.me.clone() }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("http://{}/api/{path}", self.address);
        self.http.request(method, url).header("host", &self.host).bearer_auth(&self.token)
    }

    /// Founds a conversation with these people.
    ///
    /// # Errors
    /// The server refuses, or is not there.
    pub async fn open_conversation(
        &self,
        participants: &[String],
        title: Option<&str>,
    ) -> Result<ConversationId, BoxError> {
        let body = json!({"participants": participants, "title": title});
        let request = self.request(Method::POST, "conversations").json(&body);
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
    ) -> Result<Said, BoxError> {
        let body = json!({"content": content, "client_id": client_id});
        let request = self.request(Method::POST, &format!("conversations/{conversation}/messages"));
        match done(request.json(&body)).await? {
            Done::Yes(answer) => Ok(Said::Sent(Box::new(answer.json().await?))),
            Done::Refused(status) => Ok(Said::Refused(status)),
        }
    }

    /// Deletes a message for everyone.
    ///
    /// # Errors
    /// The line broke: what became of it is not known.
    pub async fn delete(&self, conversation: ConversationId, message: MessageId) -> Result<Done, BoxError> {
        let path = format!("conversations/{conversation}/messages/{message}?for=everyone");
        done(self.request(Method::DELETE, &path)).await
    }

    /// Marks everything up to a message as read.
    ///
    /// # Errors
    /// The line broke: what became of it is not known.
    pub async fn mark(&self, conversation: ConversationId, message: MessageId) -> Result<Done, BoxError> {
        let request = self.request(Method::POST, &format!("conversations/{conversation}/read"));
        done(request.json(&json!({"message_id": message}))).await
    }

    /// Takes somebody out of a conversation.
    ///
    /// # Errors
    /// The line broke: what became of it is not known.
    pub async fn remove(&self, conversation: ConversationId, member: UserId) -> Result<Done, BoxError> {
        done(self.request(Method::DELETE, &format!("conversations/{conversation}/members/{member}"))).await
    }

    /// One's conversations.
    ///
    /// # Errors
    /// The server refuses, or is not there.
    pub async fn conversations(&self) -> Result<Vec<Conversation>, BoxError> {
        #[derive(Deserialize)]
        struct Answer {
            conversations: Vec<Conversation>,
        }
        let request = self.request(Method::GET, "conversations");
        let answer: Answer = request.send().await?.error_for_status()?.json().await?;
        Ok(answer.conversations)
    }

    /// A poll, held until there is news.
    ///
    /// # Errors
    /// The server refuses, or is not there.
    pub async fn poll(&self, request: &PollRequest) -> Result<PollAnswer, BoxError> {
        let most = Duration::from_millis(limits::POLL_HOLD_MS) + GRACE;
        let asked = self.request(Method::POST, "poll").timeout(most).json(request);
        let PollAnswer { mailbox, batch, frames } = asked.send().await?.error_for_status()?.json().await?;
        Ok(PollAnswer { mailbox, batch, frames: readable(frames)? })
    }

    /// Frames without a socket, and their answers.
    ///
    /// # Errors
    /// The server refuses, or is not there.
    pub async fn submit(&self, frames: &[ClientFrame]) -> Result<Vec<ServerFrame>, BoxError> {
        #[derive(Deserialize)]
        struct Answer {
            frames: Vec<ServerFrame>,
        }
        let request = self.request(Method::POST, "submit").json(&json!({"frames": frames}));
        let answer: Answer = request.send().await?.error_for_status()?.json().await?;
        readable(answer.frames)
    }

    /// A page of history.
    ///
    /// # Errors
    /// The server refuses, or is not there.
    pub async fn page(&self, conversation: ConversationId, before: Option<i64>) -> Result<Page, BoxError> {
        #[derive(Deserialize)]
        struct Answer {
            messages: Vec<Message>,
            as_of: i64,
        }
        let before = before.map_or(String::new(), |seq| format!("?before={seq}"));
        let request = self.request(Method::GET, &format!("conversations/{conversation}/messages{before}"));
        let answer: Answer = request.send().await?.error_for_status()?.json().await?;
        let at_start = answer.messages.first().is_none_or(|message| message.seq == 1);
        Ok(Page { messages: answer.messages, as_of: answer.as_of, at_start, at_end: before.is_empty() })
    }

    /// The whole history, page by page, oldest first.
    ///
    /// # Errors
    /// The server refuses, or is not there.
    pub async fn history(&self, conversation: ConversationId) -> Result<Vec<Message>, BoxError> {
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
    pub async fn connect(&self) -> Result<Socket, BoxError> {
        self.connect_from(None).await
    }

    /// Opens the socket from one of this machine's loopback addresses, since each has its own ports.
    ///
    /// # Errors
    /// The server refuses, or is not there.
    pub async fn connect_from(&self, source: Option<std::net::Ipv4Addr>) -> Result<Socket, BoxError> {
        let mut request = format!("ws://{}/ws/", self.host).into_client_request()?;
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

/// What became of a request that was answered.
#[derive(Debug)]
pub enum Done {
    /// It was done.
    Yes(reqwest::Response),
    /// It was not, for good: the status.
    Refused(u16),
}

impl Done {
    /// It was done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Yes(_))
    }
}

/// Asks; an answer that says "not now" is as good as none.
async fn done(request: RequestBuilder) -> Result<Done, BoxError> {
    let answer = request.send().await?;
    let status = answer.status();
    if status.is_success() {
        Ok(Done::Yes(answer))
    } else if status.is_client_error() && status.as_u16() != 429 {
        Ok(Done::Refused(status.as_u16()))
    } else {
        Err(format!("{status}").into())
    }
}

/// What became of a message that was answered.
#[derive(Debug)]
pub enum Said {
    /// It is durable.
    Sent(Box<Message>),
    /// It is not, for good: the status.
    Refused(u16),
}

/// An open socket.
#[derive(Debug)]
pub struct Socket {
    line: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// The frames, all of which must be of this version.
fn readable(frames: Vec<ServerFrame>) -> Result<Vec<ServerFrame>, BoxError> {
    frames.into_iter().map(|frame| Ok(frame.readable()?)).collect()
}

impl Socket {
    /// Sends a frame.
    ///
    /// # Errors
    /// The line broke.
    pub async fn send(&mut self, frame: &ClientFrame) -> Result<(), BoxError> {
        Ok(self.line.send(tungstenite::Message::text(serde_json::to_string(frame)?)).await?)
    }

    /// The next frame.
    ///
    /// # Errors
    /// The line broke or was closed, or what came is no frame.
    pub async fn next(&mut self) -> Result<ServerFrame, BoxError> {
        loop {
            match self.line.next().await.ok_or("the line broke")?? {
                tungstenite::Message::Text(text) => {
                    return Ok(ServerFrame::decode(&text)?.readable()?);
                }
                tungstenite::Message::Close(frame) => return Err(format!("closed: {frame:?}").into()),
                _ => {}
            }
        }
    }

    /// Says goodbye.
    ///
    /// # Errors
    /// The line broke.
    pub async fn close(mut self) -> Result<(), BoxError> {
        Ok(self.line.close(None).await?)
    }
}
