//! Mentions in messages of groups: finding the people, and storing their notifications.

use super::Connection;
use super::dialect::{among, texts};
use super::notifications::{self, StoredKind};
use super::rows::get;
use crate::store::Notified;
use crate::store::error::Result;
use protocol::{ConversationId, Message, UserId, mentions, readings};
use std::collections::BTreeSet;

/// Most words of one text that are looked up as mentions.
const MAX_WORDS: usize = 50;

/// The members of the group `$1` with the folded usernames `$2`, without the sender `$3`, and the group's title.
pub(super) const FIND: &str = concat!(
    "SELECT w.user_id, c.title FROM account a \
     JOIN member w ON w.conversation_id = $1 AND w.user_id = a.id AND w.has_left = 0 \
     JOIN conversation c ON c.id = w.conversation_id AND c.kind = 1 \
     WHERE a.username_folded ",
    among!("$2"),
    " AND a.id <> $3 ORDER BY w.user_id"
);

/// The members whom a text mentions, ordered by id, with the title of the group.
pub(in crate::store) async fn find(
    c: &mut Connection,
    conversation: ConversationId,
    sender: UserId,
    content: &str,
) -> Result<Vec<(UserId, Option<String>)>> {
    let words = mentions(content).take(MAX_WORDS);
    let names: BTreeSet<String> =
        words.flat_map(|(_, name)| readings(name)).map(str::to_ascii_lowercase).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = names.into_iter().collect();
    let rows =
        sqlx::query(FIND).bind(conversation.0).bind(texts(&names)?).bind(sender.0).fetch_all(c).await?;
    rows.iter().map(|row| Ok((UserId(get(row, 0)?), get(row, 1)?))).collect()
}

/// Stores the notifications of the people whom a new message mentions.
pub(super) async fn store(c: &mut Connection, message: &Message) -> Result<Vec<Notified>> {
    let found = find(c, message.conversation_id, message.sender.id, &message.content).await?;
    let title = found.first().and_then(|(_, title)| title.clone());
    let users: Vec<UserId> = found.into_iter().map(|(user, _)| user).collect();
    notifications::store(c, &users, StoredKind::Mention, title.as_deref(), message).await
}
