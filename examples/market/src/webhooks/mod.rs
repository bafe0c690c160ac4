//! Receiver of Rapport's webhooks: an e-mail to people who are away and have unread messages.

mod signature;

use crate::data::{Data, Person, person};
use crate::mail::Mail;
use crate::rapport::RapportError;
use crate::state::AppState;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;
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
    username: String,
}

/// A page of the market with a conversation, and the people who can be part of it.
struct Page {
    title: &'static str,
    path: String,
    people: Vec<&'static Person>,
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
    match send(&state, signed.id, &unread).await {
        Ok(()) => StatusCode::NO_CONTENT,
        Err(error) => {
            eprintln!("market: webhook {}: {error}", signed.id);
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

/// Sends an e-mail to each recipient, one for each absence: at the first unread message, or when the last one was an hour ago.
/// Two messages in a moment both come with two unread ones, so that the number alone does not decide.
async fn send(
    state: &AppState,
    event: &str,
    unread: &Unread,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let Some(page) = page(&state.data(), &unread.conversation) else { return Ok(()) };
    let sender = named(state, &page, &unread.message.sender.username).await?;
    for recipient in &unread.recipients {
        let Some(to) = named(state, &page, &recipient.user.username).await? else { continue };
        if !state.mailbox.is_due(unread.conversation.id, to, recipient.unread) {
            continue;
        }
        let from = sender.map_or("Somebody", |sender| sender.name);
        let text = format!(
            "{from} wrote to you about “{}”. Read and answer here:\n\n{}{}",
            page.title, state.config.url, page.path
        );
        let subject = format!("New message about “{}”", page.title);
        state.mailbox.write(event, unread.conversation.id, &Mail { to, subject, text })?;
    }
    Ok(())
}

/// The page of the conversation's subject; `None` if the market has none.
fn page(data: &Data, conversation: &Conversation) -> Option<Page> {
    let subject = conversation.subject.as_ref()?;
    let id = subject.id.parse().ok()?;
    match subject.kind.as_str() {
        "listing" => {
            let listing = data.listing(id)?;
            let buyers = listing.chats.keys().filter_map(|buyer| person(buyer));
            let path = format!("/listings/{id}?conversation={}", conversation.id);
            Some(Page {
                title: listing.title,
                path,
                people: [listing.seller].into_iter().chain(buyers).collect(),
            })
        }
        "job" => {
            let job = data.job(id)?;
            let people = [job.client].into_iter().chain(job.worker).collect();
            Some(Page { title: job.title, path: format!("/jobs/{id}"), people })
        }
        _ => None,
    }
}

/// The person of the page with this username of Rapport.
async fn named(
    state: &AppState,
    page: &Page,
    username: &str,
) -> Result<Option<&'static Person>, RapportError> {
    for person in &page.people {
        if state.rapport.username(person).await? == username {
            return Ok(Some(person));
        }
    }
    Ok(None)
}
