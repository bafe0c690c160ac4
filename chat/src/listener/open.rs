//! The beginning of a connection: subscribe, then read, so that nothing falls between the two.

use super::floors::Floors;
use super::{Kind, Listener, close_code};
use crate::account::Identity;
use crate::bus::Topic;
use crate::connection::Scope;
use crate::presence::Seat;
use crate::store::SyncRows;
use crate::{Chat, Result};
use protocol::{CloseCode, Conversation, ConversationId, ErrorCode, PersonStatus, SyncRequest};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What was read after subscribing.
pub(crate) enum Opened {
    /// All of the person's conversations, with what was asked for.
    All(Option<Box<SyncRows>>, Vec<PersonStatus>),
    /// One.
    One(Box<Conversation>, Vec<PersonStatus>),
}

impl Listener {
    /// Counts the connection, subscribes, then reads what `request` asks for, if there is one.
    ///
    /// # Errors
    /// Why it cannot be.
    pub(crate) async fn open(
        chat: Chat,
        who: Arc<Identity>,
        scope: Scope,
        kind: Kind,
        request: Option<&SyncRequest>,
    ) -> Result<(Self, Opened), CloseCode> {
        let subscriber = chat.hub().new_subscriber(who.person.id, scope.one(), chat.limits().queue);
        let seat = match kind {
            Kind::Socket => Seat::Socket(subscriber.id),
            Kind::Mailbox => Seat::Mailbox(who.sign_in.clone()),
        };
        if !chat.presence().arrive(&who.person, seat.clone(), chat.limits().sockets_per_person) {
            return Err(CloseCode::TooManySockets);
        }
        let (topics, floors) = (HashSet::new(), Floors::default());
        let mut new = Self { chat, who, scope, seat, subscriber, topics, floors };
        let opened = new.begin(request).await.map_err(close_code)?;
        Ok((new, opened))
    }

    async fn begin(&mut self, request: Option<&SyncRequest>) -> Result<Opened> {
        self.subscribe([Topic::Person(self.who.person.id)]);
        self.still_signed_in().await?;
        match self.scope {
            Scope::All => self.open_all(request).await,
            Scope::One(id) => self.open_one(id).await,
        }
    }

    /// A sign-in that ended between its check and our subscription would go unnoticed: ask again, if there was any end of
    /// this person's sign-ins just now.
    async fn still_signed_in(&self) -> Result<()> {
        if !self.chat.revocations().recent(self.who.person.id) || self.sign_in_is_kept().await? {
            return Ok(());
        }
        Err(ErrorCode::NotAuthenticated.into())
    }

    pub(super) async fn sign_in_is_kept(&self) -> Result<bool> {
        let session = self.chat.store().session(&self.who.sign_in, self.chat.now()).await?;
        Ok(session.is_some_and(|session| session.user == Some(self.who.person.id)))
    }

    async fn open_all(&mut self, request: Option<&SyncRequest>) -> Result<Opened> {
        let me = self.who.person.id;
        // To subscribe one must know to what.
        let standing = self.chat.store().standing(me).await?;
        self.chat.hub().init_user_sequence(me, standing.user_rev);
        let unknown = self.subscribe(topics(&standing.counters));
        let rows = match request {
            Some(request) => Some(Box::new(self.read_all(request, unknown).await?)),
            None => {
                let counters = self.settle_all(standing.counters, unknown).await?;
                self.begin_after(&counters);
                None
            }
        };
        let people = self.chat.store().acquaintances(me).await?;
        self.subscribe(people.iter().map(|(person, _)| Topic::Presence(person.id)));
        let presence = self.chat.presence().of(&people);
        Ok(Opened::All(rows, presence))
    }

    /// What is asked for, as it was after subscribing: what was read before does not count.
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
                self.begin_after(&rows.counters);
                return Ok(rows);
            } else {
                unknown.clear();
            }
        }
    }

    /// Nothing is asked for: what was let through before this connection listened was said before it was there. So only a
    /// conversation to which nobody here listened before is looked at again, for the counter that it has now.
    async fn settle_all(
        &mut self,
        mut counters: Vec<(ConversationId, i64)>,
        mut unknown: HashSet<ConversationId>,
    ) -> Result<Vec<(ConversationId, i64)>> {
        while !unknown.is_empty() {
            counters = self.chat.store().standing(self.who.person.id).await?.counters;
            let new = self.subscribe(topics(&counters));
            self.chat.hub().init_positions(&counters, &unknown);
            unknown = new;
        }
        Ok(counters)
    }

    async fn open_one(&mut self, id: ConversationId) -> Result<Opened> {
        let me = self.who.person.id;
        if !self.chat.hub().knows_user_sequence(me)
            && let Some((_, rev)) = self.chat.store().user_revs(&[me]).await?.first()
        {
            self.chat.hub().init_user_sequence(me, *rev);
        }
        // Before subscribing: of what is not theirs, an asker causes nothing.
        self.chat.store().conversation(me, id).await?;
        let mut unknown = self.subscribe([Topic::Conversation(id), Topic::Opened(id)]);
        let conversation = loop {
            let conversation = self.chat.store().conversation(me, id).await?;
            if self.chat.hub().init_positions(&[(id, conversation.rev)], &unknown) {
                break conversation;
            }
            unknown.clear();
        };
        self.begin_after(&[(id, conversation.rev)]);
        let presence = self.attend(&conversation).await?;
        Ok(Opened::One(Box::new(conversation), presence))
    }

    /// Listens for the presence of a small conversation's members, and says how they are.
    pub(super) async fn attend(&mut self, conversation: &Conversation) -> Result<Vec<PersonStatus>> {
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
            .acquaintances(me)
            .await?
            .into_iter()
            .map(|(person, seen)| (person.id, seen))
            .collect();
        let people: Vec<_> = there
            .into_iter()
            .map(|person| {
                // Not known where the list does not show the conversation.
                let seen = seen.remove(&person.id).flatten();
                (person, seen)
            })
            .collect();
        Ok(self.chat.presence().of(&people))
    }

    /// The client knows everything up to these counters; what is queued, or still on its way, may be older.
    fn begin_after(&mut self, counters: &[(ConversationId, i64)]) {
        let then = self.chat.hub().not_reached(counters);
        // In this order: what the hub lets through between the two is past `then`, or counted.
        self.floors = match self.waiting() {
            0 => Floors::new(then),
            after => Floors::narrowed(counters.iter().copied().collect(), after, then),
        };
    }
}

fn topics(counters: &[(ConversationId, i64)]) -> Vec<Topic> {
    counters.iter().map(|(id, _)| Topic::Conversation(*id)).collect()
}
