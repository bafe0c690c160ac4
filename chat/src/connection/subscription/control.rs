//! Control messages: events for the connections themselves. Conversations are added and removed, sign-ins end.

use super::{Subscription, close_code};
use crate::bus::{BusEvent, Topic};
use crate::connection::scope::Scope;
use crate::privacy::Privacy;
use crate::{Error, Result};
use bytes::Bytes;
use protocol::{CloseCode, ConversationId, ServerFrame, UserId};
use std::collections::HashSet;

impl Subscription {
    pub(super) async fn on_control(
        &mut self,
        topic: Topic,
        event: &BusEvent,
        out: &mut Vec<Bytes>,
    ) -> Result<(), CloseCode> {
        match event {
            // The last five are handled by the node, and never queued.
            BusEvent::Frame(_)
            | BusEvent::ConversationClosed
            | BusEvent::Typing(_)
            | BusEvent::Presence(_)
            | BusEvent::TokensSpent(_)
            | BusEvent::PushesLost => Ok(()),
            BusEvent::PreferencesChanged(frame) => {
                self.on_preferences(frame, out);
                Ok(())
            }
            BusEvent::ResyncRequired(after) => self.resync(*after, out).await,
            BusEvent::MemberJoined(id, rev) => match self.scope {
                Scope::All => self.join(*id, *rev, out).await.map_err(close_code),
                Scope::One(_) => Ok(()),
            },
            BusEvent::MemberLeft(id) => match self.scope {
                Scope::One(mine) if mine == *id => Err(CloseCode::NoSuchConversation),
                Scope::One(_) => Ok(()),
                Scope::All => self.leave(*id).await.map_err(close_code),
            },
            BusEvent::OtherMemberLeft(user) => match topic {
                Topic::Conversation(id) if *user == self.who.person.id => {
                    self.on_missed_removal(id, out).await
                }
                _ => self.on_member_left(*user).await.map_err(close_code),
            },
            BusEvent::OtherMemberJoined(user) => self.on_member_joined(*user, out).await.map_err(close_code),
            BusEvent::SignInEnded(Some(sign_in)) if *sign_in == self.who.sign_in => {
                Err(CloseCode::NotAuthenticated)
            }
            BusEvent::SignInEnded(Some(_)) => Ok(()),
            // The sign-in that requested it may be excepted.
            BusEvent::SignInEnded(None) => match self.sign_in_exists().await {
                Ok(true) => Ok(()),
                Ok(false) => Err(CloseCode::NotAuthenticated),
                Err(error) => Err(close_code(error)),
            },
        }
    }

    /// Applies preferences to what this client receives, then passes them on. The socket of one conversation is not sent them,
    /// since they concern none.
    fn on_preferences(&mut self, frame: &Bytes, out: &mut Vec<Bytes>) {
        if let Ok(ServerFrame::PreferencesUpdated(updated)) = serde_json::from_slice(frame) {
            self.apply_privacy((&updated.preferences).into());
        }
        if self.scope == Scope::All {
            out.push(frame.clone());
        }
    }

    /// Applies what the person hides.
    pub(super) fn apply_privacy(&self, privacy: Privacy) {
        self.subscriber.set_privacy(privacy);
        if privacy.hides_typing {
            self.chat.typists().hide(self.who.person.id);
        }
    }

    /// Subscribes to a new conversation. The client has it as of `known`.
    pub(super) async fn join(&mut self, id: ConversationId, known: i64, out: &mut Vec<Bytes>) -> Result<()> {
        if self.topics.contains(&Topic::Conversation(id)) {
            return Ok(());
        }
        let mut unknown = self.subscribe([Topic::Conversation(id)]);
        let mut cursor = known;
        let mut frames = Vec::new();
        loop {
            for (rev, push) in self.chat.hub().missing(id, cursor).await?.frames {
                cursor = rev;
                if let BusEvent::Frame(frame) = &push.event {
                    frames.push(frame.clone());
                }
            }
            if self.chat.hub().init_positions(&[(id, cursor)], &unknown) {
                break;
            }
            unknown.clear();
        }
        // Read last, so that nothing is sent to somebody who was removed meanwhile.
        let conversation = match self.chat.store().conversation(self.who.person.id, id).await {
            Ok(conversation) => conversation,
            Err(Error::Refused(_)) => {
                self.unsubscribe([Topic::Conversation(id)]);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        self.watermarks.set(id, cursor);
        out.append(&mut frames);
        for status in self.subscribe_presence(&conversation).await? {
            out.push(ServerFrame::UserStatus(status).encode().into());
        }
        Ok(())
    }

    /// Unsubscribes from a conversation that the person left.
    async fn leave(&mut self, id: ConversationId) -> Result<()> {
        self.unsubscribe([Topic::Conversation(id)]);
        self.watermarks.remove(id);
        self.unsubscribe_strangers().await
    }

    /// Handles that the person left a conversation, if its members are told before the person is: the person's own push
    /// (`MemberLeft`) was lost. The comparison of the person's counter then tells the client.
    async fn on_missed_removal(&mut self, id: ConversationId, out: &mut Vec<Bytes>) -> Result<(), CloseCode> {
        match (self.chat.store().conversation(self.who.person.id, id).await, self.scope) {
            // The person is back. What came in between is not for them, so the client connects and reads anew.
            (Ok(_), _) => Err(CloseCode::FellBehind),
            (Err(Error::Refused(_)), Scope::All) => self.leave(id).await.map_err(close_code),
            (Err(Error::Refused(_)), Scope::One(_)) => self.resync(0, out).await,
            (Err(error), _) => Err(close_code(error)),
        }
    }

    /// Handles that somebody left a conversation of this client.
    async fn on_member_left(&mut self, user: UserId) -> Result<()> {
        if !self.topics.contains(&Topic::Presence(user)) {
            return Ok(());
        }
        match self.scope {
            Scope::All => self.unsubscribe_strangers().await,
            Scope::One(_) => {
                self.unsubscribe([Topic::Presence(user)]);
                Ok(())
            }
        }
    }

    /// Subscribes to the presence of somebody who joined a small conversation of this client, and sends it.
    async fn on_member_joined(&mut self, user: UserId, out: &mut Vec<Bytes>) -> Result<()> {
        let me = self.who.person.id;
        if user == me || self.topics.contains(&Topic::Presence(user)) {
            return Ok(());
        }
        let mut people = self.chat.store().contacts(me).await?;
        // Gone again, or known from a large conversation alone.
        people.retain(|(person, _)| person.id == user);
        if !people.is_empty() {
            self.subscribe([Topic::Presence(user)]);
            for status in self.chat.presence().of(&people) {
                out.push(ServerFrame::UserStatus(status).encode().into());
            }
        }
        Ok(())
    }

    /// Unsubscribes from the presence of people who share no conversation with this person any more.
    pub(super) async fn unsubscribe_strangers(&mut self) -> Result<()> {
        let people = self.chat.store().contacts(self.who.person.id).await?;
        let known: HashSet<_> = people.into_iter().map(|(person, _)| Topic::Presence(person.id)).collect();
        let strange: Vec<_> = self
            .topics
            .iter()
            .filter(|topic| matches!(topic, Topic::Presence(_)) && !known.contains(topic))
            .copied()
            .collect();
        self.unsubscribe(strange);
        Ok(())
    }
}
