//! The results of a run, by block. They are written to `performance.json`.

use super::figure::{Figure, Spread, steady};
use super::kind::Kind;
use super::measures::{Measure, Scale};
use serde::{Deserialize, Serialize};

/// The results of a run.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Results {
    /// The command that repeats the run.
    pub command: String,
    /// The date of the start.
    pub date: String,
    /// The machine.
    pub machine: String,
    /// The versions of the programs.
    pub versions: Vec<String>,
    /// The scale.
    pub scale: Scale,
    /// The number of blocks.
    pub blocks: usize,
    /// The programs that were not measured.
    pub left_out: Vec<LeftOut>,
    /// The measurements.
    pub entries: Vec<Entry>,
}

/// A program that was not measured.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct LeftOut {
    /// The program.
    pub kind: Kind,
    /// The reason, in the words of the program.
    pub why: String,
}

/// One measurement of one program in one block.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Entry {
    /// The block, from 0.
    pub block: usize,
    /// The measure that was taken.
    pub measure: Measure,
    /// The program.
    pub kind: Kind,
    /// The figures; ratios are made of the first.
    pub figures: Vec<Figure>,
    /// The error, if the measurement failed.
    pub failure: Option<String>,
}

impl Results {
    /// The programs of a measure, in the order of the tables.
    #[must_use]
    pub fn kinds(&self, measure: Measure) -> Vec<Kind> {
        let has = |kind: &Kind| self.entries.iter().any(|e| e.measure == measure && e.kind == *kind);
        Kind::ALL.into_iter().filter(has).collect()
    }

    /// The measures, in the order in which they were run.
    #[must_use]
    pub fn measures(&self) -> Vec<Measure> {
        Measure::ALL.into_iter().filter(|measure| !self.kinds(*measure).is_empty()).collect()
    }

    /// The names of the figures of a measure, in order.
    #[must_use]
    pub fn names(&self, measure: Measure) -> Vec<&str> {
        let found = self.entries.iter().filter(|e| e.measure == measure).max_by_key(|e| e.figures.len());
        found.map_or(Vec::new(), |entry| entry.figures.iter().map(|figure| figure.name.as_str()).collect())
    }

    /// The value of a figure in each block.
    #[must_use]
    pub fn values(&self, measure: Measure, kind: Kind, name: &str) -> Vec<Option<f64>> {
        (0..self.blocks)
            .map(|block| {
                let is = |e: &&Entry| e.block == block && e.measure == measure && e.kind == kind;
                let entry = self.entries.iter().find(is)?;
                Some(entry.figures.iter().find(|figure| figure.name == name)?.value)
            })
            .collect()
    }

    /// Whether each block of a measure counts. Without a limit to compare with, all do.
    #[must_use]
    pub fn steady(&self, measure: Measure) -> Vec<bool> {
        let names = self.names(measure);
        match names.first() {
            Some(first) if self.kinds(measure).contains(&Kind::Limit) => {
                steady(&self.values(measure, Kind::Limit, first))
            }
            _ => vec![true; self.blocks],
        }
    }

    /// The spread of a figure over the blocks that count.
    #[must_use]
    pub fn spread(&self, measure: Measure, kind: Kind, name: &str) -> Option<Spread> {
        let counts = self.steady(measure);
        let values = self.values(measure, kind, name);
        Spread::of(values.into_iter().zip(counts).filter_map(|(value, counts)| value.filter(|_| counts)))
    }

    /// The ratio of a figure of two programs, made within each block, over the blocks that count.
    #[must_use]
    pub fn ratio(&self, measure: Measure, (kind, other): (Kind, Kind), name: &str) -> Option<Spread> {
        self.ratio_between((measure, kind, name), (measure, other, name))
    }

    /// The ratio of a figure to one of another measure, made within each block, over the blocks that count for both.
    #[must_use]
    pub fn ratio_between(&self, own: (Measure, Kind, &str), other: (Measure, Kind, &str)) -> Option<Spread> {
        let values =
            |(measure, kind, name)| self.values(measure, kind, name).into_iter().zip(self.steady(measure));
        let ratios = values(own).zip(values(other));
        Spread::of(ratios.filter_map(|((own, counts), (other, also))| {
            Some(own.filter(|_| counts)? / other.filter(|_| also)?)
        }))
    }

    /// Whether no measurement of Rapport or of the limit failed.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let ours = |kind: Kind| kind.is_rapport() || kind == Kind::Limit;
        !self.entries.iter().any(|entry| entry.failure.is_some() && ours(entry.kind))
    }
}

/// For tests: three blocks, of which the machine was unsteady in the last.
#[cfg(test)]
pub(super) fn example() -> Results {
    use super::figure::figure;
    let mut entries = Vec::new();
    for (block, speed) in [1.0, 1.1, 3.0].into_iter().enumerate() {
        for (kind, cpu) in [(Kind::Limit, 8.0), (Kind::Node, 16.0), (Kind::Rapport, 10.0 + block as f64)] {
            let figures = vec![figure("CPU s per million deliveries", cpu * speed), figure("p50 ms", 0.5)];
            entries.push(Entry { block, measure: Measure::Paced, kind, figures, failure: None });
        }
    }
    Results {
        command: "bench compare".into(),
        date: "2026-11-21".into(),
        machine: "a machine".into(),
        versions: vec!["Rapport 0.1.0".into()],
        scale: Scale::FULL,
        blocks: 3,
        left_out: vec![LeftOut { kind: Kind::Channels, why: "there is no python3".into() }],
        entries,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CPU: &str = "CPU s per million deliveries";

    #[test]
    fn ratios_are_made_within_a_block_and_only_where_the_limit_was_steady() {
        let results = example();
        assert_eq!(results.steady(Measure::Paced), [true, true, false]);
        let ratio = results.ratio(Measure::Paced, (Kind::Rapport, Kind::Limit), CPU).unwrap();
        let near = |one: f64, other: f64| (one - other).abs() < 1e-9;
        assert!(
            near(ratio.least, 1.25) && near(ratio.most, 1.375) && near(ratio.median, 1.3125),
            "{ratio:?}"
        );
        assert!(near(results.spread(Measure::Paced, Kind::Limit, CPU).unwrap().most, 8.8));
        assert_eq!(results.ratio(Measure::Pairs, (Kind::Rapport, Kind::Limit), CPU), None);
    }

    #[test]
    fn a_failure_of_ours_is_not_sound_and_one_of_a_peer_is_told() {
        let mut results = example();
        assert!(results.is_sound());
        results.entries[1].failure = Some("1 delivery was lost".into());
        assert!(results.is_sound(), "a peer's");
        results.entries[2].failure = Some("1 delivery was lost".into());
        assert!(!results.is_sound(), "ours");
    }
}
