//! Time zones by the IANA's names, from the table inside the program: the same on every machine.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use protocol::Timestamp;

fn find(name: &str) -> Option<TimeZone> {
    // Longer than any there is.
    if name.len() > 64 {
        return None;
    }
    TimeZoneDatabase::bundled().get(name).ok()
}

/// The name as the IANA writes it; none where there is no such zone.
pub(crate) fn proper_name(name: &str) -> Option<String> {
    find(name)?.iana_name().map(str::to_owned)
}

/// Minutes east of UTC in a zone at a moment; none where there is no such zone.
#[must_use]
pub fn offset_minutes(name: &str, at: Timestamp) -> Option<i32> {
    let at = jiff::Timestamp::from_microsecond(at.0).ok()?;
    Some(find(name)?.to_offset(at).seconds() / 60)
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
    fn offsets_follow_the_season() {
        let (winter, summer) = (Timestamp(1_768_478_400_000_000), Timestamp(1_784_116_800_000_000));
        assert_eq!(offset_minutes("Europe/Berlin", winter), Some(60));
        assert_eq!(offset_minutes("Europe/Berlin", summer), Some(120));
        assert_eq!(offset_minutes("Asia/Kathmandu", winter), Some(345));
        assert_eq!(offset_minutes("America/St_Johns", winter), Some(-210));
        assert_eq!(offset_minutes("nowhere", winter), None);
    }
}
