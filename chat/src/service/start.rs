//! Construction of a node.

use super::{ChatService, Inner};
use crate::account::Accounts;
use crate::bus::{Bus, BusEvent, Push, Topic};
use crate::hub::Hub;
use crate::presence::Presence;
use crate::push::Hints;
use crate::rate_limit::RateLimiter;
use crate::receipts::Receipts;
use crate::resting::Resting;
use crate::revocations::Revocations;
use crate::scrubber::Scrubber;
use crate::service_keys::ServiceKeys;
use crate::timings::Timings;
use crate::typing::Typing;
use crate::writer::Writer;
use crate::{Clock, Limits, Result, Supervisor, command_changes, store::Store, suspensions};
use std::sync::{Arc, OnceLock};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

impl ChatService {
    /// Builds a node and starts its tasks (writer, hub, presence, revocations). They end with the supervisor's stop, the writer
    /// with [`ChatService::drain`]. Dropping the service stops the node.
    pub async fn start(
        store: Arc<dyn Store>,
        bus: Arc<dyn Bus>,
        clock: Arc<dyn Clock>,
        limits: Limits,
        secret: &[u8],
        supervisor: &Supervisor,
    ) -> Result<Self> {
        Self::start_at(Timings::default(), store, bus, clock, limits, secret, supervisor).await
    }

    /// Like [`Self::start`], with other timings.
    pub(crate) async fn start_at(
        timings: Timings,
        store: Arc<dyn Store>,
        bus: Arc<dyn Bus>,
        clock: Arc<dyn Clock>,
        limits: Limits,
        secret: &[u8],
        supervisor: &Supervisor,
    ) -> Result<Self> {
        let accounts = Accounts::new(store.clone(), clock.clone(), &limits, secret).notify(bus.clone());
        let service_keys = ServiceKeys::new(store.clone(), clock.clone(), secret);
        let (hub, node_events) = Hub::start(bus.clone(), store.clone(), timings.clone(), supervisor);
        let revocations =
            Revocations::start(store.clone(), hub.clone(), accounts.ended(), &timings, supervisor).await?;
        suspensions::start(store.clone(), hub.clone(), &timings, supervisor).await?;
        command_changes::start(store.clone(), hub.clone(), &timings, supervisor).await?;
        let receipts = Receipts::start(store.clone(), bus.clone(), &timings, supervisor);
        let scrubber = Scrubber::start(store.clone(), &timings, supervisor);
        let resting = Resting::start(store.clone(), supervisor);
        let push_hints = Arc::new(Hints::default());
        let writer = Writer::start(
            store.clone(),
            bus.clone(),
            clock.clone(),
            receipts,
            push_hints.clone(),
            supervisor,
        );
        let presence = Presence::start(bus.clone(), store.clone(), clock.clone(), &timings, supervisor);
        let typing = Typing::start(bus.clone(), &timings, supervisor);
        let rate_limiter = Arc::new(RateLimiter::new(&limits, bus));
        let stop = supervisor.stop().clone();
        let node_events = handle_node_events(
            node_events,
            presence.clone(),
            typing.clone(),
            rate_limiter.clone(),
            stop.clone(),
        );
        supervisor.spawn("events between nodes", node_events);
        let connections = TaskTracker::new();
        let inner = Inner {
            store,
            clock,
            limits,
            timings,
            accounts,
            service_keys,
            scrubber,
            resting,
            writer,
            hub,
            presence,
            typing,
            rate_limiter,
            push_hints,
            push: OnceLock::new(),
            subject_kinds: OnceLock::new(),
            in_flight: Default::default(),
            revocations,
            connections,
            stop,
        };
        Ok(Self { inner: Arc::new(inner) })
    }
}

/// Passes events for the node itself to presence, typing and the rate limiter.
async fn handle_node_events(
    mut node_events: mpsc::Receiver<Push>,
    presence: Arc<Presence>,
    typing: Arc<Typing>,
    rate_limiter: Arc<RateLimiter>,
    stop: CancellationToken,
) {
    while let Some(Some(push)) = stop.run_until_cancelled(node_events.recv()).await {
        match (push.topic, push.event) {
            (Topic::Nodes, BusEvent::Presence(delta)) => presence.on_delta(&delta),
            (Topic::Nodes, BusEvent::TokensSpent(spent)) => rate_limiter.on_spent(spent),
            (Topic::Conversation(id), BusEvent::Typing(typist)) => typing.on_remote(id, typist),
            (Topic::Conversation(id), BusEvent::ConversationClosed) => typing.stop_all(id),
            (Topic::Conversation(id), BusEvent::OtherMemberLeft(user)) => typing.on_member_left(id, user),
            _ => {}
        }
    }
}
