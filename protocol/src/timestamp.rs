//! A moment: microseconds since 1970 inside, RFC 3339 in UTC on the wire.
//!
//! The two conversions are written out here, since a calendar library would weigh more in the browser than
//! everything else in this crate. The tests hold them against the `time` crate.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// A point in time, in microseconds since 1970-01-01T00:00:00Z. On the wire a date-time of RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = DateTime))]
pub struct Timestamp(pub i64);

const DAY: i64 = 86_400_000_000;

impl Timestamp {
    /// Milliseconds since 1970, as JavaScript counts.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Year, month and day, in UTC.
    #[must_use]
    pub fn date(self) -> (i64, i64, i64) {
        civil_from_days(self.0.div_euclid(DAY))
    }

    /// Reads `YYYY-MM-DDTHH:MM:SS[.fraction]Z`; only UTC, as we write it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let number = |from: usize, to: usize| -> Option<i64> {
            let part = bytes.get(from..to)?;
            part.iter().try_fold(0i64, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
        };
        let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        if bytes.last() != Some(&b'Z') || marks.iter().any(|&(at, mark)| bytes.get(at) != Some(&mark)) {
            return None;
        }
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let micros = match bytes.get(19)? {
            b'Z' if bytes.len() == 20 => 0,
            b'.' if (22..=27).contains(&bytes.len()) => {
                let digits = bytes.len() - 21;
                number(20, bytes.len() - 1)? * 10i64.pow(u32::try_from(6 - digits).ok()?)
            }
            _ => return None,
        };
        let days = days_from_civil(year, month, day);
        if civil_from_days(days) != (year, month, day) {
            return None;
        }
        Some(Self(days * DAY + (hour * 3600 + minute * 60 + second) * 1_000_000 + micros))
    }
}

/// Days since 1970 of a date (the algorithm is Howard Hinnant's `days_from_civil`).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a number of days since 1970 (Hinnant's `civil_from_days`).
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let mp = (5 * of_year + 2) / 153;
    let day = of_year - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        if !(0..=9_999).contains(&year) {
            // No moment of this chat, but to be read in a log.
            return write!(f, "{year}-{month:02}-{day:02}");
        }
        let of_day = self.0.rem_euclid(DAY);
        let (seconds, micros) = (of_day / 1_000_000, of_day % 1_000_000);
        // A message bears a time or two wherever it goes: digit by digit this takes a tenth of what `write!` takes.
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        let places = [
            (year, 0, 4),
            (month, 5, 7),
            (day, 8, 10),
            (seconds / 3600, 11, 13),
            (seconds / 60 % 60, 14, 16),
            (seconds % 60, 17, 19),
            (micros, 20, 26),
        ];
        for (mut number, from, to) in places {
            for digit in text[from..to].iter_mut().rev() {
                *digit = b'0' + (number % 10) as u8;
                number /= 10;
            }
        }
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("not an RFC 3339 time in UTC"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::format_description::well_known::Rfc3339;

    proptest! {
        #[test]
        fn agrees_with_a_calendar_library(micros in 0i64..253_402_300_799_999_999) {
            let ours = Timestamp(micros);
            let theirs = time::OffsetDateTime::parse(&ours.to_string(), &Rfc3339).expect("RFC 3339");
            prop_assert_eq!(theirs.unix_timestamp_nanos(), i128::from(micros) * 1000);
            prop_assert_eq!(Timestamp::parse(&theirs.format(&Rfc3339).expect("formats")), Some(ours));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            let _ = Timestamp::parse(&text);
        }
    }

    #[test]
    fn refuses_dates_that_are_none() {
        for text in ["2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01", ""]
        {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
