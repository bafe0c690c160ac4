//! What a plain form sent and was refused: kept in the browser's session until the page with the form shows it again.

use app::RefusedForm;
use protocol::{ClientId, ConversationId, ErrorCode, UserId};
use serde::{Deserialize, Serialize};
use time::Duration;
use tower_sessions::session::Error;
use tower_sessions::{Expiry, Session};

const KEY: &str = "refused_form";
/// Longer than this it is not kept for somebody who is not signed in, in bytes: it costs room on our disk.
const MOST_OF_NOBODY: usize = 32 * 1024;
/// And not longer than this.
const LIFE_OF_NOBODY: Duration = Duration::hours(1);

#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// Whose it is: nobody else who signs in here is shown it.
    user: UserId,
    conversation: ConversationId,
    content: String,
    client_id: Option<ClientId>,
}

/// Keeps what was refused with this code.
pub(crate) async fn keep(
    session: &Session,
    user: UserId,
    conversation: ConversationId,
    content: &str,
    client_id: Option<ClientId>,
    code: ErrorCode,
) -> Result<(), Error> {
    // An id that is taken would be refused again.
    let client_id = client_id.filter(|_| code != ErrorCode::IdConflict);
    session.insert(KEY, Kept { user, conversation, content: content.to_owned(), client_id }).await
}

/// The same for somebody whose sign-in has ended, or who says so.
pub(crate) async fn keep_for_nobody(
    session: &Session,
    user: UserId,
    conversation: ConversationId,
    content: &str,
    client_id: Option<ClientId>,
) -> Result<(), Error> {
    if content.len() > MOST_OF_NOBODY {
        return Ok(());
    }
    session.set_expiry(Some(Expiry::OnInactivity(LIFE_OF_NOBODY)));
    keep(session, user, conversation, content, client_id, ErrorCode::NotAuthenticated).await
}

/// Whether there is one.
pub(crate) async fn is_kept(session: &Session) -> bool {
    session.get_value(KEY).await.ok().flatten().is_some()
}

/// Takes it out, for the page of this conversation as this person sees it.
pub(crate) async fn take(
    session: &Session,
    user: UserId,
    conversation: ConversationId,
) -> Result<Option<RefusedForm>, Error> {
    let Some(kept) = session.get::<Kept>(KEY).await? else { return Ok(None) };
    if kept.user != user || kept.conversation != conversation {
        return Ok(None);
    }
    session.remove_value(KEY).await?;
    Ok(Some(RefusedForm { content: kept.content, client_id: kept.client_id }))
}
