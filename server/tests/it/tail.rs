//! `rapport tail`, by the quick start of docs/bots.md.

use crate::check_tls::Authority;
use crate::support::{Fault, Faulty, PATIENCE, Person, Program, opened};
use protocol::Message;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// The command of the quick start that contains this word.
fn printed(word: &str) -> String {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/bots.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    let mut commands =
        guide.split("```sh\n").skip(1).filter_map(|block| block.split("```").next()).flat_map(str::lines);
    commands.find(|line| line.contains(word)).unwrap_or_else(|| panic!("no command with {word}")).to_owned()
}

/// A shell on the machine of the server.
fn shell(server: &Program, line: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_rapport")).parent().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).env_clear().env("PATH", format!("{}:/usr/bin:/bin", program.display()));
    shell.env("RAPPORT_DATA", server.data()).env("RAPPORT_LISTEN", server.address());
    shell.env("RAPPORT_LIMITS__ADDABLE_BY", "everyone");
    shell
        .current_dir(server.data())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    shell
}

async fn line(lines: &mut Lines<impl tokio::io::AsyncBufRead + Unpin>) -> String {
    tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("a line").unwrap().expect("a line")
}

/// Starts the command, and waits until it is connected.
async fn following(mut command: Command) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = command.spawn().unwrap();
    let out = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut err = BufReader::new(child.stderr.take().unwrap()).lines();
    let said = line(&mut err).await;
    assert!(said.ends_with(", from now on"), "{said}");
    // Read on, so that it never waits for us.
    tokio::spawn(async move { while let Ok(Some(_)) = err.next_line().await {} });
    (child, out)
}

#[tokio::test]
async fn x3_the_commands_of_the_quick_start_show_messages_as_they_come() {
    let server = Program::alone(&[]).await;
    let added = shell(&server, &printed("rapport user add")).output().await.unwrap();
    assert!(added.status.success(), "{added:?}");
    let anna = server.register("anna").await;
    let echo = Person::with_password(&server.url, "echo", "a long enough password").await;
    let room = opened(&[&anna, &echo], None).await;
    assert_eq!(room.0, 1, "the conversation of the quick start");
    anna.says(room, "before").await;

    let (_tail, mut out) = following(shell(&server, &printed("rapport tail"))).await;
    let sent = anna.says(room, "Hello\n\u{1b}[2Jworld").await;
    assert_eq!(line(&mut out).await, format!("{} anna: Hello", sent.timestamp));
    assert_eq!(line(&mut out).await, "  \u{fffd}[2Jworld");

    // Another conversation is not shown, and a file can hold the token.
    let other = opened(&[&anna, &echo], Some("A group")).await;
    let token = server.data().join("token");
    std::fs::write(&token, format!("{}\n", echo.access)).unwrap();
    let command = format!("rapport tail {other} --token-file {} --json", token.display());
    let (mut tail, mut json) = following(shell(&server, &command)).await;
    anna.says(room, "in the first").await;
    let sent = anna.says(other, "in the group").await;
    assert_eq!(serde_json::from_str::<Message>(&line(&mut json).await).unwrap(), sent);
    assert_eq!(line(&mut out).await.split_once(" anna: ").unwrap().1, "in the first");

    let member = format!("/api/conversations/{other}/members/{}", echo.me.id);
    assert!(anna.delete(&member).await.status().is_success());
    // The message about the removal may come before the end.
    let ended = tokio::time::timeout(PATIENCE, tail.wait()).await.expect("an end").unwrap();
    assert_eq!(ended.code(), Some(0));
}

#[tokio::test]
async fn x3_a_wrong_use_is_refused_with_the_reason() {
    let server = Program::alone(&[]).await;
    let anna = server.register("anna").await;
    let run = async |line: &str, code: i32, word: &str| {
        let ended = shell(&server, line).output().await.unwrap();
        let err = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(code), "{line}: {err}");
        assert!(err.contains(word) && !err.contains(&anna.access), "{line}: {err}");
    };
    run("rapport tail 1", 2, "RAPPORT_TOKEN").await;
    run("rapport tail one", 2, "invalid value 'one'").await;
    run("rapport tail 1 --token-file /nowhere/token", 2, "/nowhere/token").await;
    run("RAPPORT_TOKEN=nonsense rapport tail 1", 1, "4001 (not authenticated)").await;
    let with_token = format!("RAPPORT_TOKEN={} rapport tail", anna.access);
    run(&format!("{with_token} 99"), 1, "Not found").await;
    run(&format!("{with_token} 1 --url chat.example"), 2, "`chat.example` is no address").await;
    run(&format!("{with_token} 1 --url http://127.0.0.1:1"), 1, "cannot be reached").await;
}

#[tokio::test]
async fn x3_a_server_behind_tls_is_reached_if_its_certificate_is_trusted() {
    let authority = Authority::new();
    let proxy = Faulty::listen(Fault::default(), Some(authority.certify("localhost", 90))).await;
    let server = Program::alone(&[("RAPPORT_PUBLIC_URL", &proxy.url)]).await;
    proxy.stand_before(server.address());
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let room = opened(&[&anna, &ben], None).await;
    let command = format!("RAPPORT_TOKEN={} rapport tail {room} --url {}", anna.access, proxy.url);
    let trusting = format!("SSL_CERT_FILE={} {command}", authority.file().display());
    let (_tail, mut out) = following(shell(&server, &trusting)).await;
    ben.says(room, "Hello").await;
    assert!(line(&mut out).await.ends_with(" ben: Hello"));
    let refused = shell(&server, &command).output().await.unwrap();
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("certificate"), "{refused:?}");
}
