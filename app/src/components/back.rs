//! The way back to the list.

use crate::i18n::t;
use crate::markup::{Markup, markup};

/// Where the list is not beside the page.
pub(crate) fn back() -> Markup {
    markup!(
        "<a class='icon-button back' href='/' aria-label='~'>\
         <span class='icon icon-back' aria-hidden='true'></span></a>",
        t!("frame.back")
    )
}
