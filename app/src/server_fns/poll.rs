//! What a socket would have brought.

use super::Refused;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use protocol::{PollAnswer, PollRequest, UserId};

/// Held until there is something, when the request says so. For `me` alone, where that is said.
#[server(prefix = "/rpc", endpoint = "poll", input = Json, output = Json)]
pub async fn poll(me: Option<UserId>, request: PollRequest) -> Result<PollAnswer, Refused> {
    use super::asker::{another, asker, fault};
    let (chat, who) = asker()?;
    if let Some(another) = another(me, &who) {
        let mailbox = request.mailbox.unwrap_or_default();
        return Ok(PollAnswer { mailbox, batch: request.batch, frames: vec![another] });
    }
    chat.poll(&who, request).await.map_err(fault)
}
