//! Sockets of conversations, filled and listened to: every message that arrives is checked.

use crate::BoxError;
use crate::compare::figure::{Figure, figure};
use crate::compare::group;
use crate::compare::load::{Arrival, Crowd, Latencies, Tally, wire::Mark};
use crate::compare::subject::Subject;
use std::time::Duration;

/// Nothing arrives any more, though something should.
const LOST_AFTER: Duration = Duration::from_secs(10);
/// A message that is doubled may come a little after the first.
const AFTERWARDS: Duration = Duration::from_millis(200);

/// The room, full, and what arrives in it.
pub(super) struct Hall<'a> {
    pub(super) subject: &'a Subject,
    pub(super) crowd: Crowd,
    pub(super) tally: Tally,
    /// The conversation of each number in the tally.
    pub(super) ids: Vec<i64>,
    pub(super) latencies: Latencies,
    last: u64,
}

impl<'a> Hall<'a> {
    /// All come in, the second half at the second node where there is one, and it becomes quiet.
    pub(super) fn fill(
        subject: &'a Subject,
        doors: &[String],
        of: Vec<usize>,
        ids: Vec<i64>,
    ) -> Result<Self, BoxError> {
        let mut crowd = subject.crowd()?;
        match &subject.second {
            Some(second) => {
                let (here, there) = doors.split_at(doors.len() / 2);
                crowd.open(here, 64)?;
                crowd.move_to(second.address())?;
                crowd.open(there, 64)?;
            }
            None => drop(crowd.open(doors, 64)?),
        }
        crowd.settle(Duration::from_millis(300))?;
        Ok(Self { subject, crowd, tally: Tally::new(of), ids, latencies: Latencies::default(), last: 0 })
    }

    /// Says the next message of a conversation.
    pub(super) fn say(&mut self, socket: usize, conversation: usize, due: u64) -> Result<u64, BoxError> {
        let number = self.tally.next(conversation);
        let text = self.subject.message(self.ids[conversation], Mark { number, due })?;
        self.crowd.say(socket, &text)?;
        Ok(number)
    }

    /// Waits for so long at most for what arrives, and checks it.
    pub(super) fn hear(&mut self, wait: Duration, arrivals: &mut Vec<Arrival>) -> Result<(), BoxError> {
        self.crowd.pump(wait, arrivals)?;
        for arrival in arrivals.iter() {
            self.tally.arrived(arrival)?;
        }
        let now = self.crowd.now();
        if !arrivals.is_empty() || self.tally.outstanding() == 0 {
            self.last = now;
        } else if now.saturating_sub(self.last) > LOST_AFTER.as_micros() as u64 {
            let (lost, sent) = (self.tally.outstanding(), self.tally.messages());
            return Err(format!("{lost} deliveries of {sent} messages were lost").into());
        }
        Ok(())
    }

    /// Nothing may come any more; all leave. Gives what was measured, and in how many conversations readers disagree.
    fn close(mut self) -> Result<(Latencies, usize), BoxError> {
        let mut arrivals = Vec::new();
        let until = self.crowd.now() + AFTERWARDS.as_micros() as u64;
        while self.crowd.now() < until {
            self.hear(AFTERWARDS / 4, &mut arrivals)?;
        }
        let disordered = self.tally.disordered();
        if disordered > 0 && self.subject.kind.is_rapport() {
            return Err("two readers saw another order".into());
        }
        self.crowd.leave();
        Ok((self.latencies, disordered))
    }
}

/// What a stretch of load cost and brought.
pub(super) struct Stretch {
    pub(super) seconds: f64,
    pub(super) cpu: f64,
    pub(super) own_cpu: f64,
    pub(super) deliveries: f64,
    pub(super) messages: f64,
    memory: Figure,
}

impl Stretch {
    /// With what stands behind every measurement of messages: how long they took, and how sure the figures are.
    pub(super) fn figures(self, first: Vec<Figure>, hall: Hall<'_>) -> Result<Vec<Figure>, BoxError> {
        let (latencies, disordered) = hall.close()?;
        let [p50, p99, p999] = latencies.millis([0.5, 0.99, 0.999]);
        let mut all = first;
        #[allow(clippy::cast_precision_loss)]
        all.extend([
            figure("p50 ms", p50),
            figure("p99 ms", p99),
            figure("p99.9 ms", p999),
            self.memory,
            figure("conversations out of order", disordered as f64),
            figure("cores taken by the load", self.own_cpu / self.seconds),
        ]);
        Ok(all)
    }
}

/// Runs a piece of load and counts what it took.
pub(super) fn stretch(
    hall: &mut Hall<'_>,
    load: impl FnOnce(&mut Hall<'_>) -> Result<(), BoxError>,
) -> Result<Stretch, BoxError> {
    let read = |hall: &Hall<'_>| -> Result<_, BoxError> {
        Ok((hall.subject.group.cpu()?, group::own_cpu()?, hall.tally.deliveries(), hall.tally.messages()))
    };
    hall.latencies = Latencies::default();
    let (before, begun) = (read(hall)?, hall.crowd.now());
    load(hall)?;
    #[allow(clippy::cast_precision_loss)]
    let seconds = (hall.crowd.now() - begun) as f64 / 1e6;
    let after = read(hall)?;
    #[allow(clippy::cast_precision_loss)]
    Ok(Stretch {
        seconds,
        cpu: after.0 - before.0,
        own_cpu: after.1 - before.1,
        deliveries: (after.2 - before.2) as f64,
        messages: (after.3 - before.3) as f64,
        memory: hall.subject.group.memory()?,
    })
}

/// Each sender (a socket, and its conversation) has one message under way.
pub(super) fn flat_out(
    hall: &mut Hall<'_>,
    senders: &[(usize, usize)],
    seconds: f64,
) -> Result<(), BoxError> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let end = hall.crowd.now() + (seconds * 1e6) as u64;
    let mut awaited: Vec<Option<(usize, u64)>> = vec![None; hall.crowd.len()];
    for &(sender, conversation) in senders {
        let now = hall.crowd.now();
        awaited[sender] = Some((conversation, hall.say(sender, conversation, now)?));
    }
    let mut arrivals = Vec::new();
    while hall.crowd.now() < end || hall.tally.outstanding() > 0 {
        hall.hear(Duration::from_millis(100), &mut arrivals)?;
        for arrival in &arrivals {
            // Who is read in turns says nothing about when it was there.
            if hall.crowd.attends(arrival.socket) {
                hall.latencies.add(arrival.at.saturating_sub(arrival.mark.due));
            }
            let Some((conversation, number)) = awaited[arrival.socket] else { continue };
            if number == arrival.mark.number {
                let now = hall.crowd.now();
                awaited[arrival.socket] = if now < end {
                    Some((conversation, hall.say(arrival.socket, conversation, now)?))
                } else {
                    None
                };
            }
        }
    }
    Ok(())
}
