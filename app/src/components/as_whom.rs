//! Whom a page was made for.

use crate::markup::{Markup, markup};
use protocol::UserId;

/// In each form of somebody who is signed in: by the time it is sent another tab may have signed in somebody else, and
/// nothing is done in their name.
pub(crate) fn as_whom(me: UserId) -> Markup {
    markup!("<input type='hidden' name='me' value='~'>", me.0)
}
