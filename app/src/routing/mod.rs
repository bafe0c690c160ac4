//! Where the page stands. Between the list and the conversations links are followed without a load (see
//! `live::follow`); all other pages are loaded, so the browser needs no code for them.

#[cfg(feature = "hydrate")]
pub(crate) mod links;

use crate::client as live;
use crate::wires::effect;
use leptos::prelude::*;
use protocol::ConversationId;

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The path of the address.
    pub path: String,
    /// Its query, as it stands there.
    pub query: String,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The list alone.
    Home,
    /// A conversation.
    Talk(ConversationId),
    /// Finding people.
    New,
    /// One's own account.
    Settings,
    /// Who has a message.
    Receipts,
    /// Nothing.
    Nowhere,
}

impl Place {
    /// By its path.
    #[must_use]
    pub(crate) fn of(path: &str) -> Self {
        match path {
            "/" => Self::Home,
            "/new" => Self::New,
            "/settings" => Self::Settings,
            path if path.contains("/receipts/") => Self::Receipts,
            path => conversation_of(path).map_or(Self::Nowhere, Self::Talk),
        }
    }

    /// Whether the browser can show it by itself.
    #[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
    #[must_use]
    pub(crate) fn is_live(self) -> bool {
        matches!(self, Self::Home | Self::Talk(_))
    }
}

/// The conversation that a path is about.
#[must_use]
pub(crate) fn conversation_of(path: &str) -> Option<ConversationId> {
    path.strip_prefix("/c/")?.trim_end_matches('/').parse().ok().filter(|id: &ConversationId| id.0 > 0)
}

#[derive(Clone, Copy)]
struct Path(RwSignal<String>);

/// Once, around everything: from here on [`use_path`] knows.
pub(crate) fn begin() {
    let path = RwSignal::new(live::asked().path);
    provide_context(Path(path));
    effect(move || live::follow(path));
}

/// The path of the address; changes as links are followed.
#[must_use]
pub(crate) fn use_path() -> RwSignal<String> {
    use_context::<Path>().map_or_else(|| RwSignal::new(String::new()), |path| path.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_conversation_off_the_path() {
        assert_eq!(conversation_of("/c/7"), Some(ConversationId(7)));
        assert_eq!(conversation_of("/c/7/"), Some(ConversationId(7)));
        for path in ["/", "/c/", "/c/x", "/c/0", "/c/-1", "/c/7/messages", "/c/99999999999999999999"] {
            assert_eq!(conversation_of(path), None, "{path}");
        }
    }

    #[test]
    fn only_the_list_and_conversations_are_live() {
        for (path, live) in
            [("/", true), ("/c/7", true), ("/c/7/receipts/1", false), ("/new", false), ("/settings", false)]
        {
            assert_eq!(Place::of(path).is_live(), live, "{path}");
        }
    }
}
