//! The state of a client, as a fold over frames. Page, socket and poll feed the same [`State`]. It does no I/O: the clock is
//! passed in, and requests are returned as [`Need`]s.
//!
//! Two rules make it safe against frames that are lost, doubled, late or out of order. A live frame advances a cursor only
//! if it is exactly the next one; any other is only a hint of how far the server is. And the requests for what is missing
//! are computed after every frame from the state alone, so that no order of events can lose one.
//!
//! Every change is marked, so that a front end learns from [`State::take_touched`] which parts to render.

mod apply;
mod change_tracking;
mod deferred_page;
mod namesakes;
mod outbox;
mod people;
mod preferences;
mod rollback;
mod room;
mod state;
mod summary;
#[cfg(test)]
mod tests;
mod timeline;
mod touched;
mod window;

pub use namesakes::namesakes;
pub use outbox::{Pending, PendingState};
pub use room::{PresenceNotice, Receipt, Room, Row};
pub use state::{Need, News, State};
pub use timeline::Timeline;
pub use touched::{RoomTouched, Touched};
pub use window::HistoryWindow;
