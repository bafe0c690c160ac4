//! The changes of a group in the lines of a file.

use super::subject_record::SubjectRecord;
use crate::Result;
use crate::store::TransferEvent;
use crate::subject_kind::SubjectKind;
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
    /// The subject after the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<SubjectRecord>,
    /// Whether the sender, and not the product, closed or reopened the conversation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    by_sender: bool,
}

impl From<TransferEvent> for EventRecord {
    fn from(TransferEvent { event, members }: TransferEvent) -> Self {
        let GroupEvent { kind, members: _, others, title, role, hue, emoji, history, subject, by_sender } =
            event;
        let others = Some(others).filter(|others| *others > 0);
        let subject = subject.map(|subject| SubjectRecord::from(*subject));
        Self { kind, members, others, title, role, hue, emoji, history, subject, by_sender }
    }
}

impl EventRecord {
    /// The event, with a subject of one of these kinds.
    ///
    /// # Errors
    /// `Invalid`: the subject breaks a rule.
    pub(super) fn event(self, kinds: &[SubjectKind]) -> Result<TransferEvent> {
        let Self { kind, members, others, title, role, hue, emoji, history, subject, by_sender } = self;
        let others = others.unwrap_or_default();
        let subject = subject.map(|subject| subject.checked(kinds)).transpose()?;
        let subject = subject.map(|checked| Box::new(checked.subject));
        let event = GroupEvent {
            others,
            title,
            role,
            hue,
            emoji,
            history,
            subject,
            by_sender,
            ..GroupEvent::new(kind)
        };
        Ok(TransferEvent { event, members })
    }
}
