//! What a supervisor asks.

use crate::refusal::Refusal;
use crate::state::Node;
use axum::extract::State;

/// The process answers.
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// The database answers, and nobody has told us to stop.
pub(crate) async fn ready(State(node): State<Node>) -> Result<&'static str, Refusal> {
    if node.stop.is_cancelled() {
        return Err(protocol::ErrorCode::Unavailable.into());
    }
    node.chat.ready().await?;
    Ok("ready\n")
}
