//! Server functions for a client without a socket: JSON requests and answers under `/rpc`. Each calls one function of
//! the domain.

// The macro makes a public type out of each function's arguments.
#![allow(missing_docs, unreachable_pub)]

#[cfg(feature = "ssr")]
pub(crate) mod caller;
mod error;
mod json;

pub use error::RequestError;

use crate::datetime::ReaderZone;
use json::Json;
use leptos::prelude::*;
use protocol::{
    ClientFrame, ConversationId, Member, MessageId, MessageReceipt, Person, PollAnswer, PollRequest,
    ServerFrame, UserId,
};

/// Long poll for the frames that a socket would have delivered. It is held until there are frames if the request says
/// so; the client sends it by `client::poll_request`. `me` is the person that the tab was loaded for: if the browser is
/// signed in as somebody else by now, that is the only answer.
#[server(prefix = "/rpc", endpoint = "poll", input = Json, output = Json)]
pub async fn poll(me: Option<UserId>, request: PollRequest) -> Result<PollAnswer, RequestError> {
    use caller::{caller, fault, other_person, poll_sessions};
    let (_, who) = caller()?;
    if let Some(other) = other_person(me, &who) {
        let mailbox = request.mailbox.unwrap_or_default();
        return Ok(PollAnswer { mailbox, batch: request.batch, frames: vec![other] });
    }
    poll_sessions()?.poll(&who, request).await.map_err(fault)
}

/// Handles frames of a client without a socket, and returns the frames that answer them. `me` as in [`poll`]: nothing
/// is done in the name of another person.
#[server(prefix = "/rpc", endpoint = "submit", input = Json, output = Json)]
pub async fn submit(me: Option<UserId>, frames: Vec<ClientFrame>) -> Result<Vec<ServerFrame>, RequestError> {
    use caller::{caller, fault, other_person};
    let (chat, who) = caller()?;
    if let Some(other) = other_person(me, &who) {
        return Ok(vec![other]);
    }
    chat.submit(&who, frames).await.map_err(fault)
}

/// Searches people by name, without the reader.
#[server(prefix = "/rpc", endpoint = "people", input = Json, output = Json)]
pub async fn find_people(words: String) -> Result<Vec<Person>, RequestError> {
    use caller::{caller, fault};
    let (chat, who) = caller()?;
    let mut people = chat.people(&who.person, &words).await.map_err(fault)?;
    people.retain(|person| person.id != who.person.id);
    Ok(people)
}

/// All members of a conversation, also of a large one, of which a client has some only.
#[server(prefix = "/rpc", endpoint = "members", input = Json, output = Json)]
pub async fn group_members(conversation: ConversationId) -> Result<Vec<Member>, RequestError> {
    use caller::{caller, fault};
    let (chat, who) = caller()?;
    Ok(chat.conversation(&who.person, conversation).await.map_err(fault)?.members)
}

/// Receipts of a message: one for each person who was a member when it was sent.
#[server(prefix = "/rpc", endpoint = "receipts", input = Json, output = Json)]
pub async fn message_receipts(
    conversation: ConversationId,
    message: MessageId,
) -> Result<Vec<MessageReceipt>, RequestError> {
    use caller::{caller, fault};
    let (chat, who) = caller()?;
    chat.receipts(&who.person, conversation, message).await.map_err(fault)
}

/// A time zone with its offsets, by its IANA name: the client has no table of zones.
#[server(prefix = "/rpc", endpoint = "time-zone", input = Json, output = Json)]
pub async fn time_zone(name: String) -> Result<ReaderZone, RequestError> {
    use caller::{caller, refuse};
    use chat::Clock as _;
    caller()?;
    let offsets = chat::zone::offsets(&name, chat::SystemClock.now());
    let offsets = offsets.ok_or_else(|| refuse(protocol::ErrorCode::Invalid.into()))?;
    Ok(ReaderZone { name, chosen: true, offsets })
}

/// Answers the page that is being rendered with status 404.
pub(crate) fn answer_not_found() {
    #[cfg(feature = "ssr")]
    let _ = caller::refuse(protocol::ErrorCode::NotFound.into());
}

/// Redirects the browser instead of the page that is being rendered. `to` is an ASCII path of this server.
pub(crate) fn redirect(to: &str) {
    #[cfg(feature = "ssr")]
    leptos_axum::redirect(to);
    let _ = to;
}
