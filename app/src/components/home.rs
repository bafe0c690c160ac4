//! The list alone; on a wide screen, the place where a conversation will be.

use crate::client::Client;
use crate::components::failure;
use crate::i18n::t;
use crate::markup::{Markup, markup, part};

/// `/`. Somebody without conversations is shown the way to the first.
pub(crate) fn home(client: Client) -> Markup {
    let failure = failure(client);
    part("home", move || {
        let (title, words) = if client.read(|state| state.rooms.is_empty()) {
            (t!("home.begin"), t!("home.begin_words"))
        } else {
            (t!("home.choose"), t!("home.choose_words"))
        };
        markup!(
            "<div class='blank'>~<h1>~</h1><p>~</p><p><a class='button' href='/new'>~</a></p></div>",
            failure,
            title,
            words,
            t!("home.find")
        )
    })
}
