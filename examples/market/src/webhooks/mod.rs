//! Receiver of Rapport's webhooks: an e-mail to people who are away and have unread messages.

mod signature;

use crate::data::{Data, Person, person};
use crate::mail::Mail;
use crate::state::AppState;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::io;
use std::time::SystemTime;

/// The body of every webhook.
#[derive(Deserialize)]
struct Event {
    r#type: String,
    data: Value,
}

/// The data of `message.unread`.
#[derive(Deserialize)]
struct Unread {
    conversation: Conversation,
    message: Message,
    recipients: Vec<Recipient>,
    /// How the market names the people, by their ids in Rapport.
    #[serde(default)]
    identities: HashMap<String, Identity>,
}

#[derive(Deserialize)]
struct Conversation {
    id: i64,
    subject: Option<SubjectId>,
}

#[derive(Deserialize)]
struct SubjectId {
    kind: String,
    id: String,
}

#[derive(Deserialize)]
struct Message {
    sender: Account,
}

#[derive(Deserialize)]
struct Recipient {
    user: Account,
    /// The number of unread messages, from 1 on.
    unread: i64,
}

#[derive(Deserialize)]
struct Account {
    id: i64,
}

#[derive(Deserialize)]
struct Identity {
    sub: String,
}

impl Unread {
    /// The market's person of an account.
    fn person(&self, account: &Account) -> Option<&'static Person> {
        self.identities.get(&account.id.to_string()).and_then(|identity| person(&identity.sub))
    }
}

/// Takes a webhook. A status of failure lets Rapport try again later.
pub(crate) async fn receive(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed = signature::Signed {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signatures: header("webhook-signature"),
        body: &body,
    };
    if !signed.verify(&state.config.webhook_key, SystemTime::now()) {
        return StatusCode::UNAUTHORIZED;
    }
    let Ok(event) = serde_json::from_slice::<Event>(&body) else { return StatusCode::BAD_REQUEST };
    if event.r#type != "message.unread" {
        return StatusCode::NO_CONTENT;
    }
    let Ok(unread) = serde_json::from_value::<Unread>(event.data) else { return StatusCode::BAD_REQUEST };
    match send(&state, signed.id, &unread) {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(error) => {
            eprintln!("market: webhook {}: {error}", signed.id);
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// Sends an e-mail to each recipient, one for each absence: at the first unread message, or when the last one was an hour ago.
/// Two messages in a moment both come with two unread ones, so that the number alone does not decide.
fn send(state: &AppState, event: &str, unread: &Unread) -> io::Result<()> {
    let Some((title, path)) = page(&state.data(), &unread.conversation) else { return Ok(()) };
    let from = unread.person(&unread.message.sender).map_or("Somebody", |sender| sender.name);
    for recipient in &unread.recipients {
        let Some(to) = unread.person(&recipient.user) else { continue };
        if !state.mailbox.is_due(unread.conversation.id, to, recipient.unread) {
            continue;
        }
        let text = format!(
            "{from} wrote to you about “{title}”. Read and answer here:\n\n{}{path}",
            state.config.url
        );
        let subject = format!("New message about “{title}”");
        state.mailbox.write(event, unread.conversation.id, &Mail { to, subject, text })?;
    }
    Ok(())
}

/// The title and the address of the page of the conversation's subject; `None` if the market has none.
fn page(data: &Data, conversation: &Conversation) -> Option<(&'static str, String)> {
    let subject = conversation.subject.as_ref()?;
    let id = subject.id.parse().ok()?;
    match subject.kind.as_str() {
        "listing" => {
            let path = format!("/listings/{id}?conversation={}", conversation.id);
            data.listing(id).map(|listing| (listing.title, path))
        }
        "job" => data.job(id).map(|job| (job.title, format!("/jobs/{id}"))),
        _ => None,
    }
}
