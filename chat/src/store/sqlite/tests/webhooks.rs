//! The rows that webhooks change.

use super::super::connections::WRITE;
use super::{sqlite, world};
use crate::store::WebhookStore as _;
use crate::store::contract::webhook_lanes::failing_lane;
use protocol::Timestamp;
use sqlx::AssertSqlSafe;

#[tokio::test]
async fn x3_one_failed_attempt_changes_one_row() {
    let (store, _folder) = sqlite().await;
    let world = world(&store);
    let later = failing_lane(&world, 4_000).await;
    let count = async |condition: &str| {
        let sql = format!("SELECT count(*) FROM webhook_event WHERE {condition}");
        let mut reading = store.readers.acquire().await.unwrap();
        sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).fetch_one(&mut *reading).await.unwrap()
    };
    assert_eq!(count("state = 0").await, 4_000);
    assert_eq!(count(&format!("due_at = {}", later.0)).await, 1);
    assert_eq!(count("state = 0 AND head = 1").await, 1, "the others are not found as due");
    // The lane of a head that is gone gets another one with the next sweep.
    let mut writing = store.writer.begin_with(WRITE).await.unwrap();
    sqlx::query("DELETE FROM webhook_event WHERE head = 1").execute(&mut *writing).await.unwrap();
    writing.commit().await.unwrap();
    store.sweep_webhook_events(Timestamp(0)).await.unwrap();
    assert_eq!(count("state = 0 AND head = 1 AND seq = 2").await, 1);
}
