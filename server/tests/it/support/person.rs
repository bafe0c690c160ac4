//! A user with a token.

use super::{PASSWORD, Socket};
use protocol::{ConversationId, Message, Page};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Error;

/// A user of the API.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) me: protocol::Person,
    pub(crate) access: String,
    pub(crate) refresh: String,
    http: reqwest::Client,
    url: String,
}

impl Person {
    pub(crate) async fn register(http: &reqwest::Client, url: &str, name: &str) -> Self {
        let body = json!({"username": name, "password": PASSWORD});
        let answer = http.post(format!("{url}/api/register")).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 201, "{name} cannot register");
        let me = answer.json().await.unwrap();
        Self::signs_in(http, url, me).await
    }

    /// Signs in to an account that was made elsewhere.
    pub(crate) async fn with_password(url: &str, username: &str, password: &str) -> Self {
        let http = reqwest::Client::new();
        let body = json!({"username": username, "password": password});
        let answer = http.post(format!("{url}/api/token")).json(&body).send().await.unwrap();
        let pair: Value = answer.json().await.unwrap();
        let text = |key: &str| pair[key].as_str().unwrap().to_owned();
        let (access, refresh) = (text("access"), text("refresh"));
        let me = http.get(format!("{url}/api/me")).bearer_auth(&access).send().await.unwrap();
        Self { me: me.json().await.unwrap(), access, refresh, http, url: url.to_owned() }
    }

    /// The same person with the same tokens, at another server.
    pub(crate) fn at(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.clone() }
    }

    async fn signs_in(http: &reqwest::Client, url: &str, me: protocol::Person) -> Self {
        let body = json!({"username": me.username, "password": PASSWORD});
        let answer = http.post(format!("{url}/api/token")).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{} cannot sign in", me.username);
        let pair: Value = answer.json().await.unwrap();
        let text = |key: &str| pair[key].as_str().unwrap().to_owned();
        Self { me, access: text("access"), refresh: text("refresh"), http: http.clone(), url: url.to_owned() }
    }

    /// The same person with another sign-in.
    pub(crate) async fn again(&self) -> Self {
        Self::signs_in(&self.http, &self.url, self.me.clone()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Response {
        self.ask(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Response {
        self.ask(Method::DELETE, path, None).await
    }

    pub(crate) async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Response {
        self.request(method, path, body).send().await.unwrap()
    }

    /// A request that can get more headers.
    pub(crate) fn request(&self, method: Method, path: &str, body: Option<&Value>) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.access);
        match body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    /// Sends a message over HTTP.
    pub(crate) async fn says(&self, room: ConversationId, content: &str) -> Message {
        let answer =
            self.post(&format!("/api/conversations/{room}/messages"), &json!({"content": content})).await;
        assert_eq!(answer.status(), 201);
        answer.json().await.unwrap()
    }

    /// The newest page of the conversation, as this person sees it.
    pub(crate) async fn reads(&self, room: ConversationId) -> Vec<Message> {
        let answer = self.get(&format!("/api/conversations/{room}/messages")).await;
        assert_eq!(answer.status(), 200);
        answer.json::<Page>().await.unwrap().messages
    }

    /// All messages of the conversation, oldest first.
    pub(crate) async fn reads_all(&self, room: ConversationId) -> Vec<Message> {
        let mut all: Vec<Message> = Vec::new();
        loop {
            let before = all.first().map_or(String::new(), |message| format!("&before={}", message.seq));
            let path = format!("/api/conversations/{room}/messages?limit=50{before}");
            let page: Page = self.get(&path).await.json().await.unwrap();
            if page.messages.is_empty() {
                return all;
            }
            all.splice(0..0, page.messages);
        }
    }

    /// Opens the socket of all conversations.
    pub(crate) async fn connect(&self) -> Socket {
        self.opens("/ws/").await
    }

    /// Opens the socket of one conversation.
    pub(crate) async fn enters(&self, room: ConversationId) -> Socket {
        self.opens(&format!("/ws/chat/{room}/")).await
    }

    async fn opens(&self, path: &str) -> Socket {
        let mut socket = self.line(path).await;
        socket.greeted().await;
        socket
    }

    /// Opens a socket that may be closed at once.
    pub(crate) async fn line(&self, path: &str) -> Socket {
        let address = format!("ws{}{path}", self.url.trim_start_matches("http"));
        Socket::open(&address, &[("authorization", &self.bearer())]).await.unwrap()
    }

    /// Opens a socket, if the server answers.
    pub(crate) async fn try_line(&self, path: &str) -> Result<Socket, Error> {
        let address = format!("ws{}{path}", self.url.trim_start_matches("http"));
        Socket::open(&address, &[("authorization", &self.bearer())]).await
    }

    /// Opens the socket of all conversations over an existing connection.
    pub(crate) async fn connect_over(&self, stream: TcpStream) -> Socket {
        let address = format!("ws{}/ws/", self.url.trim_start_matches("http"));
        let mut socket = Socket::over(stream, &address, &[("authorization", &self.bearer())]).await.unwrap();
        socket.greeted().await;
        socket
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.access)
    }
}
