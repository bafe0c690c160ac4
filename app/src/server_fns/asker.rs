//! Who asks, and how a refusal leaves with its HTTP status.

use super::Refused;
use chat::{Chat, account::Identity};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use protocol::{ConnectionEstablished, ErrorBody, ErrorCode, ServerFrame, UserId};

/// The domain and the person who asks; nobody is refused with 401.
pub(super) fn asker() -> Result<(Chat, Identity), Refused> {
    let chat = use_context::<Chat>().ok_or_else(|| refuse(ErrorCode::Internal.into()))?;
    match use_context::<Option<Identity>>().flatten() {
        Some(who) => Ok((chat, who)),
        None => Err(refuse(ErrorCode::NotAuthenticated.into())),
    }
}

/// What a tab is answered that believes to be somebody else than this browser is signed in as by now: who that is, and
/// nothing more.
pub(super) fn another(me: Option<UserId>, who: &Identity) -> Option<ServerFrame> {
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

/// Gives the answer the error's status.
pub(crate) fn refuse(error: ErrorBody) -> Refused {
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

/// The same for whatever stopped the domain.
pub(super) fn fault(error: chat::Error) -> Refused {
    refuse(error.into_body())
}
