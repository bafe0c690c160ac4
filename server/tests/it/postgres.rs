//! Postgres: the commands, many servers on one database, and outages of the database.

use crate::support::{PATIENCE, Person, Program, room, until};
use bench::proxy::{LinkState, Proxy};
use protocol::{ClientFrame, ClientId, ConversationId, ErrorCode, Message, NewMessage, ServerFrame};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use test_servers::Postgres;
use tokio::task::block_in_place;

/// The Postgres server that tests share if they do not stop it.
static SERVER: LazyLock<Postgres> = LazyLock::new(|| Postgres::start().expect("Postgres"));

const FAST: [(&str, &str); 2] =
    [("RAPPORT_LIMITS__SENDS_PER_SECOND", "100000"), ("RAPPORT_LIMITS__SEND_BURST", "100000")];

async fn program(url: &str) -> Program {
    Program::alone(&[FAST[0], FAST[1], ("RAPPORT_DATABASE_URL", url)]).await
}

/// The name of the database in a URL.
fn name(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

fn asks(server: &Postgres, url: &str, statement: &str) -> String {
    block_in_place(|| server.ask(name(url), statement)).unwrap()
}

/// Delays each step of a migration.
fn slow_migrations(url: &str) {
    let slow = "create function slow() returns event_trigger language plpgsql \
        as $$ begin perform pg_sleep(0.1); end $$; \
        create event trigger slow on ddl_command_start execute function slow()";
    asks(&SERVER, url, slow);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f13_three_nodes_migrate_an_empty_database_at_once() {
    let url = block_in_place(|| SERVER.database()).unwrap();
    slow_migrations(&url);
    let (one, two, three) = tokio::join!(program(&url), program(&url), program(&url));
    let applied = asks(&SERVER, &url, "select count(*), count(distinct version) from _sqlx_migrations");
    let (count, versions) = applied.split_once('|').unwrap();
    assert!(count == versions && count != "0", "{applied}");
    // They are one installation: the same people, the same secret, one conversation.
    let (anna, ben) = (one.register("anna").await, two.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let said = anna.says(talk, "from the first").await;
    assert_eq!(ben.at(&three.url).reads(talk).await, [said]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c4_a_text_that_the_database_refuses_is_no_error_of_the_server() {
    let url = block_in_place(|| SERVER.database()).unwrap();
    let node = program(&url).await;
    let anna = node.register("anna").await;
    let page = anna.get("/api/conversations?subject_kind=%00").await;
    assert_eq!(page.status(), 200);
    assert_eq!(page.json::<Value>().await.unwrap(), json!({"conversations": []}));
    let answer = anna.post("/api/conversations", &json!({"participants": ["a\u{0}"]})).await;
    assert_eq!(answer.status(), 422);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f13_a_node_that_is_killed_in_a_migration_leaves_nothing_and_the_next_goes_on() {
    let url = block_in_place(|| SERVER.database()).unwrap();
    slow_migrations(&url);
    let data = tempfile::tempdir().unwrap();
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_rapport"))
        .args(["serve", "--listen", "127.0.0.1:0", "--database-url", &url])
        .env_clear()
        .env("RAPPORT_DATA", data.path())
        .current_dir(data.path())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    // In the middle: some tables are made, others not.
    let working = "select count(*) from pg_stat_activity where datname = current_database() \
        and state = 'active' and query like '%CREATE TABLE account%' and pid <> pg_backend_pid()";
    until("it migrates", async || asks(&SERVER, &url, working) == "1").await;
    child.kill().await.unwrap();
    let others = "select count(*) from pg_stat_activity where datname = current_database() \
        and pid <> pg_backend_pid() and backend_type = 'client backend'";
    until("the database noticed", async || asks(&SERVER, &url, others) == "0").await;
    assert_eq!(asks(&SERVER, &url, "select count(*) from pg_tables where tablename = 'account'"), "0");
    assert_eq!(asks(&SERVER, &url, "select count(*) from _sqlx_migrations"), "0");
    let next = program(&url).await;
    next.register("anna").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn v27_commands_create_no_tables_on_postgres() {
    let url = block_in_place(|| SERVER.database()).unwrap();
    let home = tempfile::tempdir().unwrap();
    let run = async |words: &[&str]| {
        let words: Vec<_> = words.iter().copied().chain(["--database-url", &url]).collect();
        Program::run(home.path(), &home.path().join("data"), &words, "correct horse battery\n").await
    };
    for words in [["user", "add", "anna"].as_slice(), &["user", "token", "anna"]] {
        let ended = run(words).await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.err.contains("there is no installation here: the Postgres database"), "{ended:?}");
    }
    let tables = "select count(*) from information_schema.tables where table_schema = 'public'";
    assert_eq!(asks(&SERVER, &url, tables), "0");
    assert!(!home.path().join("data").exists());
    let added = run(&["user", "add", "anna", "--create"]).await;
    assert_eq!((added.code, added.out.as_str()), (Some(0), "Added anna, the administrator.\n"), "{added:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_works_on_postgres() {
    let url = block_in_place(|| SERVER.database()).unwrap();
    let program = Program::with_site(&[("RAPPORT_DATABASE_URL", &url)]).await;
    let home = tempfile::tempdir().unwrap();
    let run = async |words: &[&str], input: &str| {
        let words: Vec<_> = words.iter().copied().chain(["--database-url", &url]).collect();
        Program::run_within(PATIENCE * 3, home.path(), home.path(), &words, input).await
    };
    let added = run(&["user", "add", "anna"], "correct horse battery\n").await;
    assert_eq!((added.code, added.out.as_str()), (Some(0), "Added anna, the administrator.\n"), "{added:?}");
    let token = run(&["user", "token", "anna"], "").await.out;
    let me = |token: String| {
        let asked = reqwest::Client::new().get(format!("{}/api/me", program.url)).bearer_auth(token.trim());
        async move { asked.send().await.unwrap().status().as_u16() }
    };
    // Nothing but the address of the database is shared: the secret is in it.
    assert_eq!(me(token.clone()).await, 200);
    assert_eq!(run(&["user", "suspend", "anna"], "").await.code, Some(0));
    assert_eq!(me(token).await, 401);
    let checked = run(&["check", &program.url, "--quick", "--json"], "").await;
    assert_eq!(checked.code, Some(0), "{checked:?}");
    assert_eq!(asks(&SERVER, &url, "select count(*) from account"), "1", "its guests are gone");
    let backup = run(&["backup", home.path().join("copy").to_str().unwrap()], "").await;
    assert!(backup.code != Some(0) && backup.err.contains("pg_dump"), "{backup:?}");
}

#[tokio::test]
async fn errors_do_not_contain_the_password_of_the_postgres_url() {
    let home = tempfile::tempdir().unwrap();
    let nobody = test_servers::free_port().unwrap();
    for url in [
        format!("postgres://rapport:s3cretword@127.0.0.1:{nobody}/rapport"),
        "postgres://rapport:s3cretword@127.0.0.1/rapport?pasword=s3cretword".to_owned(),
        "postgres://rapport:s3cretword#1@127.0.0.1/rapport".to_owned(),
        "mysql://rapport:s3cretword@127.0.0.1/rapport".to_owned(),
    ] {
        let commands: [&[&str]; 3] =
            [&["serve", "--listen", "127.0.0.1:0"], &["user", "token", "anna"], &["backup", "copy"]];
        for words in commands {
            let words = [words, &["--log", "trace", "--database-url", &url]].concat();
            let ended = Program::run_within(PATIENCE * 3, home.path(), home.path(), &words, "").await;
            assert_ne!(ended.code, Some(0), "{words:?}");
            assert!(!ended.err.is_empty() && !format!("{ended:?}").contains("s3cretword"), "{ended:?}");
        }
    }
}

/// Sends messages until the stop, each with the same id until it is acknowledged. Returns the acknowledged ones, and the
/// number of requests with an unknown outcome.
async fn talks(person: Person, talk: ConversationId, stop: Arc<AtomicBool>) -> (Vec<Message>, usize) {
    let path = format!("/api/conversations/{talk}/messages");
    let (mut said, mut settled) = (Vec::new(), 0);
    while !stop.load(Ordering::Relaxed) {
        let content = format!("{} {}", person.me.username, said.len());
        let body = json!({"content": content, "client_id": ClientId::mint()});
        loop {
            let answer = person.post(&path, &body).await;
            match answer.status().as_u16() {
                status @ (200 | 201) => {
                    settled += usize::from(status == 200);
                    said.push(answer.json().await.unwrap());
                    break;
                }
                503 => {
                    assert!(answer.headers().contains_key("retry-after"));
                    let error: Value = answer.json().await.unwrap();
                    assert_eq!(error["error"]["code"], "unavailable");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                other => panic!("{other}: {}", answer.text().await.unwrap()),
            }
        }
    }
    (said, settled)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f5_postgres_killed_and_frozen_while_people_talk_nothing_is_lost_doubled_or_out_of_order() {
    let mut server = block_in_place(Postgres::start).unwrap();
    let url = block_in_place(|| server.database()).unwrap();
    let program = program(&url).await;
    let mut people = Vec::new();
    for n in 0..6 {
        people.push(program.register(&format!("person{n}")).await);
    }
    let talk = room(&people.iter().collect::<Vec<_>>(), Some("All of them")).await;
    let mut listening = people[0].enters(talk).await;
    let stop = Arc::new(AtomicBool::new(false));
    let talking: Vec<_> =
        people.iter().map(|person| tokio::spawn(talks(person.clone(), talk, Arc::clone(&stop)))).collect();
    let progresses = async |server: &Postgres| {
        let count = || asks(server, &url, "select count(*) from message").parse::<i64>().unwrap();
        let before = count();
        until("messages are kept again", async || count() > before).await;
    };
    for n in 0..5_u64 {
        progresses(&server).await;
        tokio::time::sleep(Duration::from_millis(100 + n * 37)).await;
        block_in_place(|| server.kill()).unwrap();
        until("it is noticed", async || people[0].get("/api/conversations").await.status() == 503).await;
        block_in_place(|| server.resurrect()).unwrap();
    }
    progresses(&server).await;
    // Frozen: connections are open and nothing comes. Nobody waits for long.
    block_in_place(|| server.pause()).unwrap();
    let began = Instant::now();
    until("it is noticed", async || people[0].get("/api/conversations").await.status() == 503).await;
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    block_in_place(|| server.resume()).unwrap();
    progresses(&server).await;
    stop.store(true, Ordering::Relaxed);

    let (mut said, mut settled) = (Vec::new(), 0);
    for talking in talking {
        let (mine, unknown) = tokio::time::timeout(PATIENCE, talking).await.unwrap().unwrap();
        assert!(mine.is_sorted_by_key(|message| message.seq), "in the order in which it was said");
        said.extend(mine);
        settled += unknown;
    }
    said.sort_unstable_by_key(|message| message.seq);
    println!("{} messages, of which {settled} were known to be kept by asking again", said.len());
    let kept = people[0].reads_all(talk).await;
    assert_eq!(kept, said, "what was acknowledged, once, and nothing else");
    let places: Vec<_> = kept.iter().map(|message| message.seq).collect();
    assert_eq!(places, (1..=kept.len() as i64).collect::<Vec<_>>());
    // Who listened all along, on a socket that stayed, heard the same.
    let mut heard = Vec::new();
    let listens = async {
        while heard.len() < kept.len() {
            if let ServerFrame::NewMessage(NewMessage { message, .. }) = listening.next().await {
                heard.push(message);
            }
        }
    };
    tokio::time::timeout(PATIENCE, listens).await.expect("all of it");
    assert_eq!(heard, kept);
    assert!(!program.log().contains("panicked"), "{}", program.log());
}

/// Delays commits of messages that contain "slow".
fn slow_commits(server: &Postgres, url: &str) {
    let slow = "create function slow() returns trigger language plpgsql \
        as $$ begin perform pg_sleep(2); return null; end $$; \
        create constraint trigger slow after insert on message deferrable initially deferred \
        for each row when (new.content like '%slow%') execute function slow()";
    asks(server, url, slow);
}

const COMMITTING: &str = "select count(*) from pg_stat_activity where datname = current_database() \
    and state = 'active' and query = 'COMMIT'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f5_a_retry_after_a_kill_in_a_postgres_commit_is_stored_once() {
    let mut server = block_in_place(Postgres::start).unwrap();
    let url = block_in_place(|| server.database()).unwrap();
    let program = program(&url).await;
    slow_commits(&server, &url);
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let path = format!("/api/conversations/{talk}/messages");
    let body = json!({"content": "a slow one", "client_id": ClientId::mint()});
    let sending = tokio::spawn({
        let (anna, path, body) = (anna.clone(), path.clone(), body.clone());
        async move { anna.post(&path, &body).await.status() }
    });
    until("it commits", async || asks(&server, &url, COMMITTING) == "1").await;
    block_in_place(|| server.kill()).unwrap();
    assert_eq!(sending.await.unwrap(), 503);
    block_in_place(|| server.resurrect()).unwrap();
    until("it is back", async || anna.get("/api/conversations").await.status() == 200).await;
    assert_eq!(ben.reads_all(talk).await, [], "nothing was promised, and nothing is there");
    assert_eq!(anna.post(&path, &body).await.status(), 201);
    let again = anna.post(&path, &body).await;
    assert_eq!(again.status(), 200);
    assert_eq!(ben.reads_all(talk).await, [again.json::<Message>().await.unwrap()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f5_a_retry_after_a_lost_commit_response_of_postgres_finds_the_message() {
    let url = block_in_place(|| SERVER.database()).unwrap();
    let proxy = Proxy::start(SERVER.port()).await.unwrap();
    let by_proxy = url.replace(&format!("127.0.0.1:{}", SERVER.port()), &proxy.address());
    let program = program(&by_proxy).await;
    slow_commits(&SERVER, &url);
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let mut bens = ben.enters(talk).await;
    let path = format!("/api/conversations/{talk}/messages");
    let body = json!({"content": "a slow one", "client_id": ClientId::mint()});
    let sending = tokio::spawn({
        let (anna, path, body) = (anna.clone(), path.clone(), body.clone());
        async move { anna.post(&path, &body).await.status() }
    });
    until("it commits", async || asks(&SERVER, &url, COMMITTING) == "1").await;
    proxy.set(LinkState::Silent);
    let kept = "select count(*) from message where content = 'a slow one'";
    until("it is kept", async || asks(&SERVER, &url, kept) == "1").await;
    assert_eq!(tokio::time::timeout(PATIENCE, sending).await.unwrap().unwrap(), 503);
    proxy.cut(bench::proxy::Cut::Reset);
    proxy.set(LinkState::Normal);
    let mut answer = None;
    until("it is settled", async || {
        let again = anna.post(&path, &body).await;
        let there = again.status() == 200;
        if there {
            answer = again.json::<Message>().await.ok();
        }
        there
    })
    .await;
    let message = answer.unwrap();
    assert_eq!(bens.hears("a slow one").await, message, "and others hear of it");
    assert_eq!(ben.reads_all(talk).await, [message]);
    assert_eq!(asks(&SERVER, &url, kept), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_postgres_is_away_everything_says_so_and_goes_on_when_it_is_back() {
    let mut server = block_in_place(Postgres::start).unwrap();
    let url = block_in_place(|| server.database()).unwrap();
    let program = program(&url).await;
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let (mut annas, mut bens) = (anna.enters(talk).await, ben.enters(talk).await);
    annas.says("before").await;
    bens.hears("before").await;
    block_in_place(|| server.kill()).unwrap();

    let ready = async || reqwest::get(format!("{}/readyz", program.url)).await.unwrap().status().as_u16();
    until("it is noticed", async || ready().await == 503).await;
    assert_eq!(reqwest::get(format!("{}/healthz", program.url)).await.unwrap().status(), 200, "it lives");
    for path in ["/api/conversations".to_owned(), format!("/api/conversations/{talk}/messages")] {
        let answer = anna.get(&path).await;
        assert_eq!(answer.status(), 503, "{path}");
        assert!(answer.headers().contains_key("retry-after"));
    }
    // A new socket is told to come again; the one that is there stays, and its client keeps what was not taken.
    assert_eq!(anna.line("/ws/").await.closed().await.0, 1013);
    let client_id = Some(ClientId::mint());
    let said = ClientFrame::ChatMessage {
        conversation_id: None,
        content: "meanwhile".to_owned(),
        client_id,
        reply_to: None,
    };
    annas.send(&said).await;
    let refused = annas.refused().await;
    assert_eq!((refused.code, refused.client_id), (ErrorCode::Unavailable, client_id));

    block_in_place(|| server.resurrect()).unwrap();
    let back = Instant::now();
    until("it is back", async || ready().await == 200).await;
    assert!(back.elapsed() < Duration::from_secs(5), "{:?}", back.elapsed());
    annas.send(&said).await;
    bens.hears("meanwhile").await;
    anna.enters(talk).await;
    let texts: Vec<_> = ben.reads(talk).await.into_iter().map(|message| message.content).collect();
    assert_eq!(texts, ["before", "meanwhile"]);
}
