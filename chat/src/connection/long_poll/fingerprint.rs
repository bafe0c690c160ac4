//! Fingerprint of a session's first answer, as a part of its id: a node that does not have the session can tell from the
//! id whether the client lacks anything.

use protocol::{Changes, ServerFrame, SyncAnswer};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Equal for two answers if a client that has one of them learns nothing from the other. `None` if the answer is not
/// complete.
pub(super) fn fingerprint(frames: &[ServerFrame]) -> Option<u64> {
    let [ServerFrame::Synced(answer)] = frames else { return None };
    let SyncAnswer {
        user_rev,
        user,
        list,
        next,
        unread_after: _,
        // `user_rev` tells of the archive.
        archived: _,
        open,
        gone,
        hidden,
        presence,
        typing,
        notifications,
        // Changes of them move `user_rev`.
        preferences: _,
        invitations: _,
    } = answer;

    let list = list.as_ref()?;
    // A client may have more of the list than the answer contains.
    if next.is_some() {
        return None;
    }
    if !gone.is_empty() || !hidden.is_empty() || open.iter().any(|changes| changes.more) {
        return None;
    }
    // The contents of `open` depend on the cursors of the request; the resulting cursors and members do not.
    let open: Vec<_> = open
        .iter()
        .map(|Changes { conversation_id, members, cursor, .. }| (conversation_id, members, cursor))
        .collect();
    let all = serde_json::to_vec(&(user_rev, user, list, open, presence, typing, notifications)).ok()?;
    Some(u64::from_be_bytes(Sha256::digest(all)[..8].try_into().ok()?))
}

/// A new session id that contains the fingerprint.
pub(super) fn new_session_id(fingerprint: Option<u64>) -> Uuid {
    let random = Uuid::new_v4().as_u64_pair();
    Uuid::from_u64_pair(random.0, fingerprint.unwrap_or(random.1))
}

/// The fingerprint in a session id.
pub(super) fn fingerprint_in(id: Uuid) -> Option<u64> {
    Some(id.as_u64_pair().1)
}
