//! The live link: what keeps the state of a page up to date in the browser, and carries what the person does.
//!
//! [`connection`] decides, [`backoff`] times; both are plain Rust. The browser's side is in `browser`, its twin for the server,
//! where a page is rendered once and nothing is live, in `still`. `early.js` stands in until the browser's side has
//! arrived.

// On the server only the states are shown; the machine itself runs in the browser, and in the tests.
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
mod backoff;
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
mod connection;
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
mod status;
#[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
mod visibility;

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "hydrate")]
pub use browser::hydrate;
#[cfg(feature = "hydrate")]
pub(crate) use browser::{
    ask, asked, begin, copy, copy_text, draft, enter, fits_by_itself, follow, follow_draft, help_to_find,
    hold_place, is_at, keep_draft, leave, may_copy, mention, now_ms, offset_at, part, pump, tell,
};

#[cfg(not(feature = "hydrate"))]
mod still;
#[cfg(not(feature = "hydrate"))]
pub(crate) use still::{
    ask, asked, begin, copy, copy_text, draft, enter, fits_by_itself, follow, follow_draft, help_to_find,
    hold_place, is_at, keep_draft, leave, may_copy, mention, now_ms, offset_at, part, pump, tell,
};

pub(crate) use backoff::Typing;
pub(crate) use status::{Keeping, LinkState, Stop};

mod store;
pub(crate) use store::Client;

use protocol::{ConversationId, UserId};

/// Where a browser keeps what was typed in a conversation and not sent. The page's early script knows it from the
/// composer (`data-draft`).
pub(crate) fn draft_key(me: UserId, id: ConversationId) -> String {
    format!("rapport.draft.{me}.{id}")
}
