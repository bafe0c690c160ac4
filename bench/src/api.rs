//! A client of the HTTP API and of the socket.

mod groups;

use crate::BoxError;
use futures::{SinkExt, StreamExt};
use protocol::{
    Ack, ClientFrame, ClientId, Conversation, ConversationId, Message, MessageId, Page, Person, PollAnswer,
    PollRequest, ServerFrame, UserId, limits,
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
/// The time added to the server's hold time for the timeout of a poll.
const GRACE: Duration = Duration::from_secs(5);

/// A signed-in account.
#[derive(Clone, Debug)]
pub struct Api {
    http: reqwest::Client,
    /// The address to connect to.
    address: String,
    /// The `Host` header: the address of the server, where `address` is a proxy.
    host: String,
    /// The access token.
    pub token: String,
    /// The person.
    pub me: Person,
}

#[derive(Deserialize)]
struct Tokens {
    access: String,
}

impl Api {
    /// Registers an account and signs in.
    ///
    /// # Errors
    /// The server refuses the request or is not reachable.
    pub async fn register(http: &reqwest::Client, address: &str, username: &str) -> Result<Self, BoxError> {
        let body = json!({"username": username, "password": PASSWORD});
        let url = format!("http://{address}/api/register");
        let me = http.post(url).json(&body).send().await?.error_for_status()?.json().await?;
        Self::sign_in(http, address, me).await
    }

    /// Signs in to a registered account.
    ///
    /// # Errors
    /// The server refuses the request or is not reachable.
    pub async fn sign_in(http: &reqwest::Client, address: &str, me: Person) -> Result<Self, BoxError> {
        let body = json!({"username": me.username, "password": PASSWORD});
        let url = format!("http://{address}/api/token");
        let tokens: Tokens = http.post(url).json(&body).send().await?.error_for_status()?.json().await?;
        let (address, host) = (address.to_owned(), address.to_owned());
        Ok(Self { http: http.clone(), address, host, token: tokens.access, me })
    }

    /// The same sign-in through a proxy: connects to `address`, which forwards to `host`.
    #[must_use]
    pub fn through(&self, http: &reqwest::Client, address: &str, host: &str) -> Self {
        let (address, host) = (address.to_owned(), host.to_owned());
        Self { http: http.clone(), address, host, token: self.token.clone(), me: self.me.clone() }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("http://{}/api/{path}", self.address);
        self.http.request(method, url).header("host", &self.host).bearer_auth(&self.token)
    }

    /// Creates a conversation with these people.
    ///
    /// # Errors
    /// The server refuses the request or is not reachable.
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

    /// Sends a message.
    ///
    /// # Errors
    /// The connection broke; whether the request took effect is unknown.
    pub async fn send_message(
        &self,
        conversation: ConversationId,
        client_id: protocol::ClientId,
        content: &str,
    ) -> Result<SendResponse, BoxError> {
        let body = json!({"content": content, "client_id": client_id});
        let request = self.request(Method::POST, &format!("conversations/{conversation}/messages"));
        match respond(request.json(&body)).await? {
            Response::Done(answer) => Ok(SendResponse::Sent(Box::new(answer.json().await?))),
            Response::Refused(status) => Ok(SendResponse::Refused(status)),
        }
    }

    /// Deletes a message for everyone.
    ///
    /// # Errors
    /// The connection broke; whether the request took effect is unknown.
    pub async fn delete(
        &self,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Response, BoxError> {
        let path = format!("conversations/{conversation}/messages/{message}?for=everyone");
        respond(self.request(Method::DELETE, &path)).await
    }

    /// Marks everything up to a message as read.
    ///
    /// # Errors
    /// The connection broke; whether the request took effect is unknown.
    pub async fn mark_read(
        &self,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Response, BoxError> {
        let request = self.request(Method::POST, &format!("conversations/{conversation}/read"));
        respond(request.json(&json!({"message_id": message}))).await
    }

    /// Removes a member.
    ///
    /// # Errors
    /// The connection broke; whether the request took effect is unknown.
    pub async fn remove(&self, conversation: ConversationId, member: UserId) -> Result<Response, BoxError> {
        respond(self.request(Method::DELETE, &format!("conversations/{conversation}/members/{member}"))).await
    }

    /// The conversations of the person.
    ///
    /// # Errors
    /// The server refuses the request or is not reachable.
    pub async fn conversations(&self) -> Result<Vec<Conversation>, BoxError> {
        #[derive(Deserialize)]
        struct Answer {
            conversations: Vec<Conversation>,
        }
        let request = self.request(Method::GET, "conversations");
        let answer: Answer = request.send().await?.error_for_status()?.json().await?;
        Ok(answer.conversations)
    }

    /// A long poll.
    ///
    /// # Errors
    /// The server refuses the request or is not reachable.
    pub async fn poll(&self, request: &PollRequest) -> Result<PollAnswer, BoxError> {
        let most = Duration::from_millis(limits::POLL_HOLD_MS) + GRACE;
        let asked = self.request(Method::POST, "poll").timeout(most).json(request);
        let PollAnswer { mailbox, batch, frames } = asked.send().await?.error_for_status()?.json().await?;
        Ok(PollAnswer { mailbox, batch, frames: readable(frames)? })
    }

    /// Submits frames over HTTP; returns the frames that answer them.
    ///
    /// # Errors
    /// The server refuses the request or is not reachable.
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
    /// The server refuses the request or is not reachable.
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
    /// The server refuses the request or is not reachable.
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

    /// Opens the socket of all conversations (`/ws/`).
    ///
    /// # Errors
    /// The server refuses the request or is not reachable.
    pub async fn connect(&self) -> Result<Socket, BoxError> {
        self.connect_from(None).await
    }

    /// Opens the socket from this loopback address. Each address has its own ports, so more sockets fit.
    ///
    /// # Errors
    /// The server refuses the request or is not reachable.
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
        let (stream, _) =
            tokio_tungstenite::client_async_with_config(request, MaybeTlsStream::Plain(stream), Some(config))
                .await?;
        Ok(Socket { stream })
    }
}

/// The answer to a request.
#[derive(Debug)]
pub enum Response {
    /// The request was carried out.
    Done(reqwest::Response),
    /// Refused for good, with this status.
    Refused(u16),
}

impl Response {
    /// The request was carried out.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }
}

/// Makes a request. An answer that asks to try again is an error, like no answer.
async fn respond(request: RequestBuilder) -> Result<Response, BoxError> {
    let answer = request.send().await?;
    let status = answer.status();
    if status.is_success() {
        Ok(Response::Done(answer))
    } else if status.is_client_error() && status.as_u16() != 429 {
        Ok(Response::Refused(status.as_u16()))
    } else {
        Err(format!("{status}").into())
    }
}

/// The answer to a sent message.
#[derive(Debug)]
pub enum SendResponse {
    /// The message is durable.
    Sent(Box<Message>),
    /// The message was refused for good, with this status.
    Refused(u16),
}

/// An open socket.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// The frames; an error if one is unreadable.
fn readable(frames: Vec<ServerFrame>) -> Result<Vec<ServerFrame>, BoxError> {
    frames.into_iter().map(|frame| Ok(frame.readable()?)).collect()
}

impl Socket {
    /// Sends a frame.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn send(&mut self, frame: &ClientFrame) -> Result<(), BoxError> {
        Ok(self.stream.send(tungstenite::Message::text(serde_json::to_string(frame)?)).await?)
    }

    /// The next frame.
    ///
    /// # Errors
    /// The connection broke or was closed, or the text is not a frame.
    pub async fn next(&mut self) -> Result<ServerFrame, BoxError> {
        loop {
            match self.stream.next().await.ok_or("the line broke")?? {
                tungstenite::Message::Text(text) => {
                    return Ok(ServerFrame::decode(&text)?.readable()?);
                }
                tungstenite::Message::Close(frame) => return Err(format!("closed: {frame:?}").into()),
                _ => {}
            }
        }
    }

    /// Sends a message, and waits until it is acknowledged. Other frames are dropped.
    ///
    /// # Errors
    /// The connection broke, or the next error came before the acknowledgement.
    pub async fn send_acknowledged(
        &mut self,
        conversation: ConversationId,
        content: String,
    ) -> Result<(), BoxError> {
        let client_id = ClientId::mint();
        let frame = ClientFrame::ChatMessage {
            conversation_id: Some(conversation),
            content,
            client_id: Some(client_id),
            reply_to: None,
        };
        self.send(&frame).await?;
        loop {
            match self.next().await? {
                ServerFrame::Ack(Ack { client_id: id, .. }) if id == client_id => return Ok(()),
                ServerFrame::Error(error) => return Err(error.into()),
                _ => {}
            }
        }
    }

    /// Closes the socket.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn close(mut self) -> Result<(), BoxError> {
        Ok(self.stream.close(None).await?)
    }
}
