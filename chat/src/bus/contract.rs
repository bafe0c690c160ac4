//! Contract of [`Bus`]: one test suite for all implementations.
//!
//! `bus_contract!(make)` creates one test for each rule. `make` is an async function that gives the connected buses of all
//! nodes (of one, if the bus supports no more), and values that have to stay alive during the test.

use super::{Audience, Bus, BusEvent, Push, Quota, TokensSpent, Topic, Typist};
use bytes::Bytes;
use protocol::{ConversationId, UserId};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

pub(crate) type Nodes = Vec<Arc<dyn Bus>>;

macro_rules! bus_contract {
    ($make:path; $($rule:ident)*) => {
        $(
            #[tokio::test]
            async fn $rule() {
                let (nodes, _alive) = $make().await;
                crate::bus::contract::$rule(nodes).await;
            }
        )*
    };
    ($make:path) => {
        crate::bus::contract::bus_contract! { $make;
            everybody_gets_all_of_it_once_and_in_order
            what_arrives_is_what_was_said
            publishing_never_waits_and_goes_on_afterwards
            what_comes_is_taken_once
        }
    };
}
pub(crate) use bus_contract;

/// A frame that contains its number.
pub(crate) fn numbered(id: i64, rev: i64) -> Push {
    let event = BusEvent::Frame(Bytes::from(format!("frame {rev} of {id}")));
    Push { rev: Some(rev), ..Push::event(Topic::Conversation(ConversationId(id)), event) }
}

/// Receives this number of pushes, those between nodes not counted.
pub(crate) async fn take(incoming: &mut mpsc::Receiver<Vec<Push>>, count: usize) -> Vec<Push> {
    let mut all: Vec<Push> = Vec::new();
    let taking = async {
        while all.len() < count {
            let batch = incoming.recv().await.expect("an open bus");
            all.extend(batch.into_iter().filter(|push| push.topic != Topic::Nodes));
        }
    };
    tokio::time::timeout(Duration::from_secs(20), taking).await.expect("all of them");
    all
}

fn interested(nodes: &Nodes, topics: impl Iterator<Item = Topic> + Clone) {
    nodes.iter().for_each(|node| topics.clone().for_each(|topic| node.interest(topic, true)));
}

/// Waits until pushes of each node reach all nodes, since a subscription takes effect later.
pub(crate) async fn meet(nodes: &Nodes, incoming: &mut [mpsc::Receiver<Vec<Push>>], topic: Topic) {
    for (n, from) in nodes.iter().enumerate() {
        let event = Push {
            topic,
            rev: Some(-1),
            except: None,
            about: None,
            audience: Audience::All,
            event: BusEvent::MemberLeft(ConversationId(n as i64)),
        };
        for incoming in incoming.iter_mut() {
            let meeting = async {
                loop {
                    from.publish(vec![event.clone()]);
                    let heard = async {
                        while let Some(batch) = incoming.recv().await {
                            if batch.contains(&event) {
                                return;
                            }
                        }
                    };
                    if tokio::time::timeout(Duration::from_millis(50), heard).await.is_ok() {
                        return;
                    }
                }
            };
            tokio::time::timeout(Duration::from_secs(20), meeting).await.expect("the nodes are connected");
        }
    }
}

pub(crate) async fn everybody_gets_all_of_it_once_and_in_order(nodes: Nodes) {
    let mut incoming: Vec<_> = nodes.iter().map(|node| node.incoming()).collect();
    interested(&nodes, (0..8).map(|id| Topic::Conversation(ConversationId(id))));
    for id in 0..8 {
        meet(&nodes, &mut incoming, Topic::Conversation(ConversationId(id))).await;
    }
    for n in 0..400_i64 {
        nodes[0].publish((0..8).map(|id| numbered(id, n)).collect());
        if n % 50 == 0 {
            tokio::task::yield_now().await;
        }
    }
    for incoming in &mut incoming {
        let mut all = Vec::new();
        while all.len() < 3_200 {
            all.extend(take(incoming, 1).await.into_iter().filter(|push| push.rev >= Some(0)));
        }
        for id in 0..8 {
            let of = all.iter().filter(|push| push.topic == Topic::Conversation(ConversationId(id)));
            assert!(of.cloned().eq((0..400).map(|n| numbered(id, n))), "each once, in order");
        }
    }
}

pub(crate) async fn what_arrives_is_what_was_said(nodes: Nodes) {
    let topic = Topic::Person(UserId(5));
    let mut incoming: Vec<_> = nodes.iter().map(|node| node.incoming()).collect();
    interested(&nodes, std::iter::once(topic));
    meet(&nodes, &mut incoming, topic).await;
    let typist = Typist { node: u64::MAX, user: UserId(-3), username: "Änne".into(), is_typing: true };
    let events = [
        BusEvent::Frame(Bytes::from_static("{\"type\":\"ping\",\"x\":\"\u{202e}\u{0}\"}".as_bytes())),
        BusEvent::MemberJoined(ConversationId(i64::MAX), i64::MIN),
        BusEvent::MemberLeft(ConversationId(-1)),
        BusEvent::OtherMemberLeft(UserId(7)),
        BusEvent::OtherMemberJoined(UserId(7)),
        BusEvent::SignInEnded(Some("grant-1".into())),
        BusEvent::SignInEnded(None),
        BusEvent::Typing(typist),
        BusEvent::Presence(Bytes::from(vec![0xff; 100_000])),
        BusEvent::PreferencesChanged(Bytes::from_static(b"{}")),
        BusEvent::TokensSpent(TokensSpent { quota: Quota::SignInsByName, key: i64::MIN, tokens: -1 }),
    ];
    let said: Vec<_> = events
        .into_iter()
        .enumerate()
        .map(|(n, event)| Push {
            topic,
            rev: (n % 2 == 0).then_some(1_000 + n as i64),
            except: (n % 3 == 0).then_some(UserId(9)),
            about: (n % 5 == 0).then_some(ConversationId(4)),
            audience: if n % 2 == 0 { Audience::SeesReads } else { Audience::HidesReads },
            event,
        })
        .collect();
    nodes[0].publish(said.clone());
    for incoming in &mut incoming {
        let mut heard = Vec::new();
        while heard.len() < said.len() {
            heard.extend(take(incoming, 1).await.into_iter().filter(|push| push.rev != Some(-1)));
        }
        assert_eq!(heard, said);
    }
}

pub(crate) async fn publishing_never_waits_and_goes_on_afterwards(nodes: Nodes) {
    let mut incoming: Vec<_> = nodes.iter().map(|node| node.incoming()).collect();
    let topic = Topic::Conversation(ConversationId(1));
    interested(&nodes, std::iter::once(topic));
    meet(&nodes, &mut incoming, topic).await;
    // Nothing is received meanwhile, and the queues are too short for all pushes.
    let began = Instant::now();
    for n in 0..40_000 {
        nodes[0].publish(vec![numbered(1, n)]);
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    nodes[0].publish(Vec::new());
    let mut last = 40_000;
    for incoming in &mut incoming {
        loop {
            nodes[0].publish(vec![numbered(1, last)]);
            let taken = tokio::time::timeout(Duration::from_millis(100), async {
                while take(incoming, 1).await.iter().all(|push| push.rev < Some(40_000)) {}
            });
            if taken.await.is_ok() {
                break;
            }
            last += 1;
            assert!(last < 40_200, "the bus has to recover");
        }
    }
}

pub(crate) async fn what_comes_is_taken_once(nodes: Nodes) {
    let mut incoming: Vec<_> = nodes.iter().map(|node| node.incoming()).collect();
    let mut second = nodes[0].incoming();
    nodes[0].publish(vec![numbered(1, 1)]);
    assert_eq!(take(&mut incoming[0], 1).await, [numbered(1, 1)]);
    assert!(second.try_recv().is_err());
}
