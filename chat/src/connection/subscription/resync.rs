//! Resync: sends what was lost on a person's topic from the database.

use super::{Subscription, close_code};
use crate::bus::Topic;
use crate::connection::scope::Scope;
use crate::{Error, Result};
use bytes::Bytes;
use protocol::{
    CloseCode, ConversationId, ConversationRemoved, Hidden, MembershipUpdated, MessageDeleted, MessageRead,
    MessageRestored, OpenCursors, ServerFrame, SyncRequest,
};
use std::collections::HashSet;

impl Subscription {
    /// Sends all changes of the person's counter after `after`.
    pub(super) async fn resync(&mut self, after: i64, out: &mut Vec<Bytes>) -> Result<(), CloseCode> {
        match self.scope {
            Scope::All => self.resync_all(after, out).await.map_err(close_code),
            Scope::One(id) => match self.resync_one(id, after, out).await {
                // The person was removed, and the event was lost.
                Err(Error::Refused(_)) => {
                    let revs = self.chat.store().user_revs(&[self.who.person.id]).await;
                    let user_rev =
                        revs.ok().and_then(|revs| revs.first().copied()).map_or(after, |(_, rev)| rev);
                    let frame = ServerFrame::ConversationRemoved(ConversationRemoved {
                        conversation_id: id,
                        user_rev,
                    });
                    out.push(frame.encode().into());
                    Err(CloseCode::NoSuchConversation)
                }
                other => other.map_err(close_code),
            },
        }
    }

    /// Sends the answer of a sync request, and adjusts the subscriptions.
    async fn resync_all(&mut self, after: i64, out: &mut Vec<Bytes>) -> Result<()> {
        let me = self.who.person.id;
        let request = SyncRequest { user_rev: after, list: true, open: OpenCursors::default() };
        let rows = self.chat.store().sync(me, &request).await?;
        self.apply_privacy((&rows.preferences).into());
        let there: HashSet<_> = rows.counters.iter().map(|(id, _)| Topic::Conversation(*id)).collect();
        let ours = self.topics.iter().filter(|topic| matches!(topic, Topic::Conversation(_)));
        let gone: Vec<_> = ours.filter(|topic| !there.contains(topic)).copied().collect();
        let new: Vec<(ConversationId, i64)> = rows
            .counters
            .iter()
            .filter(|(id, _)| !self.topics.contains(&Topic::Conversation(*id)))
            .copied()
            .collect();
        for topic in &gone {
            if let Topic::Conversation(id) = topic {
                self.watermarks.remove(*id);
            }
        }
        self.unsubscribe(gone.iter().copied());
        let people = self.chat.store().contacts(me).await?;
        let presence = self.chat.presence().of(&people);
        out.push(ServerFrame::Synced(self.chat.answer(rows, presence)).encode().into());
        for (id, counter) in new {
            self.join(id, counter, out).await?;
        }
        if gone.is_empty() { Ok(()) } else { self.unsubscribe_strangers().await }
    }

    /// Sends the changes that concern the single conversation of the scope.
    async fn resync_one(&mut self, id: ConversationId, after: i64, out: &mut Vec<Bytes>) -> Result<()> {
        let me = self.who.person.id;
        let conversation = self.chat.store().conversation(me, id).await?;
        let request = SyncRequest {
            user_rev: after,
            list: false,
            open: OpenCursors([(id, conversation.rev)].into_iter().collect()),
        };
        let rows = self.chat.store().sync(me, &request).await?;
        self.apply_privacy((&rows.preferences).into());
        let user_rev = rows.user_rev;
        for Hidden { conversation_id, message_id, hidden } in rows.hidden {
            if conversation_id != id {
                continue;
            }
            let frame = if hidden {
                let (rev, user_rev) = (None, Some(user_rev));
                ServerFrame::MessageDeleted(MessageDeleted {
                    conversation_id,
                    message_id,
                    rev,
                    user_rev,
                    message: None,
                })
            } else {
                ServerFrame::MessageRestored(MessageRestored { conversation_id, message_id, user_rev })
            };
            out.push(frame.encode().into());
        }
        let personal = MembershipUpdated::new(id, user_rev, conversation.personal());
        out.push(ServerFrame::MembershipUpdated(personal).encode().into());
        let seq = conversation.read_seq;
        if seq == 0 {
            return Ok(());
        }
        let page = self.chat.store().page_after(me, id, seq - 1, 1).await?;
        // A message that was hidden meanwhile is skipped.
        if let Some(message) = page.messages.first().filter(|message| message.seq == seq) {
            let frame = ServerFrame::MessageRead(MessageRead {
                conversation_id: id,
                message_id: message.id,
                reader_id: me,
                seq,
                user_rev: Some(user_rev),
            });
            out.push(frame.encode().into());
        }
        Ok(())
    }
}
