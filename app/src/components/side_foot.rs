//! Under the list: oneself, the way out, and the keys.

use super::{as_whom, avatar};
use crate::client::Client;
use crate::i18n::t;
use crate::markup::{Markup, markup};

/// Quiet, and always there.
pub(crate) fn side_foot(client: Client) -> Markup {
    let (face, name) = client.read(|state| (state.me.face(), state.me.display_name()));
    let (settings, keys, out) = (t!("frame.settings"), t!("keys.title"), t!("frame.sign_out"));
    markup!(
        "<footer class='side-foot'><a class='me' href='/settings' rel='external' title='~'>~\
         <span class='visually-hidden'>~: </span><bdi class='one-line'>~</bdi></a>\
         <button class='icon-button keys-button with-script' type='button' data-do='keys' aria-label='~' title='~'>\
         <span class='icon icon-help' aria-hidden='true'></span></button>\
         <form method='post' action='/sign-out'>~<button class='icon-button' aria-label='~' title='~'>\
         <span class='icon icon-leave' aria-hidden='true'></span></button></form></footer>",
        settings,
        avatar(face, &name),
        settings,
        name,
        keys,
        keys,
        as_whom(client.me()),
        out,
        out
    )
}
