//! The cost of durability, without a server.

use super::{Scale, first::wait, pairs};
use crate::BoxError;
use crate::compare::figure::{Figure, figure};
use crate::measure::durable;
use std::path::Path;
use std::time::Duration;

/// Messages to a commit. The server commits what queued up during the last commit, which is a number between these.
const BATCHES: [usize; 3] = [1, 10, 100];

/// Writes the rows of messages of as many pairs as [`pairs`] measures, in a loop.
pub(super) fn run(rapport: &Path, scale: &Scale) -> Result<Vec<Figure>, BoxError> {
    let time = Duration::from_secs_f64(scale.seconds / 2.0);
    let mut figures = Vec::new();
    for batch in BATCHES {
        let found = wait(durable::run(rapport, pairs::count(scale.size.pairs), batch, time))?;
        figures.push(figure(&format!("messages/s, {batch} a commit"), found.messages_per_second));
        figures.push(figure(&format!("CPU s per 1,000, {batch} a commit"), found.cpu_per_thousand));
    }
    Ok(figures)
}
