//! Time zones by their IANA names, from the table compiled into the program, which is the same on every machine.

use jiff::SignedDuration;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use protocol::Timestamp;
use std::sync::LazyLock;

/// Span before now with exact offsets. Earlier times get the offset at its beginning.
const BACK: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);
/// Span after now with exact offsets. No page stays open for so long.
const AHEAD: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);
/// First parts of the names of places. Other names in the table are abbreviations and fixed offsets.
pub const REGIONS: [&str; 10] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

fn find(name: &str) -> Option<TimeZone> {
    // No name is longer.
    if name.len() > 64 {
        return None;
    }
    TimeZoneDatabase::bundled().get(name).ok()
}

/// The IANA's spelling of a name; `None` if there is no such zone.
pub(crate) fn proper_name(name: &str) -> Option<String> {
    find(name)?.iana_name().map(str::to_owned)
}

/// Offset of a zone at a time, in minutes east of UTC; `None` if there is no such zone.
#[must_use]
pub fn offset_minutes(name: &str, at: Timestamp) -> Option<i32> {
    let at = jiff::Timestamp::from_microsecond(at.0).ok()?;
    Some(find(name)?.to_offset(at).seconds() / 60)
}

/// Offsets of a zone over some years around `now`: pairs of a time in seconds since 1970, and the offset from then on in
/// minutes east of UTC. Browsers render times with them, because the client has no table of zones.
#[must_use]
pub fn offsets(name: &str, now: Timestamp) -> Option<Vec<(i64, i32)>> {
    let zone = find(name)?;
    let now = jiff::Timestamp::from_microsecond(now.0).ok()?;
    let from = now.checked_sub(BACK).ok()?;
    let until = now.checked_add(AHEAD).ok()?;
    let changes = zone.following(from).take_while(|change| change.timestamp() < until);
    let changes = changes.map(|change| (change.timestamp(), change.offset()));
    let all = std::iter::once((from, zone.to_offset(from))).chain(changes);
    Some(all.map(|(from, offset)| (from.as_second(), offset.seconds().div_euclid(60))).collect())
}

/// Names of all zones that are places, sorted, with former names.
pub fn names() -> &'static [String] {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let names = TimeZoneDatabase::bundled();
        let names = names.available().map(|name| name.as_str().to_owned());
        let place = |name: &String| name.split_once('/').is_some_and(|(region, _)| REGIONS.contains(&region));
        let mut names: Vec<String> = names.filter(place).collect();
        names.sort_unstable();
        names
    });
    &NAMES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_by_name() {
        assert_eq!(proper_name("Europe/Berlin").as_deref(), Some("Europe/Berlin"));
        assert_eq!(proper_name("europe/berlin").as_deref(), Some("Europe/Berlin"));
        assert_eq!(proper_name("UTC").as_deref(), Some("UTC"));
        for bad in ["", "auto", "Mars/Olympus", "../../etc/passwd", "Europe/Berlin\0", &"x".repeat(10_000)] {
            assert_eq!(proper_name(bad), None, "{bad:.40}");
        }
    }

    #[test]
    fn the_clock_of_a_zone_over_the_years() {
        let now = Timestamp(1_784_116_800_000_000);
        let berlin = offsets("Europe/Berlin", now).unwrap();
        assert!((20..=30).contains(&berlin.len()), "{berlin:?}");
        assert!(berlin.is_sorted() && berlin.windows(2).all(|two| two[0].1 != two[1].1), "{berlin:?}");
        assert!(berlin.iter().all(|(_, minutes)| [60, 120].contains(minutes)), "{berlin:?}");
        let at = |seconds: i64| berlin[berlin.partition_point(|&(from, _)| from <= seconds) - 1].1;
        for micros in [1_768_478_400_000_000, 1_784_116_800_000_000] {
            let known = offset_minutes("Europe/Berlin", Timestamp(micros));
            assert_eq!(Some(at(micros / 1_000_000)), known);
        }
        let kolkata = offsets("Asia/Kolkata", now).unwrap();
        assert_eq!(kolkata.iter().map(|(_, minutes)| *minutes).collect::<Vec<_>>(), [330]);
        assert_eq!(offsets("Mars/Olympus", now), None);
        assert!(names().len() > 300 && names().iter().all(|name| proper_name(name).is_some()));
    }

    #[test]
    fn offsets_follow_the_season() {
        let (winter, summer) = (Timestamp(1_768_478_400_000_000), Timestamp(1_784_116_800_000_000));
        assert_eq!(offset_minutes("Europe/Berlin", winter), Some(60));
        assert_eq!(offset_minutes("Europe/Berlin", summer), Some(120));
        assert_eq!(offset_minutes("Asia/Kathmandu", winter), Some(345));
        assert_eq!(offset_minutes("America/St_Johns", winter), Some(-210));
        assert_eq!(offset_minutes("nowhere", winter), None);
    }
}
