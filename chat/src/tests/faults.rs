//! Faults of the network, the bus and the clients.

use super::world::{Client, World, soon};
use crate::bus::{Bus, Local, Push, Topic};
use crate::connection::Scope;
use crate::lock::lock;
use crate::service::GroupSettings;
use crate::timings::Timings;
use crate::{Error, Limits};
use async_trait::async_trait;
use protocol::{ClientFrame, ClientId, CloseCode, ErrorCode, History};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;

/// A bus that loses, doubles and reorders the frames of conversations.
struct Faulty {
    inner: Local,
    random: Mutex<StdRng>,
    late: Mutex<Vec<Push>>,
}

impl Faulty {
    fn new(seed: u64) -> Self {
        let random = Mutex::new(StdRng::seed_from_u64(seed));
        Self { inner: Local::new(), random, late: Mutex::default() }
    }
}

#[async_trait]
impl Bus for Faulty {
    fn publish(&self, pushes: Vec<Push>) {
        let mut random = lock(&self.random);
        let mut late = lock(&self.late);
        let mut out = Vec::new();
        for push in pushes {
            if !matches!(push.topic, Topic::Conversation(_)) || push.rev.is_none() {
                out.push(push);
                continue;
            }
            match random.random_range(0..10) {
                0 | 1 => {}
                2 => out.extend([push.clone(), push]),
                3 | 4 => late.push(push),
                _ => out.push(push),
            }
            if random.random_bool(0.3) {
                out.append(&mut late);
                out.reverse();
            }
        }
        self.inner.publish(out);
    }

    fn interest(&self, topic: Topic, wanted: bool) {
        self.inner.interest(topic, wanted);
    }

    fn incoming(&self) -> mpsc::Receiver<Vec<Push>> {
        self.inner.incoming()
    }
}

fn generous() -> Limits {
    Limits { sends_per_second: 1e6, send_burst: 1_000_000, queue: 2_048, ..Limits::default() }
}

#[tokio::test]
async fn f9_pushes_out_of_order_doubled_and_lost() {
    for seed in 0..4 {
        let timings = Timings {
            gap_repair_after: Duration::from_millis(5),
            conversation_check_interval: Duration::from_millis(200),
            ..Timings::default()
        };
        let world = World::over(Arc::new(Faulty::new(seed)), timings, generous()).await;
        let (anna, ben) = (world.person("anna").await, world.person("ben").await);
        let id = world.conversation(&[&anna, &ben], None).await;
        let mut clients =
            vec![world.connect(&ben, Scope::All).await, world.connect(&ben, Scope::One(id)).await];
        let sent: Vec<_> = (0..150).map(|n| format!("message {n}")).collect();
        for (n, content) in sent.iter().enumerate() {
            world.send(&anna, id, content).await;
            if n == 75 {
                // A client that connects in the middle.
                clients.push(world.connect(&anna, Scope::All).await);
            }
        }
        for (n, client) in clients.iter_mut().enumerate() {
            let got = client.texts_until("message 149").await;
            let from = if n == 2 { 76 } else { 0 };
            assert_eq!(got, sent[from..], "seed {seed}, client {n}: each once, in order");
        }
    }
}

#[tokio::test]
async fn f10_a_message_between_reading_and_subscribing_comes_once() {
    let world = World::with(Timings::default(), generous()).await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let sending = {
        let (chat, anna) = (world.chat.clone(), anna.clone());
        tokio::spawn(async move {
            for n in 0..400 {
                chat.send(&anna.person, id, &n.to_string(), None, None).await.expect("sends");
            }
        })
    };
    let mut clients = Vec::new();
    while !sending.is_finished() && clients.len() < 8 {
        for scope in [Scope::One(id), Scope::All] {
            let mut client = world.dial(&ben, scope);
            let first = client.until("connection_established").await;
            clients.push((client, first["cursor"].as_i64()));
        }
    }
    soon(sending).await.expect("all are sent");
    for (client, cursor) in &mut clients {
        let texts = if cursor == &Some(400) { Vec::new() } else { client.texts_until("399").await };
        let first = texts.first().map_or(400, |text| text.parse::<i64>().expect("a number"));
        assert_eq!(texts, (first..400).map(|n| n.to_string()).collect::<Vec<_>>(), "each once, in order");
        if let Some(cursor) = cursor {
            assert_eq!(first, *cursor, "from exactly where the first frame says");
        }
    }
}

#[tokio::test]
async fn f7_the_same_client_id_100_times() {
    let world = World::with(Timings::default(), Limits::default()).await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let node = world.another(Timings::default(), Limits::default()).await;
    let mut b = world.connect(&ben, Scope::One(id)).await;
    let mut here = world.connect(&anna, Scope::All).await;
    let mut there = Client::dial(&node, &anna, Scope::One(id), 256, &world.stop);
    there.until("connection_established").await;
    let client_id = ClientId::mint();
    let frame =
        json!({"type": "chat_message", "conversation_id": id, "content": "once", "client_id": client_id});
    for _ in 0..25 {
        here.send(frame.clone());
        there.send(frame.clone());
    }
    let submitted = (0..50).map(|n| {
        let (chat, who) = (if n % 2 == 0 { &world.chat } else { &node }, &anna);
        let frame: ClientFrame = serde_json::from_value(frame.clone()).expect("a frame");
        chat.submit(who, vec![frame])
    });
    let mut answers = Vec::new();
    for replies in futures::future::join_all(submitted).await {
        answers.extend(replies.expect("few enough").into_iter().map(|reply| json!(reply)));
    }
    for client in [&mut here, &mut there] {
        for _ in 0..25 {
            loop {
                let frame = client.json().await;
                assert_ne!(frame["type"], "error", "{frame}");
                if frame["type"] == "ack" {
                    answers.push(frame);
                    break;
                }
            }
        }
    }
    assert_eq!(answers.len(), 100);
    assert!(answers.iter().all(|answer| answer == &answers[0]), "the same answer to all");
    let page = world.chat.page(&ben.person, id, None, 50).await.expect("a page");
    assert_eq!(page.messages.len(), 1);
    world.send(&anna, id, "end").await;
    assert_eq!(b.texts_until("end").await, ["once", "end"]);
}

#[tokio::test]
async fn f8_a_client_id_again_with_another_body() {
    let world = World::with(
        Timings::default(),
        Limits { send_burst: 2, sends_per_second: 0.001, ..Limits::default() },
    )
    .await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let client_id = Some(ClientId::mint());
    let first = world.chat.send(&anna.person, id, "one", client_id, None).await.expect("sends").message;
    let mut refused = Vec::new();
    // The second send takes the last token; there is none for the third.
    for _ in 0..2 {
        let error = world.chat.send(&anna.person, id, "two", client_id, None).await.expect_err("refused");
        refused.push(error.into_body().code);
    }
    assert_eq!(refused, [ErrorCode::IdConflict; 2]);
    let again = world.chat.send(&anna.person, id, " one ", client_id, None).await.expect("the repeat");
    assert!(again.repeated && again.message == first);
    let error = world.chat.send(&anna.person, id, "new", None, None).await.expect_err("refused").into_body();
    assert_eq!(error.code, ErrorCode::RateLimited);
    assert_eq!(world.chat.conversation(&ben.person, id).await.expect("is there").rev, 1);
}

#[tokio::test]
async fn t6_many_at_once_are_one_row_each_without_a_hole() {
    let world = World::with(Timings::default(), generous()).await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let mut b = world.connect(&ben, Scope::All).await;
    let sends = (0..300).map(|n| {
        let who = if n % 2 == 0 { &anna } else { &ben };
        let chat = &world.chat;
        async move { chat.send(&who.person, id, &n.to_string(), None, None).await }
    });
    let mut seqs: Vec<_> = futures::future::join_all(sends)
        .await
        .into_iter()
        .map(|sent| sent.expect("sends").message.seq)
        .collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=300).collect::<Vec<_>>());
    for rev in 1..=300 {
        assert_eq!(b.until("new_message").await["rev"], rev);
    }
}

#[tokio::test]
async fn c1_who_is_named_who_is_not_and_who_is_told() {
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let mut bens = world.connect(&ben, Scope::All).await;
    let open = async |names: &[&str], title: Option<&str>| {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        world.chat.open_conversation(&anna.person, &names, title).await
    };
    let why = |result: crate::Result<(protocol::Conversation, bool)>| match result {
        Err(Error::Refused(body)) => (body.code, body.message),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        why(open(&["ben", "nobody"], None).await),
        (ErrorCode::Invalid, "There is nobody named nobody".into())
    );
    assert_eq!(why(open(&["anna"], None).await).0, ErrorCode::Invalid);
    assert_eq!(why(open(&[], Some("alone")).await).0, ErrorCode::Invalid);
    assert_eq!(why(open(&["ben"], Some(&"t".repeat(121))).await).0, ErrorCode::Invalid);
    assert_eq!(why(open(&vec!["ben"; 501], None).await).0, ErrorCode::Invalid);
    let (direct, created) = open(&["BEN", "anna", "ben"], Some("  ")).await.expect("opens");
    assert!(created);
    let (same, created) = open(&["ben"], None).await.expect("opens");
    assert!(!created && same.id == direct.id);
    world.send(&anna, direct.id, "the first").await;
    let told = bens.until("conversation_updated").await;
    assert_eq!(told["conversation"]["id"], json!(direct.id));
    assert_eq!(bens.texts_until("the first").await, ["the first"]);
    // Both are members from now on, and miss no message.
    let (group, _) = open(&["ben"], Some(" Team ")).await.expect("opens");
    assert_eq!(group.title.as_deref(), Some("Team"));
    for n in 0..20 {
        world.send(&anna, group.id, &n.to_string()).await;
    }
    assert_eq!(bens.until("conversation_updated").await["conversation"]["title"], "Team");
    assert_eq!(bens.texts_until("19").await, (0..20).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn f6_another_node_hears_of_it_without_a_bus_between_them() {
    let timings = Timings { conversation_check_interval: Duration::from_millis(50), ..Timings::default() };
    let world = World::new().await;
    let (anna, ben) = (world.person("anna").await, world.person("ben").await);
    let id = world.conversation(&[&anna, &ben], None).await;
    let node = world.another(timings, Limits::default()).await;
    let mut b = Client::dial(&node, &ben, Scope::All, 64, &world.stop);
    b.until("connection_established").await;
    for n in 0..5 {
        world.send(&anna, id, &n.to_string()).await;
    }
    assert_eq!(b.texts_until("4").await, ["0", "1", "2", "3", "4"]);
}

#[tokio::test]
async fn z3_who_is_back_hears_nothing_of_the_time_between_though_pushes_were_lost() {
    let never = Duration::from_secs(3_600);
    let timings =
        Timings { conversation_check_interval: never, person_check_interval: never, ..Timings::default() };
    let world = World::new().await;
    let (anna, ben, eve) = (world.person("anna").await, world.person("ben").await, world.person("eve").await);
    let id = world.conversation(&[&anna, &ben, &eve], Some("Club")).await;
    let settings = GroupSettings { history: Some(History::FromJoining), ..GroupSettings::default() };
    world.chat.update_conversation(&anna.person, id, settings, None).await.expect("changes");
    let node = world.another(timings, Limits::default()).await;
    let (mut bens, mut eves, mut eves_room) = (
        Client::dial(&node, &ben, Scope::All, 64, &world.stop),
        Client::dial(&node, &eve, Scope::All, 64, &world.stop),
        Client::dial(&node, &eve, Scope::One(id), 64, &world.stop),
    );
    for client in [&mut bens, &mut eves, &mut eves_room] {
        client.until("connection_established").await;
    }
    world.send(&anna, id, "before").await;
    world.chat.remove_member(&anna.person, id, eve.person.id, None).await.expect("removes");
    world.send(&anna, id, "about Eve").await;
    world.chat.add_members(&anna.person, id, &[eve.person.id], None).await.expect("adds");
    world.send(&anna, id, "hello again").await;
    node.hub().compare_now();

    assert!(bens.texts_until("hello again").await.contains(&"about Eve".to_owned()));
    for client in [&mut eves, &mut eves_room] {
        let (texts, code) = client.texts_until_closed().await;
        assert_eq!((texts.as_slice(), code), (["before".to_owned()].as_slice(), CloseCode::FellBehind));
    }
    // As the client that connects again.
    let mut eves = Client::dial(&node, &eve, Scope::All, 64, &world.stop);
    eves.until("connection_established").await;
    world.send(&anna, id, "are you there?").await;
    node.hub().compare_now();
    assert_eq!(eves.texts_until("are you there?").await, ["are you there?"]);
}
