//! Sends: one look at the database, one insert, one update of the counters, however many they are.

use super::Connection;
use super::listed;
use super::send_sql::{earlier, look, write};
use crate::store::{Entered, NewMessage, Outcome, missing};
use crate::{Error, Result};
use protocol::{ConversationId, ErrorCode, Message, MessageId, MessageType, Person, Timestamp, UserId};
use std::collections::HashMap;

/// A place: a conversation, and a `seq`.
pub(super) type Place = (i64, i64);

/// What the database knows about one send.
pub(super) struct Known {
    pub(super) end: End,
    pub(super) sender: Person,
    pub(super) reply_is_there: bool,
    /// Whether an earlier message under its id is the very same, and that one's place.
    pub(super) earlier: Option<(bool, Place)>,
}

/// How far a conversation is.
#[derive(Clone, Copy)]
pub(super) struct End {
    pub(super) counter: i64,
    /// That of its newest message.
    pub(super) run: Option<Run>,
}

/// Messages of one sender with nobody else's between them: whose, and the `seq` of the first.
#[derive(Clone, Copy)]
pub(super) struct Run {
    sender: UserId,
    seq: i64,
}

impl Run {
    /// From two columns, which are there where a message is.
    pub(super) fn of(sender: Option<i64>, seq: Option<i64>) -> Option<Self> {
        sender.zip(seq).map(|(sender, seq)| Self { sender: UserId(sender), seq })
    }
}

impl End {
    /// Goes on by a message; gives its place, and where its run began.
    fn push(&mut self, sender: UserId) -> (i64, i64) {
        self.counter += 1;
        let run = match self.run {
            Some(run) if run.sender == sender => run,
            _ => Run { sender, seq: self.counter },
        };
        self.run = Some(run);
        (self.counter, run.seq)
    }
}

/// A message to be written.
pub(super) struct New {
    /// Its id comes with the writing.
    pub(super) message: Message,
    pub(super) hash: [u8; 16],
    /// Where the run that it belongs to began.
    pub(super) run_seq: i64,
}

/// What becomes of one send.
enum Fate {
    Refused(Error),
    /// There already, from an earlier batch, at this place.
    Earlier(Place),
    /// In this batch: the n-th new message, first or again.
    New {
        index: usize,
        repeated: bool,
    },
}

/// All of these, in order.
pub(super) async fn all(
    c: &mut Connection,
    sends: &[&NewMessage],
    now: Timestamp,
) -> Result<Vec<Result<Outcome>>> {
    let (ids, known) = look(c, sends).await?;
    let mut plan = Plan::default();
    let fates: Vec<Fate> =
        sends.iter().zip(known).map(|(send, known)| plan.decide(send, known, now)).collect();
    let mut entered = first_messages(c, &plan.begun).await?;
    if !plan.new.is_empty() {
        write(c, ids, &mut plan.new, &plan.ends, now).await?;
    }
    let earlier = those_before(c, &fates).await?;
    Ok(fates
        .into_iter()
        .map(|fate| {
            let (message, repeated) = match fate {
                Fate::Refused(error) => return Err(error),
                Fate::Earlier(place) => (earlier.get(&place), true),
                Fate::New { index, repeated } => (plan.new.get(index).map(|new| &new.message), repeated),
            };
            let message = message.cloned().ok_or_else(|| missing("a message that was sent"))?;
            let entered = entered.remove(&message.conversation_id).unwrap_or_default();
            Ok(Outcome::Sent { message, repeated, entered })
        })
        .collect())
}

/// What is to be written.
#[derive(Default)]
struct Plan {
    new: Vec<New>,
    ends: HashMap<ConversationId, End>,
    /// Conversations that get their first message, in the order of the batch.
    begun: Vec<ConversationId>,
    /// Which of the new ones has this sender and id.
    here: HashMap<(i64, protocol::ClientId), usize>,
}

impl Plan {
    fn decide(&mut self, send: &NewMessage, known: Option<Known>, now: Timestamp) -> Fate {
        let Some(known) = known else {
            return Fate::Refused(Error::not_found());
        };
        let name = (send.sender.0, send.client_id);
        if let Some((same, place)) = known.earlier {
            return same_or_conflict(same, Fate::Earlier(place));
        }
        if let Some(&index) = self.here.get(&name) {
            let same = self.new.get(index).is_some_and(|new| new.hash == send.hash);
            return same_or_conflict(same, Fate::New { index, repeated: true });
        }
        if send.reply_to.is_some() && !known.reply_is_there {
            return Fate::Refused(Error::not_found());
        }
        let end = self.ends.entry(send.conversation).or_insert(known.end);
        if end.run.is_none() {
            self.begun.push(send.conversation);
        }
        let (seq, run_seq) = end.push(known.sender.id);
        let message = Message {
            id: MessageId(0),
            conversation_id: send.conversation,
            seq,
            rev: seq,
            client_id: send.client_id,
            sender: known.sender,
            content: send.content.clone(),
            message_type: MessageType::Text,
            timestamp: now,
            edited_at: None,
            deleted_at: None,
            reply_to: send.reply_to,
        };
        let index = self.new.len();
        self.new.push(New { message, hash: send.hash, run_seq });
        self.here.insert(name, index);
        Fate::New { index, repeated: false }
    }
}

fn same_or_conflict(same: bool, fate: Fate) -> Fate {
    if same { fate } else { Fate::Refused(ErrorCode::IdConflict.into()) }
}

/// Lists conversations that get their first message for all of their members.
async fn first_messages(
    c: &mut Connection,
    begun: &[ConversationId],
) -> Result<HashMap<ConversationId, Vec<Entered>>> {
    let mut of: HashMap<_, Vec<_>> = HashMap::new();
    if !begun.is_empty() {
        for entered in listed::list_for(c, begun, None).await? {
            of.entry(entered.conversation.id).or_default().push(entered);
        }
    }
    Ok(of)
}

/// Repeats are rare, so they are read only when there are some.
async fn those_before(c: &mut Connection, fates: &[Fate]) -> Result<HashMap<Place, Message>> {
    let places: Vec<Place> = fates
        .iter()
        .filter_map(|fate| if let Fate::Earlier(place) = fate { Some(*place) } else { None })
        .collect();
    if places.is_empty() {
        return Ok(HashMap::new());
    }
    let messages = earlier(c, &places).await?;
    Ok(messages.into_iter().map(|message| ((message.conversation_id.0, message.seq), message)).collect())
}
