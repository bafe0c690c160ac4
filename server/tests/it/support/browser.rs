//! A browser without scripts: a cookie, forms, and the headers that browsers send.

use super::{Server, Socket};
use reqwest::{Method, RequestBuilder, Response};
use tokio_tungstenite::tungstenite::Error;

/// A browser.
#[derive(Clone)]
pub(crate) struct Browser {
    http: reqwest::Client,
    url: String,
    /// `name=value`.
    pub(crate) cookie: Option<String>,
}

impl Browser {
    pub(crate) fn new(server: &Server) -> Self {
        Self { http: server.http.clone(), url: server.url.clone(), cookie: None }
    }

    /// A browser for the server at this address.
    pub(crate) fn at(url: &str) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, url: url.to_owned(), cookie: None }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Response {
        let request = self.request(Method::GET, path).header("accept", "text/html");
        self.go(request).await
    }

    /// Submits a form, as a page of the server does.
    pub(crate) async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        let request = self.request(Method::POST, path).header("origin", &self.url);
        self.go(request.header("sec-fetch-site", "same-origin").form(fields)).await
    }

    /// Sends the request, and stores the cookie of the response.
    pub(crate) async fn go(&mut self, request: RequestBuilder) -> Response {
        let answer = request.send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let is_empty = pair.split_once('=').unwrap().1.is_empty();
            self.cookie = (!is_empty).then(|| pair.to_owned());
        }
        answer
    }

    /// Opens a socket from a page of this origin.
    pub(crate) async fn socket(&self, path: &str, origin: Option<&str>) -> Result<Socket, Error> {
        let address = format!("ws{}{path}", self.url.trim_start_matches("http"));
        let mut headers = Vec::new();
        headers.extend(self.cookie.as_deref().map(|cookie| ("cookie", cookie)));
        headers.extend(origin.map(|origin| ("origin", origin)));
        Socket::open(&address, &headers).await
    }
}
