//! Long polls that are held and answered when a message is sent.

use super::Scale;
use crate::BoxError;
use crate::compare::figure::{Figure, figure};
use crate::compare::load::{Arrival, Latencies, Tally, wire};
use crate::compare::subject::Subject;
use protocol::{NewMessage, PollAnswer, ServerFrame};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Messages a second; each answers all polls.
pub(super) const PACE: u32 = 2;
/// The timeout of every wait.
const PATIENCE: Duration = Duration::from_secs(30);

/// All members of the room hold a poll; each message answers all, and they poll again.
pub(super) fn run(subject: &Subject, scale: &Scale) -> Result<Vec<Figure>, BoxError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(hold(subject, scale))
}

async fn hold(subject: &Subject, scale: &Scale) -> Result<Vec<Figure>, BoxError> {
    let room = &subject.fixture.room;
    let members = &room.members[..scale.size.room];
    let clock = Instant::now();
    let (tell, mut told) = mpsc::unbounded_channel();
    let held = Arc::new(AtomicUsize::new(0));
    let http = reqwest::Client::new();
    let mut polls = tokio::task::JoinSet::new();
    for (number, who) in members.iter().enumerate() {
        let poll = Poll {
            number,
            http: http.clone(),
            url: format!("http://{}/api/poll", subject.group.address()),
            token: subject.fixture.tokens[*who].clone(),
            room: room.id,
            tell: tell.clone(),
            held: held.clone(),
            clock,
        };
        polls.spawn(poll.again_and_again());
    }
    drop(tell);
    let begun = Instant::now();
    while held.load(Ordering::Relaxed) < members.len() {
        if let Some(ended) = polls.try_join_next() {
            ended??;
        }
        if begun.elapsed() > PATIENCE {
            return Err("not everybody could poll".into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(scale.rest() / 7).await;
    let mut generator = subject.load_generator()?;
    generator.open(&[subject.fixture.socket_path(room.id, members[0])], 1)?;
    let mut tally = Tally::new(vec![0; members.len()]);
    let mut latencies = Latencies::default();
    let cpu = subject.group.cpu()?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let messages = (f64::from(PACE) * scale.seconds).ceil() as u32;
    for _ in 0..messages {
        let due = micros(clock);
        let mark = wire::Mark { number: tally.next(0), due };
        generator.send(0, &subject.message(room.id, mark)?)?;
        while tally.outstanding() > 0 {
            tokio::select! {
                arrival = told.recv() => {
                    let arrival: Arrival = arrival.ok_or("nobody polls any more")?;
                    tally.arrived(&arrival)?;
                    latencies.add(arrival.at.saturating_sub(arrival.mark.due));
                }
                ended = polls.join_next() => {
                    ended.ok_or("nobody polls any more")???;
                }
                () = tokio::time::sleep(PATIENCE) => {
                    return Err(format!("{} deliveries were lost", tally.outstanding()).into());
                }
            }
        }
        // All must hold a poll again before the next message; else the time between two polls would be measured, too.
        tokio::time::sleep(Duration::from_millis(u64::from(1_000 / PACE))).await;
        generator.receive(Duration::ZERO, &mut Vec::new())?;
    }
    let cpu = subject.group.cpu()? - cpu;
    let memory = subject.group.memory()?;
    // A duplicate arrives with the next answer, if at all.
    while let Ok(arrival) = told.try_recv() {
        tally.arrived(&arrival)?;
    }
    polls.shutdown().await;
    generator.close();
    #[allow(clippy::cast_precision_loss)]
    let woken = tally.deliveries() as f64;
    let [p50, p99, p999] = latencies.millis([0.5, 0.99, 0.999]);
    Ok(vec![
        figure("CPU s per 1,000 woken", cpu / woken * 1e3),
        figure("answers", woken),
        figure("p50 ms", p50),
        figure("p99 ms", p99),
        figure("p99.9 ms", p999),
        memory,
    ])
}

/// Microseconds of the measurement's clock.
fn micros(clock: Instant) -> u64 {
    u64::try_from(clock.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// A polling member.
struct Poll {
    number: usize,
    http: reqwest::Client,
    url: String,
    token: String,
    room: i64,
    tell: mpsc::UnboundedSender<Arrival>,
    held: Arc<AtomicUsize>,
    clock: Instant,
}

impl Poll {
    async fn again_and_again(self) -> Result<(), BoxError> {
        let newest = self.ask(json!({
            "mailbox": null, "batch": 0, "wait": false, "sync": {"user_rev": 0, "list": false, "open": {}}
        }));
        let mut answer = newest.await?;
        self.held.fetch_add(1, Ordering::Relaxed);
        loop {
            let question = json!({
                "mailbox": answer.mailbox, "batch": answer.batch, "wait": true,
                "sync": {"user_rev": 0, "list": false, "open": {}}
            });
            answer = self.ask(question).await?;
            let at = micros(self.clock);
            for frame in &answer.frames {
                let ServerFrame::NewMessage(NewMessage { conversation_id, .. }) = frame else { continue };
                if conversation_id.0 != self.room {
                    continue;
                }
                if let wire::Received::Message(mark) = wire::classify(&serde_json::to_vec(frame)?) {
                    let _ = self.tell.send(Arrival { socket: self.number, mark, at });
                }
            }
        }
    }

    async fn ask(&self, question: Value) -> Result<PollAnswer, BoxError> {
        let request = self.http.post(&self.url).bearer_auth(&self.token).json(&question);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}
