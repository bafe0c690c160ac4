//! A client: a connection that fails and is made again, the reducer of the real clients over its frames, and a script of
//! operations.

use super::answers::{Answer, result_of};
use super::change::Change;
use super::history::{History, What};
use super::progress::Progress;
use super::script::Script;
use super::transport::Transport;
use super::views::Views;
use crate::api::Api;
use protocol::reducer::{Need, State};
use protocol::{
    ClientFrame, ClientId, ConversationId, ConversationRemoved, Message, MessageId, Person, ServerFrame,
    UserId,
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The silence after which a client sends a ping.
const PING_INTERVAL: Duration = Duration::from_secs(1);
/// The silence after which it reconnects.
const RECEIVE_TIMEOUT: Duration = Duration::from_secs(4);

/// An acknowledged message of this client.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) conversation: ConversationId,
    pub(super) client_id: ClientId,
    pub(super) id: MessageId,
    pub(super) body: String,
    pub(super) deleted: bool,
}

/// An acknowledged change of this client that can be requested again.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) group: ConversationId,
    pub(super) id: ClientId,
    pub(super) change: Change,
}

/// The setting of a client: servers, conversations, and what it shares with the other clients.
#[derive(Clone)]
pub(super) struct Context {
    /// The same sign-in through each endpoint.
    pub(super) endpoints: Vec<Api>,
    /// The conversations that this client writes to.
    pub(super) conversations: Vec<ConversationId>,
    /// The conversation that two people leave for good.
    pub(super) club: ConversationId,
    /// The member of it that this client removes, if its part says so.
    pub(super) victim: UserId,
    /// The conversations that all clients change.
    pub(super) groups: Vec<ConversationId>,
    /// All people.
    pub(super) people: Arc<[Person]>,
    pub(super) history: Arc<History>,
    pub(super) progress: Arc<Progress>,
    pub(super) stop: Arc<AtomicBool>,
}

/// A client.
pub(super) struct Client {
    pub(super) n: usize,
    pub(super) context: Context,
    pub(super) state: State,
    pub(super) sent: Vec<Sent>,
    /// The message whose result is awaited, and the result once a frame brings it.
    pub(super) awaited: Option<ClientId>,
    pub(super) result: Option<Result<Message, ()>>,
    /// The request by a frame whose answer is awaited, and the answer once a frame brings it.
    pub(super) awaited_request: Option<ClientId>,
    pub(super) answer: Option<Answer>,
    /// The acknowledged changes of groups that can be requested again.
    pub(super) made: Vec<Made>,
    /// The number of titles that this client gave.
    pub(super) titles: u32,
    /// The number of lost connections. A frame in flight on one of them may have arrived.
    pub(super) disconnects: u64,
    /// The endpoint of the next connection, and whether it is a socket.
    pub(super) node: usize,
    pub(super) socket: bool,
    /// Random numbers for choices that depend on timing: the pause before the next attempt, and its endpoint.
    pub(super) jitter: StdRng,
    transport: Option<Transport>,
    /// The connection has not yet answered the first `sync`.
    is_new: bool,
    failures: u32,
    received_at: Instant,
    pinged_at: Instant,
    outgoing: VecDeque<ClientFrame>,
    views: Views,
    began: Instant,
}

/// Performs the script until `stop` is set.
pub(super) async fn run(n: usize, context: Context, script: Script, jitter: u64) -> Client {
    let mut client = Client::new(n, context, jitter);
    for step in script {
        if client.context.stop.load(Ordering::SeqCst) {
            break;
        }
        client.until(Instant::now() + step.after, |_| None::<()>).await;
        client.perform(step).await;
    }
    client
}

impl Client {
    pub(super) fn new(n: usize, context: Context, jitter: u64) -> Self {
        let me = context.endpoints.first().map(|api| api.me.clone());
        let mut state = State::new(me.unwrap_or_else(|| unreachable!("there is a node")));
        for id in &context.conversations {
            state.open(*id);
        }
        let mut jitter = StdRng::seed_from_u64(jitter);
        let (node, socket) = (jitter.random_range(0..context.endpoints.len()), jitter.random_bool(0.6));
        let now = Instant::now();
        Self {
            n,
            context,
            state,
            sent: Vec::new(),
            awaited: None,
            result: None,
            awaited_request: None,
            answer: None,
            made: Vec::new(),
            titles: 0,
            disconnects: 0,
            node,
            socket,
            jitter,
            transport: None,
            is_new: true,
            failures: 0,
            received_at: now,
            pinged_at: now,
            outgoing: VecDeque::new(),
            views: Views::default(),
            began: now,
        }
    }

    /// The clock of the reducer, in milliseconds.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Processes frames until `find` returns a value or the deadline passes.
    pub(super) async fn until<T>(
        &mut self,
        deadline: Instant,
        mut find: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<T> {
        loop {
            if let Some(found) = find(self) {
                return Some(found);
            }
            if Instant::now() >= deadline {
                return None;
            }
            self.step(deadline).await;
        }
    }

    /// Processes frames while `work` runs.
    pub(super) async fn meanwhile<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return done,
                _ = self.step(Instant::now() + PING_INTERVAL) => {}
            }
        }
    }

    /// Drops the connection.
    pub(super) fn disconnect(&mut self) {
        if self.transport.take().is_some() {
            self.disconnects += 1;
            self.context.progress.disconnected(self.n);
            self.outgoing.clear();
            self.state.link_lost();
        }
    }

    /// Queues a frame for the connection; it is dropped if that breaks.
    pub(super) fn queue(&mut self, frame: ClientFrame) {
        self.outgoing.push_back(frame);
    }

    /// Connects if disconnected; else sends the queued frames and processes the next frame that arrives before the deadline.
    async fn step(&mut self, deadline: Instant) {
        if self.transport.is_none() {
            return self.connect(deadline).await;
        }
        let now = self.now();
        self.state.tick(now);
        let needs = self.state.needs();
        self.outgoing.extend(needs.into_iter().map(|Need::Ask(frame)| frame));
        self.outgoing.extend(self.state.next_to_send(now));
        let idle = self.received_at.max(self.pinged_at) + PING_INTERVAL;
        if Instant::now() > self.received_at + RECEIVE_TIMEOUT {
            return self.fail_over();
        }
        if Instant::now() > idle {
            self.pinged_at = Instant::now();
            self.outgoing.push_back(ClientFrame::Ping);
        }
        let Some(transport) = &mut self.transport else { return };
        while let Some(frame) = self.outgoing.front() {
            if transport.send(frame).await.is_err() {
                return self.fail_over();
            }
            self.outgoing.pop_front();
        }
        let due = self.state.next_deadline().map(|at| self.began + Duration::from_millis(at));
        let wake = due
            .map_or(deadline, |due| due.min(deadline))
            .min(self.received_at.max(self.pinged_at) + PING_INTERVAL);
        let sync = self.state.sync_request();
        tokio::select! {
            received = transport.receive(&sync) => match received {
                Ok(frame) => self.take(frame),
                Err(_) => self.fail_over(),
            },
            () = tokio::time::sleep_until(wake.into()) => {}
        }
    }

    async fn connect(&mut self, deadline: Instant) {
        let Some(api) = self.context.endpoints.get(self.node) else { return };
        match Transport::open(api, self.socket, self.state.sync_request()).await {
            Ok(transport) => {
                self.transport = Some(transport);
                (self.is_new, self.failures) = (true, 0);
                (self.received_at, self.pinged_at) = (Instant::now(), Instant::now());
                let (node, socket) = (self.node, self.socket);
                self.context.history.note(Some(self.n), What::Line { node, socket });
            }
            Err(_) => {
                self.failures += 1;
                self.pick_node();
                let most = 40 << self.failures.min(2);
                let pause = Duration::from_millis(self.jitter.random_range(5..most));
                let left = deadline.saturating_duration_since(Instant::now());
                tokio::time::sleep(pause.min(left)).await;
            }
        }
    }

    /// Drops the connection and picks the endpoint and transport of the next.
    fn fail_over(&mut self) {
        self.disconnect();
        self.pick_node();
    }

    fn pick_node(&mut self) {
        if self.jitter.random_bool(0.5) {
            self.node = self.jitter.random_range(0..self.context.endpoints.len());
        }
        self.socket ^= self.jitter.random_bool(0.3);
    }

    fn take(&mut self, frame: ServerFrame) {
        self.received_at = Instant::now();
        if let Some((conversation, rev)) = frame.moves().filter(|(id, _)| self.is_left_by_some(*id)) {
            self.context.history.note(Some(self.n), What::Heard { conversation, rev });
        }
        if let ServerFrame::ConversationRemoved(ConversationRemoved {
            conversation_id: conversation, ..
        }) = &frame
        {
            self.context.history.note(Some(self.n), What::Gone { conversation: *conversation });
        }
        if let Some(result) = self.awaited.and_then(|id| result_of(&frame, id)) {
            self.result = Some(result);
        }
        if let Some(answer) = self.awaited_request.and_then(|id| Answer::of(&frame, id)) {
            self.answer = Some(answer);
        }
        let now = self.now();
        self.is_new &= !matches!(frame, ServerFrame::Synced(_));
        let mut seen = self.views.answer(&frame);
        let needs = self.state.apply(frame, now);
        self.outgoing.extend(needs.into_iter().map(|Need::Ask(frame)| frame));
        seen.extend(self.views.state(&self.state));
        for what in seen.into_iter().filter(|what| self.is_of_interest(what)) {
            self.context.history.note(Some(self.n), what);
        }
        if !self.is_new {
            self.context.progress.set_cursors(self.n, self.views.cursors());
        }
    }

    fn is_left_by_some(&self, id: ConversationId) -> bool {
        id == self.context.club || self.context.groups.contains(&id)
    }

    fn is_of_interest(&self, seen: &What) -> bool {
        match seen {
            What::Members { conversation, .. } => self.is_left_by_some(*conversation),
            _ => true,
        }
    }
}
