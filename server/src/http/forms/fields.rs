//! The fields of forms that are shown again: what people type and choose, never a password.

use crate::http::extract::FormFields;

/// Longest text of a field that is shown again, in characters. No field but that of a message takes more.
const MAX_TEXT: usize = 400;

/// The notifications.
pub(super) const NOTIFICATIONS: &[&str] = &[
    "notify_direct",
    "notify_mention",
    "notify_group",
    "notify_added",
    "sound",
    "push_content",
    "quiet_from",
    "quiet_to",
];
/// What others see of a person.
pub(super) const PRIVACY: &[&str] = &["show_typing", "send_read_receipts"];
/// Whom a person lets add them to groups.
pub(super) const ADDABLE: &[&str] = &["addable_by"];
/// The settings of a group.
pub(super) const GROUP: &[&str] = &["title", "hue", "emoji", "history"];
/// The people to add to a group.
pub(super) const PEOPLE: &[&str] = &["usernames"];
/// The choices of a new link.
pub(super) const LINK: &[&str] = &["expires_in", "uses"];
/// The name of a new incoming webhook.
pub(super) const WEBHOOK: &[&str] = &["name"];
/// The reason of a closing or of a look into a conversation.
pub(super) const REASON: &[&str] = &["reason"];

/// The texts of the fields of these names that were sent. Of several fields of a name, the texts are joined.
pub(super) fn typed<'a>(fields: &FormFields, names: &'a [&'a str]) -> Vec<(&'a str, String)> {
    let typed = names.iter().filter_map(|&name| {
        let texts: Vec<&str> = fields.all(name).collect();
        (!texts.is_empty()).then(|| (name, texts.join(", ").chars().take(MAX_TEXT).collect()))
    });
    typed.collect()
}
