//! Everything that a page begins with: read by the server before it renders, and brought along by the page, so that
//! the browser begins with the same.

#[cfg(feature = "hydrate")]
mod page;
#[cfg(feature = "ssr")]
mod server;
#[cfg(feature = "ssr")]
mod stretch;

use crate::datetime::ReaderZone;
use crate::server_fns::Refused;
use protocol::{ClientId, ServerFrame, SyncAnswer, Timestamp};
#[cfg(feature = "ssr")]
pub(crate) use server::carried;
#[cfg(feature = "ssr")]
pub use server::{Beginning, RefusedForm};

/// What the first render is made of.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Loaded {
    /// The list, and the last page of the open conversation.
    pub synced: SyncAnswer,
    /// The stretch that the address asks for, in pages.
    pub pages: Vec<ServerFrame>,
    /// The server's clock.
    pub now: Timestamp,
    /// The reader's clock.
    pub zone: ReaderZone,
    /// The id that the plain form's next message bears.
    pub form_id: ClientId,
    /// Why the plain form was refused that brought the reader here.
    pub failure: Option<String>,
    /// What the plain form sent last, when it was refused; else nothing.
    pub form_text: String,
}

/// What this page begins with, or why it does not.
pub(crate) fn loaded() -> Result<Loaded, Refused> {
    #[cfg(feature = "ssr")]
    return server::loaded();
    #[cfg(all(feature = "hydrate", not(feature = "ssr")))]
    return page::loaded();
    #[cfg(not(any(feature = "ssr", feature = "hydrate")))]
    return Err(Refused::unreached());
}
