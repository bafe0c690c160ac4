//! A token refresh whose answer was lost (V10), repeated at another node or after a restart.

use super::{Cluster, POSTGRES};
use crate::support::{Person, Program, until};
use reqwest::{Client, Response};
use serde_json::{Value, json};

async fn refresh(node: &Program, token: &str) -> Response {
    let asked = Client::new().post(format!("{}/api/token/refresh", node.url));
    asked.json(&json!({"refresh": token})).send().await.unwrap()
}

/// The tokens of a refresh: access, refresh.
async fn pair(answer: Response) -> (String, String) {
    assert_eq!(answer.status(), 200);
    let pair: Value = answer.json().await.unwrap();
    (pair["access"].as_str().unwrap().to_owned(), pair["refresh"].as_str().unwrap().to_owned())
}

async fn is_accepted(node: &Program, access: &str) -> bool {
    let asked = Client::new().get(format!("{}/api/me", node.url)).bearer_auth(access);
    asked.send().await.unwrap().status() == 200
}

/// Waits until no token of this grant opens anything at these nodes.
async fn is_over(nodes: &[&Program], tokens: &[&str]) {
    for node in nodes {
        for token in tokens {
            until("the grant is over", async || !is_accepted(node, token).await).await;
        }
    }
}

#[tokio::test]
async fn v10_a_refresh_is_repeated_at_the_other_node_until_its_tokens_are_used() {
    let cluster = Cluster::new();
    let (one, other) = cluster.two().await;
    let Person { refresh: first, access: old, .. } = one.register("anna").await;
    // This answer is lost.
    let (lost, _) = pair(refresh(&one, &first).await).await;
    let (access, next) = pair(refresh(&other, &first).await).await;
    for node in [&one, &other] {
        assert!(is_accepted(node, &access).await);
    }
    let (access, last) = pair(refresh(&one, &next).await).await;
    assert!(is_accepted(&other, &access).await);
    // From the first use on, a repeat is a theft, at either node.
    assert_eq!(refresh(&one, &next).await.status(), 401);
    is_over(&[&one, &other], &[&access, &lost, &old]).await;
    assert_eq!(refresh(&other, &last).await.status(), 401);
}

#[tokio::test]
async fn v10_a_repeat_after_thirty_seconds_ends_the_grant_at_both_nodes() {
    let cluster = Cluster::new();
    let (one, other) = cluster.two().await;
    let Person { refresh: first, .. } = one.register("anna").await;
    let (access, next) = pair(refresh(&one, &first).await).await;
    let database = cluster.database.rsplit('/').next().unwrap();
    let later = "update session set used_at = used_at - 31000000 where id like 'grant-%' returning 1";
    assert!(POSTGRES.ask(database, later).unwrap().starts_with('1'));
    assert_eq!(refresh(&other, &first).await.status(), 401);
    is_over(&[&one, &other], &[&access]).await;
    for node in [&one, &other] {
        assert_eq!(refresh(node, &next).await.status(), 401);
    }
}

#[tokio::test]
async fn v10_a_refresh_is_repeated_after_its_node_was_killed_and_restarted() {
    let cluster = Cluster::new();
    let data = tempfile::tempdir().unwrap();
    let settings = [("RAPPORT_DATA", data.path().to_str().unwrap())];
    for on_postgres in [false, true] {
        let starts =
            async || if on_postgres { cluster.node().await } else { Program::alone(&settings).await };
        let node = starts().await;
        let Person { refresh: first, .. } = node.register("anna").await;
        pair(refresh(&node, &first).await).await;
        assert_eq!(node.ends_by("-KILL").await, None);
        let node = starts().await;
        let (access, next) = pair(refresh(&node, &first).await).await;
        assert!(is_accepted(&node, &access).await);
        assert_eq!(refresh(&node, &first).await.status(), 401, "its tokens were used");
        assert!(!is_accepted(&node, &access).await);
        assert_eq!(refresh(&node, &next).await.status(), 401);
    }
}
