//! Two nodes on a real Postgres and a real Redis, behind a real nginx with the files of `deploy/nginx/`.

use crate::support::nginx::{Nginx, locations};
use crate::support::{LISTEN, PATIENCE, Person, Program, room, until};
use protocol::reducer::{Need, Row, State};
use protocol::{ClientFrame, ClientId, ConversationId, Message, PollAnswer, PollRequest, ServerFrame};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Maximum time that a request may take.
const MOST: Duration = Duration::from_secs(5);

/// The nodes by their ports, with Postgres, Redis and nginx.
struct Nodes {
    running: tokio::sync::Mutex<HashMap<u16, Program>>,
    settings: Vec<(String, String)>,
    _postgres: test_servers::Postgres,
    _redis: test_servers::Redis,
}

impl Nodes {
    async fn start(ports: [u16; 2], public_url: &str) -> Self {
        let postgres = test_servers::Postgres::start().unwrap();
        let redis = test_servers::Redis::start().unwrap();
        let settings = [
            ("RAPPORT_DATABASE_URL", postgres.database().unwrap()),
            ("RAPPORT_REDIS_URL", redis.url()),
            ("RAPPORT_PUBLIC_URL", public_url.to_owned()),
            ("RAPPORT_TRUSTED_PROXIES", "127.0.0.1".to_owned()),
            ("RAPPORT_LIMITS__SENDS_PER_SECOND", "100000".to_owned()),
            ("RAPPORT_LIMITS__SEND_BURST", "100000".to_owned()),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value)).into();
        let nodes =
            Self { running: tokio::sync::Mutex::default(), settings, _postgres: postgres, _redis: redis };
        for port in ports {
            nodes.restart(port).await;
        }
        nodes
    }

    /// Restarts a node as the supervisor does: stop, wait, start.
    async fn restart(&self, port: u16) {
        let before = self.running.lock().await.remove(&port);
        if let Some(before) = before {
            assert_eq!(before.terminates().await, Some(0));
        }
        let listen = format!("127.0.0.1:{port}");
        let settings: Vec<_> =
            self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let node = Program::alone(&[settings, vec![(LISTEN, &listen)]].concat()).await;
        self.running.lock().await.insert(port, node);
    }

    /// Serves `GET /rapport@PORT`, which does what `systemctl restart rapport@PORT` would. Returns the address.
    async fn supervised(self: &Arc<Self>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let nodes = Arc::clone(self);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 1024];
                let n = stream.read(&mut head).await.unwrap();
                let head = String::from_utf8_lossy(&head[..n]).into_owned();
                let port = head.split(['@', ' ']).nth(2).unwrap().parse().unwrap();
                nodes.restart(port).await;
                stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await.unwrap();
            }
        });
        address
    }
}

/// Messages that clients received, and their waiting times.
#[derive(Default)]
struct Seen {
    acknowledged: Vec<Message>,
    longest: Duration,
}

impl Seen {
    fn note(&mut self, message: Message, began: Instant) {
        self.acknowledged.push(message);
        self.longest = self.longest.max(began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r4_a_rolling_restart_behind_nginx_loses_nothing_and_nobody_waits_over_five_seconds() {
    let [one, two, door] = [(); 3].map(|()| test_servers::free_port().unwrap());
    let nodes = Arc::new(Nodes::start([one, two], &format!("http://localhost:{door}")).await);
    let names = [("3001", one.to_string()), ("3002", two.to_string())];
    let names = names.each_ref().map(|(from, to)| (*from, to.as_str()));
    let nginx = Nginx::at(door, "upstream-two.conf", &names, &locations());
    let (anna, ben, talk) = {
        let running = nodes.running.lock().await;
        let (anna, ben) = (running[&one].register("anna").await, running[&two].register("ben").await);
        let talk = room(&[&anna, &ben], None).await;
        (anna.at(&nginx.url), ben.at(&nginx.url), talk)
    };

    let (seen, stop) = (Arc::new(Mutex::new(Seen::default())), CancellationToken::new());
    let mut talkers = Vec::new();
    for which in 0..6 {
        let person = if which % 2 == 0 { anna.clone() } else { ben.clone() };
        let (seen, stop) = (Arc::clone(&seen), stop.clone());
        talkers.push(tokio::spawn(async move {
            if which < 3 {
                over_sockets(&person, talk, which, &seen, &stop).await;
            } else {
                over_http(&person, talk, which, &seen, &stop).await;
            }
        }));
    }
    let (told, upto) = watch::channel(None);
    let listening = tokio::spawn(Poller::new(&ben, talk).listens(upto));
    let count = || seen.lock().unwrap().acknowledged.len();
    until("they talk", async || count() > 100).await;

    let supervisor = nodes.supervised().await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/systemd/rolling-restart");
    let began = Instant::now();
    let rolled = Command::new(script)
        .args([one.to_string(), two.to_string()])
        .env("RESTART", format!("{}/tests/it/support/restart {supervisor}", env!("CARGO_MANIFEST_DIR")))
        .kill_on_drop(true)
        .output();
    let rolled = tokio::time::timeout(PATIENCE * 3, rolled).await.expect("an end").unwrap();
    assert!(rolled.status.success(), "{rolled:?}");
    let (took, meanwhile) = (began.elapsed(), count());
    until("they talk on", async || count() > meanwhile + 100).await;
    stop.cancel();
    for talker in talkers {
        talker.await.unwrap();
    }

    let Seen { acknowledged, longest } = std::mem::take(&mut *seen.lock().unwrap());
    let kept = ben.reads_all(talk).await;
    told.send_replace(kept.last().map(|message| message.seq));
    let (heard, silence) = tokio::time::timeout(PATIENCE, listening).await.expect("all is heard").unwrap();
    println!(
        "{} messages; both nodes restarted in {took:?}; longest wait for an acknowledgement {longest:?}, to hear of it {silence:?}",
        kept.len()
    );
    assert_eq!(kept.len(), acknowledged.len(), "each once");
    assert!(acknowledged.iter().all(|message| kept.contains(message)));
    let places: Vec<_> = kept.iter().map(|message| message.seq).collect();
    assert_eq!(places, (1..=kept.len() as i64).collect::<Vec<_>>());
    assert_eq!(heard, places, "who polls heard each once, in order");
    assert!(longest < MOST && silence < MOST, "{longest:?} to be acknowledged, {silence:?} to be heard");
}

/// Sends messages one after the other, each again with the same id until it is acknowledged.
async fn over_http(
    person: &Person,
    talk: ConversationId,
    which: usize,
    seen: &Mutex<Seen>,
    stop: &CancellationToken,
) {
    for n in 0.. {
        let body = json!({"content": format!("{which}: {n}"), "client_id": ClientId::mint()});
        let began = Instant::now();
        let message = loop {
            let answer = person.post(&format!("/api/conversations/{talk}/messages"), &body).await;
            match answer.status().as_u16() {
                200 | 201 => break answer.json().await.unwrap(),
                // Of nginx, or of a node that goes down.
                502..=504 => tokio::time::sleep(Duration::from_millis(50)).await,
                other => panic!("{other}: {:?}", answer.text().await),
            }
        };
        seen.lock().unwrap().note(message, began);
        if stop.is_cancelled() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Sends messages over sockets, and opens a new one whenever one ends.
async fn over_sockets(
    person: &Person,
    talk: ConversationId,
    which: usize,
    seen: &Mutex<Seen>,
    stop: &CancellationToken,
) {
    let mut socket = None;
    for n in 0.. {
        let (client_id, began) = (ClientId::mint(), Instant::now());
        let said = ClientFrame::ChatMessage {
            conversation_id: None,
            content: format!("{which}: {n}"),
            client_id: Some(client_id),
            reply_to: None,
        };
        let message = loop {
            let mut open = match socket.take() {
                Some(open) => open,
                None => match person.try_line(&format!("/ws/chat/{talk}/")).await {
                    Ok(open) => open,
                    Err(_) => {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
            };
            if open.try_send(&said).await.is_err() {
                continue;
            }
            if let Some(message) = open.acknowledges(client_id).await {
                socket = Some(open);
                break message;
            }
        };
        seen.lock().unwrap().note(message, began);
        if stop.is_cancelled() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A page without a socket.
struct Poller {
    person: Person,
    talk: ConversationId,
    state: State,
    heard: Vec<i64>,
    /// The longest time without a response, or until missing messages arrived.
    silence: Duration,
}

impl Poller {
    fn new(person: &Person, talk: ConversationId) -> Self {
        let mut state = State::new(person.me.clone());
        state.open(talk);
        Self { person: person.clone(), talk, state, heard: Vec::new(), silence: Duration::ZERO }
    }

    /// Waits until all messages up to this place have arrived, those in flight at the stop included.
    async fn listens(mut self, mut told: watch::Receiver<Option<i64>>) -> (Vec<i64>, Duration) {
        let (mut mailbox, mut batch, mut last) = (None, 0, Instant::now());
        loop {
            let upto = *told.borrow_and_update();
            let request =
                PollRequest { mailbox, batch, wait: upto.is_none(), sync: self.state.sync_request() };
            let request = serde_json::to_value(&request).unwrap();
            let answer = tokio::select! {
                answer = self.person.post("/api/poll", &request) => answer,
                // A poll that is held does not know of it.
                Ok(()) = told.changed() => continue,
            };
            if !answer.status().is_success() {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
            let answer: PollAnswer = answer.json().await.unwrap();
            (mailbox, batch) = (Some(answer.mailbox), answer.batch);
            self.takes(answer.frames).await;
            let newest = self.heard.last().copied();
            self.looks();
            if self.heard.last().copied() != newest {
                self.silence = self.silence.max(last.elapsed());
                last = Instant::now();
            }
            if upto.is_some_and(|upto| self.heard.last().is_some_and(|heard| *heard >= upto)) {
                return (self.heard, self.silence);
            }
        }
    }

    async fn takes(&mut self, frames: Vec<ServerFrame>) {
        let mut needs: Vec<Need> = frames.into_iter().flat_map(|frame| self.state.apply(frame, 0)).collect();
        while !needs.is_empty() {
            let frames: Vec<ClientFrame> = needs.drain(..).map(|Need::Ask(frame)| frame).collect();
            let answer = self.person.post("/api/submit", &json!({"frames": frames})).await;
            if !answer.status().is_success() {
                self.state.link_lost();
                return;
            }
            let answer: Value = answer.json().await.unwrap();
            let frames: Vec<ServerFrame> = serde_json::from_str(&answer["frames"].to_string()).unwrap();
            needs = frames.into_iter().flat_map(|frame| self.state.apply(frame, 0)).collect();
        }
    }

    /// Records the messages that are new on the screen.
    fn looks(&mut self) {
        let last = self.heard.last().copied().unwrap_or(0);
        let shown = self.state.rows(self.talk).into_iter();
        self.heard.extend(shown.filter_map(|row| match row {
            Row::Message(message) => (message.seq > last).then_some(message.seq),
            Row::Pending(_) => None,
        }));
    }
}
