//! Load on the sockets of some conversations. Every message that arrives is checked.

use crate::BoxError;
use crate::compare::figure::{Figure, figure};
use crate::compare::group;
use crate::compare::load::{Arrival, Latencies, LoadGenerator, Tally, wire::Mark};
use crate::compare::subject::Subject;
use std::time::Duration;

/// The silence after which outstanding deliveries count as lost.
const LOST_AFTER: Duration = Duration::from_secs(10);
/// The time after the load in which a duplicate may still arrive.
const AFTERWARDS: Duration = Duration::from_millis(200);

/// The open sockets of one or more conversations, and what arrived at them.
pub(super) struct Room<'a> {
    pub(super) subject: &'a Subject,
    pub(super) generator: LoadGenerator,
    pub(super) tally: Tally,
    /// The id of each conversation of the tally.
    pub(super) ids: Vec<i64>,
    pub(super) latencies: Latencies,
    last: u64,
}

impl<'a> Room<'a> {
    /// Opens all sockets, the second half at the second node if there is one, and waits until nothing more arrives.
    pub(super) fn fill(
        subject: &'a Subject,
        paths: &[String],
        of: Vec<usize>,
        ids: Vec<i64>,
    ) -> Result<Self, BoxError> {
        let mut generator = subject.load_generator()?;
        match &subject.second {
            Some(second) => {
                let (here, there) = paths.split_at(paths.len() / 2);
                generator.open(here, 64)?;
                generator.set_address(second.address())?;
                generator.open(there, 64)?;
            }
            None => drop(generator.open(paths, 64)?),
        }
        generator.settle(Duration::from_millis(300))?;
        Ok(Self { subject, generator, tally: Tally::new(of), ids, latencies: Latencies::default(), last: 0 })
    }

    /// Sends the next message of a conversation; returns its number.
    pub(super) fn send(&mut self, socket: usize, conversation: usize, due: u64) -> Result<u64, BoxError> {
        let number = self.tally.next(conversation);
        let text = self.subject.message(self.ids[conversation], Mark { number, due })?;
        self.generator.send(socket, &text)?;
        Ok(number)
    }

    /// Receives for at most `wait`, and checks what arrives.
    pub(super) fn receive(&mut self, wait: Duration, arrivals: &mut Vec<Arrival>) -> Result<(), BoxError> {
        self.generator.receive(wait, arrivals)?;
        for arrival in arrivals.iter() {
            self.tally.arrived(arrival)?;
        }
        let now = self.generator.now();
        if !arrivals.is_empty() || self.tally.outstanding() == 0 {
            self.last = now;
        } else if now.saturating_sub(self.last) > LOST_AFTER.as_micros() as u64 {
            let (lost, sent) = (self.tally.outstanding(), self.tally.messages());
            return Err(format!("{lost} deliveries of {sent} messages were lost").into());
        }
        Ok(())
    }

    /// Checks that nothing more arrives and closes all sockets. Returns the latencies, and the number of conversations whose
    /// readers saw different orders.
    fn close(mut self) -> Result<(Latencies, usize), BoxError> {
        let mut arrivals = Vec::new();
        let until = self.generator.now() + AFTERWARDS.as_micros() as u64;
        while self.generator.now() < until {
            self.receive(AFTERWARDS / 4, &mut arrivals)?;
        }
        let disordered = self.tally.disordered();
        if disordered > 0 && self.subject.kind.is_rapport() {
            return Err("two readers saw another order".into());
        }
        self.generator.close();
        Ok((self.latencies, disordered))
    }
}

/// Cost and throughput of one interval of load.
pub(super) struct Measured {
    pub(super) seconds: f64,
    pub(super) cpu: f64,
    pub(super) own_cpu: f64,
    pub(super) deliveries: f64,
    pub(super) messages: f64,
    memory: Figure,
}

impl Measured {
    /// These figures, followed by those of every measurement of messages: latencies, memory, order, and cores of the load.
    pub(super) fn figures(self, first: Vec<Figure>, room: Room<'_>) -> Result<Vec<Figure>, BoxError> {
        let (latencies, disordered) = room.close()?;
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

/// Runs the load and measures it.
pub(super) fn measure(
    room: &mut Room<'_>,
    load: impl FnOnce(&mut Room<'_>) -> Result<(), BoxError>,
) -> Result<Measured, BoxError> {
    let read = |room: &Room<'_>| -> Result<_, BoxError> {
        Ok((room.subject.group.cpu()?, group::own_cpu()?, room.tally.deliveries(), room.tally.messages()))
    };
    room.latencies = Latencies::default();
    let (before, begun) = (read(room)?, room.generator.now());
    load(room)?;
    #[allow(clippy::cast_precision_loss)]
    let seconds = (room.generator.now() - begun) as f64 / 1e6;
    let after = read(room)?;
    #[allow(clippy::cast_precision_loss)]
    Ok(Measured {
        seconds,
        cpu: after.0 - before.0,
        own_cpu: after.1 - before.1,
        deliveries: (after.2 - before.2) as f64,
        messages: (after.3 - before.3) as f64,
        memory: room.subject.group.memory()?,
    })
}

/// Closed-loop load: each sender, a socket and its conversation, has one message in flight.
pub(super) fn closed_loop(
    room: &mut Room<'_>,
    senders: &[(usize, usize)],
    seconds: f64,
) -> Result<(), BoxError> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let end = room.generator.now() + (seconds * 1e6) as u64;
    let mut awaited: Vec<Option<(usize, u64)>> = vec![None; room.generator.len()];
    for &(sender, conversation) in senders {
        let now = room.generator.now();
        awaited[sender] = Some((conversation, room.send(sender, conversation, now)?));
    }
    let mut arrivals = Vec::new();
    while room.generator.now() < end || room.tally.outstanding() > 0 {
        room.receive(Duration::from_millis(100), &mut arrivals)?;
        for arrival in &arrivals {
            // A socket that is read by round robin says nothing about the time of arrival.
            if room.generator.is_read_at_once(arrival.socket) {
                room.latencies.add(arrival.at.saturating_sub(arrival.mark.due));
            }
            let Some((conversation, number)) = awaited[arrival.socket] else { continue };
            if number == arrival.mark.number {
                let now = room.generator.now();
                awaited[arrival.socket] = if now < end {
                    Some((conversation, room.send(arrival.socket, conversation, now)?))
                } else {
                    None
                };
            }
        }
    }
    Ok(())
}
