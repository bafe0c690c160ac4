//! Credentials, and the access token that is made from them.

use crate::Error;
use crate::http::{self, Http};
use protocol::{CloseCode, ErrorCode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt;
use tokio::sync::watch;

/// The credentials of a person or a bot.
#[derive(Clone)]
pub enum Credentials {
    /// An access token. The client ends when the token expires.
    Token(String),
    /// Username and password. The client renews its token by itself.
    Password {
        /// The username.
        username: String,
        /// The password.
        password: String,
    },
}

/// Without the token and the password.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(_) => f.write_str("Token"),
            Self::Password { username, .. } => write!(f, "Password of {username:?}"),
        }
    }
}

#[derive(Deserialize)]
struct Tokens {
    access: String,
    refresh: String,
}

/// The credentials with the tokens that they gave.
pub(crate) struct Authentication {
    http: Http,
    credentials: Credentials,
    refresh: Option<String>,
    /// The current access token; empty before the first.
    access: watch::Sender<String>,
}

impl Authentication {
    pub(crate) fn new(http: Http, credentials: Credentials) -> Self {
        let token = match &credentials {
            Credentials::Token(token) => token.clone(),
            Credentials::Password { .. } => String::new(),
        };
        Self { http, credentials, refresh: None, access: watch::Sender::new(token) }
    }

    /// The current access token, for requests of others.
    pub(crate) fn access(&self) -> watch::Receiver<String> {
        self.access.subscribe()
    }

    /// The access token to connect with.
    pub(crate) async fn token(&mut self) -> Result<String, Error> {
        if self.access.borrow().is_empty() {
            let tokens = self.sign_in().await?;
            self.keep(tokens);
        }
        Ok(self.access.borrow().clone())
    }

    /// Gets another token after the server has refused the current one.
    ///
    /// # Errors
    /// There is none: the credentials are a token, or they are not valid any more.
    pub(crate) async fn renew(&mut self) -> Result<(), Error> {
        if matches!(self.credentials, Credentials::Token(_)) {
            return Err(Error::Closed(CloseCode::NotAuthenticated.code()));
        }
        // After a failure the next attempt signs in.
        self.access.send_replace(String::new());
        let refreshed = match self.refresh.take() {
            Some(refresh) => self.post("/api/token/refresh", json!({"refresh": refresh})).await,
            None => self.sign_in().await,
        };
        let tokens = match refreshed {
            Err(Error::Refused(error)) if error.code == ErrorCode::NotAuthenticated => self.sign_in().await?,
            tokens => tokens?,
        };
        self.keep(tokens);
        Ok(())
    }

    fn keep(&mut self, tokens: Tokens) {
        self.refresh = Some(tokens.refresh);
        self.access.send_replace(tokens.access);
    }

    async fn sign_in(&self) -> Result<Tokens, Error> {
        let Credentials::Password { username, password } = &self.credentials else {
            return Err(Error::Closed(CloseCode::NotAuthenticated.code()));
        };
        self.post("/api/token", json!({"username": username, "password": password})).await
    }

    async fn post(&self, path: &str, body: Value) -> Result<Tokens, Error> {
        http::answer(self.http.post(path).json(&body)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let token = Credentials::Token("hush".into());
        let password = Credentials::Password { username: "robot".into(), password: "hush".into() };
        assert_eq!(format!("{token:?} {password:?}"), "Token Password of \"robot\"");
    }
}
