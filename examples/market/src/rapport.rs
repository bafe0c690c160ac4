//! Rapport for the market: tokens of people, the conversations about listings and jobs, and the tag that embeds them.

use crate::Market;
use crate::data::Person;
use crate::layout::Failure;
use jsonwebtoken::{Header, encode, get_current_timestamp};
use maud::{Markup, html};
use serde_json::{Value, json};
use uuid::Uuid;

/// Lifetime of a token, in seconds. It is used while the page loads.
const TOKEN_SECONDS: u64 = 60;

impl Market {
    /// The tag that embeds a conversation: the one of an id, else the person's newest one about a subject, such as
    /// `listing/1`. Rapport shows it to its members alone.
    pub(crate) fn embed(&self, person: &Person, subject: &str, id: Option<i64>) -> Result<Markup, Failure> {
        let subject = id.is_none().then_some(subject);
        Ok(html! {
            section.chat aria-label="Chat" {
                script src={ (self.rapport_url) "/embed.js" } data-subject=[subject] data-conversation=[id]
                    data-token=(self.token(person)?) data-theme="auto" data-lang="en" {}
            }
        })
    }

    /// Signs a token for a person, good for one sign-in.
    fn token(&self, person: &Person) -> Result<String, Failure> {
        let now = get_current_timestamp();
        let claims = json!({
            "iss": self.url, "aud": self.audience, "sub": person.id, "name": person.name, "preferred_username": person.id,
            "iat": now, "exp": now + TOKEN_SECONDS, "jti": Uuid::new_v4(),
        });
        Ok(encode(&Header::default(), &claims, &self.sso_key)?)
    }

    /// Opens the conversation of people with their roles about a listing or a job, or brings its card up to date. Gives its
    /// id. The people need not have opened Rapport before.
    pub(crate) async fn open(
        &self,
        (kind, id): (&str, u32),
        title: &str,
        fields: Value,
        people: [(&Person, &str); 2],
    ) -> Result<i64, Failure> {
        let participants = people.map(
            |(person, role)| json!({"issuer": self.url, "sub": person.id, "name": person.name, "role": role}),
        );
        let page = format!("{}/{kind}s/{id}", self.url);
        let card = json!({"title": title, "url": page, "fields": fields, "participants": participants});
        let url = format!("{}/api/subjects/{kind}/{id}/conversation", self.rapport_url);
        let answer = self.http.put(url).bearer_auth(&self.service_key).json(&card).send().await?;
        let (status, body) = (answer.status(), answer.text().await?);
        let opened: Value = serde_json::from_str(&body).unwrap_or_default();
        let id = opened["id"].as_i64().filter(|_| status.is_success());
        Ok(id.ok_or_else(|| format!("Rapport opened no conversation: {status} {body}"))?)
    }
}
