//! Times between the attempts of a delivery.

use std::time::Duration;

/// The longest time between two attempts.
const LONGEST: Duration = Duration::from_secs(3 * 3_600);

/// The time to wait after this number of failed attempts. `first` is the time after the first one; each further one takes three
/// times as long. `asked` is the time that the endpoint asked for.
pub(super) fn wait(attempts: i64, first: Duration, asked: Option<Duration>) -> Duration {
    let power = u32::try_from(attempts.clamp(1, 16) - 1).unwrap_or(0);
    let wait = first.saturating_mul(3_u32.saturating_pow(power));
    wait.max(asked.unwrap_or_default()).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_secs(5);

    #[test]
    fn x3_a_delivery_is_tried_fifteen_times_within_a_day() {
        let waits: Vec<u64> = (1..).map(|attempts| wait(attempts, FIRST, None).as_secs()).take(10).collect();
        assert_eq!(waits, [5, 15, 45, 135, 405, 1_215, 3_645, 10_800, 10_800, 10_800]);
        let mut passed = 0;
        let within_a_day = (1..).take_while(|attempts| {
            passed += wait(*attempts, FIRST, None).as_secs();
            passed <= 86_400
        });
        assert_eq!(within_a_day.count() + 1, 15);
    }

    #[test]
    fn x3_an_endpoint_may_ask_for_more_time() {
        let asked = |seconds| wait(1, FIRST, Some(Duration::from_secs(seconds))).as_secs();
        assert_eq!((asked(0), asked(60), asked(1_000_000)), (5, 60, 10_800));
        assert_eq!(wait(i64::MAX, FIRST, None), LONGEST);
    }
}
