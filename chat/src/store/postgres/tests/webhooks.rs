//! The rows that webhooks change.

use super::{SERVER, postgres, world};
use crate::store::WebhookStore as _;
use crate::store::contract::webhook_lanes::failing_lane;
use protocol::Timestamp;

#[tokio::test]
async fn x3_one_failed_attempt_changes_one_row() {
    let (store, url) = postgres().await;
    let world = world(&store);
    let later = failing_lane(&world, 4_000).await;
    let database = url.rsplit('/').next().unwrap();
    let count = |condition: &str| {
        SERVER.ask(database, &format!("SELECT count(*) FROM webhook_event WHERE {condition}")).unwrap()
    };
    assert_eq!(count("state = 0").trim(), "4000");
    assert_eq!(count(&format!("due_at = {}", later.0)).trim(), "1");
    assert_eq!(count("state = 0 AND head = 1").trim(), "1", "the others are not found as due");
    // The lane of a head that is gone gets another one with the next sweep.
    SERVER.ask(database, "DELETE FROM webhook_event WHERE head = 1").unwrap();
    store.sweep_webhook_events(Timestamp(0)).await.unwrap();
    assert_eq!(count("state = 0 AND head = 1 AND seq = 2").trim(), "1");
}
