//! Everything that a page begins with.

use super::Refused;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use protocol::{ClientId, ConversationId, Page, SyncAnswer, Timestamp};
use serde::{Deserialize, Serialize};

/// What the first render is made of: on the server and, from the same bytes, in the browser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loaded {
    /// The list, and the last page of the open conversation.
    pub synced: SyncAnswer,
    /// The stretch before a message, when the address asks for one (paging without JavaScript).
    pub older: Option<Page>,
    /// The server's clock.
    pub now: Timestamp,
    /// Minutes east of UTC where the reader is, as far as the `tz` cookie tells.
    pub offset: i32,
    /// The id that the plain form's next message bears.
    pub form_id: ClientId,
    /// What the plain form sent last, when it was refused; else nothing.
    pub form_text: String,
}

/// What a plain form sent and was refused: in the context of the page that shows it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedForm {
    /// As typed.
    pub content: String,
    /// The id that it bore, if it may bear it again.
    pub client_id: Option<ClientId>,
}

/// The person's list with one conversation open, and perhaps an older stretch of it.
#[server(prefix = "/rpc", endpoint = "load", input = Json, output = Json)]
pub async fn load(open: Option<ConversationId>, before: Option<i64>) -> Result<Loaded, Refused> {
    use super::asker::{asker, fault, refuse};
    use super::zone::offset_of_request;
    use chat::Clock;

    let (chat, who) = asker()?;
    let open_cursors = protocol::OpenCursors(open.map(|id| (id, 0)).into_iter().collect());
    let request = protocol::SyncRequest { user_rev: 0, list: true, open: open_cursors };
    let synced = chat.sync(&who.person, &request).await.map_err(fault)?;
    let there = open.filter(|id| !synced.gone.contains(id));
    if open.is_some() && there.is_none() {
        // The page still shows the list; only its status tells programs.
        let _ = refuse(protocol::ErrorCode::NotFound.into());
    }
    let older = match (there, before) {
        (Some(id), Some(before)) => {
            Some(chat.page(&who.person, id, Some(before), protocol::limits::PAGE).await.map_err(fault)?)
        }
        _ => None,
    };
    let refused = there.and_then(|_| use_context::<RefusedForm>());
    let form_id = refused.as_ref().and_then(|refused| refused.client_id).unwrap_or_else(ClientId::mint);
    Ok(Loaded {
        synced,
        older,
        now: chat::SystemClock.now(),
        offset: offset_of_request(),
        form_id,
        form_text: refused.map(|refused| refused.content).unwrap_or_default(),
    })
}
