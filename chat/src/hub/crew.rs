//! Those who write what is queued for lines whose tasks rest.

use super::line::{Framed, Line};
use crate::lock::lock;
use crate::metric;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// Lines that are taken at once: few enough that a second thread finds some left.
const SOME: usize = 64;

/// Who writes to many: threads beside the workers, which read, commit, and serve the few meanwhile. A delivery to a room of
/// 500 took an eighth less of the processor so than where workers took turns (docs/performance.md). They are half as many as
/// the workers at most. What comes while a room is being written goes out to those who are still to be written in the same
/// write.
#[derive(Clone)]
pub(super) struct Crew(Arc<Inside>);

struct Inside {
    due: Mutex<Due>,
    most: usize,
}

#[derive(Default)]
struct Due {
    lines: VecDeque<Arc<Line>>,
    at_work: usize,
}

impl Crew {
    pub(super) fn new() -> Self {
        let workers = tokio::runtime::Handle::current().metrics().num_workers();
        Self(Arc::new(Inside { due: Mutex::default(), most: (workers / 2).max(1) }))
    }

    /// Writes what these have queued: a few at once, many behind those that are there already.
    pub(super) fn write(&self, lines: Vec<Arc<Line>>) {
        if lines.is_empty() {
            return;
        }
        if lines.len() <= SOME {
            tokio::spawn(async move { write(lines) });
            return;
        }
        let mut due = lock(&self.0.due);
        due.lines.extend(lines);
        if due.at_work < self.0.most {
            due.at_work += 1;
            let crew = self.clone();
            tokio::task::spawn_blocking(move || crew.work());
        }
    }

    fn work(self) {
        while let Some(some) = self.some() {
            write(some);
        }
    }

    /// The next lines; without any the work ends.
    fn some(&self) -> Option<Vec<Arc<Line>>> {
        let mut due = lock(&self.0.due);
        let count = due.lines.len().min(SOME);
        if count == 0 {
            due.at_work -= 1;
            due.lines.shrink_to_fit();
            return None;
        }
        Some(due.lines.drain(..count).collect())
    }
}

fn write(lines: Vec<Arc<Line>>) {
    let mut framed = Framed::default();
    let written = lines.iter().map(|line| line.write(&mut framed)).sum();
    metric::DELIVERIES.increment(written);
    metric::FRAMES_OUT.increment(written);
}
