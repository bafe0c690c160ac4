//! Long polls: a client without a socket receives the same frames.

use super::world::{Client, World, soon, until};
use crate::account::Identity;
use crate::connection::{PollSessions, Scope};
use crate::timings::Timings;
use crate::{ChatService, Limits};
use protocol::reducer::{Need, State};
use protocol::{ConversationId, ErrorCode, NewMessage, PollAnswer, PollRequest, ServerFrame};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use std::time::Duration;

fn ask(state: &State, before: Option<&PollAnswer>, wait: bool) -> PollRequest {
    let (mailbox, batch) = before.map_or((None, 0), |answer| (Some(answer.mailbox), answer.batch));
    PollRequest { mailbox, batch, wait, sync: state.sync_request() }
}

/// A client that polls. It applies the frames to its state, and submits the requests that result.
pub(super) struct Poller {
    pub(super) state: State,
    pub(super) last: Option<PollAnswer>,
}

impl Poller {
    pub(super) fn new(who: &Identity) -> Self {
        Self { state: State::new(who.person.clone()), last: None }
    }

    /// Applies the frames, and the answers to the requests that result.
    async fn fold(&mut self, chat: &ChatService, who: &Identity, mut todo: Vec<ServerFrame>) {
        while !todo.is_empty() {
            let needs: Vec<_> = todo.drain(..).flat_map(|frame| self.state.apply(frame, 0)).collect();
            let asked = needs.into_iter().map(|Need::Ask(frame)| frame).collect();
            todo = chat.submit(who, asked).await.expect("few enough");
        }
    }

    pub(super) async fn open(&mut self, chat: &ChatService, who: &Identity, id: ConversationId) {
        let asked = self.state.open(id).into_iter().map(|Need::Ask(frame)| frame).collect();
        let answers = chat.submit(who, asked).await.expect("few enough");
        self.fold(chat, who, answers).await;
    }

    pub(super) async fn poll(&mut self, polls: &PollSessions, who: &Identity, wait: bool) -> PollAnswer {
        let request = ask(&self.state, self.last.as_ref(), wait);
        let answer = soon(polls.poll(who, request)).await.expect("an answer");
        self.fold(polls.chat(), who, answer.frames.clone()).await;
        self.last = Some(answer.clone());
        answer
    }
}

/// A client with a socket.
struct Listening {
    state: State,
    client: Client,
}

impl Listening {
    fn fold(&mut self, frame: ServerFrame) {
        for Need::Ask(frame) in self.state.apply(frame, 0) {
            self.client.send(json!(frame));
        }
    }

    fn open(&mut self, id: ConversationId) {
        for Need::Ask(frame) in self.state.open(id) {
            self.client.send(json!(frame));
        }
    }

    /// Applies all frames that are there, and the answers to the requests that result.
    async fn settle(&mut self) {
        let mut quiet = 0;
        while quiet < 2 {
            let frames = self.client.before_pong().await;
            quiet = if frames.is_empty() { quiet + 1 } else { 0 };
            for frame in frames {
                self.fold(ServerFrame::decode(&frame.to_string()).expect("JSON"));
            }
        }
    }
}

/// The visible state, without the parts that differ between the transports.
fn screen(state: &State, ids: &[ConversationId]) -> String {
    let rows: Vec<_> = ids.iter().map(|id| state.rows(*id)).collect();
    let list: Vec<_> = state.list().into_iter().map(|c| json!(c)).collect();
    let typing: Vec<_> =
        state.rooms.values().map(|room| room.typing.keys().copied().collect::<Vec<_>>()).collect();
    format!("{:#?}\n{list:#?}\n{typing:?}\n{:?}\n{}", rows, state.presence, state.user_rev)
}

#[tokio::test]
async fn p3_polling_shows_what_a_socket_shows() {
    for seed in 0..12 {
        equivalence(seed).await;
    }
}

async fn equivalence(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let world = World::new().await;
    let me = world.person("me-myself").await;
    let mut others = Vec::new();
    for n in 0..3 {
        others.push(world.person(&format!("other-{n}")).await);
    }
    let mut ids = vec![
        world.conversation(&[&others[0], &me], None).await,
        world.conversation(&[&others[1], &me, &others[2]], Some("Group")).await,
    ];
    let client = world.connect(&me, Scope::All).await;
    let mut socket = Listening { state: State::new(me.person.clone()), client };
    let mut poller = Poller::new(&me);
    socket.client.send(json!(protocol::ClientFrame::Sync(socket.state.sync_request())));
    socket.settle().await;
    poller.poll(&world.polls, &me, false).await;
    let mut connected = Vec::new();
    for _ in 0..60 {
        let by = &others[random.random_range(0..3)];
        let id = ids[random.random_range(0..ids.len())];
        let page = world.chat.page(&me.person, id, None, 50).await;
        let message = page.ok().and_then(|page| {
            let n = page.messages.len();
            (n > 0).then(|| page.messages[random.random_range(0..n)].clone())
        });
        match (random.random_range(0..12), message) {
            (0..4, _) => {
                drop(world.chat.send(&by.person, id, &random.random::<u32>().to_string(), None, None).await)
            }
            (4, _) => drop(world.send(&me, id, "from another device").await),
            (5, _) => drop(world.chat.typing(&by.person, id, random.random()).await),
            (6, Some(m)) => drop(world.chat.mark_read(&by.person, id, Some(m.id)).await),
            (7, Some(m)) => drop(world.chat.mark_delivered(&me.person, id, Some(m.id)).await),
            (8, Some(m)) => drop(world.chat.mark_read(&me.person, id, Some(m.id)).await),
            (9, Some(m)) => {
                let audience =
                    if random.random() { protocol::DeleteFor::Me } else { protocol::DeleteFor::Everyone };
                drop(world.chat.delete(&me.person, id, m.id, audience).await);
            }
            (10, _) => {
                let name = random.random_range(0..5).to_string();
                ids.push(world.conversation(&[by, &me], Some(&name)).await);
            }
            (11, _) => connected.push(world.connect(by, Scope::All).await),
            _ => {
                socket.open(id);
                poller.open(&world.chat, &me, id).await;
            }
        }
        match random.random_range(0..6) {
            0 => socket.settle().await,
            1 => drop(poller.poll(&world.polls, &me, false).await),
            // An answer that is lost.
            2 if random.random_bool(0.3) => {
                let request = ask(&poller.state, poller.last.as_ref(), false);
                world.polls.poll(&me, request).await.expect("an answer");
            }
            _ => {}
        }
    }
    for id in &ids {
        socket.open(*id);
        poller.open(&world.chat, &me, *id).await;
    }
    // Until both clients have caught up.
    let mut same = false;
    for _ in 0..100 {
        socket.settle().await;
        poller.poll(&world.polls, &me, false).await;
        same = screen(&socket.state, &ids) == screen(&poller.state, &ids);
        if same {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    if !same {
        let (a, b) = (screen(&socket.state, &ids), screen(&poller.state, &ids));
        let (a, b): (Vec<_>, Vec<_>) = a.lines().zip(b.lines()).filter(|(a, b)| a != b).unzip();
        panic!("seed {seed}: the socket shows\n{}\nand the poll\n{}", a.join("\n"), b.join("\n"));
    }
    for id in &ids {
        let page = world.chat.page(&me.person, *id, None, 50).await.expect("a page");
        let shown = socket.state.rows(*id).len();
        assert_eq!(shown, page.messages.len(), "seed {seed}: and both show what the database holds");
    }
}

#[tokio::test]
async fn p3_a_poll_is_held_until_there_is_news() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut poller = Poller::new(&ben);
    let first = poller.poll(&world.polls, &ben, true).await;
    assert!(matches!(first.frames[..], [ServerFrame::Synced(_)]), "at once");
    let (answer, _) = tokio::join!(poller.poll(&world.polls, &ben, true), world.send(&anna, id, "news"));
    assert!(
        matches!(&answer.frames[0], ServerFrame::NewMessage(NewMessage { message, .. }) if message.content == "news")
    );
    assert_eq!((answer.mailbox, answer.batch), (first.mailbox, first.batch + 1));
    // A poll without waiting has no frames and the same batch number.
    let none = poller.poll(&world.polls, &ben, false).await;
    assert_eq!((none.frames.len(), none.batch), (0, answer.batch));
    // A newer request ends an earlier one that is held.
    let request = ask(&poller.state, Some(&none), true);
    let (old, new) = tokio::join!(world.polls.poll(&ben, request.clone()), async {
        tokio::task::yield_now().await;
        world.polls.poll(&ben, PollRequest { wait: false, ..request.clone() }).await
    });
    assert!(old.expect("an answer").frames.is_empty() && new.expect("an answer").frames.is_empty());
    // The client did not receive the last batch: it gets a new session.
    let stale = PollRequest { batch: request.batch - 1, ..request.clone() };
    let anew = world.polls.poll(&ben, stale).await.expect("an answer");
    assert_ne!(anew.mailbox, none.mailbox);
    assert!(matches!(anew.frames[..], [ServerFrame::Synced(_)]));
    assert_eq!(world.polls.size(), 1);
    // A session of somebody else is not found.
    let theirs = PollRequest { mailbox: Some(anew.mailbox), ..request };
    assert_ne!(world.polls.poll(&anna, theirs).await.expect("an answer").mailbox, anew.mailbox);
}

#[tokio::test]
async fn w7_a_session_that_overflows_is_replaced_and_an_idle_one_expires() {
    let timings = Timings {
        poll_session_timeout: Duration::from_millis(300),
        offline_after: Duration::from_millis(20),
        ..Timings::default()
    };
    let limits = Limits { queue: 4, send_burst: 1_000, ..Limits::default() };
    let world = World::with(timings, limits).await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut poller = Poller::new(&ben);
    let first = poller.poll(&world.polls, &ben, false).await;
    for n in 0..10 {
        world.send(&anna, id, &n.to_string()).await;
    }
    let next = poller.poll(&world.polls, &ben, true).await;
    assert_ne!(next.mailbox, first.mailbox);
    assert_eq!(poller.state.unread(), 10, "nothing is missed");
    until(|| world.polls.size() == 0).await;
    until(|| world.chat.hub().size() == (0, 0)).await;
    until(|| world.chat.presence().size().0 == 0).await;
}

#[tokio::test]
async fn a3_an_ended_sign_in_ends_a_held_poll() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let mut poller = Poller::new(&anna);
    let first = poller.poll(&world.polls, &anna, false).await;
    let since = std::time::Instant::now();
    let held = world.polls.poll(&anna, ask(&poller.state, Some(&first), true));
    let (refused, _) = tokio::join!(held, world.chat.accounts().sign_out(&anna));
    assert_eq!(refused.expect_err("refused").into_body().code, ErrorCode::NotAuthenticated);
    assert!(since.elapsed() < Duration::from_secs(2));
    assert_eq!(world.polls.size(), 0);
}

#[tokio::test]
async fn a_person_has_ten_poll_sessions_at_most() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let mut first = Poller::new(&anna);
    let oldest = first.poll(&world.polls, &anna, false).await;
    for _ in 0..12 {
        Poller::new(&anna).poll(&world.polls, &anna, false).await;
    }
    assert_eq!(world.polls.size(), 10);
    assert_ne!(first.poll(&world.polls, &anna, false).await.mailbox, oldest.mailbox);
}

#[tokio::test]
async fn f12_a_node_that_stopped_keeps_no_poll_session() {
    let world = World::new().await;
    let anna = world.person("anna").await;
    let mut poller = Poller::new(&anna);
    let first = poller.poll(&world.polls, &anna, false).await;
    let held = world.polls.poll(&anna, ask(&poller.state, Some(&first), true));
    let (held, ()) = tokio::join!(held, async { world.stop.cancel() });
    assert!(held.expect("an answer").frames.is_empty());
    soon(world.chat.drain()).await;
    assert_eq!((world.polls.size(), world.chat.hub().size()), (0, (0, 0)));
    let late = world.polls.poll(&anna, ask(&poller.state, None, true)).await;
    assert!(matches!(late.expect("an answer").frames[..], [ServerFrame::Synced(_)]));
    assert_eq!((world.polls.size(), world.chat.hub().size()), (0, (0, 0)));
}

#[tokio::test]
async fn v2_a_poll_that_is_held_past_the_expiry_of_its_token_delivers_nothing() {
    let world = World::new().await;
    let (mut anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut poller = Poller::new(&anna);
    poller.poll(&world.polls, &anna, false).await;
    let refused = async |anna: &Identity, poller: &Poller| {
        let request = ask(&poller.state, poller.last.as_ref(), true);
        let refused = soon(world.polls.poll(anna, request)).await;
        matches!(refused, Err(crate::Error::Refused(body)) if body.code == ErrorCode::NotAuthenticated)
    };
    anna.expires_at = Some(protocol::Timestamp(world.chat.now().0 + 300_000));
    assert!(refused(&anna, &poller).await, "it ends with the token");
    world.send(&ben, id, "After the expiry").await;
    assert!(refused(&anna, &poller).await, "nothing more is delivered");
    anna.expires_at = None;
    let answer = poller.poll(&world.polls, &anna, true).await;
    assert!(format!("{:?}", answer.frames).contains("After the expiry"), "the next token gets it");
}
