//! A browser without scripts: a cookie, forms, and the headers that browsers send.

use super::{Server, Socket};
use reqwest::{Method, RequestBuilder, Response};
use std::collections::BTreeMap;
use tokio_tungstenite::tungstenite::Error;

/// A browser.
#[derive(Clone)]
pub(crate) struct Browser {
    http: reqwest::Client,
    url: String,
    /// `name=value` of the session cookie.
    pub(crate) cookie: Option<String>,
    /// Values of the other cookies by name.
    pub(crate) others: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn new(server: &Server) -> Self {
        Self { http: server.http.clone(), url: server.url.clone(), cookie: None, others: BTreeMap::new() }
    }

    /// A browser for the server at this address.
    pub(crate) fn at(url: &str) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { http, url: url.to_owned(), cookie: None, others: BTreeMap::new() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        let others = self.others.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies: Vec<String> = self.cookie.iter().cloned().chain(others).collect();
        if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) }
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
            let (name, value) = pair.split_once('=').unwrap();
            if ["rapport", "__Host-rapport"].contains(&name) {
                self.cookie = (!value.is_empty()).then(|| pair.to_owned());
            } else if value.is_empty() || cookie.to_str().unwrap().contains("Max-Age=0") {
                self.others.remove(name);
            } else {
                self.others.insert(name.to_owned(), value.to_owned());
            }
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
