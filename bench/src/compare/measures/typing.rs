//! Typing frames in a large room.

use super::{Scale, fanout};
use crate::BoxError;
use crate::compare::figure::{Figure, figure};
use crate::compare::subject::Subject;
use std::time::Duration;

/// Typing frames a second.
pub(super) const PACE: u64 = 50;

/// All members in turn begin to type, then all in turn stop, and so on. Frames are sent at fixed times, independent of the
/// server.
pub(super) fn run(subject: &Subject, scale: &Scale) -> Result<Vec<Figure>, BoxError> {
    let mut room = fanout::fill_room(subject, scale)?;
    let (cpu, begun, heard) = (subject.group.cpu()?, room.generator.now(), room.generator.counts().typing);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
    let total = (PACE as f64 * scale.seconds) as u64;
    let (mut said, mut arrivals) = (0, Vec::new());
    while said < total {
        let due = begun + said * 1_000_000 / PACE;
        let now = room.generator.now();
        if due > now {
            room.receive(Duration::from_millis((due - now) / 1_000), &mut arrivals)?;
            continue;
        }
        let (turn, who) =
            (usize::try_from(said)? / room.generator.len(), usize::try_from(said)? % room.generator.len());
        room.generator.send(who, &subject.typing(turn % 2 == 0))?;
        said += 1;
    }
    // Frames that are still in flight belong to the measurement.
    room.generator.settle(Duration::from_millis(200))?;
    let cpu = subject.group.cpu()? - cpu;
    let heard = room.generator.counts().typing - heard;
    let memory = subject.group.memory()?;
    room.generator.close();
    #[allow(clippy::cast_precision_loss)]
    let (said, heard) = (said as f64, heard as f64);
    Ok(vec![
        figure("CPU s per 1,000 frames said", cpu / said * 1e3),
        figure("CPU s per million deliveries", cpu / heard * 1e6),
        figure("deliveries for each that was said", heard / said),
        memory,
    ])
}
