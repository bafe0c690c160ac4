//! The state of a client, as a fold of frames. Page, socket and poll feed the same [`State`]; it does no I/O, its
//! clock is passed in, and it says what it needs by [`Need`].

mod outbox;
mod room;
mod state;
mod timeline;

pub use outbox::{Pending, PendingState};
pub use room::{Receipt, Room, Row};
pub use state::{Need, State};
pub use timeline::Timeline;
