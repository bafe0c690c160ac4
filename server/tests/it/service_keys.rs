//! Service keys: the command line, and what they are accepted for.

use crate::support::{Program, Server, Socket};
use protocol::KeyScope;
use serde_json::{Value, json};

async fn status(server: &Server, path: &str, token: &str) -> u16 {
    let request = server.http.get(format!("{}{path}", server.url)).bearer_auth(token);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn x1_a_key_is_printed_once_and_is_for_products_alone() {
    let server = Server::start().await;
    let anna = server.register("anna").await;
    let at = tempfile::tempdir().unwrap();
    let run = async |arguments: &[&str]| Program::run(at.path(), server.folder.path(), arguments, "").await;
    let added = run(&["key", "add", "--name", "shop", "--scope", "webhooks", "--scope", "subjects"]).await;
    assert_eq!(added.code, Some(0), "{added:?}");
    let key = added.out.strip_suffix('\n').unwrap();
    assert!(key.len() == 46 && key.starts_with("rk_"), "the key alone: {key:?}");
    assert!(!added.err.contains(key) && added.err.contains("shop"), "{added:?}");

    let listed = run(&["key", "list"]).await.out;
    assert!(listed.starts_with("1\tshop\tsubjects, webhooks\tcreated 20"), "{listed}");
    assert!(listed.ends_with("\tnever used\n") && !listed.contains(key), "{listed}");

    let answer = server.http.get(format!("{}/api/key", server.url)).bearer_auth(key).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let about: Value = answer.json().await.unwrap();
    assert_eq!((&about["name"], &about["scopes"]), (&json!("shop"), &json!(["subjects", "webhooks"])));
    assert!(run(&["key", "list"]).await.out.contains("\tused 20"));

    // Neither is accepted in place of the other.
    assert_eq!(status(&server, "/api/key", &anna.access).await, 401);
    assert_eq!(status(&server, "/api/key", &anna.refresh).await, 401);
    assert_eq!(status(&server, "/api/me", key).await, 401);
    assert_eq!(server.http.get(format!("{}/api/key", server.url)).send().await.unwrap().status(), 401);
    for url in [server.ws("/ws/"), server.ws(&format!("/ws/?token={key}"))] {
        let mut socket = Socket::open(&url, &[("authorization", &format!("Bearer {key}"))]).await.unwrap();
        assert_eq!(socket.closed().await.0, 4001, "{url}");
    }
    let mut forged = key.to_owned();
    forged.replace_range(10..11, if &key[10..11] == "A" { "B" } else { "A" });
    assert_eq!(status(&server, "/api/key", &forged).await, 401);

    let again = run(&["key", "add", "--name", "shop", "--scope", "subjects"]).await;
    assert_eq!((again.code, again.out.as_str()), (Some(1), ""), "{again:?}");
    assert!(again.err.contains("There is a key named shop"), "{again:?}");
}

#[tokio::test]
async fn x1_a_revoked_key_ends_at_once() {
    let server = Server::start().await;
    let (one, other) =
        (server.key("one", &[KeyScope::Subjects]).await, server.key("other", &[KeyScope::Webhooks]).await);
    let at = tempfile::tempdir().unwrap();
    let run = async |arguments: &[&str]| Program::run(at.path(), server.folder.path(), arguments, "").await;
    assert_eq!(status(&server, "/api/key", &one).await, 200);
    assert_eq!(run(&["key", "revoke", "one"]).await.out, "one is revoked.\n");
    assert_eq!(status(&server, "/api/key", &one).await, 401);
    assert_eq!(status(&server, "/api/key", &other).await, 200);
    assert_eq!(run(&["key", "revoke", "2"]).await.out, "other is revoked.\n");
    assert_eq!(status(&server, "/api/key", &other).await, 401);
    for gone in ["one", "2", "3", "nobody"] {
        assert_eq!(run(&["key", "revoke", gone]).await.code, Some(1), "{gone}");
    }
    assert!(run(&["key", "list"]).await.out.lines().all(|line| line.contains("\trevoked 20")));
    // The name is free again.
    assert_eq!(status(&server, "/api/key", &server.key("one", &[KeyScope::Subjects]).await).await, 200);
}

#[tokio::test]
async fn x1_requests_of_a_key_have_a_rate_limit() {
    let server = Server::start_with(&[
        ("RAPPORT_LIMITS__KEY_REQUESTS_PER_SECOND", "0.01"),
        ("RAPPORT_LIMITS__KEY_REQUEST_BURST", "3"),
    ])
    .await;
    let (one, other) =
        (server.key("one", &[KeyScope::Subjects]).await, server.key("other", &[KeyScope::Webhooks]).await);
    let ask = async |path: &str, key: &str| {
        server.http.get(format!("{}{path}", server.url)).bearer_auth(key).send().await.unwrap()
    };
    // A request that is refused for its scope costs as much, whichever route it is for.
    for (path, status, left) in [
        ("/api/key", 200, 2),
        ("/api/webhooks", 403, 1),
        ("/api/subjects/listing/7/conversation", 404, 0),
        ("/api/key", 429, 0),
        ("/api/webhooks", 429, 0),
    ] {
        let answer = ask(path, &one).await;
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers()["ratelimit-policy"], "\"requests\";q=3;w=300");
        let state = answer.headers()["ratelimit"].to_str().unwrap();
        assert!(state.starts_with(&format!("\"requests\";r={left};t=")), "{state}");
        let retry_after = answer.headers().get("retry-after").map(|at| at.to_str().unwrap().parse().unwrap());
        match retry_after {
            Some(seconds) => assert!(status == 429 && (80..=100).contains(&seconds), "{seconds}"),
            None => assert_ne!(status, 429),
        }
    }
    let refused: Value = ask("/api/key", &one).await.json().await.unwrap();
    assert_eq!(refused["error"]["code"], "rate_limited");
    // Another key has another bucket, and an unknown one has none.
    assert_eq!(ask("/api/webhooks", &other).await.status(), 200);
    let unknown = ask("/api/key", &one.replace("rk_", "rk-")).await;
    assert_eq!((unknown.status().as_u16(), unknown.headers().get("ratelimit")), (401, None));
}

#[tokio::test]
async fn x1_invalid_keys_are_refused_by_the_command_line() {
    let server = Server::start().await;
    let at = tempfile::tempdir().unwrap();
    assert_eq!(reqwest::get(format!("{}/readyz", server.url)).await.unwrap().status(), 200);
    for (arguments, code, word) in [
        (vec!["key", "add", "--name", "7", "--scope", "subjects"], 1, "begins with a letter"),
        (vec!["key", "add", "--name", "shop", "--scope", "everything"], 2, "subjects"),
        (vec!["key", "add", "--name", "shop"], 2, "--scope"),
        (vec!["key", "add", "--scope", "subjects"], 2, "--name"),
    ] {
        let ended = Program::run(at.path(), server.folder.path(), &arguments, "").await;
        assert_eq!((ended.code, ended.out.as_str()), (Some(code), ""), "{arguments:?}: {ended:?}");
        assert!(ended.err.contains(word), "{arguments:?}: {ended:?}");
    }
    assert_eq!(Program::run(at.path(), server.folder.path(), &["key", "list"], "").await.out, "");
}
