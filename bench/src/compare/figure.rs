//! Figures, their spread over blocks, and the rule for blocks in which the machine was unsteady.

use serde::{Deserialize, Serialize};

/// One number of a measurement.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Figure {
    /// The name, with the unit.
    pub name: String,
    /// The value.
    pub value: f64,
}

/// A figure.
#[must_use]
pub fn figure(name: &str, value: f64) -> Figure {
    Figure { name: name.into(), value }
}

/// The median, least and most of several values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

impl Spread {
    /// The spread of the finite values, if there are any.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            *sorted.get(middle)?
        } else {
            f64::midpoint(*sorted.get(middle.checked_sub(1)?)?, *sorted.get(middle)?)
        };
        Some(Self { median, least: *sorted.first()?, most: *sorted.last()? })
    }
}

/// The largest deviation of the limit's figure from its median, as a fraction, with which a block counts.
pub const DRIFT: f64 = 0.25;

/// Whether each block counts, by the limit's first figure in it: not if that is missing or deviates more than [`DRIFT`].
#[must_use]
pub fn steady(limit: &[Option<f64>]) -> Vec<bool> {
    let Some(spread) = Spread::of(limit.iter().copied().flatten()) else { return vec![false; limit.len()] };
    let near = |value: f64| (value - spread.median).abs() <= DRIFT * spread.median;
    limit.iter().map(|value| value.is_some_and(near)).collect()
}

/// A number as text, with three significant digits and separated thousands.
#[must_use]
pub fn number(value: f64) -> String {
    let size = value.abs();
    if size >= 1_000.0 {
        let whole = format!("{value:.0}");
        let (sign, digits) = whole.strip_prefix('-').map_or(("", whole.as_str()), |digits| ("-", digits));
        let mut grouped = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        return format!("{sign}{grouped}");
    }
    let places = match size {
        _ if size >= 100.0 || value == 0.0 => 0,
        _ if size >= 10.0 => 1,
        _ if size >= 1.0 => 2,
        _ if size >= 0.1 => 3,
        _ => 4,
    };
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_ends() {
        assert_eq!(Spread::of([3.0, 1.0, 2.0]), Some(Spread { median: 2.0, least: 1.0, most: 3.0 }));
        assert_eq!(Spread::of([1.0, f64::NAN, 2.0]).unwrap().median, 1.5);
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn a_block_in_which_the_limit_drifted_does_not_count() {
        let limit = [Some(10.0), Some(12.4), Some(10.5), Some(13.2), None, Some(7.0)];
        assert_eq!(steady(&limit), [true, true, true, false, false, false]);
        assert_eq!(steady(&[None]), [false]);
    }

    #[test]
    fn numbers_have_three_digits() {
        for (value, text) in [
            (0.0, "0"),
            (0.06, "0.06"),
            (0.012_34, "0.0123"),
            (1.5, "1.5"),
            (12.34, "12.3"),
            (123.4, "123"),
            (244_123.7, "244,124"),
            (1_000_000.0, "1,000,000"),
            (-1_234.0, "-1,234"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
