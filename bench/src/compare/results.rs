//! Everything that a run found, block by block.

use super::figure::{Figure, Spread, steady};
use super::kind::Kind;
use super::measures::{Measure, Scale};
use serde::{Deserialize, Serialize};

/// A run.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Results {
    /// How to do the same.
    pub command: String,
    /// The day on which it began.
    pub date: String,
    /// On what.
    pub machine: String,
    /// Of what.
    pub versions: Vec<String>,
    /// How much of everything.
    pub scale: Scale,
    /// How often everything was measured.
    pub blocks: usize,
    /// Who was not measured, and why.
    pub left_out: Vec<LeftOut>,
    /// What was found.
    pub entries: Vec<Entry>,
}

/// A subject that was not measured.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct LeftOut {
    /// Which.
    pub kind: Kind,
    /// In its own words.
    pub why: String,
}

/// One measurement of one subject in one block.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Entry {
    /// From 0.
    pub block: usize,
    /// What was measured.
    pub measure: Measure,
    /// Of whom.
    pub kind: Kind,
    /// What was found; the first is the one that ratios are made of.
    pub figures: Vec<Figure>,
    /// Why nothing was found.
    pub failure: Option<String>,
}

impl Results {
    /// The subjects of a measure, in the order of the tables.
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

    /// The names of a measure's figures, the first one first.
    #[must_use]
    pub fn names(&self, measure: Measure) -> Vec<&str> {
        let found = self.entries.iter().filter(|e| e.measure == measure).max_by_key(|e| e.figures.len());
        found.map_or(Vec::new(), |entry| entry.figures.iter().map(|figure| figure.name.as_str()).collect())
    }

    /// A figure in each block.
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

    /// Which blocks of a measure count. Without a limit to compare with, all do.
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

    /// A figure over the blocks that count.
    #[must_use]
    pub fn spread(&self, measure: Measure, kind: Kind, name: &str) -> Option<Spread> {
        let counts = self.steady(measure);
        let values = self.values(measure, kind, name);
        Spread::of(values.into_iter().zip(counts).filter_map(|(value, counts)| value.filter(|_| counts)))
    }

    /// One's figure as so many times another's of the same block, over the blocks that count.
    #[must_use]
    pub fn ratio(&self, measure: Measure, (kind, other): (Kind, Kind), name: &str) -> Option<Spread> {
        let (own, other) = (self.values(measure, kind, name), self.values(measure, other, name));
        let ratios = own.into_iter().zip(other).zip(self.steady(measure));
        Spread::of(ratios.filter_map(|((own, other), counts)| Some(own? / other.filter(|_| counts)?)))
    }

    /// Whether Rapport and the limit did everything that was asked of them, everywhere.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let ours = |kind: Kind| kind.is_rapport() || kind == Kind::Limit;
        !self.entries.iter().any(|entry| entry.failure.is_some() && ours(entry.kind))
    }
}

/// For tests: three blocks, in the last of which the machine was not itself.
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
