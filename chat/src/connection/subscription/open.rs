//! Opening a subscription: subscribes before reading, so that no change falls between the two.

use super::watermarks::Watermarks;
use super::{Subscription, Transport, close_code};
use crate::account::Identity;
use crate::bus::Topic;
use crate::connection::scope::Scope;
use crate::presence::PresenceSource;
use crate::store::SyncRows;
use crate::{ChatService, Result};
use protocol::{CloseCode, Conversation, ConversationId, ErrorCode, PersonStatus, SyncRequest};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The state that was read after subscribing.
pub(crate) enum Snapshot {
    /// All conversations of the person: the answer to the request, and presence.
    All(Option<Box<SyncRows>>, Vec<PersonStatus>),
    /// A single conversation, and the presence of its members.
    One(Box<Conversation>, Vec<PersonStatus>),
}

impl Subscription {
    /// Registers the connection with presence, subscribes, then reads the answer to `request`.
    ///
    /// # Errors
    /// The code with which the connection is to be closed.
    pub(crate) async fn open(
        chat: ChatService,
        who: Arc<Identity>,
        scope: Scope,
        transport: Transport,
        request: Option<&SyncRequest>,
    ) -> Result<(Self, Snapshot), CloseCode> {
        let subscriber = chat.hub().new_subscriber(who.person.id, scope.one(), chat.limits().queue);
        let source = match transport {
            Transport::Socket => PresenceSource::Socket(subscriber.id),
            Transport::LongPoll => PresenceSource::LongPoll(who.sign_in.clone()),
        };
        if !chat.presence().join(&who.person, source.clone(), chat.limits().sockets_per_person) {
            return Err(CloseCode::TooManySockets);
        }
        let (topics, watermarks) = (HashSet::new(), Watermarks::default());
        let mut new = Self { chat, who, scope, source, subscriber, topics, watermarks };
        let opened = new.begin(request).await.map_err(close_code)?;
        Ok((new, opened))
    }

    async fn begin(&mut self, request: Option<&SyncRequest>) -> Result<Snapshot> {
        self.subscribe([Topic::Person(self.who.person.id)]);
        self.check_sign_in().await?;
        match self.scope {
            Scope::All => self.open_all(request).await,
            Scope::One(id) => self.open_one(id).await,
        }
    }

    /// Checks the sign-in again if one of this person's ended recently: an end between authentication and subscription
    /// would go unnoticed.
    async fn check_sign_in(&self) -> Result<()> {
        if !self.chat.revocations().recent(self.who.person.id) || self.sign_in_exists().await? {
            return Ok(());
        }
        Err(ErrorCode::NotAuthenticated.into())
    }

    pub(super) async fn sign_in_exists(&self) -> Result<bool> {
        let session = self.chat.store().sign_in(&self.who.sign_in, self.chat.now()).await?;
        Ok(session.is_some_and(|session| session.user == Some(self.who.person.id)))
    }

    async fn open_all(&mut self, request: Option<&SyncRequest>) -> Result<Snapshot> {
        let me = self.who.person.id;
        // The topics have to be known before subscribing.
        let user_counters = self.chat.store().user_counters(me).await?;
        self.chat.hub().init_user_sequence(me, user_counters.user_rev);
        self.subscriber.set_privacy(user_counters.privacy);
        let unknown = self.subscribe(topics(&user_counters.counters));
        let rows = match request {
            Some(request) => Some(Box::new(self.read_all(request, unknown).await?)),
            None => {
                let counters = self.init_all(user_counters.counters, unknown).await?;
                self.set_watermarks(&counters);
                None
            }
        };
        let people = self.chat.store().contacts(me).await?;
        self.subscribe(people.iter().map(|(person, _)| Topic::Presence(person.id)));
        let presence = self.chat.presence().of(&people);
        Ok(Snapshot::All(rows, presence))
    }

    /// Reads the answer to the request, until it was read entirely after subscribing.
    async fn read_all(
        &mut self,
        request: &SyncRequest,
        mut unknown: HashSet<ConversationId>,
    ) -> Result<SyncRows> {
        loop {
            let rows = self.chat.store().sync(self.who.person.id, request).await?;
            let new = rows.counters.iter().any(|(id, _)| !self.topics.contains(&Topic::Conversation(*id)));
            if new {
                unknown.extend(self.subscribe(topics(&rows.counters)));
            } else if self.chat.hub().init_positions(&rows.counters, &unknown) {
                self.set_watermarks(&rows.counters);
                return Ok(rows);
            } else {
                unknown.clear();
            }
        }
    }

    /// Initialises positions without a request. Only conversations without earlier subscribers on this node need a newer
    /// counter; frames that were released before this connection subscribed are not for it.
    async fn init_all(
        &mut self,
        mut counters: Vec<(ConversationId, i64)>,
        mut unknown: HashSet<ConversationId>,
    ) -> Result<Vec<(ConversationId, i64)>> {
        while !unknown.is_empty() {
            counters = self.chat.store().user_counters(self.who.person.id).await?.counters;
            let new = self.subscribe(topics(&counters));
            self.chat.hub().init_positions(&counters, &unknown);
            unknown = new;
        }
        Ok(counters)
    }

    async fn open_one(&mut self, id: ConversationId) -> Result<Snapshot> {
        let me = self.who.person.id;
        if !self.chat.hub().knows_user_sequence(me)
            && let Some((_, rev)) = self.chat.store().user_revs(&[me]).await?.first()
        {
            self.chat.hub().init_user_sequence(me, *rev);
        }
        let account = self.chat.store().account(me).await?.ok_or(ErrorCode::NotAuthenticated)?;
        self.subscriber.set_privacy((&account.preferences).into());
        // Checks membership before subscribing, so that strangers cause no subscription.
        self.chat.store().conversation(me, id).await?;
        let mut unknown = self.subscribe([Topic::Conversation(id), Topic::Opened(id)]);
        let conversation = loop {
            let conversation = self.chat.store().conversation(me, id).await?;
            if self.chat.hub().init_positions(&[(id, conversation.rev)], &unknown) {
                break conversation;
            }
            unknown.clear();
        };
        self.set_watermarks(&[(id, conversation.rev)]);
        let presence = self.subscribe_presence(&conversation).await?;
        Ok(Snapshot::One(Box::new(conversation), presence))
    }

    /// Subscribes to the presence of a small conversation's members, and gives their status.
    pub(super) async fn subscribe_presence(
        &mut self,
        conversation: &Conversation,
    ) -> Result<Vec<PersonStatus>> {
        if conversation.member_count > protocol::limits::SMALL_CONVERSATION as i64 {
            return Ok(Vec::new());
        }
        let me = self.who.person.id;
        let there = conversation.members.iter().filter(|member| !member.left && member.user.id != me);
        let there: Vec<_> = there.map(|member| member.user.clone()).collect();
        self.subscribe(there.iter().map(|person| Topic::Presence(person.id)));
        let mut seen: HashMap<_, _> = self
            .chat
            .store()
            .contacts(me)
            .await?
            .into_iter()
            .map(|(person, seen)| (person.id, seen))
            .collect();
        let people: Vec<_> = there
            .into_iter()
            .map(|person| {
                // Unknown if the conversation is not in the person's list.
                let seen = seen.remove(&person.id).flatten();
                (person, seen)
            })
            .collect();
        Ok(self.chat.presence().of(&people))
    }

    /// Sets the watermarks to the counters of the snapshot. Pushes that are queued or in transit may be older.
    fn set_watermarks(&mut self, counters: &[(ConversationId, i64)]) {
        let then = self.chat.hub().not_reached(counters);
        // Read before the queue length: frames that the hub releases in between are above `then`, or counted.
        self.watermarks = match self.waiting() {
            0 => Watermarks::new(then),
            after => Watermarks::narrowed(counters.iter().copied().collect(), after, then),
        };
    }
}

fn topics(counters: &[(ConversationId, i64)]) -> Vec<Topic> {
    counters.iter().map(|(id, _)| Topic::Conversation(*id)).collect()
}
