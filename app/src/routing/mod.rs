//! Routes and the location, with the names of `leptos_router`.
//!
//! Pages whose route is live ([`Route::is_live`]) are shown by the browser itself: a click on a link to one changes the
//! location ([`links`]). All other pages are loaded from the server.

mod links;
mod location;

pub(crate) use links::follow_links;
pub(crate) use location::{Location, provide_location, use_location};

use protocol::ConversationId;

/// Path and query of a requested page: in the context of a page that the server renders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestUrl {
    /// Path, such as `/c/7`.
    pub path: String,
    /// Query without its question mark, as it stands in the address.
    pub query: String,
}

/// The page of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Route {
    /// `/`: the list of conversations alone.
    Home,
    /// `/c/{id}`.
    Conversation(ConversationId),
    /// `/new`: people search, to start a conversation.
    NewConversation,
    /// `/settings`.
    Settings,
    /// `/c/{id}/receipts/{seq}`.
    Receipts,
    /// Any other path.
    NotFound,
}

impl Route {
    /// Matches a path.
    #[must_use]
    pub(crate) fn of(path: &str) -> Self {
        match path {
            "/" => Self::Home,
            "/new" => Self::NewConversation,
            "/settings" => Self::Settings,
            path if path.contains("/receipts/") => Self::Receipts,
            path => conversation_id(path).map_or(Self::NotFound, Self::Conversation),
        }
    }

    /// Whether the browser renders the page itself, without a load.
    #[must_use]
    pub(crate) fn is_live(self) -> bool {
        matches!(self, Self::Home | Self::Conversation(_) | Self::NewConversation)
    }

    /// The conversation that the route shows.
    #[must_use]
    pub(crate) fn conversation(self) -> Option<ConversationId> {
        match self {
            Self::Conversation(id) => Some(id),
            _ => None,
        }
    }
}

fn conversation_id(path: &str) -> Option<ConversationId> {
    path.strip_prefix("/c/")?.trim_end_matches('/').parse().ok().filter(|id: &ConversationId| id.0 > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_conversations() {
        assert_eq!(Route::of("/c/7"), Route::Conversation(ConversationId(7)));
        assert_eq!(Route::of("/c/7/"), Route::Conversation(ConversationId(7)));
        for path in ["/c/", "/c/x", "/c/0", "/c/-1", "/c/7/messages", "/c/99999999999999999999"] {
            assert_eq!(Route::of(path), Route::NotFound, "{path}");
        }
    }

    #[test]
    fn pages_without_client_code_are_not_live() {
        for (path, live) in
            [("/", true), ("/c/7", true), ("/new", true), ("/c/7/receipts/1", false), ("/settings", false)]
        {
            assert_eq!(Route::of(path).is_live(), live, "{path}");
        }
    }
}
