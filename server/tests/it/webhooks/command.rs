//! `rapport webhook`.

use super::{LOOPBACK, Product, QUICK};
use crate::support::{Ended, Program, Reply, Server, WebhookEndpoint, room, until};

/// Runs `rapport webhook` on the installation of this server.
async fn run(server: &Server, words: &[&str]) -> Ended {
    let words: Vec<_> = ["webhook"].iter().chain(words).copied().collect();
    Program::run(server.folder.path(), server.folder.path(), &words, "").await
}

#[tokio::test]
async fn x3_deliveries_are_looked_at_and_sent_again() {
    let server = Server::start_with(&[LOOPBACK]).await;
    let mut endpoint = WebhookEndpoint::start().await;
    Product::of(&server).await.add(&endpoint.url("shop"), &["message.created", "member.left"]).await;
    let listed = run(&server, &["list"]).await;
    assert_eq!(listed.out, format!("1\tmessage.created,member.left\tall\t{}\n", endpoint.url("shop")));
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    endpoint.answer_once("shop", Reply::Status(202));
    anna.says(talk, "a word in confidence").await;
    let first = endpoint.next().await;
    let mut line = String::new();
    until("the result", async || {
        line = run(&server, &["deliveries", "1"]).await.out;
        line.contains("delivered")
    })
    .await;
    assert!(!line.contains("confidence"), "{line}");
    let cells: Vec<_> = line.trim_end().split('\t').collect();
    assert_eq!((cells[1], cells[3], cells[4], cells[5]), ("message.created", "delivered", "1", "202"));
    assert_eq!(run(&server, &["resend", cells[0]]).await.code, Some(0));
    let again = endpoint.next().await;
    assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
    assert_eq!(again.text(), "a word in confidence");
    assert_eq!(run(&server, &["remove", "1"]).await.code, Some(0));
    for words in [["remove", "1"], ["deliveries", "1"], ["resend", cells[0]]] {
        let ended = run(&server, &words).await;
        assert_eq!(ended.code, Some(1), "{words:?}: {ended:?}");
    }
    assert_eq!(run(&server, &["list"]).await.out, "");
}

#[tokio::test]
async fn x3_addresses_that_are_not_public_are_refused() {
    let server = Server::start().await;
    server.ready().await;
    for url in [
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/hook",
        "https://127.0.0.1:8443/",
        "https://2130706433/",
        "https://[::ffff:10.0.0.1]/",
        "http://8.8.8.8/",
        "ftp://8.8.8.8/",
        "not a URL",
        "",
    ] {
        let ended = run(&server, &["add", "--event", "message.created", "--url", url]).await;
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{url}");
        assert!(ended.err.contains("url: "), "{url}: {}", ended.err);
    }
    for words in [["--event", "message.exploded"], ["--event", ""]] {
        let words = [&["add", "--url", "https://8.8.8.8/"], words.as_slice()].concat();
        let ended = run(&server, &words).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.err.contains("events: "), "{ended:?}");
    }
    assert_eq!(run(&server, &["list"]).await.out, "");
}

#[tokio::test]
async fn x3_an_address_that_is_not_public_any_more_is_not_connected_to() {
    // The server refuses what the command was told to allow: as after a change of the name's address.
    let server = Server::start_with(&QUICK).await;
    server.ready().await;
    let mut endpoint = WebhookEndpoint::start().await;
    let url = endpoint.url("shop").replace("http:", "https:");
    let words = ["add", "--allow-private-webhooks", "1", "--event", "message.created", "--url", &url];
    let added = run(&server, &words).await;
    assert_eq!(added.code, Some(0), "{added:?}");
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    // The server notices the endpoint at most a second later.
    until("an attempt", async || {
        anna.says(talk, "to nobody").await;
        run(&server, &["deliveries", "1"]).await.out.contains("\tpending\t1\t-")
    })
    .await;
    assert!(endpoint.try_next().is_none());
}
