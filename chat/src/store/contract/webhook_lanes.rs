//! Lanes of webhook events: the events behind one that waits wait with it, and cost nothing meanwhile.

use super::webhooks::{HOUR, claim, endpoint, finish, seqs};
use super::world::World;
use crate::store::{DeliveryResult, WebhookEventKind};
use WebhookEventKind::MessageCreated;
use protocol::Timestamp;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Fills a lane with this number of events, and gives the time of the second attempt of the first one, which failed.
pub(crate) async fn failing_lane(world: &World, events: usize) -> Timestamp {
    let (ana, bo, _) = world.three().await;
    let talk = world.conversation(&[ana, bo]).await;
    let webhook = endpoint(world, &[MessageCreated]).await;
    world.send_many(ana, talk, events).await;
    let run = claim(world, &webhook).await.remove(0);
    let later = Timestamp(world.now().0 + HOUR);
    let mut results: Vec<_> = run.iter().map(|event| (event.claim(), DeliveryResult::Released)).collect();
    results[0].1 = DeliveryResult::Failed(Some(503), later);
    finish(world, &results).await;
    later
}

pub(crate) async fn x3_events_behind_a_failed_one_wait_with_it_and_come_in_their_order(world: &World) {
    let later = failing_lane(world, 3_000).await;
    let webhook = world.store.webhooks().await.unwrap().remove(0);
    assert!(claim(world, &webhook).await.is_empty());
    let page = world.store.webhook_deliveries(webhook.id, None, 100).await.unwrap();
    assert!(page.iter().all(|one| one.next_at == Some(later)), "they wait with the first one");
    world.wait(2 * HOUR);
    let mut delivered = Vec::new();
    // Also the outcomes that end an event without a delivery let the next one through.
    let outcomes = [DeliveryResult::Delivered(200), DeliveryResult::GivenUp(None), DeliveryResult::Dropped];
    loop {
        let runs = claim(world, &webhook).await;
        let Some(run) = runs.first() else { break };
        assert_eq!(runs.len(), 1);
        let outcome = outcomes[delivered.len() / 16 % outcomes.len()];
        finish(world, &run.iter().map(|event| (event.claim(), outcome)).collect::<Vec<_>>()).await;
        delivered.extend(run.iter().filter_map(|event| event.seq));
    }
    assert_eq!(delivered, (1..=3_000).collect::<Vec<_>>());
}

pub(crate) async fn x3_a_pending_event_that_is_sent_again_lets_the_others_through(world: &World) {
    let later = failing_lane(world, 3).await;
    let webhook = world.store.webhooks().await.unwrap().remove(0);
    let page = world.store.webhook_deliveries(webhook.id, None, 3).await.unwrap();
    let now = world.now();
    assert!(world.store.resend_webhook_event(page[2].id, now, later).await.unwrap());
    let mut runs = claim(world, &webhook).await;
    runs.sort_by_key(|run| run[0].seq);
    assert_eq!(seqs(&runs), [vec![1], vec![2, 3]], "beside each other");
}

/// Events that are stored while the last ones of their lane end are delivered, too.
pub(crate) async fn x3_no_event_is_left_behind_one_that_ends_at_the_same_time(world: &World) {
    let (ana, bo, _) = world.three().await;
    let talk = world.conversation(&[ana, bo]).await;
    let webhook = endpoint(world, &[MessageCreated]).await;
    let (count, delivered) = (150, Mutex::new(Vec::new()));
    let send = async {
        for n in 0..count {
            world.send(ana, talk, &n.to_string()).await;
        }
    };
    let deliver = async |claimed: &mut bool| {
        let runs = claim(world, &webhook).await.concat();
        let results: Vec<_> =
            runs.iter().map(|event| (event.claim(), DeliveryResult::Delivered(200))).collect();
        finish(world, &results).await;
        delivered.lock().unwrap().extend(runs.iter().filter_map(|event| event.seq));
        *claimed = !runs.is_empty();
    };
    let sent = AtomicBool::new(false);
    let node = async || {
        let mut claimed = true;
        while claimed || !sent.load(Ordering::SeqCst) {
            deliver(&mut claimed).await;
        }
    };
    let sending = async {
        send.await;
        sent.store(true, Ordering::SeqCst);
    };
    futures::join!(sending, node(), node());
    let mut delivered = delivered.into_inner().unwrap();
    delivered.sort_unstable();
    assert_eq!(delivered, (1..=count).collect::<Vec<_>>());
}
