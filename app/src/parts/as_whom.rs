//! Whom a page was made for.

use leptos::prelude::*;
use protocol::UserId;

/// In each form of somebody who is signed in: by the time it is sent another tab may have signed in somebody else, and
/// nothing is done in their name.
pub(crate) fn as_whom(me: UserId) -> impl IntoView {
    view! { <input type="hidden" name="me" value=me.to_string() /> }
}
