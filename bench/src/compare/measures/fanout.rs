//! One large conversation.

use super::Scale;
use super::hall::{Hall, flat_out, stretch};
use crate::BoxError;
use crate::compare::figure::{Figure, figure};
use crate::compare::subject::Subject;
use std::time::Duration;

/// Senders that go as fast as they can.
pub(super) const SENDERS: usize = 4;

/// The room with all of its members.
pub(super) fn room<'a>(subject: &'a Subject, scale: &Scale) -> Result<Hall<'a>, BoxError> {
    let room = &subject.fixture.room;
    let members = &room.members[..scale.size.room];
    let doors: Vec<String> = members.iter().map(|who| subject.fixture.door(room.id, *who)).collect();
    Hall::fill(subject, &doors, vec![0; doors.len()], vec![room.id])
}

/// At a steady pace.
pub(super) fn paced(subject: &Subject, scale: &Scale) -> Result<Vec<Figure>, BoxError> {
    let mut hall = room(subject, scale)?;
    steadily(&mut hall, scale.pace, scale.warm_up())?;
    let found = stretch(&mut hall, |hall| steadily(hall, scale.pace, scale.seconds))?;
    let first = vec![
        figure("CPU s per million deliveries", found.cpu / found.deliveries * 1e6),
        figure("deliveries/s", found.deliveries / found.seconds),
    ];
    found.figures(first, hall)
}

fn steadily(hall: &mut Hall<'_>, pace: u32, seconds: f64) -> Result<(), BoxError> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let total = (f64::from(pace) * seconds).ceil() as u64;
    let begun = hall.crowd.now();
    let due = |number: u64| begun + number * 1_000_000 / u64::from(pace);
    let (mut sent, mut arrivals) = (0, Vec::new());
    while sent < total || hall.tally.outstanding() > 0 {
        while sent < total && due(sent) <= hall.crowd.now() {
            hall.say(usize::try_from(sent)? % hall.crowd.len(), 0, due(sent))?;
            sent += 1;
        }
        hall.hear(until(hall, (sent < total).then(|| due(sent))), &mut arrivals)?;
        for arrival in &arrivals {
            hall.latencies.add(arrival.at.saturating_sub(arrival.mark.due));
        }
    }
    Ok(())
}

/// How long may be waited for what arrives when the next message is due then: in whole milliseconds, since that is how an
/// epoll waits, and never too long.
fn until(hall: &Hall<'_>, due: Option<u64>) -> Duration {
    due.map_or(Duration::from_millis(100), |due| {
        Duration::from_millis(due.saturating_sub(hall.crowd.now()) / 1_000)
    })
}

/// As fast as it goes.
pub(super) fn closed(subject: &Subject, scale: &Scale) -> Result<Vec<Figure>, BoxError> {
    let mut hall = room(subject, scale)?;
    hall.crowd.attend(SENDERS)?;
    let senders: Vec<(usize, usize)> = (0..SENDERS).map(|sender| (sender, 0)).collect();
    flat_out(&mut hall, &senders, scale.warm_up())?;
    let found = stretch(&mut hall, |hall| flat_out(hall, &senders, scale.seconds))?;
    let first = vec![
        figure("deliveries/s", found.deliveries / found.seconds),
        figure("CPU s per million deliveries", found.cpu / found.deliveries * 1e6),
        figure("messages/s", found.messages / found.seconds),
    ];
    found.figures(first, hall)
}
