//! The words of pushes, from the catalogue of the pages.

use app::Language;
use app::server_pages::push_words;
use chat::push::{PushNotice, PushText, PushWords};
use protocol::Preferences;

/// The catalogue.
pub(super) struct Catalogue;

impl PushWords for Catalogue {
    fn text(&self, notice: &PushNotice, preferences: &Preferences, page_language: &str) -> PushText {
        let language = Language::of(&preferences.language).or_else(|| Language::of(page_language));
        let language = language.unwrap_or_default();
        let (title, body) = push_words(language, notice);
        PushText { title, body, language: language.code(), direction: language.direction() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat::push::PushKind;
    use protocol::ConversationId;

    fn notice(count: u32) -> PushNotice {
        PushNotice {
            kind: PushKind::Direct,
            conversation: ConversationId(1),
            title: None,
            count,
            content: None,
        }
    }

    fn words(language: &str, page_language: &str, notice: &PushNotice) -> PushText {
        let preferences = Preferences { language: language.into(), ..Preferences::default() };
        Catalogue.text(notice, &preferences, page_language)
    }

    #[test]
    fn n1_a_push_says_only_that_there_are_messages() {
        let text = words("en", "de", &notice(1));
        assert_eq!((text.title.as_str(), text.body.as_str()), ("Rapport", "New message"));
        assert_eq!(words("en", "de", &notice(2)).body, "2 new messages");
        assert_eq!(words("en", "de", &notice(100)).body, "99+ new messages");
        let text = words("auto", "de-AT", &notice(1));
        assert_eq!((text.body.as_str(), text.language, text.direction), ("Neue Nachricht", "de", "ltr"));
        let text = words("ar", "en", &notice(1));
        assert_eq!((text.language, text.direction), ("ar", "rtl"));
        assert_ne!(text.body, "New message");
        assert_eq!(words("auto", "xx", &notice(1)).body, "New message");
        let of = |kind| words("en", "", &PushNotice { kind, ..notice(1) }).body;
        assert_eq!(of(PushKind::Group), "New message");
        assert_eq!(of(PushKind::Mention), "You were mentioned");
        assert_eq!(of(PushKind::Added), "You were added to a group");
        assert_eq!(of(PushKind::Role), "You have a new role in a group");
    }

    #[test]
    fn n1_a_push_with_content_names_the_sender() {
        let content = Some(("Anna Adams".to_owned(), "See you at 7".to_owned()));
        let direct = PushNotice { content, ..notice(3) };
        let text = words("en", "", &direct);
        assert_eq!((text.title.as_str(), text.body.as_str()), ("Anna Adams", "See you at 7"));
        let group = PushNotice { kind: PushKind::Mention, title: Some("Climbing".into()), ..direct };
        let text = words("en", "", &group);
        assert_eq!((text.title.as_str(), text.body.as_str()), ("Anna Adams · Climbing", "See you at 7"));
        let added = PushNotice { kind: PushKind::Added, ..group };
        assert_eq!(words("en", "", &added).body, "You were added to a group");
    }
}
