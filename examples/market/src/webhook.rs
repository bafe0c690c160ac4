//! Receiver of Rapport's webhooks (docs/webhooks.md): an e-mail to people who are away and have unread messages.

use crate::data::{Data, person};
use crate::{App, Market};
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::Mac as _;
use serde_json::Value;
use std::io;
use std::time::{Duration, Instant, UNIX_EPOCH};

/// Largest difference between the time stamp of a request and the clock, in seconds.
const TOLERANCE: u64 = 300;
/// Least time between two e-mails to a person about a conversation that they do not read.
const PAUSE: Duration = Duration::from_secs(3600);

/// Takes a webhook. A status of failure lets Rapport try again later.
pub(crate) async fn receive(market: App, headers: HeaderMap, body: Bytes) -> Result<StatusCode, StatusCode> {
    let id = verified_id(&market, &headers, &body).ok_or(StatusCode::UNAUTHORIZED)?;
    let event: Value = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    if event["type"] == "message.unread" {
        let sent = send_mails(&market, &mut *market.data.lock().await, id, &event["data"]);
        sent.map_err(|error| {
            eprintln!("market: webhook {id}: {error}");
            StatusCode::SERVICE_UNAVAILABLE
        })?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The id of an event that the holder of the key signed in the last five minutes. It is fit for a file's name.
fn verified_id<'a>(market: &Market, headers: &'a HeaderMap, body: &[u8]) -> Option<&'a str> {
    let header = |name| headers.get(name)?.to_str().ok();
    let (id, timestamp) = (header("webhook-id")?, header("webhook-timestamp")?);
    let is_plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let now = UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
    if !is_plain || id.is_empty() || now.abs_diff(timestamp.parse().ok()?) > TOLERANCE {
        return None;
    }
    let mac = market.webhook_mac.clone().chain_update(format!("{id}.{timestamp}.")).chain_update(body);
    // `verify_slice` takes the same time for every wrong signature.
    let is_valid = |signature: &str| {
        let bytes = signature.strip_prefix("v1,").and_then(|signature| STANDARD.decode(signature).ok());
        bytes.is_some_and(|bytes| mac.clone().verify_slice(&bytes).is_ok())
    };
    header("webhook-signature")?.split(' ').any(is_valid).then_some(id)
}

/// Sends an e-mail to each recipient, one for each absence: at the first unread message, or when the last one was an hour ago.
/// Two messages in a moment both come with two unread ones, so that the number alone does not decide.
fn send_mails(market: &Market, data: &mut Data, event: &str, unread: &Value) -> io::Result<()> {
    let conversation = &unread["conversation"];
    let subject = &conversation["subject"];
    let (Some(id), Some(title), Some(url)) =
        (conversation["id"].as_i64(), subject["title"].as_str(), subject["url"].as_str())
    else {
        return Ok(());
    };
    let known = |account: &Value| {
        let identity = &unread["identities"][account["id"].to_string()];
        identity["sub"].as_str().filter(|_| identity["issuer"] == market.url.as_str()).and_then(person)
    };
    let from = known(&unread["message"]["sender"]).map_or("Somebody", |sender| sender.name);
    for recipient in unread["recipients"].as_array().into_iter().flatten() {
        let Some(to) = known(&recipient["user"]) else { continue };
        let last = data.mailed.get(&(id, to.id));
        if recipient["unread"] != 1 && last.is_some_and(|at| at.elapsed() < PAUSE) {
            continue;
        }
        // One line, which begins no other header.
        let subject = format!("New message about “{title}”").replace(char::is_control, " ");
        let mail = format!(
            "From: Market <no-reply@market.example>\nTo: {} <{}@market.example>\nSubject: {subject}\n\
             Content-Type: text/plain; charset=utf-8\n\n\
             {from} wrote to you about “{title}”. Read and answer here:\n\n{url}?conversation={id}\n",
            to.name, to.id
        );
        // An event that is delivered again replaces its e-mail. Whoever looks into the folder sees whole e-mails.
        let file = market.mail.join(format!("{event}-{}.eml", to.id));
        std::fs::write(file.with_extension("part"), mail)?;
        std::fs::rename(file.with_extension("part"), file)?;
        data.mailed.insert((id, to.id), Instant::now());
    }
    Ok(())
}
