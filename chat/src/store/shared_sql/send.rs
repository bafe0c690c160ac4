//! Sending messages: one query, one insert and one update of the counters for a batch of any size.

use super::Connection;
use super::send_sql::{insert, load_context, load_messages};
use super::{listed, membership, mention, rest};
use crate::policy;
use crate::store::error::{Result, StoreError};
use crate::store::{NewMessage, NewlyListed, Outcome, PersonalChange};
use protocol::{ConversationId, ErrorCode, Message, MessageId, MessageType, Person, Timestamp, UserId};
use std::collections::{BTreeSet, HashMap};

/// Key of a message: its conversation and `seq`.
pub(in crate::store) type MessageKey = (i64, i64);

/// The context of one send, read from the database.
pub(in crate::store) struct SendLookup {
    pub(in crate::store) tail: Tail,
    pub(in crate::store) sender: Person,
    /// The conversation is direct, and the other person's account is suspended.
    pub(in crate::store) partner_suspended: bool,
    pub(in crate::store) reply_exists: bool,
    /// A member may have archived the conversation.
    pub(in crate::store) has_archived: bool,
    /// A membership of the conversation may be at rest.
    pub(in crate::store) has_resting: bool,
    /// Nobody can write in the conversation.
    pub(in crate::store) is_closed: bool,
    /// The sender has a draft in the conversation.
    pub(in crate::store) has_draft: bool,
    /// The sender gave the client id to a request of another kind.
    pub(in crate::store) is_other_request: bool,
    /// An earlier message with the same client id: whether it is identical, and its key.
    pub(in crate::store) duplicate: Option<(bool, MessageKey)>,
}

/// The end of a conversation's history.
#[derive(Clone, Copy)]
pub(in crate::store) struct Tail {
    pub(in crate::store) counter: i64,
    /// The run of the newest message; `None` before the first message.
    pub(in crate::store) run: Option<SenderRun>,
}

/// Consecutive messages of one sender.
#[derive(Clone, Copy)]
pub(in crate::store) struct SenderRun {
    sender: UserId,
    /// The `seq` of the first message of the run.
    first_seq: i64,
}

impl SenderRun {
    /// From two columns, which are not null if there is a message.
    pub(in crate::store) fn of(sender: Option<i64>, seq: Option<i64>) -> Option<Self> {
        sender.zip(seq).map(|(sender, first_seq)| Self { sender: UserId(sender), first_seq })
    }
}

impl Tail {
    /// Appends a message; gives its `seq` and the first `seq` of its run.
    pub(in crate::store) fn push(&mut self, sender: UserId) -> (i64, i64) {
        self.counter += 1;
        let run = match self.run {
            Some(run) if run.sender == sender => run,
            _ => SenderRun { sender, first_seq: self.counter },
        };
        self.run = Some(run);
        (self.counter, run.first_seq)
    }
}

/// A message to insert.
pub(in crate::store) struct New {
    /// The id is assigned by the insert.
    pub(in crate::store) message: Message,
    pub(in crate::store) hash: [u8; 16],
    /// The first `seq` of its run.
    pub(in crate::store) run_seq: i64,
    /// The sender may have a draft in the conversation.
    has_draft: bool,
}

/// The decision about one send.
enum SendDecision {
    Refused(ErrorCode),
    /// A duplicate of a message from an earlier batch.
    Duplicate(MessageKey),
    /// A new message of this batch, by its index in [`Plan::new`]; `repeated` for duplicates within the batch.
    New {
        index: usize,
        repeated: bool,
    },
}

/// Sends the messages of a batch, in order.
pub(in crate::store) async fn all(
    c: &mut Connection,
    sends: &[&NewMessage],
    now: Timestamp,
) -> Result<Vec<crate::Result<Outcome>>> {
    let (ids, lookups) = load_context(c, sends).await?;
    let mut plan = Plan::default();
    let decisions: Vec<SendDecision> =
        sends.iter().zip(lookups).map(|(send, lookup)| plan.decide(send, lookup, now)).collect();
    let mut newly_listed = list_conversations(c, &plan).await?;
    let mut unarchived = unarchive(c, &plan, now).await?;
    rest::wake(c, plan.resting.iter().copied()).await?;
    if !plan.new.is_empty() {
        insert(c, ids, &mut plan.new, &plan.tails, now).await?;
    }
    let mut notified = HashMap::new();
    let mut drafts = HashMap::new();
    for New { message, has_draft, .. } in &plan.new {
        let of_message = mention::store(c, message).await?;
        if !of_message.is_empty() {
            notified.insert(message.id, of_message);
        }
        if *has_draft && let Some(removed) = membership::remove_sent_draft(c, message).await? {
            drafts.insert(message.id, removed);
        }
    }
    let duplicates = load_duplicates(c, &decisions).await?;
    Ok(decisions
        .into_iter()
        .map(|decision| {
            let (message, repeated) = match decision {
                SendDecision::Refused(code) => return Err(code.into()),
                SendDecision::Duplicate(key) => (duplicates.get(&key), true),
                SendDecision::New { index, repeated } => {
                    (plan.new.get(index).map(|new| &new.message), repeated)
                }
            };
            let message = message.cloned().ok_or_else(|| StoreError::missing("a message that was sent"))?;
            if repeated {
                let (newly_listed, unarchived, notified, draft) = Default::default();
                return Ok(Outcome::Sent { message, repeated, newly_listed, unarchived, notified, draft });
            }
            // Published with the first message that is new.
            let newly_listed = newly_listed.remove(&message.conversation_id).unwrap_or_default();
            let unarchived = unarchived.remove(&message.conversation_id).unwrap_or_default();
            let notified = notified.remove(&message.id).unwrap_or_default();
            let draft = drafts.remove(&message.id);
            Ok(Outcome::Sent { message, repeated, newly_listed, unarchived, notified, draft })
        })
        .collect())
}

/// The rows to write.
#[derive(Default)]
struct Plan {
    new: Vec<New>,
    tails: HashMap<ConversationId, Tail>,
    /// Conversations that get their first message, in the order of the batch.
    first_messages: Vec<ConversationId>,
    /// Conversations that a member may have archived, with the sender of their messages; none where there are several.
    archived: HashMap<ConversationId, Option<UserId>>,
    /// Conversations with memberships at rest.
    resting: BTreeSet<ConversationId>,
    /// Index of the new message with this sender and client id.
    by_client_id: HashMap<(i64, protocol::ClientId), usize>,
}

impl Plan {
    fn decide(&mut self, send: &NewMessage, lookup: Option<SendLookup>, now: Timestamp) -> SendDecision {
        let Some(lookup) = lookup else {
            return SendDecision::Refused(ErrorCode::NotFound);
        };
        let key = (send.sender.0, send.client_id);
        if let Some((same, message)) = lookup.duplicate {
            return same_or_conflict(same, SendDecision::Duplicate(message));
        }
        if lookup.is_other_request {
            return SendDecision::Refused(ErrorCode::IdConflict);
        }
        if let Some(&index) = self.by_client_id.get(&key) {
            let same = self.new.get(index).is_some_and(|new| new.hash == send.hash);
            return same_or_conflict(same, SendDecision::New { index, repeated: true });
        }
        if send.reply_to.is_some() && !lookup.reply_exists {
            return SendDecision::Refused(ErrorCode::NotFound);
        }
        if let Err(refused) = policy::may_send(lookup.partner_suspended, lookup.is_closed) {
            return SendDecision::Refused(refused.code);
        }
        let tail = self.tails.entry(send.conversation).or_insert(lookup.tail);
        if tail.run.is_none() {
            self.first_messages.push(send.conversation);
        }
        if lookup.has_archived {
            let sender = self.archived.entry(send.conversation).or_insert(Some(send.sender));
            *sender = sender.filter(|sender| *sender == send.sender);
        }
        if lookup.has_resting {
            self.resting.insert(send.conversation);
        }
        let (seq, run_seq) = tail.push(lookup.sender.id);
        let message = Message {
            id: MessageId(0),
            conversation_id: send.conversation,
            seq,
            rev: seq,
            client_id: send.client_id,
            sender: lookup.sender,
            content: send.content.clone(),
            message_type: MessageType::Text,
            timestamp: now,
            edited_at: None,
            deleted_at: None,
            reply_to: send.reply_to,
            event: None,
        };
        let index = self.new.len();
        self.new.push(New { message, hash: send.hash, run_seq, has_draft: lookup.has_draft });
        self.by_client_id.insert(key, index);
        SendDecision::New { index, repeated: false }
    }
}

fn same_or_conflict(same: bool, decision: SendDecision) -> SendDecision {
    if same { decision } else { SendDecision::Refused(ErrorCode::IdConflict) }
}

/// Adds conversations to the lists of their members, with their first message.
async fn list_conversations(
    c: &mut Connection,
    plan: &Plan,
) -> Result<HashMap<ConversationId, Vec<NewlyListed>>> {
    let mut by_conversation: HashMap<_, Vec<_>> = HashMap::new();
    if !plan.first_messages.is_empty() {
        for newly_listed in listed::list_for(c, &plan.first_messages, None).await? {
            by_conversation.entry(newly_listed.conversation.id).or_default().push(newly_listed);
        }
    }
    Ok(by_conversation)
}

/// Takes conversations out of the archives of their members.
async fn unarchive(
    c: &mut Connection,
    plan: &Plan,
    now: Timestamp,
) -> Result<HashMap<ConversationId, Vec<(UserId, PersonalChange)>>> {
    let mut by_conversation: HashMap<_, Vec<_>> = HashMap::new();
    if !plan.archived.is_empty() {
        let mut archived: Vec<_> = plan.archived.iter().map(|(id, sender)| (*id, *sender)).collect();
        archived.sort_unstable_by_key(|(id, _)| *id);
        for unarchived in membership::unarchive(c, &archived, now).await? {
            by_conversation.entry(unarchived.1.conversation).or_default().push(unarchived);
        }
    }
    Ok(by_conversation)
}

/// Reads the duplicates, which are rare.
async fn load_duplicates(
    c: &mut Connection,
    decisions: &[SendDecision],
) -> Result<HashMap<MessageKey, Message>> {
    let keys: Vec<MessageKey> = decisions
        .iter()
        .filter_map(|decision| if let SendDecision::Duplicate(key) = decision { Some(*key) } else { None })
        .collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let messages = load_messages(c, &keys).await?;
    Ok(messages.into_iter().map(|message| ((message.conversation_id.0, message.seq), message)).collect())
}
