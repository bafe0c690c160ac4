//! What a socket would have taken.

use super::Refused;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use protocol::{ClientFrame, ServerFrame, UserId};

/// Frames of a client without a socket, and the frames that answer them. Done only if the browser is still signed in as
/// `me`, where that is said.
#[server(prefix = "/rpc", endpoint = "submit", input = Json, output = Json)]
pub async fn submit(me: Option<UserId>, frames: Vec<ClientFrame>) -> Result<Vec<ServerFrame>, Refused> {
    use super::asker::{another, asker, refuse};
    let (chat, who) = asker()?;
    if let Some(another) = another(me, &who) {
        return Ok(vec![another]);
    }
    // A client sends what it has, which is little; more at once is nobody's need.
    if frames.len() > 64 {
        return Err(refuse(protocol::ErrorCode::TooLarge.into()));
    }
    Ok(chat.submit(&who, frames).await)
}
