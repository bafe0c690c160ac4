//! The data of a page's first render: read by the server, carried by the page as JSON, read again by the browser. Both
//! render from the same data synchronously, so there is no loading state and no second request.

#[cfg(feature = "ssr")]
pub(crate) mod server;

use crate::datetime::ReaderZone;
use crate::server_fns::RequestError;
use protocol::{ClientId, ErrorBody, ListFilter, Member, Person, ServerFrame, SyncAnswer, Timestamp};
use serde::{Deserialize, Serialize};

/// Id of the `<script type="application/json">` that carries it.
pub(crate) const ELEMENT: &str = "initial-data";

/// Data of the first render of the layout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct InitialData {
    /// The first page of the list and the newest page of the open conversation.
    pub(crate) synced: SyncAnswer,
    /// Pages of history that the address asks for (`?at=`, `?before=`), and of the list (`?list=`, `?filter=`,
    /// `?subject_kind=`).
    pub(crate) pages: Vec<ServerFrame>,
    /// Part of the conversations that the list shows by state (`?filter=`).
    pub(crate) filter: Option<ListFilter>,
    /// Kind of the subjects whose conversations the list shows (`?subject_kind=`).
    pub(crate) subject_kind: Option<String>,
    /// Configured kinds of subjects.
    pub(crate) subject_kinds: Vec<SubjectKindData>,
    /// All members of the open conversation, where the address asks for its details and the list has some of them only.
    pub(crate) members: Vec<Member>,
    /// People search of `/new`.
    pub(crate) search: Option<SearchData>,
    /// Clock of the server.
    pub(crate) now: Timestamp,
    /// Time zone of the reader.
    pub(crate) zone: ReaderZone,
    /// `client_id` of the plain form's next message.
    pub(crate) form_id: ClientId,
    /// Whether the list is collapsed to faces in this browser.
    pub(crate) collapsed: bool,
    /// Reason why the previous plain form was refused.
    pub(crate) failure: Option<String>,
    /// What the previous plain form did, where the page does not show it.
    pub(crate) done: Option<String>,
    /// Input of the form of the conversation that was refused: each field, and behind it its text. Pairs would take more of the download.
    pub(crate) typed: Vec<String>,
}

/// A configured kind of subjects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SubjectKindData {
    /// The word in addresses and on the wire.
    pub(crate) kind: String,
    /// The name for people.
    pub(crate) name: String,
    /// The roles whose participants may close and reopen conversations.
    pub(crate) closed_by: Vec<String>,
}

/// Data of the first render of `/new?q=…&participants=…`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SearchData {
    /// Words that were searched for.
    pub(crate) words: String,
    /// Usernames gathered for a group.
    pub(crate) participants: Vec<String>,
    /// People found, without the reader.
    pub(crate) found: Vec<Person>,
    /// Reason why the search was refused.
    pub(crate) error: Option<ErrorBody>,
    /// The id of the group that the form creates. Without one the client makes it.
    pub(crate) form_id: Option<ClientId>,
    /// Title that was typed into a form that was refused.
    pub(crate) title: String,
}

/// The data of this page, or the error in its place.
pub(crate) fn initial_data() -> Result<InitialData, RequestError> {
    #[cfg(feature = "ssr")]
    return server::initial_data();
    #[cfg(not(feature = "ssr"))]
    {
        let element = leptos::prelude::document().get_element_by_id(ELEMENT);
        let json = element.and_then(|element| element.text_content()).unwrap_or_default();
        serde_json::from_str(&json).map_err(|error| match serde_json::from_str::<protocol::ApiError>(&json) {
            Ok(refused) => refused.error.into(),
            Err(_) => {
                leptos::logging::error!("the data of the page cannot be read: {error}");
                ErrorBody::new(protocol::ErrorCode::Internal).into()
            }
        })
    }
}
