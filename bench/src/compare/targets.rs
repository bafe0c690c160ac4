//! The targets of Rapport.

use super::figure::Spread;
use super::measures::Measure;
use super::results::Results;
use super::subject::Kind;

/// A target for one figure of a measure.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The measure that the figure belongs to.
    pub measure: Measure,
    /// The name of the figure.
    pub figure: &'static str,
    /// The bound of the figure.
    pub bound: Bound,
}

/// The bound of a figure.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// At most this value.
    AtMost(f64),
    /// At least this value.
    AtLeast(f64),
    /// At most this multiple of the limit's figure.
    AtMostTimesLimit(f64),
    /// At least this multiple of the limit's figure.
    AtLeastTimesLimit(f64),
    /// At most this multiple of Node's figure.
    AtMostTimesNode(f64),
    /// At least this multiple of the messages that a bare loop writes, ten to a commit.
    AtLeastTimesBareLoop(f64),
    /// With a very long history, at most this multiple of the figure with a short one.
    AtMostLongTimesShort(f64),
}

/// All targets.
pub const ALL: [Target; 10] = [
    target(Measure::Paced, "CPU s per million deliveries", Bound::AtMostTimesLimit(1.5)),
    target(Measure::Closed, "deliveries/s", Bound::AtLeastTimesLimit(2.0)),
    target(Measure::Pairs, "messages/s", Bound::AtLeastTimesBareLoop(0.5)),
    target(Measure::Pairs, "CPU s per 1,000 messages", Bound::AtMostTimesNode(0.5)),
    target(Measure::Idle, "KiB per idle socket", Bound::AtMost(6.0)),
    target(Measure::Idle, "connects/s", Bound::AtLeast(4_000.0)),
    target(Measure::Page, "CPU s per 1,000 pages", Bound::AtMostLongTimesShort(1.1)),
    target(Measure::Start, "ms to the first answer", Bound::AtMost(100.0)),
    target(Measure::Start, "MB of memory at rest", Bound::AtMost(15.0)),
    target(Measure::FirstLoad, "KB in all", Bound::AtMost(400.0)),
];

const fn target(measure: Measure, figure: &'static str, bound: Bound) -> Target {
    Target { measure, figure, bound }
}

impl Target {
    /// The result of Rapport, and whether it meets the target; `None` if it was not measured.
    #[must_use]
    pub fn found(&self, results: &Results) -> Option<(Spread, bool)> {
        let found = match self.bound {
            Bound::AtMost(_) | Bound::AtLeast(_) => {
                results.spread(self.measure, Kind::Rapport, self.figure)?
            }
            Bound::AtMostTimesLimit(_) | Bound::AtLeastTimesLimit(_) => {
                results.ratio(self.measure, (Kind::Rapport, Kind::Limit), self.figure)?
            }
            Bound::AtMostTimesNode(_) => {
                results.ratio(self.measure, (Kind::Rapport, Kind::Node), self.figure)?
            }
            Bound::AtLeastTimesBareLoop(_) => results.ratio_between(
                (self.measure, Kind::Rapport, self.figure),
                (Measure::Durable, Kind::Rapport, "messages/s, 10 a commit"),
            )?,
            Bound::AtMostLongTimesShort(_) => {
                results.ratio(self.measure, (Kind::RapportOfAMillion, Kind::Rapport), self.figure)?
            }
        };
        let holds = match self.bound {
            Bound::AtMost(most)
            | Bound::AtMostTimesLimit(most)
            | Bound::AtMostTimesNode(most)
            | Bound::AtMostLongTimesShort(most) => found.median <= most,
            Bound::AtLeast(least) | Bound::AtLeastTimesLimit(least) | Bound::AtLeastTimesBareLoop(least) => {
                found.median >= least
            }
        };
        Some((found, holds))
    }
}

#[cfg(test)]
mod tests {
    use super::super::figure::figure;
    use super::super::results::{Entry, example};
    use super::*;

    #[test]
    fn the_median_decides() {
        let results = example();
        let (found, holds) = ALL[0].found(&results).unwrap();
        assert!(holds && (found.median - 1.3125).abs() < 1e-9);
        let stricter = Target { bound: Bound::AtMostTimesLimit(1.2), ..ALL[0] };
        assert!(!stricter.found(&results).unwrap().1);
        let other_way = Target { bound: Bound::AtLeast(11.0), ..ALL[0] };
        assert!(other_way.found(&results).unwrap().1, "10 and 12.1, in the blocks that count");
        assert!(ALL[1].found(&results).is_none(), "not measured");
    }

    #[test]
    fn a_bare_loop_is_compared_within_each_block() {
        let target = target(Measure::Pairs, "messages/s", Bound::AtLeastTimesBareLoop(0.5));
        let mut results = example();
        for (block, (ours, bare)) in [(22.0, 40.0), (27.0, 45.0), (20.0, 50.0)].into_iter().enumerate() {
            for (measure, name, value) in
                [(Measure::Pairs, "messages/s", ours), (Measure::Durable, "messages/s, 10 a commit", bare)]
            {
                let figures = vec![figure(name, value)];
                results.entries.push(Entry { block, measure, kind: Kind::Rapport, figures, failure: None });
            }
        }
        let (found, holds) = target.found(&results).unwrap();
        assert!(holds && (found.median - 0.55).abs() < 1e-9, "{found:?}");
        let stricter = Target { bound: Bound::AtLeastTimesBareLoop(0.56), ..target };
        assert!(!stricter.found(&results).unwrap().1);
    }
}
