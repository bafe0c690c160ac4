//! Requests to Rapport: tokens for people, and the conversations about listings and jobs.

use crate::config::Config;
use crate::data::Person;
use jsonwebtoken::{EncodingKey, Header};
use serde::Deserialize;
use serde_json::{Value, json};
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
    #[error("Rapport refused a conversation with {status}: {body}")]
    Refused { status: u16, body: String },
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

    /// Opens the conversation about a subject, or brings its card up to date, and gives its id.
    pub(crate) async fn open(&self, subject: &Subject) -> Result<i64, RapportError> {
        let participant = |(person, role): &(&Person, &str)| json!({"issuer": self.issuer, "sub": person.id, "name": person.name, "role": role});
        let participants: Vec<Value> = subject.participants.iter().map(participant).collect();
        let fields: Vec<Value> =
            subject.fields.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        let body = json!({"title": subject.title, "url": subject.url, "fields": fields, "participants": participants});
        let url = format!("{}/api/subjects/{}/conversation", self.url, subject.path);
        let response = self.http.put(url).bearer_auth(&self.service_key).json(&body).send().await?;
        if response.status().is_success() {
            return Ok(response.json::<Opened>().await?.id);
        }
        let status = response.status().as_u16();
        Err(RapportError::Refused { status, body: response.text().await.unwrap_or_default() })
    }
}
