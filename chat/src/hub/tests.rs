//! The hub under many subscribers and threads.

use super::*;
use crate::Limits;
use crate::bus::Local;
use crate::lock::lock;
use crate::tests::world::{World, soon};
use async_trait::async_trait;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// A bus that records the interest in topics.
struct Recorder {
    inner: Local,
    interest: Mutex<HashMap<Topic, Vec<bool>>>,
}

#[async_trait]
impl Bus for Recorder {
    fn publish(&self, pushes: Vec<Push>) {
        self.inner.publish(pushes);
    }

    fn interest(&self, topic: Topic, wanted: bool) {
        lock(&self.interest).entry(topic).or_default().push(wanted);
    }

    fn incoming(&self) -> mpsc::Receiver<Vec<Push>> {
        self.inner.incoming()
    }
}

fn push(id: ConversationId, rev: i64) -> Push {
    let event = BusEvent::Frame(bytes::Bytes::new());
    Push { rev: Some(rev), ..Push::event(Topic::Conversation(id), event) }
}

/// The `rev`s of the frames that wait for a subscriber, by conversation.
fn received(subscriber: &Subscriber) -> HashMap<Topic, Vec<i64>> {
    let mut revs: HashMap<_, Vec<_>> = HashMap::new();
    while let Some(push) = subscriber.try_next() {
        revs.entry(push.topic).or_default().extend(push.rev);
    }
    revs
}

/// Threads that come and go at the topics of a room, while another one delivers to it.
#[tokio::test]
async fn f9_frames_keep_their_order_while_others_come_and_go() {
    const FRAMES: i64 = 1_000;
    let bus = Arc::new(Recorder { inner: Local::new(), interest: Mutex::default() });
    let world = World::over(bus.clone(), Timings::default(), Limits::default()).await;
    let hub = world.chat.hub();
    let rooms = [1, 2, 3].map(ConversationId);
    let topics = rooms.map(Topic::Conversation);
    let stays = hub.new_subscriber(UserId(1), None, 3 * FRAMES as usize);
    let unknown = hub.subscribe(&stays, &topics);
    assert!(hub.init_positions(&rooms.map(|id| (id, 0)), &unknown));
    let come_and_go = |thread: i64| {
        for round in 0..100 {
            let subscriber = hub.new_subscriber(UserId(2), None, 3 * FRAMES as usize);
            // A topic that nobody else stays at, so that the interest in it comes and goes.
            let topics = topics.into_iter().chain([Topic::Presence(UserId((thread + round) % 5))]);
            let topics: Vec<_> = topics.collect();
            assert!(hub.subscribe(&subscriber, &topics).is_empty());
            thread::yield_now();
            hub.unsubscribe(&subscriber, &topics);
            for revs in received(&subscriber).into_values() {
                assert!(revs.is_sorted_by(|one, next| *next == one + 1), "{revs:?}");
            }
        }
    };
    thread::scope(|scope| {
        (0..4).for_each(|n| _ = scope.spawn(move || come_and_go(n)));
        scope.spawn(|| (1..=FRAMES).for_each(|rev| hub.dispatch(rooms.map(|id| push(id, rev)))));
    });
    let all: Vec<_> = (1..=FRAMES).collect();
    assert_eq!(received(&stays), topics.map(|topic| (topic, all.clone())).into());
    assert_eq!(hub.size(), (3, 3), "nobody else is left");
    hub.unsubscribe(&stays, &topics);
    assert_eq!(hub.size(), (0, 0));
    for (topic, interest) in lock(&bus.interest).iter() {
        assert!(interest.iter().enumerate().all(|(n, wanted)| *wanted == (n % 2 == 0)), "{topic:?}");
        assert_eq!(interest.last(), Some(&false), "{topic:?}");
    }
}

#[tokio::test]
async fn a_topic_in_use_delays_only_its_shard() {
    // The comparison would wait for the lock on the thread of this test.
    let timings = Timings { conversation_check_interval: Duration::from_secs(3_600), ..Timings::default() };
    let world = World::with(timings, Limits::default()).await;
    let hub = world.chat.hub().clone();
    let subscriber = hub.new_subscriber(UserId(1), None, 1);
    let room = Topic::Conversation(ConversationId(1));
    hub.subscribe(&subscriber, &[room]);
    let in_use = hub.topics.get_mut(&room);
    let others = (1..=64).map(|id| Topic::Person(UserId(id)));
    let others: Vec<_> = others.filter(|topic| !hub.topics.try_get(topic).is_locked()).collect();
    assert!(others.len() > 32, "{} of 64 topics in other shards", others.len());
    let come_and_go = tokio::task::spawn_blocking({
        let hub = hub.clone();
        move || {
            hub.subscribe(&subscriber, &others);
            hub.unsubscribe(&subscriber, &others);
        }
    });
    soon(come_and_go).await.expect("subscribes and unsubscribes");
    drop(in_use);
    assert_eq!(hub.size(), (1, 1));
}

/// The median time that it takes to leave a room of so many.
fn median_leave(hub: &Hub, room: usize) -> Duration {
    let topic = [Topic::Conversation(ConversationId(1))];
    let subscribers: Vec<_> = (0..room).map(|_| hub.new_subscriber(UserId(1), None, 1)).collect();
    subscribers.iter().for_each(|subscriber| _ = hub.subscribe(subscriber, &topic));
    assert_eq!(hub.size(), (1, room));
    let leave = |subscriber: &Arc<Subscriber>| {
        let start = Instant::now();
        hub.unsubscribe(subscriber, &topic);
        start.elapsed()
    };
    // The last one first: a search from the beginning would pass all others.
    let mut times: Vec<_> = subscribers.iter().rev().map(leave).collect();
    assert_eq!(hub.size(), (0, 0));
    times.sort_unstable();
    times[room / 2]
}

#[tokio::test]
async fn leaving_a_room_of_5000_costs_what_leaving_a_room_of_50_costs() {
    let world = World::new().await;
    let [small, large] = [50, 5_000].map(|room| median_leave(world.chat.hub(), room));
    eprintln!("{large:?} {small:?}");
    assert!(large < small * 4, "{large:?} against {small:?}");
}
