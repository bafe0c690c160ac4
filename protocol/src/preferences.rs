//! The preferences of a person, the changes of them, and the quiet hours.

use crate::AddableBy;
use serde::{Deserialize, Deserializer, Serialize};

/// The value of `theme`, `language` and `time_zone` that stands for the setting of the device.
pub const AUTO: &str = "auto";

/// The preferences of a person, for all devices. Theme, language and time zone are `auto` (the setting of the device) or a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preferences {
    /// The colour scheme: `auto`, `light` or `dark`.
    pub theme: String,
    /// The language of the interface: `auto`, `en`, `de` or `ar`.
    pub language: String,
    /// The time zone: `auto`, or an IANA name such as `Europe/Berlin`.
    pub time_zone: String,
    /// The time zone of the device that was used last, an IANA name: the quiet hours follow it while `time_zone` is `auto`.
    /// Absent if no device reported one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_time_zone: Option<String>,
    /// Whether to notify of messages in direct conversations.
    #[serde(default = "yes")]
    pub notify_direct: bool,
    /// Whether to notify of mentions, in every conversation.
    #[serde(default = "yes")]
    pub notify_mention: bool,
    /// Whether to notify of all messages in groups.
    #[serde(default)]
    pub notify_group: bool,
    /// Whether to notify of being added to a group.
    #[serde(default = "yes")]
    pub notify_added: bool,
    /// Whether a notification makes a sound.
    #[serde(default = "yes")]
    pub sound: bool,
    /// Whether a push message may contain the text of the message.
    #[serde(default)]
    pub push_content: bool,
    /// The beginning of the quiet hours, in minutes since midnight, 0 to 1439, in the person's time zone; set if and only if
    /// `quiet_to` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_from: Option<u16>,
    /// The end of the quiet hours, as `quiet_from`. An end before the beginning is on the next day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_to: Option<u16>,
    /// Whether others see when the person types. If not, the person does not see when others type.
    #[serde(default = "yes")]
    pub show_typing: bool,
    /// Whether others see what the person read. If not, the person does not see what others read.
    #[serde(default = "yes")]
    pub send_read_receipts: bool,
    /// Whom the person lets add them to groups. Everybody else can only invite them.
    #[serde(default)]
    pub addable_by: AddableBy,
}

fn yes() -> bool {
    true
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: AUTO.to_owned(),
            language: AUTO.to_owned(),
            time_zone: AUTO.to_owned(),
            device_time_zone: None,
            notify_direct: true,
            notify_mention: true,
            notify_group: false,
            notify_added: true,
            sound: true,
            push_content: false,
            quiet_from: None,
            quiet_to: None,
            show_typing: true,
            send_read_receipts: true,
            addable_by: AddableBy::default(),
        }
    }
}

impl Preferences {
    /// The IANA name of the time zone that the quiet hours follow: the chosen one, else that of the device that was used last.
    #[must_use]
    pub fn zone(&self) -> Option<&str> {
        if self.time_zone == AUTO { self.device_time_zone.as_deref() } else { Some(&self.time_zone) }
    }
}

/// Whether a minute of the day (0 to 1439, in the time zone of [`Preferences::zone`]) is within the quiet hours: from their
/// beginning to the minute before their end. Equal ends are no quiet hours.
#[must_use]
pub fn is_quiet(preferences: &Preferences, minute_of_day: u16) -> bool {
    match (preferences.quiet_from, preferences.quiet_to) {
        (Some(from), Some(to)) if from <= to => (from..to).contains(&minute_of_day),
        (Some(from), Some(to)) => minute_of_day >= from || minute_of_day < to,
        _ => false,
    }
}

/// A change of preferences. Absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreferencesChange {
    /// The colour scheme: `auto`, `light` or `dark`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    /// The language of the interface: `auto`, `en`, `de` or `ar`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The time zone: `auto`, or an IANA name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The time zone of this device, an IANA name: the quiet hours follow it while `time_zone` is `auto`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_time_zone: Option<String>,
    /// Whether to notify of messages in direct conversations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_direct: Option<bool>,
    /// Whether to notify of mentions, in every conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_mention: Option<bool>,
    /// Whether to notify of all messages in groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_group: Option<bool>,
    /// Whether to notify of being added to a group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify_added: Option<bool>,
    /// Whether a notification makes a sound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<bool>,
    /// Whether a push message may contain the text of the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push_content: Option<bool>,
    /// The beginning of the quiet hours, in minutes since midnight, 0 to 1439; null for none. After the change, `quiet_from`
    /// and `quiet_to` are both set or both null, and quiet hours need a time zone.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub quiet_from: Option<Option<i64>>,
    /// The end of the quiet hours, as `quiet_from`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub quiet_to: Option<Option<i64>>,
    /// Whether others see when the person types. If not, the person does not see when others type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_typing: Option<bool>,
    /// Whether others see what the person read. If not, the person does not see what others read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_read_receipts: Option<bool>,
    /// Whom the person lets add them to groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub addable_by: Option<AddableBy>,
}

/// Distinguishes null from an absent field.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<i64>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(from: Option<u16>, to: Option<u16>) -> Preferences {
        Preferences { quiet_from: from, quiet_to: to, ..Preferences::default() }
    }

    #[test]
    fn n2_quiet_hours_begin_with_their_first_minute_and_end_before_their_last() {
        let at = |hour: u16, minute: u16| hour * 60 + minute;
        for (from, to, minute, expected) in [
            // Within a day.
            (at(9, 0), at(17, 30), at(8, 59), false),
            (at(9, 0), at(17, 30), at(9, 0), true),
            (at(9, 0), at(17, 30), at(12, 0), true),
            (at(9, 0), at(17, 30), at(17, 29), true),
            (at(9, 0), at(17, 30), at(17, 30), false),
            // Over midnight.
            (at(22, 0), at(7, 0), at(21, 59), false),
            (at(22, 0), at(7, 0), at(22, 0), true),
            (at(22, 0), at(7, 0), at(23, 59), true),
            (at(22, 0), at(7, 0), 0, true),
            (at(22, 0), at(7, 0), at(6, 59), true),
            (at(22, 0), at(7, 0), at(7, 0), false),
            (at(22, 0), at(7, 0), at(12, 0), false),
            // To midnight and from midnight.
            (at(22, 0), 0, at(23, 59), true),
            (at(22, 0), 0, 0, false),
            (0, at(6, 0), 0, true),
            (0, at(6, 0), at(23, 59), false),
            (0, 1_439, 1_438, true),
            (0, 1_439, 1_439, false),
            // No hours at all.
            (at(8, 0), at(8, 0), at(8, 0), false),
            (at(8, 0), at(8, 0), at(20, 0), false),
        ] {
            let preferences = quiet(Some(from), Some(to));
            assert_eq!(is_quiet(&preferences, minute), expected, "{from} to {to} at {minute}");
        }
        for none in [quiet(None, None), quiet(Some(0), None), quiet(None, Some(1_439))] {
            assert!((0..1_440).all(|minute| !is_quiet(&none, minute)));
        }
    }

    #[test]
    fn n2_the_zone_is_the_chosen_one_else_that_of_the_last_device() {
        let zones = |chosen: &str, device: Option<&str>| {
            let device_time_zone = device.map(str::to_owned);
            Preferences { time_zone: chosen.into(), device_time_zone, ..Preferences::default() }
        };
        assert_eq!(zones(AUTO, None).zone(), None);
        assert_eq!(zones(AUTO, Some("Asia/Kolkata")).zone(), Some("Asia/Kolkata"));
        assert_eq!(zones("Europe/Berlin", Some("Asia/Kolkata")).zone(), Some("Europe/Berlin"));
    }

    #[test]
    fn preferences_of_an_older_server_have_the_defaults() {
        let older = r#"{"theme":"auto","language":"auto","time_zone":"auto"}"#;
        assert_eq!(serde_json::from_str::<Preferences>(older).expect("preferences"), Preferences::default());
    }

    #[test]
    fn null_clears_and_an_absent_field_does_not() {
        let change = |text| serde_json::from_str::<PreferencesChange>(text).expect("a change");
        assert_eq!(change("{}"), PreferencesChange::default());
        let cleared = PreferencesChange { quiet_from: Some(None), ..PreferencesChange::default() };
        assert_eq!(change(r#"{"quiet_from":null}"#), cleared);
        assert_eq!(serde_json::to_string(&cleared).expect("a text"), r#"{"quiet_from":null}"#);
        assert_eq!(change(r#"{"quiet_from":-1}"#).quiet_from, Some(Some(-1)));
    }
}
