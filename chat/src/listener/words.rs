//! What the node tells its connections, and not their clients: conversations come and go, sign-ins end.

use super::{Listener, close_code};
use crate::Result;
use crate::bus::{Body, Topic};
use crate::connection::Scope;
use bytes::Bytes;
use protocol::{CloseCode, ConversationId, ServerFrame, UserId};
use std::collections::HashSet;

impl Listener {
    pub(super) async fn obey(&mut self, word: &Body, out: &mut Vec<Bytes>) -> Result<(), CloseCode> {
        match word {
            // The last three are for the node alone, and never come here.
            Body::Frame(_) | Body::Typing(_) | Body::News(_) | Body::Lost => Ok(()),
            Body::Behind(after) => self.catch_up(*after, out).await,
            Body::Entered(id, rev) => match self.scope {
                Scope::All => self.enter(*id, *rev, out).await.map_err(close_code),
                Scope::One(_) => Ok(()),
            },
            Body::Left(id) => match self.scope {
                Scope::One(mine) if mine == *id => Err(CloseCode::NoSuchConversation),
                Scope::One(_) => Ok(()),
                Scope::All => {
                    self.unsubscribe([Topic::Conversation(*id)]);
                    self.floors.remove(*id);
                    self.forget_strangers().await.map_err(close_code)
                }
            },
            Body::Parted(user) => self.part(*user).await.map_err(close_code),
            Body::Revoked(Some(sign_in)) if *sign_in == self.who.sign_in => Err(CloseCode::NotAuthenticated),
            Body::Revoked(Some(_)) => Ok(()),
            // "All" may have kept the one that asked for it.
            Body::Revoked(None) => match self.sign_in_is_kept().await {
                Ok(true) => Ok(()),
                Ok(false) => Err(CloseCode::NotAuthenticated),
                Err(error) => Err(close_code(error)),
            },
        }
    }

    /// A conversation is new to this client, who knows it as it was at `known`.
    pub(super) async fn enter(&mut self, id: ConversationId, known: i64, out: &mut Vec<Bytes>) -> Result<()> {
        if self.topics.contains(&Topic::Conversation(id)) {
            return Ok(());
        }
        let mut unknown = self.subscribe([Topic::Conversation(id)]);
        let mut cursor = known;
        let mut said = Vec::new();
        loop {
            for (rev, push) in self.chat.hub().missing(id, cursor).await?.frames {
                cursor = rev;
                if let Body::Frame(frame) = &push.body {
                    said.push(frame.clone());
                }
            }
            if self.chat.hub().init_positions(&[(id, cursor)], &unknown) {
                break;
            }
            unknown.clear();
        }
        // Asked last: whoever is out again by now has heard nothing.
        let conversation = match self.chat.store().conversation(self.who.person.id, id).await {
            Ok(conversation) => conversation,
            Err(crate::Error::Refused(_)) => {
                self.unsubscribe([Topic::Conversation(id)]);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        self.floors.set(id, cursor);
        out.append(&mut said);
        for status in self.attend(&conversation).await? {
            out.push(ServerFrame::UserStatus(status).encode().into());
        }
        Ok(())
    }

    /// Somebody left a conversation that this client is in.
    async fn part(&mut self, user: UserId) -> Result<()> {
        if !self.topics.contains(&Topic::Presence(user)) {
            return Ok(());
        }
        match self.scope {
            Scope::All => self.forget_strangers().await,
            Scope::One(_) => {
                self.unsubscribe([Topic::Presence(user)]);
                Ok(())
            }
        }
    }

    /// Whoever shares no conversation with this person any more is none of their business.
    pub(super) async fn forget_strangers(&mut self) -> Result<()> {
        let people = self.chat.store().acquaintances(self.who.person.id).await?;
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
