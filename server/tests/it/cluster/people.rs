//! Presence when a node dies.

use super::{Cluster, at};
use crate::support::room;
use protocol::{ServerFrame, Status};
use std::time::{Duration, Instant};

#[tokio::test]
async fn p1_the_people_of_a_killed_node_are_offline_within_a_minute_and_those_who_moved_are_not() {
    let cluster = Cluster::new();
    let (one, other) = cluster.two().await;
    let (anna, ben, cleo) =
        (one.register("anna").await, other.register("ben").await, other.register("cleo").await);
    room(&[&anna, &ben], None).await;
    room(&[&anna, &cleo], None).await;
    let mut annas = anna.connect().await;
    let _bens = ben.connect().await;
    let _cleos = cleo.connect().await;
    for _ in 0..2 {
        annas.until(|frame| matches!(frame, ServerFrame::UserStatus(s) if s.status == Status::Online)).await;
    }
    let since = Instant::now();
    assert_eq!(other.ends_by("-KILL").await, None);
    let _moved = at(&ben, &one).connect().await;
    let minute = Duration::from_secs(60);
    let gone = annas.until_within(minute, |frame| matches!(frame, ServerFrame::UserStatus(_))).await;
    assert!(
        matches!(&gone, ServerFrame::UserStatus(s) if s.status == Status::Offline && s.user_id == cleo.me.id),
        "{gone:?}"
    );
    assert!(since.elapsed() < minute, "{:?}", since.elapsed());
}
