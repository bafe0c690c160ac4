//! Clients that do not read, dead connections, and large numbers of both.

use crate::support::{Cable, Person, Program, Server, Socket, room, until};
use futures::StreamExt as _;
use protocol::{ConnectionEstablished, ConversationId, ServerFrame, Status, UserId};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::net::TcpSocket;
use tokio_tungstenite::tungstenite::Message;

const FAST: [(&str, &str); 3] = [
    ("RAPPORT_LIMITS__SENDS_PER_SECOND", "1000000"),
    ("RAPPORT_LIMITS__SEND_BURST", "1000000"),
    ("RAPPORT_LIMITS__SOCKETS_PER_PERSON", "1000"),
];

/// A group, whose members see the presence of each other.
async fn group(people: &[&Person]) -> ConversationId {
    room(people, Some("The group")).await
}

/// The presence of a person, as a new connection of another person receives it.
async fn status(seen_by: &Person, user: UserId) -> Status {
    let mut socket = seen_by.line("/ws/").await;
    let ServerFrame::ConnectionEstablished(ConnectionEstablished { presence, .. }) = socket.greeted().await
    else {
        unreachable!()
    };
    presence
        .iter()
        .find(|person| person.user_id == user)
        .map(|person| person.status)
        .expect("an acquaintance")
}

#[tokio::test]
async fn w7_a_client_that_stops_reading_is_closed_without_harm_to_others() {
    const MESSAGES: usize = 700;
    const WARM_UP: usize = 100;
    // Some 20 kB on the wire.
    let long = "\u{1f600}".repeat(4_990);
    let settings: Vec<_> = FAST.into_iter().chain([("RAPPORT_LIMITS__QUEUE", "32")]).collect();
    let program = Program::alone(&settings).await;
    let (anna, ben, carla) =
        (program.register("anna").await, program.register("ben").await, program.register("carla").await);
    let talk = group(&[&anna, &ben, &carla]).await;
    let (mut annas, mut bens) = (anna.enters(talk).await, ben.enters(talk).await);
    let stream = TcpSocket::new_v4().unwrap();
    stream.set_recv_buffer_size(4 * 1024).unwrap();
    let stream = stream.connect(program.address().parse().unwrap()).await.unwrap();
    let mut stuck = carla.connect_over(stream).await;

    let (mut lowest, mut growth, mut slowest) = (u64::MAX, 0, Duration::ZERO);
    for n in 0..MESSAGES {
        let content = format!("{n} {long}");
        let sent = Instant::now();
        annas.says(&content).await;
        bens.hears(&content).await;
        slowest = slowest.max(sent.elapsed());
        if n >= WARM_UP {
            // Not compared with one point in time: the memory of the passwords' hashes is returned during these messages.
            let now = program.memory_kib();
            lowest = lowest.min(now);
            growth = growth.max(now - lowest);
        }
    }
    assert!(slowest < Duration::from_secs(5), "somebody waited for {slowest:?}");
    let said = (MESSAGES - WARM_UP) as u64 * 20;
    assert!(growth < said / 2, "grew by {growth} KiB from {lowest} while {said} KiB were said");

    until("she is seen to be gone", async || status(&ben, carla.me.id).await == Status::Offline).await;
    // Now she reads: what comes is in order, and ends by 4009 or in the middle, but never leaves anything out.
    let mut last = 0;
    let code = loop {
        match stuck.line.next().await {
            Some(Ok(Message::Text(text))) => {
                if let Some((_, rev)) = serde_json::from_str::<ServerFrame>(&text).unwrap().moves() {
                    assert_eq!(rev, last + 1, "nothing is left out");
                    last = rev;
                }
            }
            Some(Ok(Message::Close(frame))) => break frame.map(|frame| u16::from(frame.code)),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => break None,
        }
    };
    assert!(matches!(code, None | Some(4009)), "{code:?}");
    assert!(last > 0 && last < MESSAGES as i64, "she was told of {last}");
    assert_eq!(program.terminates().await, Some(0));
}

#[tokio::test]
async fn w8_a_pulled_cable_is_noticed_after_45_seconds_and_shown_5_seconds_later() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    room(&[&anna, &ben], None).await;
    let mut bens = ben.connect().await;
    let (mut cable, near) = Cable::lay(server.address()).await;
    let mut annas = anna.connect_over(near).await;
    let here = |wanted: Status| {
        let anna = anna.me.id;
        move |frame: &ServerFrame| matches!(frame, ServerFrame::UserStatus(person) if person.user_id == anna && person.status == wanted)
    };
    bens.until(here(Status::Online)).await;
    annas.so_far().await;
    cable.pull();
    let pulled = Instant::now();

    let silence = Duration::from_secs(45);
    let (hung_up, offline) = tokio::join!(
        async {
            cable.server_hangs_up(silence).await;
            pulled.elapsed()
        },
        async {
            bens.until_within(silence * 2, here(Status::Offline)).await;
            pulled.elapsed()
        }
    );
    // The pong that was on its way when it was pulled is the earliest the silence can have begun.
    let early = Duration::from_secs(1);
    assert!(
        hung_up > silence - early && hung_up < silence + Duration::from_secs(5),
        "closed after {hung_up:?}"
    );
    let grace = Duration::from_secs(5);
    assert!(offline > silence + grace - early && offline < silence + grace * 2, "shown after {offline:?}");
    bens.so_far().await;
    drop(annas);
    server.stops().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f16_thousands_of_connects_and_leaves_leave_nothing() {
    const PEOPLE: usize = 20;
    let each = usize::try_from(crate::support::setting("TEST_CONNECTS", 10_000)).unwrap() / PEOPLE;
    let program = Program::alone(&FAST).await;
    let watcher = program.register("watcher").await;
    let mut people = Vec::new();
    for n in 0..PEOPLE {
        people.push(program.register(&format!("person{n}")).await);
    }
    let talk = group(&std::iter::once(&watcher).chain(&people).collect::<Vec<_>>()).await;
    let mut watching = watcher.connect().await;
    let mut seen: HashMap<UserId, Vec<Status>> = HashMap::new();
    watched(&mut watching, &mut seen, come_and_go(&people, talk, each / 4)).await;
    let files = watched(&mut watching, &mut seen, idle_files(&program)).await;
    let before = program.memory_kib();
    watched(&mut watching, &mut seen, come_and_go(&people, talk, each - each / 4)).await;
    until("every socket is gone", async || program.open_files() <= files).await;
    let after = program.memory_kib();
    let connects = (each - each / 4) * PEOPLE;
    // Less than a KiB each: no buffer, no subscription, no session stays.
    assert!(after < before + connects as u64, "grew from {before} to {after} KiB by {connects} connects");

    // Everyone came, everyone went, in turns.
    while seen.len() < PEOPLE || seen.values().any(|seen| seen.last() != Some(&Status::Offline)) {
        if let ServerFrame::UserStatus(person) =
            watching.until(|frame| matches!(frame, ServerFrame::UserStatus(_))).await
        {
            seen.entry(person.user_id).or_default().push(person.status);
        }
    }
    for told in seen.values() {
        let turns = told.iter().enumerate();
        let mut turns = turns.map(|(n, status)| (*status == Status::Online) == (n % 2 == 0));
        assert!(turns.all(|right| right), "{told:?}");
    }
    let mut last = people[0].enters(talk).await;
    last.says("Still served").await;
    watching.hears("Still served").await;
    assert_eq!(program.terminates().await, Some(0));
}

/// Runs the work while the socket is read: a socket that is not read answers no pings, and is closed.
async fn watched<T>(
    watching: &mut Socket,
    seen: &mut HashMap<UserId, Vec<Status>>,
    work: impl Future<Output = T>,
) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            frame = watching.next() => if let ServerFrame::UserStatus(person) = frame {
                seen.entry(person.user_id).or_default().push(person.status);
            }
        }
    }
}

/// Connects each person this many times to both sockets; half of the connections send a close frame, the others are dropped.
async fn come_and_go(people: &[Person], talk: ConversationId, times: usize) {
    let all = people.iter().cloned().map(|person| {
        tokio::spawn(async move {
            for n in 0..times {
                let mut socket: Socket =
                    if n % 2 == 0 { person.connect().await } else { person.enters(talk).await };
                if n % 4 < 2 {
                    socket.line.close(None).await.unwrap();
                    assert_eq!(socket.closed().await.0, 1005);
                }
            }
        })
    });
    for one in all.collect::<Vec<_>>() {
        one.await.unwrap();
    }
}

/// Waits until the number of open files no longer falls, and returns it.
async fn idle_files(program: &Program) -> usize {
    let mut fewest = program.open_files();
    let mut since = Instant::now();
    until("goodbyes are said", async || {
        let now = program.open_files();
        if now < fewest {
            (fewest, since) = (now, Instant::now());
        }
        // Longer than a goodbye may take.
        since.elapsed() > Duration::from_secs(4)
    })
    .await;
    fewest
}
