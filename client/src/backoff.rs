//! The pause before a reconnect: full jitter, anywhere between nothing and a bound that doubles.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const MOST: Duration = Duration::from_secs(30);

/// The pause after this many failures in a row; `random` is from 0 to 1.
pub(crate) fn pause(failures: u32, random: f64) -> Duration {
    let bound = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(MOST);
    bound.mul_f64(random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_up_to_the_longest_pause() {
        for (failures, bound) in
            [(0, 500), (1, 500), (2, 1_000), (6, 16_000), (7, 30_000), (u32::MAX, 30_000)]
        {
            assert_eq!(pause(failures, 1.0), Duration::from_millis(bound));
            assert_eq!(pause(failures, 0.5), Duration::from_millis(bound / 2));
            assert_eq!(pause(failures, 0.0), Duration::ZERO);
        }
    }
}
