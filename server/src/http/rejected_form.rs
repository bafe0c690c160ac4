//! The content of a rejected message form, stored in the web session until the page shows it in the form again.

use app::RefusedForm;
use protocol::{ClientId, ConversationId, ErrorCode, UserId};
use serde::{Deserialize, Serialize};
use tower_sessions::Session;
use tower_sessions::session::Error;

const KEY: &str = "refused_form";

#[derive(Debug, Serialize, Deserialize)]
struct StoredForm {
    /// The author: no other user of this browser is shown the content.
    user: UserId,
    conversation: ConversationId,
    content: String,
    client_id: Option<ClientId>,
}

/// Stores a form that was rejected with this code.
pub(crate) async fn store(
    session: &Session,
    user: UserId,
    conversation: ConversationId,
    content: &str,
    client_id: Option<ClientId>,
    code: ErrorCode,
) -> Result<(), Error> {
    // An id in use by another message would be rejected again.
    let client_id = client_id.filter(|_| code != ErrorCode::IdConflict);
    session.insert(KEY, StoredForm { user, conversation, content: content.to_owned(), client_id }).await
}

/// Whether a form is stored.
pub(crate) async fn is_stored(session: &Session) -> bool {
    session.get_value(KEY).await.ok().flatten().is_some()
}

/// Takes the form that this user sent in this conversation.
pub(crate) async fn take(
    session: &Session,
    user: UserId,
    conversation: ConversationId,
) -> Result<Option<RefusedForm>, Error> {
    let Some(stored) = session.get::<StoredForm>(KEY).await? else { return Ok(None) };
    if stored.user != user || stored.conversation != conversation {
        return Ok(None);
    }
    session.remove_value(KEY).await?;
    Ok(Some(RefusedForm { content: stored.content, client_id: stored.client_id }))
}
