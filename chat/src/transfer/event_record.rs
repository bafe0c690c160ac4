//! The changes of a group in the lines of a file.

use crate::store::TransferEvent;
use protocol::{GroupEvent, GroupEventKind, History, Role};
use serde::{Deserialize, Serialize};

/// The fields of [`GroupEvent`], with usernames for people.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventRecord {
    kind: GroupEventKind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    members: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    others: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hue: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    emoji: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    history: Option<History>,
}

impl From<TransferEvent> for EventRecord {
    fn from(TransferEvent { event, members }: TransferEvent) -> Self {
        // Subjects belong to the product, and stay behind.
        let GroupEvent {
            kind,
            members: _,
            others,
            title,
            role,
            hue,
            emoji,
            history,
            subject: _,
            by_sender: _,
        } = event;
        let others = Some(others).filter(|others| *others > 0);
        Self { kind, members, others, title, role, hue, emoji, history }
    }
}

impl From<EventRecord> for TransferEvent {
    fn from(record: EventRecord) -> Self {
        let EventRecord { kind, members, others, title, role, hue, emoji, history } = record;
        let others = others.unwrap_or_default();
        let event = GroupEvent { others, title, role, hue, emoji, history, ..GroupEvent::new(kind) };
        Self { event, members }
    }
}
