//! Concurrent conversations of two.

use super::Scale;
use super::room::{Room, closed_loop, measure};
use crate::BoxError;
use crate::compare::figure::{Figure, figure};
use crate::compare::subject::Subject;

/// The number of pairs that are used.
pub(super) fn count(pairs: usize) -> usize {
    pairs.min(100)
}

/// One person of each pair sends, with one message in flight; both receive. With two nodes, each has one person of every
/// pair.
pub(super) fn run(subject: &Subject, scale: &Scale) -> Result<Vec<Figure>, BoxError> {
    let fixture = &subject.fixture;
    let pairs = &fixture.pairs[..count(scale.size.pairs)];
    // The sender is in the first half for every other pair, so that with two nodes both receive messages.
    let speaks_first = |pair: usize| pair.is_multiple_of(2);
    let paths_of = |half: usize| {
        pairs.iter().enumerate().map(move |(number, pair)| {
            let speaker = speaks_first(number) == (half == 0);
            fixture.socket_path(pair.id, if speaker { pair.a } else { pair.b })
        })
    };
    let paths: Vec<String> = paths_of(0).chain(paths_of(1)).collect();
    let of = (0..paths.len()).map(|socket| socket % pairs.len()).collect();
    let mut room = Room::fill(subject, &paths, of, pairs.iter().map(|pair| pair.id).collect())?;
    let senders: Vec<(usize, usize)> = (0..pairs.len())
        .map(|pair| (if speaks_first(pair) { pair } else { pairs.len() + pair }, pair))
        .collect();
    closed_loop(&mut room, &senders, scale.warm_up())?;
    let found = measure(&mut room, |room| closed_loop(room, &senders, scale.seconds))?;
    let first = vec![
        figure("CPU s per 1,000 messages", found.cpu / found.messages * 1e3),
        figure("messages/s", found.messages / found.seconds),
    ];
    found.figures(first, room)
}
