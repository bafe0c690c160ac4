//! Dates and times as text in the reader's time zone. Plain arithmetic on a given offset and a given "now", so that the
//! server's first render and the browser's give the same text; no locale data in the WASM.

use crate::i18n::{nth, plural, t};
use js_sys::Date;
use leptos::prelude::*;
use protocol::Timestamp;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 1_440 * MINUTE;

/// The source of the reader's offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zone {
    /// Fixed offset, in minutes.
    #[cfg(test)]
    Fixed(i32),
    /// The browser, asked for each moment because of daylight saving time. Never used on the server.
    Browser,
    /// The zone that the server rendered with, so that hydration renders the same text.
    Known(StoredValue<ReaderZone>),
}

/// The reader's time zone as the server knows it. The default is UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReaderZone {
    /// IANA name, such as `Europe/Berlin`; empty when unknown.
    pub name: String,
    /// True if the reader chose the zone in the settings; false if the browser reported it.
    pub chosen: bool,
    /// Offsets in minutes east of UTC, each from a Unix time in seconds on, in ascending order. The first one also
    /// applies before its time.
    pub offsets: Vec<(i64, i32)>,
}

impl ReaderZone {
    fn offset_at(&self, at: Timestamp) -> i32 {
        let seconds = at.0.div_euclid(1_000_000);
        let begun = self.offsets.partition_point(|&(from, _)| from <= seconds);
        self.offsets.get(begun.saturating_sub(1)).map_or(0, |&(_, minutes)| minutes)
    }
}

impl Zone {
    fn local(self, at: Timestamp) -> i64 {
        let minutes = match self {
            #[cfg(test)]
            Self::Fixed(minutes) => minutes,
            Self::Browser => browser_offset_minutes(at),
            Self::Known(zone) => zone.try_with_value(|zone| zone.offset_at(at)).unwrap_or(0),
        };
        at.0 + i64::from(minutes) * MINUTE
    }

    /// Whether the zone is the reader's choice or the zone of the browser (`here`, an IANA name).
    pub(crate) fn fits(self, here: &str) -> bool {
        matches!(self, Self::Known(zone) if zone.with_value(|zone| zone.chosen || zone.name == here))
    }

    /// Number of the local day, counted from 1970-01-01.
    #[must_use]
    pub(crate) fn day(self, at: Timestamp) -> i64 {
        self.local(at).div_euclid(DAY)
    }

    /// Minutes since midnight, 0 to 1439.
    pub(crate) fn minute_of_day(self, at: Timestamp) -> u16 {
        u16::try_from(self.local(at).rem_euclid(DAY) / MINUTE).unwrap_or_default()
    }

    /// Time of day, such as "14:05".
    #[must_use]
    pub(crate) fn clock(self, at: Timestamp) -> String {
        let minutes = self.local(at).rem_euclid(DAY) / MINUTE;
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// Date, such as "3 Feb", with the year unless it is the current one.
    pub(crate) fn date(self, at: Timestamp, now: Timestamp) -> String {
        let (year, month, day) = self.civil(at);
        let month = nth(&t!("time.months"), month - 1);
        if year == self.civil(now).0 {
            t!("time.date", day = day, month = month)
        } else {
            t!("time.date_with_year", day = day, month = month, year = year)
        }
    }

    fn weekday(self, at: Timestamp) -> String {
        // The first day of 1970 was a Thursday; the names begin with Sunday.
        nth(&t!("time.weekdays"), (self.day(at) + 4).rem_euclid(7))
    }

    /// Year, month (1 to 12) and day of the month.
    fn civil(self, at: Timestamp) -> (i64, i64, i64) {
        Timestamp(self.local(at)).date()
    }

    /// Short form for lists: "now", "5 min", "14:05", "Mon", "3 Feb".
    #[must_use]
    pub(crate) fn brief(self, at: Timestamp, now: Timestamp) -> String {
        let age = now.0 - at.0;
        if age < MINUTE {
            return t!("time.now");
        }
        if age < 60 * MINUTE {
            return plural!("time.minutes", u32::try_from(age / MINUTE).unwrap_or_default());
        }
        match self.day(now) - self.day(at) {
            0 => self.clock(at),
            1..=6 => self.weekday(at),
            _ => self.date(at, now),
        }
    }

    /// The form of [`Self::brief`] that follows "Last seen": "just now", "5 min ago", "14:05", "Mon", "3 Feb".
    #[must_use]
    pub(crate) fn ago(self, at: Timestamp, now: Timestamp) -> String {
        match now.0 - at.0 {
            age if age < MINUTE => t!("time.just_now"),
            age if age < 60 * MINUTE => {
                plural!("time.minutes_ago", u32::try_from(age / MINUTE).unwrap_or_default())
            }
            _ => self.brief(at, now),
        }
    }

    /// Day within a sentence: "today", "yesterday", "3 Feb".
    #[must_use]
    pub(crate) fn day_within(self, at: Timestamp, now: Timestamp) -> String {
        match self.day(now) - self.day(at) {
            0 => t!("time.today_within"),
            1 => t!("time.yesterday_within"),
            _ => self.date(at, now),
        }
    }

    /// Heading of a day: "Today", "Yesterday", "Mon, 3 Feb".
    #[must_use]
    pub(crate) fn heading(self, at: Timestamp, now: Timestamp) -> String {
        match self.day(now) - self.day(at) {
            0 => t!("time.today"),
            1 => t!("time.yesterday"),
            _ => t!("time.weekday_and_date", weekday = self.weekday(at), date = self.date(at, now)),
        }
    }

    /// Heading of a day that is given by its number in this zone (see [`Self::day`]).
    #[must_use]
    pub(crate) fn day_heading(self, day: i64, now: Timestamp) -> String {
        let noon = day * DAY + DAY / 2;
        let east = self.local(Timestamp(noon)) - noon;
        self.heading(Timestamp(noon - east), now)
    }

    /// Full date and time, for tooltips.
    #[must_use]
    pub(crate) fn full(self, at: Timestamp) -> String {
        let date = self.date(at, Timestamp(0));
        let date = t!("time.weekday_and_date", weekday = self.weekday(at), date = date);
        t!("time.date_and_clock", date = date, clock = self.clock(at))
    }
}

/// Minutes east of UTC at a moment in the browser's time zone.
fn browser_offset_minutes(at: Timestamp) -> i32 {
    let date = Date::new(&JsValue::from_f64(at.millis() as f64));
    -(date.get_timezone_offset() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    #[test]
    fn says_how_long_ago_in_the_readers_zone() {
        let now = at("2026-02-03T23:30:00Z");
        let utc = Zone::Fixed(0);
        assert_eq!(utc.brief(at("2026-02-03T23:29:30Z"), now), "now");
        assert_eq!(utc.brief(at("2026-02-03T23:31:00Z"), now), "now", "a clock ahead of ours");
        assert_eq!(utc.brief(at("2026-02-03T23:25:00Z"), now), "5 min");
        assert_eq!(utc.brief(at("2026-02-03T14:05:00Z"), now), "14:05");
        assert_eq!(utc.brief(at("2026-02-02T14:05:00Z"), now), "Mon");
        assert_eq!(utc.brief(at("2026-01-20T14:05:00Z"), now), "20 Jan");
        assert_eq!(utc.brief(at("2025-12-31T14:05:00Z"), now), "31 Dec 2025");
        // An hour further east it is tomorrow already, so the same moment was yesterday.
        assert_eq!(Zone::Fixed(60).brief(at("2026-02-03T14:05:00Z"), now), "Tue");
        assert_eq!(Zone::Fixed(-90).clock(at("2026-02-03T00:15:00Z")), "22:45");
    }

    #[test]
    fn says_how_long_ago_within_a_sentence() {
        let now = at("2026-02-03T23:30:00Z");
        let utc = Zone::Fixed(0);
        assert_eq!(utc.ago(at("2026-02-03T23:29:30Z"), now), "just now");
        assert_eq!(utc.ago(at("2026-02-03T23:25:00Z"), now), "5 min ago");
        assert_eq!(utc.ago(at("2026-02-03T14:05:00Z"), now), "14:05");
        assert_eq!(utc.ago(at("2026-02-02T14:05:00Z"), now), "Mon");
        assert_eq!(utc.day_within(at("2026-02-03T00:00:00Z"), now), "today");
        assert_eq!(utc.day_within(at("2026-02-02T00:00:00Z"), now), "yesterday");
        assert_eq!(utc.day_within(at("2025-12-31T00:00:00Z"), now), "31 Dec 2025");
    }

    #[test]
    fn a_known_zone_has_its_summers_and_winters() {
        let offsets = vec![(1_000_000_000, 60), (1_774_746_000, 120), (1_792_890_000, 60)];
        let zone = ReaderZone { name: "Europe/Berlin".into(), chosen: false, offsets };
        for (text, minutes) in [
            ("1999-07-01T00:00:00Z", 60),
            ("2026-03-29T00:59:59Z", 60),
            ("2026-03-29T01:00:00Z", 120),
            ("2026-10-25T00:59:59Z", 120),
            ("2030-07-01T00:00:00Z", 60),
        ] {
            assert_eq!(zone.offset_at(at(text)), minutes, "{text}");
        }
        assert_eq!(ReaderZone::default().offset_at(at("2026-07-01T00:00:00Z")), 0);
    }

    #[test]
    fn heads_days() {
        let now = at("2026-02-03T12:00:00Z");
        let utc = Zone::Fixed(0);
        assert_eq!(utc.heading(at("2026-02-03T00:00:00Z"), now), "Today");
        assert_eq!(utc.heading(at("2026-02-02T23:59:59Z"), now), "Yesterday");
        assert_eq!(utc.heading(at("2026-02-01T10:00:00Z"), now), "Sun, 1 Feb");
        let east = Zone::Fixed(120);
        assert_eq!(east.day_heading(east.day(at("2026-02-01T23:00:00Z")), now), "Yesterday");
        assert_eq!(utc.full(at("2026-02-01T10:07:00Z")), "Sun, 1 Feb 2026, 10:07");
    }
}
