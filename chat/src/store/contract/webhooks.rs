//! Webhooks: endpoints, and the outbox of their events.

use super::subjects::open;
use super::world::{World, new_message, read, refusal};
use crate::store::{
    DeliveryResult, DeliveryState, GroupChange, MAX_WEBHOOKS, NewWebhook, Outcome, Webhook, WebhookClaim,
    WebhookDelivery, WebhookEventKind, WebhookEvents, Write,
};
use WebhookEventKind::{
    ConversationCreated, MemberJoined, MemberLeft, MessageCreated, MessageDeleted, MessageUnread,
};
use protocol::{ConversationId, ErrorCode, MembershipChange, Timestamp};
use std::time::Duration;

pub(super) const HOUR: i64 = 3_600_000_000;

/// Adds an endpoint for these kinds, and has the store write their events.
pub(super) async fn endpoint(world: &World, kinds: &[WebhookEventKind]) -> Webhook {
    let events: WebhookEvents = kinds.iter().copied().collect();
    let url = "https://shop.example/hook".to_owned();
    let new = NewWebhook { url, events, subject_kind: None, salt: [7; 16], repeatable_by: None };
    let webhook = world.store.add_webhook(&new, world.now()).await.unwrap();
    world.store.webhook_switch().want(events);
    webhook
}

/// Claims what is due, for an hour of the clock.
pub(super) async fn claim(world: &World, webhook: &Webhook) -> Vec<Vec<WebhookDelivery>> {
    let now = world.now();
    world.store.claim_webhook_events(webhook.id, now, Timestamp(now.0 + HOUR)).await.unwrap()
}

pub(super) async fn finish(world: &World, results: &[(WebhookClaim, DeliveryResult)]) {
    world.store.finish_webhook_events(results, world.now()).await.unwrap();
}

fn kinds(runs: &[Vec<WebhookDelivery>]) -> Vec<Vec<WebhookEventKind>> {
    runs.iter().map(|run| run.iter().map(|event| event.kind).collect()).collect()
}

pub(super) fn seqs(runs: &[Vec<WebhookDelivery>]) -> Vec<Vec<i64>> {
    runs.iter().map(|run| run.iter().filter_map(|event| event.seq).collect()).collect()
}

pub(crate) async fn x3_endpoints_are_added_listed_and_removed(world: &World) {
    let store = &world.store;
    assert_eq!(store.webhooks().await.unwrap(), []);
    let one = endpoint(world, &[MessageCreated, MemberLeft]).await;
    assert_eq!(one.events.iter().collect::<Vec<_>>(), [MessageCreated, MemberLeft]);
    let events = [MessageCreated].into_iter().collect();
    let url = "https://shop.example/2".to_owned();
    let new =
        NewWebhook { url, events, subject_kind: Some("listing".into()), salt: [8; 16], repeatable_by: None };
    let other = store.add_webhook(&new, world.now()).await.unwrap();
    assert_eq!(store.webhooks().await.unwrap(), [one.clone(), other.clone()]);
    assert!(store.remove_webhook(one.id).await.unwrap());
    assert!(!store.remove_webhook(one.id).await.unwrap());
    assert_eq!(store.webhooks().await.unwrap(), [other]);
    // A repeat of a request of a service key.
    let request = NewWebhook { salt: [9; 16], repeatable_by: Some(1), ..new.clone() };
    let third = store.add_webhook(&request, world.now()).await.unwrap();
    assert_eq!(store.add_webhook(&request, world.now()).await.unwrap(), third);
    let changed = NewWebhook { subject_kind: None, ..request };
    assert_eq!(refusal(store.add_webhook(&changed, world.now()).await), ErrorCode::IdConflict);
    for _ in 2..MAX_WEBHOOKS {
        store.add_webhook(&new, world.now()).await.unwrap();
    }
    assert_eq!(refusal(store.add_webhook(&new, world.now()).await), ErrorCode::Invalid);
}

pub(crate) async fn x3_an_endpoint_is_removed_with_all_its_events(world: &World) {
    let (ana, bo, _) = world.three().await;
    let talk = world.conversation(&[ana, bo]).await;
    let removed = endpoint(world, &[MessageCreated, MessageUnread]).await;
    let kept = endpoint(world, &[MessageCreated]).await;
    // 1,020 events: more than one transaction removes.
    world.send_many(ana, talk, 510).await;
    assert!(world.store.remove_webhook(removed.id).await.unwrap());
    assert!(world.store.webhook_deliveries(removed.id, None, 1).await.unwrap().is_empty());
    assert_eq!(world.store.sweep_webhook_events(Timestamp(0)).await.unwrap(), 0);
    assert_eq!(world.store.webhook_deliveries(kept.id, None, 1_000).await.unwrap().len(), 510);
}

pub(crate) async fn x3_an_event_is_stored_with_its_change_for_each_endpoint_that_wants_it(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let before = world.conversation(&[ana, bo]).await;
    world.send(ana, before, "before there is an endpoint").await;
    let all = endpoint(world, &WebhookEventKind::ALL).await;
    let deletions = endpoint(world, &[MessageDeleted]).await;
    let group = world.group(&[ana, bo]).await;
    let batch = vec![
        Write::Send(new_message(ana, group, "hello")),
        // Refused: it leaves no event.
        Write::Send(new_message(cy, group, "from outside")),
    ];
    world.batch(batch).await;
    world.change_group(ana, group, GroupChange::Add(vec![cy])).await.unwrap();
    world.remove(ana, group, bo).await.unwrap();
    let sent = world.send(ana, group, "again").await;
    world.delete(ana, group, sent.id).await.unwrap();
    let runs = claim(world, &all).await;
    assert_eq!(
        kinds(&runs),
        [
            vec![
                ConversationCreated,
                MessageCreated,
                MemberJoined,
                MemberLeft,
                MessageCreated,
                MessageDeleted
            ],
            vec![MessageUnread, MessageUnread],
        ]
    );
    assert_eq!(runs[0].iter().map(|event| event.user).collect::<Vec<_>>()[2..4], [Some(cy), Some(bo)]);
    assert!(runs.iter().flatten().all(|event| event.conversation == group && event.attempts == 0));
    assert_eq!(kinds(&claim(world, &deletions).await), [[MessageDeleted]]);

    // A repeat of a message is no event.
    finish(
        world,
        &runs
            .concat()
            .iter()
            .map(|event| (event.claim(), DeliveryResult::Delivered(200)))
            .collect::<Vec<_>>(),
    )
    .await;
    let message = new_message(ana, group, "once");
    world.batch(vec![Write::Send(message.clone()), Write::Send(message.clone())]).await;
    world.batch(vec![Write::Send(message)]).await;
    assert_eq!(kinds(&claim(world, &all).await), [[MessageCreated], [MessageUnread]]);

    // Nothing is stored for an endpoint that is gone, nor while the store has no endpoints.
    assert!(world.store.remove_webhook(all.id).await.unwrap());
    world.send(ana, group, "for nobody").await;
    assert_eq!(kinds(&claim(world, &all).await), Vec::<Vec<_>>::new());
}

pub(crate) async fn x3_events_of_a_conversation_are_claimed_in_their_order_by_one_node(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let (one, other) = (world.conversation(&[ana, bo]).await, world.conversation(&[ana, cy]).await);
    let webhook = endpoint(world, &[MessageCreated]).await;
    world.send_many(ana, one, 20).await;
    world.send(ana, other, "elsewhere").await;
    let runs = claim(world, &webhook).await;
    assert_eq!(seqs(&runs), [(1..=16).collect::<Vec<_>>(), vec![1]]);
    assert!(claim(world, &webhook).await.is_empty(), "claimed by another node");
    world.send(ana, other, "later").await;
    assert!(claim(world, &webhook).await.is_empty(), "not before the earlier one");
    // The first two are delivered, the third fails.
    let now = world.now();
    let later = Timestamp(now.0 + HOUR / 2);
    let mut results: Vec<_> = runs[0].iter().map(|event| (event.claim(), DeliveryResult::Released)).collect();
    results[0].1 = DeliveryResult::Delivered(204);
    results[1].1 = DeliveryResult::Delivered(200);
    results[2].1 = DeliveryResult::Failed(Some(500), later);
    results.push((runs[1][0].claim(), DeliveryResult::Dropped));
    finish(world, &results).await;
    assert_eq!(seqs(&claim(world, &webhook).await), [[2]], "the other conversation goes on");
    world.send(ana, one, "behind the failed one").await;
    let newest = world.store.webhook_deliveries(webhook.id, None, 1).await.unwrap().remove(0);
    assert_eq!(newest.next_at, Some(later), "it waits with the failed one");
    assert!(claim(world, &webhook).await.is_empty());
    world.wait(HOUR / 2);
    let runs = claim(world, &webhook).await;
    assert_eq!(seqs(&runs), [(3..=18).collect::<Vec<_>>()]);
    assert_eq!((runs[0][0].attempts, runs[0][1].attempts), (1, 0));
    // A node that died: its claim ends with the lease.
    world.wait(HOUR);
    let again = claim(world, &webhook).await;
    assert_eq!(seqs(&again), [(3..=18).collect::<Vec<_>>(), vec![2]]);
}

pub(crate) async fn x3_a_claim_that_has_ended_has_no_result(world: &World) {
    let (ana, bo, _) = world.three().await;
    let talk = world.conversation(&[ana, bo]).await;
    let webhook = endpoint(world, &[MessageCreated]).await;
    world.send(ana, talk, "hello").await;
    let slow = claim(world, &webhook).await.concat().remove(0).claim();
    world.wait(2 * HOUR);
    let other = claim(world, &webhook).await.concat().remove(0).claim();
    let state = async || {
        let page = world.store.webhook_deliveries(webhook.id, None, 1).await.unwrap();
        (page[0].state, page[0].attempts)
    };
    let all = |later| {
        [
            DeliveryResult::Delivered(200),
            DeliveryResult::Failed(Some(500), later),
            DeliveryResult::GivenUp(None),
            DeliveryResult::Released,
            DeliveryResult::Postponed(later),
            DeliveryResult::Dropped,
        ]
    };
    for result in all(world.now()) {
        finish(world, &[(slow, result)]).await;
        assert_eq!(state().await, (DeliveryState::Pending, 0), "{result:?}");
        assert!(claim(world, &webhook).await.is_empty(), "still claimed by the other node: {result:?}");
    }
    finish(world, &[(other, DeliveryResult::Delivered(200))]).await;
    for result in all(world.now()) {
        finish(world, &[(slow, result), (other, result)]).await;
        assert_eq!(state().await, (DeliveryState::Delivered, 1), "{result:?}");
    }
}

pub(crate) async fn x3_claims_at_once_never_share_an_event(world: &World) {
    let (ana, bo, _) = world.three().await;
    let one = world.conversation(&[ana, bo]).await;
    let webhook = endpoint(world, &[MessageCreated]).await;
    world.send_many(ana, one, 40).await;
    let mut delivered = Vec::new();
    while delivered.len() < 40 {
        let now = world.now();
        let until = Timestamp(now.0 + HOUR);
        let claims = (0..8).map(|_| world.store.claim_webhook_events(webhook.id, now, until));
        let claimed: Vec<_> =
            futures::future::join_all(claims).await.into_iter().map(Result::unwrap).collect();
        let runs: Vec<_> = claimed.into_iter().flatten().collect();
        assert_eq!(runs.len(), 1, "one node has the conversation");
        let results: Vec<_> =
            runs[0].iter().map(|event| (event.claim(), DeliveryResult::Delivered(200))).collect();
        delivered.extend(runs[0].iter().filter_map(|event| event.seq));
        finish(world, &results).await;
    }
    assert_eq!(delivered, (1..=40).collect::<Vec<_>>());
}

pub(crate) async fn x3_deliveries_are_listed_sent_again_and_swept(world: &World) {
    let (ana, bo, _) = world.three().await;
    let talk = world.conversation(&[ana, bo]).await;
    let webhook = endpoint(world, &[MessageCreated]).await;
    world.send_many(ana, talk, 3).await;
    let run = claim(world, &webhook).await.remove(0);
    let results = [
        (run[0].claim(), DeliveryResult::Delivered(202)),
        (run[1].claim(), DeliveryResult::GivenUp(None)),
        (run[2].claim(), DeliveryResult::Postponed(Timestamp(world.now().0 + HOUR))),
    ];
    finish(world, &results).await;
    let store = &world.store;
    let page = store.webhook_deliveries(webhook.id, None, 10).await.unwrap();
    let states: Vec<_> = page.iter().map(|one| (one.state, one.attempts, one.status)).collect();
    assert_eq!(
        states,
        [
            (DeliveryState::Pending, 0, None),
            (DeliveryState::GivenUp, 1, None),
            (DeliveryState::Delivered, 1, Some(202)),
        ]
    );
    assert!(page[0].next_at.is_some() && page[0].tried_at.is_none() && page[1].tried_at.is_some());
    assert_eq!(page.iter().map(|one| one.key).collect::<Vec<_>>(), [run[2].key, run[1].key, run[0].key]);
    let rest = store.webhook_deliveries(webhook.id, Some(page[1].id), 10).await.unwrap();
    assert_eq!(rest, page[2..]);
    let now = world.now();
    assert!(store.resend_webhook_event(page[1].id, now, Timestamp(now.0 + HOUR)).await.unwrap());
    assert!(!store.resend_webhook_event(page[0].id + 1_000, now, now).await.unwrap());
    let again = claim(world, &webhook).await;
    assert_eq!(again[0].iter().map(|event| event.key).collect::<Vec<_>>(), [run[1].key], "with its id");
    assert_eq!(store.sweep_webhook_events(Timestamp(0)).await.unwrap(), 0);
    assert_eq!(store.sweep_webhook_events(world.now()).await.unwrap(), 1, "the delivered one");
    assert_eq!(store.webhook_deliveries(webhook.id, None, 10).await.unwrap().len(), 2);
}

pub(crate) async fn x3_an_event_that_is_sent_again_holds_back_no_other(world: &World) {
    let (ana, bo, _) = world.three().await;
    let talk = world.conversation(&[ana, bo]).await;
    let webhook = endpoint(world, &[MessageCreated]).await;
    world.send(ana, talk, "one").await;
    let first = claim(world, &webhook).await.concat().remove(0);
    finish(world, &[(first.claim(), DeliveryResult::Delivered(200))]).await;
    let now = world.now();
    let resent = world.store.resend_webhook_event(first.id, now, Timestamp(now.0 + HOUR)).await;
    assert!(resent.unwrap());
    world.send(ana, talk, "two").await;
    let mut runs = claim(world, &webhook).await;
    runs.sort_by_key(|run| run[0].seq);
    assert_eq!(seqs(&runs), [[1], [2]], "beside each other");
    let later = Timestamp(world.now().0 + HOUR / 2);
    let results = [
        (runs[0][0].claim(), DeliveryResult::Failed(None, later)),
        (runs[1][0].claim(), DeliveryResult::Delivered(200)),
    ];
    finish(world, &results).await;
    world.send(ana, talk, "three").await;
    assert_eq!(seqs(&claim(world, &webhook).await), [[3]]);
    world.wait(HOUR / 2);
    assert_eq!(seqs(&claim(world, &webhook).await), [[1]]);
}

/// The usernames of the recipients of the newest message.
async fn recipients(world: &World, webhook: &Webhook) -> Vec<(String, i64)> {
    let event = claim(world, webhook).await.concat().pop().expect("an event");
    let facts = world.store.webhook_facts(&event, world.now()).await.unwrap().expect("facts");
    finish(world, &[(event.claim(), DeliveryResult::Delivered(200))]).await;
    facts.recipients.into_iter().map(|one| (one.person.username, one.unread)).collect()
}

pub(crate) async fn x3_unread_messages_concern_members_who_want_to_know(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let group = world.group(&[ana, bo, cy]).await;
    world.store.webhook_switch().set_unread_delay(Duration::from_secs(60));
    let webhook = endpoint(world, &[MessageUnread]).await;
    world.send(ana, group, "hello").await;
    assert!(claim(world, &webhook).await.is_empty(), "not before the delay");
    world.wait(60_000_000);
    let of = |name: &str, unread| (name.to_owned(), unread);
    assert_eq!(recipients(world, &webhook).await, [of("bo", 1), of("cy", 1)]);
    world.send(ana, group, "and more").await;
    world.write(read(bo, group, None)).await.unwrap();
    world.wait(60_000_000);
    assert_eq!(recipients(world, &webhook).await, [of("cy", 2)]);
    let muted_until = Some(Some(Timestamp(i64::MAX / 2)));
    let change = MembershipChange { muted_until, ..MembershipChange::default() };
    world.write(Write::SetMembership { user: cy, conversation: group, change }).await.unwrap();
    world.send(ana, group, "to those who listen").await;
    world.wait(60_000_000);
    assert_eq!(recipients(world, &webhook).await, [of("bo", 1)]);
}

pub(crate) async fn x3_contents_are_those_of_the_time_of_delivery(world: &World) {
    let (ana, bo, _) = world.three().await;
    let webhook = endpoint(world, &[MessageCreated, ConversationCreated]).await;
    let talk = world.conversation(&[ana, bo]).await;
    let message = world.send(ana, talk, "a secret").await;
    world.delete(ana, talk, message.id).await.unwrap();
    let run = claim(world, &webhook).await.remove(0);
    let facts = |event| world.store.webhook_facts(event, Timestamp(0));
    let created = facts(&run[0]).await.unwrap().expect("facts");
    assert_eq!((created.members.len(), created.message.is_none()), (2, true));
    let told = facts(&run[1]).await.unwrap().expect("facts").message.expect("a message");
    assert_eq!((told.content.as_str(), told.deleted_at.is_some()), ("", true));
    let elsewhere = WebhookDelivery { conversation: ConversationId(4_711), ..run[1].clone() };
    assert!(facts(&elsewhere).await.unwrap().is_none());
}

pub(crate) async fn x3_an_endpoint_of_a_kind_is_told_of_its_subjects_alone(world: &World) {
    let (ana, bo, _) = world.three().await;
    let events = [MessageCreated, MessageUnread, ConversationCreated].into_iter().collect();
    let url = "https://shop.example/hook".to_owned();
    let of_kind = |kind: &str| NewWebhook {
        url: url.clone(),
        events,
        subject_kind: Some(kind.to_owned()),
        salt: [7; 16],
        repeatable_by: None,
    };
    let listings = world.store.add_webhook(&of_kind("listing"), world.now()).await.unwrap();
    let jobs = world.store.add_webhook(&of_kind("job"), world.now()).await.unwrap();
    world.store.webhook_switch().want(events);
    let elsewhere = world.conversation(&[ana, bo]).await;
    world.send(ana, elsewhere, "about nothing").await;
    let id = match world.write(open("42", false, &[(bo, "seller"), (ana, "buyer")])).await {
        Ok(Outcome::ConversationCreated { id, .. }) => id,
        other => panic!("not opened: {other:?}"),
    };
    world.send(ana, id, "Is it still there?").await;
    assert!(claim(world, &jobs).await.is_empty());
    let runs = claim(world, &listings).await;
    assert_eq!(kinds(&runs), [vec![ConversationCreated, MessageCreated], vec![MessageUnread]]);
    let facts = world.store.webhook_facts(&runs[1][0], world.now()).await.unwrap().expect("facts");
    assert_eq!(
        facts.subject.map(|subject| (subject.kind, subject.id)),
        Some(("listing".into(), "42".into()))
    );
    let recipients = facts.recipients.iter().map(|one| (one.person.id, one.subject_role.as_deref()));
    assert_eq!(recipients.collect::<Vec<_>>(), [(bo, Some("seller"))]);
    assert!(facts.identities.is_empty(), "they come from no product");
}
