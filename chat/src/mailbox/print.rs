//! What a mailbox began with, in its name: a node that does not know the mailbox, because another one has it, can tell
//! whether its client lacks anything.

use protocol::{Changes, ServerFrame, SyncAnswer};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Says the same of two answers that leave a client who has one of them with nothing to learn from the other. None where
/// the second cannot be known to.
pub(super) fn fingerprint(frames: &[ServerFrame]) -> Option<u64> {
    let [ServerFrame::Synced(answer)] = frames else { return None };
    let SyncAnswer { user_rev, user, list, open, gone, hidden, presence, typing } = answer;
    let list = list.as_ref()?;
    if !gone.is_empty() || !hidden.is_empty() || open.iter().any(|changes| changes.more) {
        return None;
    }
    // What is in `open` depends on the cursors that were asked from; where it leads to does not.
    let open: Vec<_> = open
        .iter()
        .map(|Changes { conversation_id, members, cursor, .. }| (conversation_id, members, cursor))
        .collect();
    let all = serde_json::to_vec(&(user_rev, user, list, open, presence, typing)).ok()?;
    Some(u64::from_be_bytes(Sha256::digest(all)[..8].try_into().ok()?))
}

/// A new name with that in it.
pub(super) fn named(print: Option<u64>) -> Uuid {
    let random = Uuid::new_v4().as_u64_pair();
    Uuid::from_u64_pair(random.0, print.unwrap_or(random.1))
}

/// What a name says.
pub(super) fn printed(name: Uuid) -> Option<u64> {
    Some(name.as_u64_pair().1)
}
