//! Where nothing is, within the frame.

use crate::i18n::t;
use crate::markup::{Markup, markup};

/// An address that is nearly one of ours.
pub(crate) fn not_found() -> Markup {
    crate::server_fns::answer_not_found();
    markup!(
        "<div class='blank'><h1>~</h1><p><a class='button' href='/' rel='external'>~</a></p></div>",
        t!("found.nothing_here"),
        t!("found.to_conversations")
    )
}
