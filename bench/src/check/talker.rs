//! One client of the history checker: it sends, sends again what was not acknowledged, reads, and keeps a screen.

use super::history::{Event, History, Kind};
use crate::Fault;
use crate::client::{Api, Said, Socket};
use protocol::reducer::{Need, Row, State};
use protocol::{ClientFrame, ClientId, ConversationId, Message, ServerFrame};
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// An answer that takes longer than this is not waited for: the line is taken anew.
const PATIENCE: Duration = Duration::from_secs(5);

/// One client.
pub(super) struct Talker {
    n: usize,
    api: Api,
    room: ConversationId,
    history: Arc<History>,
    rng: StdRng,
    state: State,
    socket: Option<Socket>,
    began: Instant,
}

/// Talks until told to stop.
///
/// # Errors
/// The server stayed away for longer than it may.
pub(super) async fn talk(
    n: usize,
    api: Api,
    room: ConversationId,
    history: Arc<History>,
    stop: Arc<AtomicBool>,
    seed: u64,
) -> Result<Talker, Fault> {
    let state = State::new(api.me.clone());
    let rng = StdRng::seed_from_u64(seed);
    let mut talker = Talker { n, api, room, history, rng, state, socket: None, began: Instant::now() };
    talker.state.open(room);
    let mut count = 0;
    while !stop.load(Ordering::SeqCst) {
        count += 1;
        let body = format!("{n}.{count}");
        match talker.rng.random_range(0..20) {
            0 => talker.read().await,
            1 => talker.mark().await,
            2 => talker.refused(&body).await?,
            _ => talker.says(&body).await?,
        }
        tokio::time::sleep(Duration::from_millis(talker.rng.random_range(0..20))).await;
    }
    Ok(talker)
}

impl Talker {
    /// One message, over a transport drawn by chance, again and again with the same id until it is acknowledged; one
    /// client in ten gives up when a line breaks.
    async fn says(&mut self, body: &str) -> Result<(), Fault> {
        let client_id = ClientId::mint();
        let gives_up = self.rng.random_bool(0.1);
        self.history.message(Kind::Invoke, self.n, body, None);
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let answer = if self.rng.random_bool(0.5) {
                self.over_http(client_id, body).await
            } else {
                self.over_socket(client_id, body).await
            };
            match answer {
                Ok(message) => {
                    self.history.message(Kind::Ok, self.n, &message.content, Some(message.seq));
                    return Ok(());
                }
                Err(_) if gives_up => {
                    self.history.message(Kind::Info, self.n, body, None);
                    return Ok(());
                }
                Err(fault) if Instant::now() > deadline => {
                    return Err(format!("no answer for a minute: {fault}").into());
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(self.rng.random_range(5..50))).await,
            }
        }
    }

    /// An id of the past with another body must be refused.
    async fn refused(&mut self, body: &str) -> Result<(), Fault> {
        let client_id = ClientId::mint();
        let first = format!("{body}.first");
        self.history.message(Kind::Invoke, self.n, &first, None);
        match self.over_http(client_id, &first).await {
            Ok(message) => self.history.message(Kind::Ok, self.n, &first, Some(message.seq)),
            Err(_) => {
                self.history.message(Kind::Info, self.n, &first, None);
                return Ok(());
            }
        };
        let second = format!("{body}.second");
        // The first one is there, so the second can never be, whatever is answered and whatever becomes of the line.
        let _ = self.over_http(client_id, &second).await;
        self.history.message(Kind::Fail, self.n, &second, None);
        Ok(())
    }

    async fn over_http(&mut self, client_id: ClientId, body: &str) -> Result<Message, Fault> {
        match tokio::time::timeout(PATIENCE, self.api.say(self.room, client_id, body)).await?? {
            Said::Sent(message) => Ok(*message),
            Said::Refused(why) => Err(why.into()),
        }
    }

    async fn over_socket(&mut self, client_id: ClientId, body: &str) -> Result<Message, Fault> {
        let frame = ClientFrame::ChatMessage {
            conversation_id: Some(self.room),
            content: body.to_owned(),
            client_id: Some(client_id),
            reply_to: None,
        };
        let frames = [frame];
        let acknowledged = self.ask(&frames, |frame| match frame {
            ServerFrame::Ack { client_id: id, message } if *id == client_id => Some(Ok(message.clone())),
            ServerFrame::Error(error) if error.client_id == Some(client_id) => Some(Err(error.to_string())),
            _ => None,
        });
        Ok(acknowledged.await??)
    }

    /// Reads the newest page over HTTP and writes down what it showed.
    async fn read(&mut self) {
        let began = self.history.message(Kind::ReadBegan, self.n, "", None);
        let Ok(Ok(page)) = tokio::time::timeout(PATIENCE, self.api.page(self.room, None)).await else {
            return;
        };
        for message in page.messages {
            let (kind, person, seq) = (Kind::ReadSaw, self.n, Some(message.seq));
            self.history.push(Event { kind, person, body: message.content, seq, about: Some(began) });
        }
    }

    /// Marks everything read, then asks how far that is.
    async fn mark(&mut self) {
        let mark = ClientFrame::MarkRead { conversation_id: Some(self.room), message_id: None };
        let sync = ClientFrame::Sync(self.state.sync_request());
        let room = self.room;
        let frames = [mark, sync];
        let answer = self.ask(&frames, move |frame| match frame {
            ServerFrame::Synced(answer) => {
                answer.list.as_ref()?.iter().find(|entry| entry.id == room).map(|entry| entry.read_seq)
            }
            _ => None,
        });
        if let Ok(seq) = answer.await {
            self.history.message(Kind::Cursor, self.n, "", Some(seq));
        }
    }

    /// Gives frames to the socket and reads until the answer is there. A line that breaks is forgotten.
    async fn ask<T>(
        &mut self,
        frames: &[ClientFrame],
        mut answer: impl FnMut(&ServerFrame) -> Option<T>,
    ) -> Result<T, Fault> {
        let asked = async {
            if self.socket.is_none() {
                self.socket = Some(self.api.connect().await?);
                self.state.link_lost();
                let sync = ClientFrame::Sync(self.state.sync_request());
                self.socket.as_mut().ok_or("no socket")?.send(&sync).await?;
            }
            let socket = self.socket.as_mut().ok_or("no socket")?;
            for frame in frames {
                socket.send(frame).await?;
            }
            loop {
                let frame = socket.next().await?;
                let answered = answer(&frame);
                let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
                for Need::Ask(frame) in self.state.apply(frame, now) {
                    socket.send(&frame).await?;
                }
                if let Some(answered) = answered {
                    return Ok::<T, Fault>(answered);
                }
            }
        };
        let outcome = tokio::time::timeout(PATIENCE, asked).await;
        match outcome {
            Ok(Ok(answered)) => Ok(answered),
            Ok(Err(fault)) => {
                self.socket = None;
                Err(fault)
            }
            Err(late) => {
                self.socket = None;
                Err(late.into())
            }
        }
    }

    /// Listens until the screen shows the newest page of the database, or time is up, and gives what it shows. It asks for
    /// nothing of its own accord: what the client did not catch up with by itself stays missing.
    ///
    /// # Errors
    /// The server is not there.
    pub(super) async fn settle(mut self) -> Result<Vec<Message>, Fault> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let pong = |frame: &ServerFrame| matches!(frame, ServerFrame::Pong).then_some(());
            let heard = self.ask(&[ClientFrame::Ping], pong).await;
            let shown: Vec<Message> = self
                .state
                .rows(self.room)
                .into_iter()
                .filter_map(|row| match row {
                    Row::Message(message) => Some((*message).clone()),
                    Row::Pending(_) => None,
                })
                .collect();
            let newest = self.api.page(self.room, None).await?.messages;
            if heard.is_ok() && shown.ends_with(&newest) || Instant::now() > deadline {
                return Ok(shown);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
