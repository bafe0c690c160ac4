//! Conversations of two, all at the same time.

use super::Scale;
use super::hall::{Hall, flat_out, stretch};
use crate::Fault;
use crate::price::figure::{Figure, figure};
use crate::price::subject::Subject;

/// How many of the pairs talk.
pub(super) fn count(pairs: usize) -> usize {
    pairs.min(100)
}

/// One of each pair speaks, with one message under way; both listen.
pub(super) fn run(subject: &Subject, scale: &Scale) -> Result<Vec<Figure>, Fault> {
    let fixture = &subject.fixture;
    let pairs = &fixture.pairs[..count(scale.size.pairs)];
    let doors: Vec<String> = pairs
        .iter()
        .flat_map(|pair| [fixture.door(pair.id, pair.a), fixture.door(pair.id, pair.b)])
        .collect();
    let of = (0..doors.len()).map(|socket| socket / 2).collect();
    let mut hall = Hall::fill(subject, &doors, of, pairs.iter().map(|pair| pair.id).collect())?;
    let senders: Vec<(usize, usize)> = (0..pairs.len()).map(|pair| (2 * pair, pair)).collect();
    flat_out(&mut hall, &senders, scale.warm_up())?;
    let found = stretch(&mut hall, |hall| flat_out(hall, &senders, scale.seconds))?;
    let first = vec![
        figure("CPU s per 1,000 messages", found.cpu / found.messages * 1e3),
        figure("messages/s", found.messages / found.seconds),
    ];
    found.figures(first, hall)
}
