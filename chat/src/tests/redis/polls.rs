//! Polls that alternate between nodes.

use super::Two;
use crate::tests::long_poll::Poller;
use crate::timings::Timings;
use protocol::{NewMessage, ServerFrame};
use std::time::{Duration, Instant};

#[tokio::test]
async fn p3_polls_that_alternate_miss_nothing_and_are_held() {
    let two = Two::new(Timings { poll_timeout: Duration::from_millis(1_000), ..Timings::default() }).await;
    let (anna, ben) = (two.world.person("anna").await, two.world.person("ben").await);
    let id = two.world.conversation(&[&anna, &ben], None).await;
    let nodes = [&two.world.chat, &two.there];
    let polls = [&two.world.polls, &two.polls_there];
    let mut poller = Poller::new(&ben);
    poller.poll(polls[0], &ben, false).await;
    poller.open(nodes[0], &ben, id).await;
    let sending = async {
        for n in 0..20 {
            nodes[n % 2].send(&anna.person, id, &n.to_string(), None, None).await.expect("sends");
            tokio::time::sleep(Duration::from_millis(n as u64 * 7)).await;
        }
    };
    let polling = async {
        let mut n = 0;
        while poller.state.rows(id).len() < 20 {
            n += 1;
            poller.poll(polls[n % 2], &ben, true).await;
        }
        n
    };
    let ((), count) = tokio::join!(sending, polling);
    assert!(count < 120, "{count} polls for 20 messages");
    let page = two.there.page(&ben.person, id, None, 50).await.expect("a page");
    let rows = poller.state.rows(id).into_iter().map(|row| match row {
        protocol::reducer::Row::Message(message) => message.content.clone(),
        other => panic!("{other:?}"),
    });
    assert!(rows.eq(page.messages.iter().map(|message| message.content.clone())), "each once, in order");

    // Without news, each poll is held.
    for n in 0..4 {
        poller.poll(polls[n % 2], &ben, true).await;
    }
    let since = Instant::now();
    for n in 0..3 {
        let answer = poller.poll(polls[n % 2], &ben, true).await;
        assert!(answer.frames.is_empty(), "{answer:?}");
    }
    assert!(since.elapsed() > Duration::from_millis(2_500), "held three times: {:?}", since.elapsed());

    // A poll that is held by a node with a new session is woken too.
    let (answer, _) = tokio::join!(poller.poll(polls[1], &ben, true), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        nodes[0].send(&anna.person, id, "news", None, None).await
    });
    let news = |frame: &ServerFrame| matches!(frame, ServerFrame::NewMessage(NewMessage { message, .. }) if message.content == "news");
    assert!(answer.frames.iter().any(news), "{answer:?}");
}
