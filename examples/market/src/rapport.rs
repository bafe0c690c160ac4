//! Requests to Rapport: tokens for people, their usernames, and the conversations about listings and jobs.

use crate::config::Config;
use crate::data::Person;
use jsonwebtoken::{EncodingKey, Header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// Lifetime of a token, in seconds. It is used while the page loads.
const TOKEN_SECONDS: u64 = 60;
/// Below the 5 s in which a webhook has to be answered.
const TIMEOUT: Duration = Duration::from_secs(4);

/// Why a request to Rapport failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RapportError {
    #[error("Rapport cannot be reached: {0}")]
    Unreachable(#[from] reqwest::Error),
    #[error("Rapport refused {what} with {status}: {body}")]
    Refused { what: &'static str, status: u16, body: String },
    #[error("the token cannot be signed: {0}")]
    Token(#[from] jsonwebtoken::errors::Error),
}

/// The card of a listing or a job, and who talks about it.
pub(crate) struct Subject {
    /// `listing/1` or `job/1`.
    pub(crate) path: String,
    pub(crate) title: &'static str,
    /// The page of the market about it.
    pub(crate) url: String,
    /// Names and values, shown on the card.
    pub(crate) fields: Vec<(&'static str, &'static str)>,
    /// People with their roles.
    pub(crate) participants: Vec<(&'static Person, &'static str)>,
}

/// Client of Rapport's HTTP API.
pub(crate) struct Rapport {
    http: reqwest::Client,
    /// Its origin.
    pub(crate) url: String,
    issuer: String,
    audience: String,
    service_key: String,
    sso_key: EncodingKey,
    /// Rapport's usernames by the market's ids. A larger product stores them with its people.
    usernames: Mutex<HashMap<&'static str, String>>,
}

#[derive(Deserialize)]
struct Tokens {
    access: String,
}

#[derive(Deserialize)]
struct Me {
    username: String,
}

#[derive(Deserialize)]
struct Opened {
    id: i64,
}

impl Rapport {
    pub(crate) fn new(config: &Config) -> Result<Self, reqwest::Error> {
        Ok(Self {
            http: reqwest::Client::builder().timeout(TIMEOUT).build()?,
            url: config.rapport_url.clone(),
            issuer: config.url.clone(),
            audience: config.audience.clone(),
            service_key: config.service_key.clone(),
            sso_key: EncodingKey::from_secret(config.sso_key.as_bytes()),
            usernames: Mutex::default(),
        })
    }

    /// Signs a token for a person, good for one sign-in.
    pub(crate) fn token(&self, person: &Person) -> Result<String, RapportError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let claims = json!({
            "iss": self.issuer, "aud": self.audience, "sub": person.id, "name": person.name, "preferred_username": person.id,
            "iat": now, "exp": now + TOKEN_SECONDS, "jti": Uuid::new_v4(),
        });
        Ok(jsonwebtoken::encode(&Header::default(), &claims, &self.sso_key)?)
    }

    /// The person's username in Rapport, where the first call makes the account. It may differ from the one that the token
    /// prefers, if that was taken.
    pub(crate) async fn username(&self, person: &'static Person) -> Result<String, RapportError> {
        if let Some(username) = self.usernames.lock().unwrap_or_else(PoisonError::into_inner).get(person.id) {
            return Ok(username.clone());
        }
        let body = json!({"token": self.token(person)?});
        let request = self.http.post(format!("{}/api/sso", self.url)).json(&body);
        let tokens: Tokens = parsed("a sign-in", request).await?;
        let request = self.http.get(format!("{}/api/me", self.url)).bearer_auth(&tokens.access);
        let me: Me = parsed("an account", request).await?;
        // The sign-in was for this question alone.
        let request = self.http.delete(format!("{}/api/token", self.url)).bearer_auth(&tokens.access);
        accepted("a sign-out", request).await?;
        let mut usernames = self.usernames.lock().unwrap_or_else(PoisonError::into_inner);
        usernames.insert(person.id, me.username.clone());
        Ok(me.username)
    }

    /// Opens the conversation about a subject, or brings its card up to date, and gives its id.
    pub(crate) async fn open(&self, subject: &Subject) -> Result<i64, RapportError> {
        let mut participants = Vec::new();
        for (person, role) in &subject.participants {
            participants.push(json!({"username": self.username(person).await?, "role": role}));
        }
        let fields: Vec<Value> =
            subject.fields.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        let body = json!({"title": subject.title, "url": subject.url, "fields": fields, "participants": participants});
        let url = format!("{}/api/subjects/{}/conversation", self.url, subject.path);
        let request = self.http.put(url).bearer_auth(&self.service_key).json(&body);
        Ok(parsed::<Opened>("a conversation", request).await?.id)
    }
}

/// Sends a request, and takes every status but those of success as an error.
async fn accepted(
    what: &'static str,
    request: reqwest::RequestBuilder,
) -> Result<reqwest::Response, RapportError> {
    let response = request.send().await?;
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status().as_u16();
    Err(RapportError::Refused { what, status, body: response.text().await.unwrap_or_default() })
}

async fn parsed<T: DeserializeOwned>(
    what: &'static str,
    request: reqwest::RequestBuilder,
) -> Result<T, RapportError> {
    Ok(accepted(what, request).await?.json().await?)
}
