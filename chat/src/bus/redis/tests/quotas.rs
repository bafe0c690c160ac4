//! Tests of quotas between nodes.

use super::{SERVER, installation, node, up};
use crate::bus::{Bus as _, QuotaDecision, SharedQuota};

fn ask(key: &str, amount: f64, already_spent: bool) -> SharedQuota {
    SharedQuota { key: key.into(), per_second: 0.5, burst: 4.0, amount, already_spent }
}

#[tokio::test]
async fn w5_a_burst_over_two_nodes_then_the_time_to_wait() {
    let name = installation();
    let (nodes, _guards): (Vec<_>, Vec<_>) = (0..2).map(|_| node(&SERVER.url(), &name)).unzip();
    for node in &nodes {
        up(node).await;
    }
    let mut granted = 0;
    let mut waits = Vec::new();
    for n in 0..10 {
        let answers =
            nodes[n % 2].spend(&[ask("a", 1.0, false), ask("b", 0.0, false)]).await.expect("an answer");
        match answers[0] {
            QuotaDecision::Granted(left) => {
                granted += 1;
                assert!((left - f64::from(4 - granted)).abs() < 0.5, "{left}");
            }
            QuotaDecision::Wait(seconds) => waits.push(seconds),
        }
        assert!(matches!(answers[1], QuotaDecision::Granted(left) if left > 3.9), "another is not touched");
    }
    assert_eq!(granted, 4);
    assert!(waits.iter().all(|wait| (0.5..=2.0).contains(wait)), "{waits:?}");
    // A token that one node returns is available on the other.
    nodes[0].spend(&[ask("a", -1.0, true)]).await.expect("an answer");
    assert!(matches!(
        nodes[1].spend(&[ask("a", 1.0, false)]).await.expect("an answer")[0],
        QuotaDecision::Granted(_)
    ));
    // Tokens that were spent already can leave a debt; another installation has buckets of its own.
    let debt = nodes[1].spend(&[ask("a", 3.0, true)]).await.expect("an answer")[0];
    assert!(matches!(debt, QuotaDecision::Granted(left) if left < -1.0), "{debt:?}");
    let (other, _guard) = node(&SERVER.url(), &installation());
    up(&other).await;
    assert!(matches!(
        other.spend(&[ask("a", 4.0, false)]).await.expect("an answer")[0],
        QuotaDecision::Granted(_)
    ));
}

#[tokio::test]
async fn f4_quotas_fail_with_the_server_without_delay() {
    let mut server = test_servers::Redis::start().expect("a Redis");
    let (redis, _guard) = node(&server.url(), "one");
    assert_eq!(redis.spend(&[ask("a", 1.0, false)]).await, None, "there is no way yet");
    up(&redis).await;
    while redis.spend(&[ask("a", 4.0, true)]).await.is_none() {}
    server.empty().expect("empties");
    // The script was removed too, and is loaded again.
    let answer = redis.spend(&[ask("a", 1.0, false)]).await;
    assert!(matches!(answer.as_deref(), Some([QuotaDecision::Granted(left)]) if *left > 2.9), "{answer:?}");
    server.pause().expect("pauses");
    let began = std::time::Instant::now();
    for _ in 0..1_000 {
        assert_eq!(redis.spend(&[ask("a", 1.0, false)]).await, None);
    }
    assert!(began.elapsed().as_millis() < 900, "one waits, the others do not: {:?}", began.elapsed());
    server.resume().expect("resumes");
    while redis.spend(&[ask("a", 1.0, false)]).await.is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    server.kill().expect("kills");
}
