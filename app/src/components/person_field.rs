//! The person that a form was rendered for.

use leptos::prelude::*;
use protocol::UserId;

/// Hidden field `me` of each form behind the sign-in: by the time it is sent, another tab may have signed in somebody
/// else, and nothing is done in their name.
#[component]
pub(crate) fn PersonField(me: UserId) -> impl IntoView {
    view! { <input type="hidden" name="me" value=me.to_string() /> }
}
