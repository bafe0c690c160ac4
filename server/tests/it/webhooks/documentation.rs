//! The quick start of docs/webhooks.md.

use crate::support::{Program, Server, WebhookEndpoint, room, until};
use serde_json::json;
use std::process::Stdio;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// The first block of this language.
fn block(language: &str) -> String {
    blocks(language).swap_remove(0)
}

/// All blocks of this language.
fn blocks(language: &str) -> Vec<String> {
    let text = include_str!("../../../../docs/webhooks.md");
    let begin = format!("```{language}\n");
    text.split(&begin).skip(1).map(|part| part.split_once("```").unwrap().0.to_owned()).collect()
}

/// Runs a command of the documentation in a shell, with these variables; gives its output.
async fn shell(command: &str, variables: &[(&str, &str)]) -> serde_json::Value {
    let run =
        Command::new("sh").args(["-ec", command]).envs(variables.iter().copied()).output().await.unwrap();
    assert!(run.status.success(), "{command}: {run:?}");
    serde_json::from_slice(&run.stdout).unwrap()
}

#[tokio::test]
async fn x3_the_commands_for_incoming_webhooks_work_as_they_are_written() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let group = room(&[&anna, &ben], Some("Releases")).await;
    let commands = blocks("sh");
    let group_id = group.to_string();
    let variables = [("RAPPORT", server.url.as_str()), ("GROUP", &group_id), ("TOKEN", &anna.access)];
    let created = shell(&commands[1], &variables).await;
    let url = created["url"].as_str().unwrap();
    for _ in 0..2 {
        let sent = shell(&commands[2], &[("URL", url)]).await;
        assert_eq!(sent["sender"]["first_name"], "Build");
    }
    let texts: Vec<_> = ben.reads(group).await.into_iter().map(|message| message.content).collect();
    assert_eq!(texts.iter().filter(|text| *text == "All tests pass.").count(), 1, "{texts:?}");
}

/// Runs a check of the documentation with this driver; the input is JSON of secret, headers and body in base64.
async fn check(program: &[&str], code: &str, driver: &str, input: &serde_json::Value) -> String {
    let mut child = Command::new(program[0])
        .args(&program[1..])
        .arg(format!("{code}\n{driver}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", program[0]));
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).await.unwrap();
    let out = child.wait_with_output().await.unwrap();
    String::from_utf8(out.stdout).unwrap().trim().to_lowercase()
}

const PYTHON: &str = "import json, sys\n\
    given = json.load(sys.stdin)\n\
    print(verify(given['secret'], given['headers'], given['body'].encode()))";
const NODE: &str = "const given = JSON.parse(require('node:fs').readFileSync(0));\n\
    console.log(verify(given.secret, given.headers, Buffer.from(given.body)));";

#[tokio::test]
async fn x3_the_quick_start_works_as_it_is_written() {
    let mut endpoint = WebhookEndpoint::start().await;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::write(
        folder.path().join("Leptos.toml"),
        "[rapport]\nallow_private_webhooks = true\nlimits.send_burst = 1000000\n",
    )
    .unwrap();
    let program = Program::serve(folder.path(), &data, "127.0.0.1:0").await;
    // The command of the documentation, with the URL of the test.
    let line = block("sh").replace("https://shop.example/rapport", &endpoint.url("shop"));
    let words: Vec<_> = line.split_whitespace().skip(1).collect();
    let added = Program::run(folder.path(), &data, &words, "").await;
    assert_eq!(added.code, Some(0), "{added:?}");
    let secret = added.out.trim_end();
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    // The server notices the endpoint at most a second later.
    let mut arrived = None;
    until("a request", async || {
        anna.says(talk, "Grüße 👋").await;
        arrived = endpoint.try_next();
        arrived.is_some()
    })
    .await;
    let hook = arrived.unwrap();
    let headers: serde_json::Map<_, _> = ["webhook-id", "webhook-timestamp", "webhook-signature"]
        .map(|name| (name.to_owned(), json!(hook.header(name))))
        .into_iter()
        .collect();
    let body = String::from_utf8(hook.body.to_vec()).unwrap();
    let good = json!({"secret": secret, "headers": headers, "body": body});
    let mut other_body = good.clone();
    other_body["body"] = json!(body.replace("anna", "eve"));
    let mut old = good.clone();
    old["headers"]["webhook-timestamp"] = json!("1600000000");
    let mut other_secret = good.clone();
    other_secret["secret"] = json!("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    let (python, node) = (block("python"), block("js"));
    for (input, expected) in [(good, "true"), (other_body, "false"), (old, "false"), (other_secret, "false")]
    {
        assert_eq!(check(&["python3", "-c"], &python, PYTHON, &input).await, expected, "Python: {input}");
        assert_eq!(check(&["node", "-e"], &node, NODE, &input).await, expected, "Node: {input}");
    }
}
