//! Routes and the location, with the names of `leptos_router`.
//!
//! Pages whose route is live ([`Route::is_live`]) are shown by the browser itself: a click on a link to one changes the
//! location ([`links`]). All other pages are loaded from the server.

mod links;
mod location;

pub(crate) use links::follow_links;
pub(crate) use location::{Location, provide_location, use_location, window_base};

use protocol::ConversationId;

/// Bases of the addresses of embedded pages: the path of a page follows, and server functions and the socket are below them,
/// too, since the cookie of an embedded page is sent there alone.
pub const EMBED_BASES: [&str; 2] = [EMBEDDED_LIST, EMBEDDED_CONVERSATION];
/// Base of the list in a frame of another page.
pub const EMBEDDED_LIST: &str = "/embed/list";
/// Base of one conversation alone in a frame of another page.
pub const EMBEDDED_CONVERSATION: &str = "/embed/one";

/// Path and query of a requested page: in the context of a page that the server renders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestUrl {
    /// One of [`EMBED_BASES`] before the path; empty for a page that is not embedded.
    pub base: &'static str,
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
    /// `/notifications`.
    Notifications,
    /// `/invitations`: invitations that wait for an answer.
    Invitations,
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
            "/notifications" => Self::Notifications,
            "/invitations" => Self::Invitations,
            "/settings" => Self::Settings,
            path if path.contains("/receipts/") => Self::Receipts,
            path => conversation_id(path).map_or(Self::NotFound, Self::Conversation),
        }
    }

    /// Whether the browser renders the page itself, without a load.
    #[must_use]
    pub(crate) fn is_live(self) -> bool {
        matches!(
            self,
            Self::Home
                | Self::Conversation(_)
                | Self::NewConversation
                | Self::Notifications
                | Self::Invitations
        )
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

/// Address of a message for [`Location::navigate`]: without the fragment, which has the browser scroll.
pub(crate) fn message_href(id: ConversationId, seq: i64) -> String {
    format!("/c/{id}?at={seq}")
}

/// The base of a path, and the path behind it.
fn split_base(path: &str) -> (&'static str, &str) {
    let split = |base: &'static str| {
        let rest = path.strip_prefix(base)?;
        match rest {
            "" => Some((base, "/")),
            _ => rest.starts_with('/').then_some((base, rest)),
        }
    };
    EMBED_BASES.into_iter().find_map(split).unwrap_or(("", path))
}

/// The address of a path behind a base, which may have a query. The base alone has no slash at its end.
pub(crate) fn join_base(base: &str, path: &str) -> String {
    let is_root = path == "/" || path.starts_with("/?");
    format!("{base}{}", if is_root && !base.is_empty() { &path[1..] } else { path })
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
    fn x2_addresses_of_embedded_pages_have_a_base() {
        for (address, base, path) in [
            ("/c/7", "", "/c/7"),
            ("/embed/list", EMBEDDED_LIST, "/"),
            ("/embed/list/c/7?at=3", EMBEDDED_LIST, "/c/7?at=3"),
            ("/embed/one/c/7", EMBEDDED_CONVERSATION, "/c/7"),
            ("/embed/list?x=1", "", "/embed/list?x=1"),
            ("/embed/ones", "", "/embed/ones"),
        ] {
            assert_eq!(split_base(address), (base, path), "{address}");
            assert_eq!(join_base(base, path), address);
        }
        assert_eq!(join_base(EMBEDDED_LIST, "/?filter=unread"), "/embed/list?filter=unread");
        assert_eq!(join_base("", "/?filter=unread"), "/?filter=unread");
    }

    #[test]
    fn pages_without_client_code_are_not_live() {
        for (path, live) in [
            ("/", true),
            ("/c/7", true),
            ("/new", true),
            ("/notifications", true),
            ("/invitations", true),
            ("/c/7/receipts/1", false),
            ("/settings", false),
        ] {
            assert_eq!(Route::of(path).is_live(), live, "{path}");
        }
    }
}
