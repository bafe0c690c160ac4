//! The crate `client` against the real server: nothing is lost, and nothing is doubled.

use crate::support::{PASSWORD, PATIENCE, Person, Server, opened, room};
use bench::process;
use bench::proxy::{Cut, LinkState, Proxy};
use client::{Client, Credentials, Error, Event, Events};
use futures::StreamExt as _;
use protocol::{ClientId, ConversationId, ErrorCode, Message, ServerFrame};
use serde_json::json;
use std::path::Path;
use std::time::Duration;

fn password(username: &str) -> Credentials {
    Credentials::Password { username: username.to_owned(), password: PASSWORD.to_owned() }
}

fn token(person: &Person) -> Credentials {
    Credentials::Token(person.access.clone())
}

async fn next(events: &mut Events) -> Result<Event, Error> {
    tokio::time::timeout(PATIENCE, events.next()).await.expect("an event").expect("the stream goes on")
}

/// The next messages.
async fn messages(events: &mut Events, count: usize) -> Vec<Message> {
    let mut messages = Vec::new();
    while messages.len() < count {
        if let Event::Message(message) = next(events).await.unwrap() {
            messages.push(message);
        }
    }
    messages
}

/// Sends a message over HTTP until it is stored.
async fn stores(http: &reqwest::Client, url: &str, person: &Person, room: ConversationId, content: &str) {
    let body = json!({"content": content, "client_id": ClientId::mint()});
    let path = format!("{url}/api/conversations/{room}/messages");
    let storing = async {
        loop {
            let sent = http.post(&path).bearer_auth(&person.access).json(&body).send().await;
            if sent.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, storing).await.expect("a stored message");
}

#[tokio::test(flavor = "multi_thread")]
async fn x3_nothing_is_lost_or_doubled_through_cuts_and_kills() {
    const COUNT: usize = 240;
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_rapport"));
    let mut server = process::Server::new(program, folder.path()).unwrap();
    let url = format!("http://{}", server.address());
    let proxy = Proxy::start(server.port()).await.unwrap();
    server.set("RAPPORT_PUBLIC_URL", &format!("http://{}", proxy.address()));
    server.start().await.unwrap();
    let http = reqwest::Client::new();
    let (anna, robot) =
        (Person::register(&http, &url, "anna").await, Person::register(&http, &url, "robot").await);
    let rooms = [room(&[&anna, &robot], None).await, room(&[&anna, &robot], Some("A group")).await];
    let (bot, mut events) =
        Client::connect(&format!("http://{}", proxy.address()), password("robot")).await.unwrap();

    // Anna writes into both conversations, the bot into the second one.
    let annas = {
        let (http, url, anna) = (http.clone(), url.clone(), anna.clone());
        tokio::spawn(async move {
            for n in 0..COUNT {
                stores(&http, &url, &anna, rooms[n % 2], &n.to_string()).await;
            }
        })
    };
    let bots = tokio::spawn(async move {
        for n in 0..COUNT / 4 {
            let sent = bot.send(rooms[1], format!("bot {n}")).await.unwrap();
            assert_eq!(sent.content, format!("bot {n}"));
        }
        bot
    });
    let (mut heard, mut of_bot, mut disturbed, mut reconnects) = ([vec![], vec![]], vec![], 0, 0);
    while heard.iter().map(Vec::len).sum::<usize>() < COUNT || of_bot.len() < COUNT / 4 {
        match next(&mut events).await.unwrap() {
            Event::Message(message) => {
                match message.content.strip_prefix("bot ") {
                    Some(n) => of_bot.push(n.parse::<usize>().unwrap()),
                    None if message.sender.id == anna.me.id && message.event.is_none() => {
                        let room = rooms.iter().position(|room| *room == message.conversation_id).unwrap();
                        heard[room].push(message.content.parse::<usize>().unwrap());
                    }
                    None => {}
                }
                // A fault after each thirty messages, of each kind in turn.
                if (heard[0].len() + heard[1].len()) / 30 > disturbed {
                    disturbed += 1;
                    match disturbed % 3 {
                        0 => {
                            server.kill().await.unwrap();
                            server.start().await.unwrap();
                        }
                        1 => proxy.cut(Cut::Reset),
                        _ => {
                            proxy.set(LinkState::Closed);
                            proxy.cut(Cut::ServerFallsSilent);
                            // The network is away for so long.
                            tokio::time::sleep(Duration::from_millis(300)).await;
                            proxy.set(LinkState::Normal);
                        }
                    }
                }
            }
            Event::Connected => reconnects += 1,
            _ => {}
        }
    }
    assert!(reconnects >= 4, "{reconnects} of {disturbed}");
    annas.await.unwrap();
    let bot = bots.await.unwrap();
    assert_eq!(heard[0], (0..COUNT).step_by(2).collect::<Vec<_>>());
    assert_eq!(heard[1], (1..COUNT).step_by(2).collect::<Vec<_>>());
    assert_eq!(of_bot, (0..COUNT / 4).collect::<Vec<_>>());
    let stored = anna.reads_all(rooms[1]).await;
    let stored: Vec<_> = stored.iter().filter_map(|message| message.content.strip_prefix("bot ")).collect();
    assert_eq!(stored, (0..COUNT / 4).map(|n| n.to_string()).collect::<Vec<_>>());
    // Nothing more comes than what is sent now.
    bot.send(rooms[0], "the last").await.unwrap();
    assert_eq!(messages(&mut events, 1).await[0].content, "the last");
}

#[tokio::test]
async fn x3_a_program_resumes_from_its_cursors_however_far_behind() {
    let settings = [("RAPPORT_LIMITS__SENDS_PER_SECOND", "100000"), ("RAPPORT_LIMITS__SEND_BURST", "100000")];
    let server = Server::start_with(&settings).await;
    let (anna, robot) = (server.register("anna").await, server.register("robot").await);
    let rooms = [room(&[&anna, &robot], None).await, room(&[&anna, &robot], Some("A group")).await];
    let (bot, mut events) = Client::connect(&server.url, token(&robot)).await.unwrap();
    anna.says(rooms[0], "before").await;
    assert_eq!(messages(&mut events, 1).await[0].content, "before");
    bot.send(rooms[0], "answered").await.unwrap();
    assert_eq!(messages(&mut events, 1).await[0].content, "answered");
    let cursors = events.cursors().clone();
    drop((bot, events));

    // More than the server gives as changes.
    let count = usize::try_from(protocol::limits::RESET_BEHIND).unwrap() + 30;
    let mut line = anna.enters(rooms[0]).await;
    for n in 0..count {
        line.says(&n.to_string()).await;
    }
    anna.says(rooms[1], "elsewhere").await;
    let new = room(&[&anna, &robot], Some("Founded meanwhile")).await;
    anna.says(new, "welcome").await;
    // The file of a program.
    let cursors = serde_json::from_str(&serde_json::to_string(&cursors).unwrap()).unwrap();
    let (_bot, mut events) = Client::resume(&server.url, token(&robot), cursors).await.unwrap();
    let came = messages(&mut events, count + 2).await;
    let of = |room: ConversationId| {
        let of_room = came.iter().filter(move |message| message.conversation_id == room);
        of_room.map(|message| message.content.clone()).collect::<Vec<_>>()
    };
    assert_eq!(of(rooms[0]), (0..count).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!((of(rooms[1]), of(new)), (vec!["elsewhere".to_owned()], vec!["welcome".to_owned()]));
    anna.says(rooms[0], "after").await;
    assert_eq!(messages(&mut events, 1).await[0].content, "after", "and nothing twice");
}

#[tokio::test]
async fn x3_conversations_come_and_go() {
    let server = Server::start().await;
    let (anna, robot) = (server.register("anna").await, server.register("robot").await);
    let ben = server.register("ben").await;
    let (bot, mut events) = Client::connect(&server.url, token(&robot)).await.unwrap();
    let direct = opened(&[&anna, &robot], None).await;
    anna.says(direct, "Hello").await;
    assert_eq!(messages(&mut events, 1).await[0].content, "Hello");

    // Of a group with a history, the bot gets what was sent since it was added, which the first message says.
    let group = opened(&[&anna, &ben], Some("A group")).await;
    anna.says(group, "old").await;
    let body = json!({"usernames": ["robot"]});
    assert_eq!(anna.post(&format!("/api/conversations/{group}/members"), &body).await.status(), 200);
    anna.says(group, "new").await;
    let mut came = messages(&mut events, 1).await;
    if came[0].event.is_some() {
        came = messages(&mut events, 1).await;
    }
    assert_eq!(came[0].content, "new");
    assert_eq!(bot.conversation(group).await.unwrap().title.as_deref(), Some("A group"));
    let member = format!("/api/conversations/{group}/members/{}", robot.me.id);
    assert!(anna.delete(&member).await.status().is_success());
    while next(&mut events).await.unwrap() != Event::Removed(group) {}
    let refusals =
        [bot.send(group, "Is anybody here?").await.map(drop), bot.conversation(group).await.map(drop)];
    for refused in refusals {
        let is_gone = matches!(&refused, Err(Error::Refused(error)) if error.code == ErrorCode::NotFound);
        assert!(is_gone, "{refused:?}");
    }
}

#[tokio::test]
async fn x3_typing_and_read_marks_arrive() {
    let server = Server::start().await;
    let (anna, robot) = (server.register("anna").await, server.register("robot").await);
    let room = room(&[&anna, &robot], None).await;
    let mut line = anna.connect().await;
    let (bot, mut events) = Client::connect(&server.url, token(&robot)).await.unwrap();
    let message = anna.says(room, "Hello").await;
    messages(&mut events, 1).await;
    bot.mark_read(room, message.id).await.unwrap();
    bot.typing(room, true).await.unwrap();
    // The two come in any order, since a mark is stored first.
    let (mut is_read, mut is_typing) = (false, false);
    while !(is_read && is_typing) {
        match line.until(|frame| matches!(frame, ServerFrame::MessageRead(_) | ServerFrame::Typing(_))).await
        {
            ServerFrame::MessageRead(read) => is_read = read.message_id == message.id,
            ServerFrame::Typing(typing) => is_typing |= typing.is_typing,
            _ => {}
        }
    }
    // A mark in a conversation that is not there harms nothing.
    bot.mark_read(ConversationId(99), message.id).await.unwrap();
    assert_eq!(bot.send(room, "Hello, Anna").await.unwrap().content, "Hello, Anna");
    line.hears("Hello, Anna").await;
}

#[tokio::test]
async fn x3_sends_wait_for_the_rate_limit() {
    let server = Server::start_with(&[("RAPPORT_LIMITS__SEND_BURST", "3")]).await;
    let (anna, robot) = (server.register("anna").await, server.register("robot").await);
    let room = room(&[&anna, &robot], None).await;
    let (bot, _events) = Client::connect(&server.url, token(&robot)).await.unwrap();
    let sends = (0..8).map(|n| bot.send(room, n.to_string()));
    for sent in futures::future::join_all(sends).await {
        sent.unwrap();
    }
    let contents: Vec<_> = anna.reads(room).await.into_iter().map(|message| message.content).collect();
    assert_eq!(contents, (0..8).map(|n| n.to_string()).collect::<Vec<_>>());
    // A refusal of the content is final, and the same id gives the same message.
    assert!(
        matches!(bot.send(room, " ").await, Err(Error::Refused(error)) if error.code == ErrorCode::EmptyMessage)
    );
    let id = ClientId::mint();
    let first = bot.send_as(id, room, "once").await.unwrap();
    assert_eq!(bot.send_as(id, room, "once").await.unwrap().id, first.id);
}

#[tokio::test]
async fn x3_a_refused_client_ends() {
    let server = Server::start().await;
    let robot = server.register("robot").await;
    let connect = async |credentials| Client::connect(&server.url, credentials).await.map(drop);
    assert_eq!(connect(Credentials::Token("nonsense".into())).await, Err(Error::Closed(4001)));
    assert_eq!(connect(Credentials::Token("\n".into())).await, Err(Error::Closed(4001)));
    let wrong = Credentials::Password { username: "robot".into(), password: "wrong wrong".into() };
    let refused = connect(wrong).await;
    assert!(
        matches!(&refused, Err(Error::Refused(error)) if error.code == ErrorCode::NotAuthenticated),
        "{refused:?}"
    );
    assert!(matches!(Client::connect("http://127.0.0.1:1", token(&robot)).await, Err(Error::Unreachable(_))));

    // Signed out, a token is not valid any more.
    let (bot, mut events) = Client::connect(&server.url, token(&robot)).await.unwrap();
    assert_eq!(robot.delete("/api/token").await.status(), 204);
    let end = loop {
        if let Err(error) = next(&mut events).await {
            break error;
        }
    };
    assert_eq!(end, Error::Closed(4001));
    assert!(events.next().await.is_none());
    assert_eq!(bot.send(ConversationId(1), "Hello").await, Err(Error::Ended));
}

#[tokio::test]
async fn x3_a_client_with_a_password_signs_in_again() {
    let server = Server::start().await;
    let (anna, robot) = (server.register("anna").await, server.register("robot").await);
    let room = room(&[&anna, &robot], None).await;
    let (bot, mut events) = Client::connect(&server.url, password("robot")).await.unwrap();
    // Ends the sign-in of the client.
    assert!(robot.delete("/api/me/sessions").await.status().is_success());
    while !matches!(next(&mut events).await.unwrap(), Event::Disconnected(Some(4001))) {}
    anna.says(room, "Are you there?").await;
    assert_eq!(messages(&mut events, 1).await[0].content, "Are you there?");
    bot.send(room, "I am").await.unwrap();
}
