//! Words of web pushes.

use crate::i18n::{Language, plural, t};
use chat::push::{PushKind, PushNotice};
use leptos::prelude::{Owner, provide_context};
use protocol::limits::UNREAD_CAP;

/// Title and text of a push, in this language.
#[must_use]
pub fn push_words(language: Language, notice: &PushNotice) -> (String, String) {
    let owner = Owner::new_root(None);
    owner.with(|| {
        provide_context(language);
        let Some((sender, text)) = &notice.content else { return ("Rapport".to_owned(), event(notice)) };
        let title = match &notice.title {
            Some(group) => t!("push.sender_in_group", sender = sender, group = group),
            None => sender.clone(),
        };
        let body = match notice.kind {
            PushKind::Group | PushKind::Direct | PushKind::Mention => text.clone(),
            PushKind::Role | PushKind::Added => event(notice),
        };
        (title, body)
    })
}

/// What happened, without names and texts.
fn event(notice: &PushNotice) -> String {
    match notice.kind {
        PushKind::Mention => t!("push.mention"),
        PushKind::Added => t!("push.added"),
        PushKind::Role => t!("push.role"),
        PushKind::Group | PushKind::Direct if notice.count >= UNREAD_CAP => {
            t!("push.many_messages", n = format!("{}+", UNREAD_CAP - 1))
        }
        PushKind::Group | PushKind::Direct => plural!("push.messages", notice.count),
    }
}
