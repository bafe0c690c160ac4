//! What a socket would have brought.

use super::Refused;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use protocol::{PollAnswer, PollRequest};

/// Held until there is something, when the request says so.
#[server(prefix = "/rpc", endpoint = "poll", input = Json, output = Json)]
pub async fn poll(request: PollRequest) -> Result<PollAnswer, Refused> {
    use super::asker::{asker, fault};
    let (chat, who) = asker()?;
    chat.poll(&who, request).await.map_err(fault)
}
