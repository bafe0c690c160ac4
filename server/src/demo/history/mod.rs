//! What was said before anybody came: short conversations as they are written down, and a long one made of everyday
//! dialogues. Written straight into the database, by the domain's own way of writing, and then given its times.

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
/// Messages in one transaction.
const BATCH: usize = 1_000;

/// A conversation to be made.
#[derive(Debug)]
struct Talk {
    /// None: the direct one of two people.
    title: Option<String>,
    members: Vec<String>,
    lines: Vec<Line>,
    /// Who has not read how many of the last, and how many of those have not even arrived.
    behind: Vec<(String, usize, usize)>,
}

/// Somebody said something.
#[derive(Debug)]
struct Line {
    at: Timestamp,
    who: String,
    text: String,
}

/// Writes what these people said up to now.
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
    let new = NewConversation { creator, participants: participants.clone(), title: talk.title.clone() };
    let conversation = match store.commit(vec![Write::CreateConversation(new)], began).await?.remove(0)? {
        Outcome::ConversationCreated { id, .. } => id,
        other => return Err(Error::Internal(format!("{other:?}"))),
    };
    let mut said = Vec::with_capacity(talk.lines.len());
    for lines in talk.lines.chunks(BATCH) {
        let sends = lines.iter().map(|line| send(conversation, known(ids, &line.who)?, &line.text));
        for outcome in store.commit(sends.collect::<Result<_>>()?, began).await? {
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
        marks.extend(mark(conversation, *user, &said, unread, true));
        marks.extend(mark(conversation, *user, &said, away, false));
    }
    for outcome in store.commit(marks, began).await? {
        outcome?;
    }
    Ok(())
}

fn send(conversation: ConversationId, sender: UserId, text: &str) -> Result<Write> {
    let content = protocol::normalise(text).map_err(|error| Error::from(error.code()))?;
    let (client_id, hash) = (ClientId::mint(), content_hash(conversation, &content, None));
    Ok(Write::Send(NewMessage { sender, conversation, client_id, hash, content, reply_to: None }))
}

/// Read (or delivered) up to all but the last few.
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
