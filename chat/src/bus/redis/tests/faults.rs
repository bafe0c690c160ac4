//! Redis that is killed, frozen or restarted, and Redis that other programs use too.

use super::{SERVER, installation, node, until, up};
use crate::bus::contract::{Nodes, meet, numbered, take};
use crate::bus::{Bus, Push, Topic};
use crate::{Error, Supervisor, bus::redis::Redis};
use protocol::ConversationId;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const TOPIC: Topic = Topic::Conversation(ConversationId(1));

/// Waits for a push with at least this `rev`.
async fn from(incoming: &mut mpsc::Receiver<Vec<Push>>, rev: i64) -> Push {
    loop {
        let mut all = take(incoming, 1).await;
        all.retain(|push| push.rev >= Some(rev));
        if let Some(push) = all.into_iter().next() {
            return push;
        }
    }
}

async fn says_until_heard(from: &dyn Bus, by: &mut mpsc::Receiver<Vec<Push>>, rev: i64) {
    loop {
        from.publish(vec![numbered(1, rev)]);
        let heard = tokio::time::timeout(Duration::from_millis(100), self::from(by, rev));
        if heard.await.is_ok() {
            return;
        }
    }
}

#[tokio::test]
async fn f4_killed_and_back_all_is_told_again_and_nobody_waits_meanwhile() {
    let mut server = test_servers::Redis::start().expect("a Redis");
    let (nodes, _guards): (Vec<_>, Vec<_>) = (0..2).map(|_| node(&server.url(), "one")).unzip();
    let nodes: Nodes = nodes.into_iter().map(|node| node as Arc<dyn Bus>).collect();
    let mut incoming: Vec<_> = nodes.iter().map(|node| node.incoming()).collect();
    nodes.iter().for_each(|node| node.interest(TOPIC, true));
    meet(&nodes, &mut incoming, TOPIC).await;
    let mut links: Vec<_> = nodes.iter().map(|node| node.link().expect("a link")).collect();
    let before = *links[1].borrow();
    server.kill().expect("kills");
    let began = Instant::now();
    for rev in 0..1_000 {
        nodes[0].publish(vec![numbered(1, rev)]);
        assert_eq!(from(&mut incoming[0], rev).await, numbered(1, rev), "to oneself at once");
    }
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    for link in &mut links {
        until(link, |link| !link.up).await;
    }
    server.resurrect().expect("comes back");
    let back = Instant::now();
    for link in &mut links {
        until(link, |link| link.up && link.gaps > before.gaps).await;
    }
    assert!(back.elapsed() < Duration::from_secs(5), "{:?}", back.elapsed());
    // The subscriptions have been restored.
    let (first, second) = incoming.split_at_mut(1);
    says_until_heard(&*nodes[0], &mut second[0], 5_000).await;
    says_until_heard(&*nodes[1], &mut first[0], 6_000).await;
}

#[tokio::test]
async fn f4_frozen_is_noticed_and_gone_when_it_thaws() {
    let server = test_servers::Redis::start().expect("a Redis");
    let (redis, _guard) = node(&server.url(), "one");
    let mut incoming = redis.incoming();
    up(&redis).await;
    let mut link = redis.link().expect("a link");
    server.pause().expect("pauses");
    let began = Instant::now();
    let down = until(&mut link, |link| !link.up).await;
    assert!(began.elapsed() < Duration::from_secs(5), "noticed after {:?}", began.elapsed());
    redis.publish(vec![numbered(1, 1)]);
    assert_eq!(take(&mut incoming, 1).await, [numbered(1, 1)]);
    server.resume().expect("resumes");
    let began = Instant::now();
    until(&mut link, |link| link.up && link.gaps > down.gaps).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn r2_a_node_hears_what_it_has_sockets_for() {
    let name = installation();
    let ((speaks, _one), (hears, _other)) = (node(&SERVER.url(), &name), node(&SERVER.url(), &name));
    let mut incoming = hears.incoming();
    up(&speaks).await;
    up(&hears).await;
    let (other, gaps) = (Topic::Conversation(ConversationId(2)), hears.link().expect("a link").borrow().gaps);
    hears.interest(other, true);
    let mut link = hears.link().expect("a link");
    until(&mut link, |link| link.gaps > gaps).await;
    speaks.publish(vec![numbered(1, 1), numbered(2, 1)]);
    assert_eq!(take(&mut incoming, 1).await, [numbered(2, 1)], "of 1 it hears nothing");
    hears.interest(TOPIC, true);
    says_until_heard(&*speaks, &mut incoming, 10).await;
    hears.interest(other, false);
    // The last push of one channel can arrive after the earlier ones of the other.
    let mut quiet = false;
    for rev in 20..200 {
        speaks.publish(vec![numbered(2, rev), numbered(1, rev)]);
        let heard = from(&mut incoming, rev).await;
        if heard == numbered(1, rev) {
            quiet = true;
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(quiet, "it is still told of what nobody listens to");
}

#[tokio::test]
async fn r2_another_installation_and_foreign_words_do_not_mix() {
    let name = installation();
    let (nodes, _guards): (Vec<_>, Vec<_>) =
        [&name, &name, &installation()].map(|name| node(&SERVER.url(), name)).into_iter().unzip();
    let mut incoming: Vec<_> = nodes.iter().map(|node| node.incoming()).collect();
    let gaps: Vec<_> = nodes.iter().map(|node| node.link().expect("a link").borrow().gaps).collect();
    for (node, gaps) in nodes.iter().zip(gaps) {
        node.interest(TOPIC, true);
        until(&mut node.link().expect("a link"), |link| link.up && link.gaps > gaps).await;
    }
    let mut stranger = incoming.pop().expect("three");
    let ours: Nodes = nodes[..2].iter().map(|node| node.clone() as Arc<dyn Bus>).collect();
    meet(&ours, &mut incoming, TOPIC).await;
    let channel = super::super::channels::channel(TOPIC);
    for noise in [
        "hello",
        "R",
        "\\x00\\xff",
        "R\\x01garbage-and-more-of-it",
        "R\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01\\x09",
    ] {
        SERVER.ask(&format!("PUBLISH rapport:{name}:{channel} \"{noise}\"")).expect("says it");
    }
    says_until_heard(&*nodes[0], &mut incoming[1], 1).await;
    let to_strangers: Vec<_> = std::iter::from_fn(|| stranger.try_recv().ok()).flatten().collect();
    assert!(to_strangers.iter().all(|push| push.topic == Topic::Nodes), "{to_strangers:?}");
    nodes[2].publish(vec![numbered(1, 7)]);
    assert_eq!(from(&mut stranger, 7).await, numbered(1, 7));
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_its_password() {
    for wrong in ["http://localhost", "redis://:hunter2@local host:70000/x", "redis:///", "localhost:6379"] {
        match Redis::start(wrong, "one", &Supervisor::new(CancellationToken::new())) {
            Err(Error::Internal(why)) => assert!(!why.contains("hunter2"), "{why}"),
            other => panic!("{wrong}: {:?}", other.map(|_| ())),
        }
    }
    assert!(crate::bus::accepts("rediss://user:word@redis.example:6380/2").is_ok());
}
