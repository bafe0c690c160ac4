//! The person who calls a server function, and refusals with their HTTP status.

use super::RequestError;
use chat::connection::PollSessions;
use chat::{ChatService, account::Identity};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use protocol::{ConnectionEstablished, ErrorBody, ErrorCode, ServerFrame, UserId};

/// The domain service and the signed-in person; 401 where nobody is signed in.
pub(super) fn caller() -> Result<(ChatService, Identity), RequestError> {
    let chat = use_context::<ChatService>().ok_or_else(|| refuse(ErrorCode::Internal.into()))?;
    match use_context::<Option<Identity>>().flatten() {
        Some(who) => Ok((chat, who)),
        None => Err(refuse(ErrorCode::NotAuthenticated.into())),
    }
}

/// The long-poll sessions of this node.
pub(super) fn poll_sessions() -> Result<PollSessions, RequestError> {
    use_context::<PollSessions>().ok_or_else(|| refuse(ErrorCode::Internal.into()))
}

/// The only answer to a tab that was loaded for somebody else than this browser is signed in as by now.
pub(super) fn other_person(me: Option<UserId>, who: &Identity) -> Option<ServerFrame> {
    (me? != who.person.id).then(|| {
        ServerFrame::ConnectionEstablished(ConnectionEstablished {
            message: "Connected to chat".into(),
            user: who.person.clone(),
            conversation_id: None,
            cursor: None,
            presence: Vec::new(),
        })
    })
}

/// Sets the error's HTTP status on the answer.
pub(crate) fn refuse(error: ErrorBody) -> RequestError {
    if let (Some(response), Ok(status)) =
        (use_context::<ResponseOptions>(), http::StatusCode::from_u16(error.code.status()))
    {
        response.set_status(status);
        if let Some(seconds) = error.retry_after {
            let seconds = http::HeaderValue::from(seconds.ceil().clamp(1.0, 86_400.0) as u64);
            response.insert_header(http::header::RETRY_AFTER, seconds);
        }
    }
    error.into()
}

/// The same for an error of the domain.
pub(super) fn fault(error: chat::Error) -> RequestError {
    refuse(error.into_body())
}
