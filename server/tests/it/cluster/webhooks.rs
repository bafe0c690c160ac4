//! Webhooks of two nodes.

use super::{Cluster, at};
use crate::support::{Program, WebhookEndpoint, room, until};

#[tokio::test]
async fn x3_two_nodes_deliver_each_event_once_and_in_order() {
    let cluster = Cluster::new();
    let settings = [
        ("RAPPORT_DATABASE_URL", cluster.database.as_str()),
        ("RAPPORT_REDIS_URL", cluster.redis.as_str()),
        ("RAPPORT_ALLOW_PRIVATE_WEBHOOKS", "1"),
        ("RAPPORT_LIMITS__SENDS_PER_SECOND", "1000000"),
        ("RAPPORT_LIMITS__SEND_BURST", "1000000"),
    ];
    let (one, other) = tokio::join!(Program::alone(&settings), Program::alone(&settings));
    let mut endpoint = WebhookEndpoint::start().await;
    let folder = tempfile::tempdir().unwrap();
    let url = endpoint.url("shop");
    let words = [
        "webhook",
        "add",
        "--allow-private-webhooks",
        "1",
        "--url",
        &url,
        "--event",
        "message.created",
        "--database-url",
        &cluster.database,
    ];
    let added = Program::run(folder.path(), folder.path(), &words, "").await;
    assert_eq!(added.code, Some(0), "{added:?}");
    let (anna, ben) = (one.register("anna").await, other.register("ben").await);
    // The nodes notice the endpoint at most a second later.
    for (who, name) in [(&anna, "carla"), (&ben, "dora")] {
        let probed = room(&[who, &at(&one.register(name).await, &one)], None).await;
        until("a node to notice the endpoint", async || {
            let text = format!("{name} {:?}", std::time::Instant::now());
            who.says(probed, &text).await;
            tokio::time::timeout(std::time::Duration::from_millis(500), endpoint.next_with(&text))
                .await
                .is_ok()
        })
        .await;
    }
    let talk = room(&[&anna, &ben], None).await;
    let elsewhere = at(&anna, &other);
    for n in 0..100 {
        let anna = if n % 2 == 0 { &anna } else { &elsewhere };
        anna.says(talk, &n.to_string()).await;
    }
    let mut texts = Vec::new();
    while texts.len() < 100 {
        let hook = endpoint.next().await;
        assert!(hook.is_signed_by(added.out.trim_end()));
        texts.push(hook.text());
    }
    assert_eq!(texts, (0..100).map(|n| n.to_string()).collect::<Vec<_>>());
    // A further one is the next: nothing came twice.
    anna.says(talk, "end").await;
    assert_eq!(endpoint.next().await.text(), "end");
}
