//! The clock of a time zone over the years, for the browser to show times by: it has no table of zones.

use app::ReaderZone;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// Before that every time is shown by the clock of that day.
const BACK: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);
/// No page stays open for so long.
const AHEAD: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);

/// The zone of this name (of the IANA's), if there is one.
pub(super) fn named(name: &str, chosen: bool) -> Option<ReaderZone> {
    let zone = TimeZone::get(name).ok()?;
    let now = Timestamp::now();
    let (from, until) = (now - BACK, now + AHEAD);
    let changes = zone.following(from).take_while(|change| change.timestamp() < until);
    let changes = changes.map(|change| (change.timestamp().as_second(), change.offset()));
    let offsets = std::iter::once((from.as_second(), zone.to_offset(from))).chain(changes);
    let offsets = offsets.map(|(from, offset)| (from, offset.seconds().div_euclid(60))).collect();
    Some(ReaderZone { name: name.to_owned(), chosen, offsets })
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn summer_and_winter() {
        let berlin = named("Europe/Berlin", false).unwrap();
        assert!((20..=30).contains(&berlin.offsets.len()), "{berlin:?}");
        assert!(berlin.offsets.is_sorted(), "{berlin:?}");
        assert!(berlin.offsets.windows(2).all(|two| two[0].1 != two[1].1), "{berlin:?}");
        assert!(berlin.offsets.iter().all(|(_, minutes)| [60, 120].contains(minutes)), "{berlin:?}");
        let kolkata = named("Asia/Kolkata", false).unwrap();
        assert_eq!(kolkata.offsets.iter().map(|(_, minutes)| *minutes).collect::<Vec<_>>(), [330]);
        for bad in ["", "Mars/Olympus", "../../etc/passwd", "60"] {
            assert_eq!(named(bad, false), None, "{bad}");
        }
    }
}
