//! The history of the demonstration: short conversations from a file, and a long one composed of everyday dialogues. They
//! are committed through the store, then their times are set.

mod everyday;
mod talks;

use super::cast::CAST;
use chat::store::{
    Account, Mark, NewConversation, NewMessage, Outcome, Sqlite, Store as _, Write, content_hash,
};
use chat::{Error, Result};
use protocol::{ClientId, ConversationId, MessageId, Timestamp, UserId};
use std::collections::HashMap;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Messages per transaction.
const BATCH: usize = 1_000;

/// A conversation to create.
#[derive(Debug)]
struct Talk {
    /// `None` for a direct conversation.
    title: Option<String>,
    members: Vec<String>,
    lines: Vec<Line>,
    /// Per user: how many of the last messages are unread, and how many of those are undelivered.
    behind: Vec<(String, usize, usize)>,
}

/// A message.
#[derive(Debug)]
struct Line {
    at: Timestamp,
    who: String,
    text: String,
}

/// Writes the history of these users up to now.
pub(super) async fn write(store: &Sqlite, accounts: &[Account], now: Timestamp) -> Result<()> {
    let ids: HashMap<String, UserId> =
        accounts.iter().map(|account| (account.person.username.clone(), account.person.id)).collect();
    let mut talks = talks::read(now).map_err(Error::Internal)?;
    talks.push(everyday::talk(now));
    for talk in &talks {
        one(store, talk, &ids).await?;
    }
    for (nth, part) in CAST.iter().enumerate() {
        let ago = if part.host { 0 } else { (nth as i64 * 47 + 12) * MINUTE };
        let id = known(&ids, part.username)?;
        store.seen(&[id], Timestamp(now.0 - ago)).await?;
    }
    Ok(())
}

fn known(ids: &HashMap<String, UserId>, name: &str) -> Result<UserId> {
    ids.get(name)
        .copied()
        .ok_or_else(|| Error::Internal(format!("the demonstration knows nobody named {name}")))
}

async fn one(store: &Sqlite, talk: &Talk, ids: &HashMap<String, UserId>) -> Result<()> {
    let participants = talk.members.iter().map(|name| known(ids, name)).collect::<Result<Vec<_>>>()?;
    let [creator, ..] = participants[..] else { return Ok(()) };
    let began = talk.lines.first().map_or(Timestamp(0), |line| Timestamp(line.at.0 - MINUTE));
    let new = NewConversation {
        creator,
        participants: participants.clone(),
        title: talk.title.clone(),
        client_id: None,
        invites: false,
    };
    let conversation = match store.commit(&[Write::CreateConversation(new)], began).await?.remove(0)? {
        Outcome::ConversationCreated { id, .. } => id,
        other => return Err(Error::Internal(format!("{other:?}"))),
    };
    let mut said = Vec::with_capacity(talk.lines.len());
    for lines in talk.lines.chunks(BATCH) {
        let sends = lines.iter().map(|line| send(conversation, known(ids, &line.who)?, &line.text));
        for outcome in store.commit(&sends.collect::<Result<Vec<_>>>()?, began).await? {
            match outcome? {
                Outcome::Sent { message, .. } => said.push(message.id),
                other => return Err(Error::Internal(format!("{other:?}"))),
            }
        }
    }
    let moments: Vec<_> = said.iter().copied().zip(talk.lines.iter().map(|line| line.at)).collect();
    store.redate(&moments).await?;
    let mut marks = Vec::new();
    for (user, name) in participants.iter().zip(&talk.members) {
        let behind = talk.behind.iter().find(|(behind, ..)| behind == name);
        let (unread, away) = behind.map_or((0, 0), |(_, unread, away)| (*unread, *away));
        marks.extend(mark(conversation, *user, &said, lines_behind(&talk.lines, name, unread), true));
        marks.extend(mark(conversation, *user, &said, lines_behind(&talk.lines, name, away), false));
    }
    for outcome in store.commit(&marks, began).await? {
        outcome?;
    }
    Ok(())
}

fn send(conversation: ConversationId, sender: UserId, text: &str) -> Result<Write> {
    let content = protocol::normalise(text).map_err(|error| Error::from(error.code()))?;
    let (client_id, hash) = (ClientId::mint(), content_hash(conversation, &content, None));
    Ok(Write::Send(NewMessage { sender, conversation, client_id, hash, content, reply_to: None }))
}

/// Number of the last lines that hold so many of other people: own messages are never unread.
fn lines_behind(lines: &[Line], name: &str, others: usize) -> usize {
    let of_others = lines.iter().rev().enumerate().filter(|(_, line)| line.who != name);
    others.checked_sub(1).and_then(|last| of_others.map(|(at, _)| at + 1).nth(last)).unwrap_or(0)
}

/// Marks all but the last few messages as read (or delivered).
fn mark(
    conversation: ConversationId,
    user: UserId,
    said: &[MessageId],
    but: usize,
    read: bool,
) -> Option<Write> {
    let message = said.len().checked_sub(but + 1).and_then(|at| said.get(at)).copied()?;
    Some(Write::Mark(Mark { user, conversation, message: Some(message), read }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t5_own_messages_are_not_counted_as_unread() {
        let line = |who: &str| Line { at: Timestamp(0), who: who.into(), text: "hello".into() };
        let lines = ["bo", "bo", "ada", "bo", "ada"].map(line);
        assert_eq!([0, 1, 2, 3, 4].map(|unread| lines_behind(&lines, "ada", unread)), [0, 2, 4, 5, 0]);
    }
}
