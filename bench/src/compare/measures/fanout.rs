//! Fan-out in one large conversation.

use super::Scale;
use super::room::{Room, closed_loop, measure};
use crate::BoxError;
use crate::compare::figure::{Figure, figure};
use crate::compare::subject::Subject;
use std::time::Duration;

/// The number of senders of the closed loop.
pub(super) const SENDERS: usize = 4;

/// Opens the room with all of its members.
pub(super) fn fill_room<'a>(subject: &'a Subject, scale: &Scale) -> Result<Room<'a>, BoxError> {
    let room = &subject.fixture.room;
    let members = &room.members[..scale.size.room];
    let paths: Vec<String> = members.iter().map(|who| subject.fixture.socket_path(room.id, *who)).collect();
    Room::fill(subject, &paths, vec![0; paths.len()], vec![room.id])
}

/// Open-loop load at a steady rate.
pub(super) fn paced(subject: &Subject, scale: &Scale) -> Result<Vec<Figure>, BoxError> {
    let mut room = fill_room(subject, scale)?;
    open_loop(&mut room, scale.pace, scale.warm_up())?;
    let found = measure(&mut room, |room| open_loop(room, scale.pace, scale.seconds))?;
    let first = vec![
        figure("CPU s per million deliveries", found.cpu / found.deliveries * 1e6),
        figure("deliveries/s", found.deliveries / found.seconds),
    ];
    found.figures(first, room)
}

fn open_loop(room: &mut Room<'_>, pace: u32, seconds: f64) -> Result<(), BoxError> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let total = (f64::from(pace) * seconds).ceil() as u64;
    let begun = room.generator.now();
    let due = |number: u64| begun + number * 1_000_000 / u64::from(pace);
    let (mut sent, mut arrivals) = (0, Vec::new());
    while sent < total || room.tally.outstanding() > 0 {
        while sent < total && due(sent) <= room.generator.now() {
            room.send(usize::try_from(sent)? % room.generator.len(), 0, due(sent))?;
            sent += 1;
        }
        room.receive(until(room, (sent < total).then(|| due(sent))), &mut arrivals)?;
        for arrival in &arrivals {
            room.latencies.add(arrival.at.saturating_sub(arrival.mark.due));
        }
    }
    Ok(())
}

/// The time to wait for arrivals before the next message is due, rounded down to the whole milliseconds of epoll.
fn until(room: &Room<'_>, due: Option<u64>) -> Duration {
    due.map_or(Duration::from_millis(100), |due| {
        Duration::from_millis(due.saturating_sub(room.generator.now()) / 1_000)
    })
}

/// Closed-loop load.
pub(super) fn closed(subject: &Subject, scale: &Scale) -> Result<Vec<Figure>, BoxError> {
    let mut room = fill_room(subject, scale)?;
    room.generator.read_at_once(SENDERS)?;
    let senders: Vec<(usize, usize)> = (0..SENDERS).map(|sender| (sender, 0)).collect();
    closed_loop(&mut room, &senders, scale.warm_up())?;
    let found = measure(&mut room, |room| closed_loop(room, &senders, scale.seconds))?;
    let first = vec![
        figure("deliveries/s", found.deliveries / found.seconds),
        figure("CPU s per million deliveries", found.cpu / found.deliveries * 1e6),
        figure("messages/s", found.messages / found.seconds),
    ];
    found.figures(first, room)
}
