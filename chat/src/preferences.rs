//! Rules of preferences: pure functions, which the store calls inside the transaction of a change.

use crate::zone;
use protocol::{AUTO, ErrorBody, ErrorCode, Preferences, PreferencesChange};

const THEMES: [&str; 3] = [AUTO, "light", "dark"];
const LANGUAGES: [&str; 4] = [AUTO, "en", "de", "ar"];
/// The last minute of a day.
const LAST_MINUTE: u16 = 1_439;

/// A field of a [`PreferencesChange`] that breaks a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BrokenPreference {
    /// The name of the field.
    pub field: &'static str,
    /// The rule, for people who read English.
    pub rule: &'static str,
}

impl From<BrokenPreference> for ErrorBody {
    fn from(BrokenPreference { field, rule }: BrokenPreference) -> Self {
        Self::because(ErrorCode::Invalid, format!("{field}: {rule}"))
    }
}

/// Whether the interface has this language, or it is [`AUTO`].
pub(crate) fn is_language(language: &str) -> bool {
    LANGUAGES.contains(&language)
}

/// The preferences after a change, with canonical names of time zones.
///
/// # Errors
/// The first field that breaks a rule.
pub fn changed(before: &Preferences, change: &PreferencesChange) -> Result<Preferences, BrokenPreference> {
    let mut after = before.clone();
    if let Some(theme) = &change.theme {
        after.theme = one_of(&THEMES, theme, "theme", "a theme is auto, light or dark")?;
    }
    if let Some(language) = &change.language {
        after.language = one_of(&LANGUAGES, language, "language", "a language is auto, en, de or ar")?;
    }
    if let Some(zone) = &change.time_zone {
        after.time_zone = if zone == AUTO { AUTO.to_owned() } else { known_zone(zone, "time_zone")? };
    }
    if let Some(zone) = &change.device_time_zone {
        after.device_time_zone = Some(known_zone(zone, "device_time_zone")?);
    }
    if let Some(minute) = change.quiet_from {
        after.quiet_from = minute_of_day(minute, "quiet_from")?;
    }
    if let Some(minute) = change.quiet_to {
        after.quiet_to = minute_of_day(minute, "quiet_to")?;
    }
    for (kept, wanted) in [
        (&mut after.notify_direct, change.notify_direct),
        (&mut after.notify_mention, change.notify_mention),
        (&mut after.notify_group, change.notify_group),
        (&mut after.notify_added, change.notify_added),
        (&mut after.sound, change.sound),
        (&mut after.push_content, change.push_content),
        (&mut after.show_typing, change.show_typing),
        (&mut after.send_read_receipts, change.send_read_receipts),
    ] {
        *kept = wanted.unwrap_or(*kept);
    }
    after.addable_by = change.addable_by.unwrap_or(after.addable_by);
    let rule = "quiet hours have a beginning and an end, or neither";
    match (after.quiet_from, after.quiet_to) {
        (None, Some(_)) => Err(BrokenPreference { field: "quiet_from", rule }),
        (Some(_), None) => Err(BrokenPreference { field: "quiet_to", rule }),
        (Some(_), Some(_)) if after.zone().is_none() => {
            Err(BrokenPreference { field: "time_zone", rule: "quiet hours need a time zone" })
        }
        _ => Ok(after),
    }
}

fn one_of(
    all: &[&str],
    wanted: &str,
    field: &'static str,
    rule: &'static str,
) -> Result<String, BrokenPreference> {
    if all.contains(&wanted) { Ok(wanted.to_owned()) } else { Err(BrokenPreference { field, rule }) }
}

fn known_zone(name: &str, field: &'static str) -> Result<String, BrokenPreference> {
    zone::proper_name(name).ok_or(BrokenPreference { field, rule: "there is no such time zone" })
}

fn minute_of_day(minute: Option<i64>, field: &'static str) -> Result<Option<u16>, BrokenPreference> {
    let rule = "a minute of the day is from 0 to 1439";
    let valid = |minute| u16::try_from(minute).ok().filter(|minute| *minute <= LAST_MINUTE);
    minute.map(|minute| valid(minute).ok_or(BrokenPreference { field, rule })).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::AddableBy;

    fn broken(before: &Preferences, change: PreferencesChange) -> &'static str {
        changed(before, &change).expect_err("is refused").field
    }

    fn quiet(from: Option<i64>, to: Option<i64>) -> PreferencesChange {
        PreferencesChange { quiet_from: Some(from), quiet_to: Some(to), ..PreferencesChange::default() }
    }

    #[test]
    fn n2_a_change_sets_its_fields_and_no_others() {
        let before = Preferences { notify_group: true, ..Preferences::default() };
        let none = changed(&before, &PreferencesChange::default()).expect("is accepted");
        assert_eq!(none, before);
        let change = PreferencesChange {
            theme: Some("dark".into()),
            language: Some("ar".into()),
            time_zone: Some("europe/berlin".into()),
            device_time_zone: Some("asia/kolkata".into()),
            notify_direct: Some(false),
            notify_mention: Some(false),
            notify_group: Some(false),
            notify_added: Some(false),
            sound: Some(false),
            push_content: Some(true),
            show_typing: Some(false),
            send_read_receipts: Some(false),
            addable_by: Some(AddableBy::Nobody),
            ..quiet(Some(0), Some(1_439))
        };
        let after = Preferences {
            theme: "dark".into(),
            language: "ar".into(),
            time_zone: "Europe/Berlin".into(),
            device_time_zone: Some("Asia/Kolkata".into()),
            notify_direct: false,
            notify_mention: false,
            notify_group: false,
            notify_added: false,
            sound: false,
            push_content: true,
            quiet_from: Some(0),
            quiet_to: Some(1_439),
            show_typing: false,
            send_read_receipts: false,
            addable_by: AddableBy::Nobody,
        };
        assert_eq!(changed(&before, &change), Ok(after));
    }

    #[test]
    fn n2_every_rule_names_its_field() {
        let auto = Preferences::default();
        let text = |text: &str| Some(text.to_owned());
        let change = PreferencesChange::default;
        for (field, change) in [
            ("theme", PreferencesChange { theme: text("pink"), ..change() }),
            ("theme", PreferencesChange { theme: text(""), ..change() }),
            ("language", PreferencesChange { language: text("tlh"), ..change() }),
            ("time_zone", PreferencesChange { time_zone: text("Mars/Olympus"), ..change() }),
            ("time_zone", PreferencesChange { time_zone: text(""), ..change() }),
            ("device_time_zone", PreferencesChange { device_time_zone: text("auto"), ..change() }),
            ("quiet_from", quiet(Some(-1), Some(60))),
            ("quiet_from", quiet(Some(1_440), Some(60))),
            ("quiet_from", quiet(Some(i64::MAX), Some(60))),
            ("quiet_to", quiet(Some(60), Some(1_440))),
            ("quiet_from", quiet(None, Some(60))),
            ("quiet_to", quiet(Some(60), None)),
            ("time_zone", quiet(Some(60), Some(120))),
        ] {
            assert_eq!(broken(&auto, change.clone()), field, "{change:?}");
            let body = ErrorBody::from(changed(&auto, &change).expect_err("is refused"));
            assert_eq!(body.code, ErrorCode::Invalid);
            assert!(body.message.starts_with(&format!("{field}: ")), "{body:?}");
        }
    }

    #[test]
    fn n2_quiet_hours_keep_both_ends_and_a_zone() {
        let device = Preferences { device_time_zone: Some("Asia/Kolkata".into()), ..Preferences::default() };
        let set = changed(&device, &quiet(Some(1_320), Some(420))).expect("the device has a zone");
        assert_eq!((set.quiet_from, set.quiet_to), (Some(1_320), Some(420)));
        let half = PreferencesChange { quiet_to: Some(None), ..PreferencesChange::default() };
        assert_eq!(broken(&set, half), "quiet_to");
        let moved = PreferencesChange { quiet_to: Some(Some(480)), ..PreferencesChange::default() };
        let moved = changed(&set, &moved).expect("both are set");
        assert_eq!((moved.quiet_from, moved.quiet_to), (Some(1_320), Some(480)));
        let chosen = Preferences { time_zone: "Europe/Berlin".into(), ..Preferences::default() };
        let set = changed(&chosen, &quiet(Some(1_320), Some(420))).expect("a zone is chosen");
        let auto = PreferencesChange { time_zone: Some(AUTO.into()), ..PreferencesChange::default() };
        assert_eq!(broken(&set, auto), "time_zone", "no device has reported one");
        let none = changed(&set, &quiet(None, None)).expect("both are cleared");
        assert_eq!((none.quiet_from, none.quiet_to), (None, None));
    }
}
