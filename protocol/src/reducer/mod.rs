//! The state of a client, as a fold of frames. Page, socket and poll feed the same [`State`]; it does no I/O, its
//! clock is passed in, and it says what it needs by [`Need`].
//!
//! Two rules make it safe against frames that are lost, doubled, late or out of order. A live frame moves a counter
//! only when it is exactly the next one; whatever else it says is only a hint of how far the server is. And what is
//! missing is worked out anew after every frame from what is held, so that no order of events can lose a need.
//!
//! Every change is marked, so that a front end learns from [`State::take_touched`] which parts to render anew.

mod apply;
mod change_tracking;
mod deferred_page;
mod ephemeral;
mod missing;
mod outbox;
mod people;
mod rollback;
mod room;
mod state;
mod summary;
#[cfg(test)]
mod tests;
mod timeline;
mod touched;
mod window;

pub use ephemeral::PresenceNotice;
pub use missing::Need;
pub use outbox::{Pending, PendingState};
pub use room::{Receipt, Room, Row};
pub use state::State;
pub use timeline::Timeline;
pub use touched::{RoomTouched, Touched};
pub use window::HistoryWindow;
