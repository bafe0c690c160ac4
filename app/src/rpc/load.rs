//! Everything that a page begins with.

use super::Refused;
use crate::when::ReaderZone;
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
    /// The reader's clock.
    pub zone: ReaderZone,
    /// The id that the plain form's next message bears.
    pub form_id: ClientId,
    /// Why the plain form was refused that brought the reader here.
    pub failure: Option<String>,
}

/// The person's list with one conversation open, and perhaps an older stretch of it.
#[server(prefix = "/rpc", endpoint = "load", input = Json, output = Json)]
pub async fn load(open: Option<ConversationId>, before: Option<i64>) -> Result<Loaded, Refused> {
    use super::asker::{asker, fault, refuse};
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
    Ok(Loaded {
        synced,
        older,
        now: chat::SystemClock.now(),
        zone: use_context().unwrap_or_default(),
        form_id: ClientId::mint(),
        failure: use_context::<Option<crate::plain::Flash>>().flatten().map(|flash| flash.words()),
    })
}
