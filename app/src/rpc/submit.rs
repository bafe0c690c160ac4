//! What a socket would have taken.

use super::Refused;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use protocol::{ClientFrame, ServerFrame};

/// Frames of a client without a socket, and the frames that answer them.
#[server(prefix = "/rpc", endpoint = "submit", input = Json, output = Json)]
pub async fn submit(frames: Vec<ClientFrame>) -> Result<Vec<ServerFrame>, Refused> {
    use super::asker::{asker, refuse};
    let (chat, who) = asker()?;
    // A client sends what it has, which is little; more at once is nobody's need.
    if frames.len() > 64 {
        return Err(refuse(protocol::ErrorCode::TooLarge.into()));
    }
    Ok(chat.submit(&who, frames).await)
}
