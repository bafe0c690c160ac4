//! The tag that embeds a conversation of Rapport (docs/embed.md).

use crate::data::Person;
use crate::html::escape;
use crate::rapport::RapportError;
use crate::state::AppState;

/// Which conversation is embedded.
pub(super) enum Shown<'a> {
    /// The person's newest one about a subject, such as `listing/1`.
    Subject(&'a str),
    /// The one of this id. Rapport shows it to its members alone.
    Conversation(i64),
}

/// The conversation, for a person, with a token for this load of the page.
pub(super) fn embed(state: &AppState, person: &Person, shown: Shown<'_>) -> Result<String, RapportError> {
    let shown = match shown {
        Shown::Subject(subject) => format!(r#"data-subject="{}""#, escape(subject)),
        Shown::Conversation(id) => format!(r#"data-conversation="{id}""#),
    };
    Ok(format!(
        r#"<section class="chat" aria-label="Chat"><script src="{}/embed.js" {shown} data-token="{}" data-theme="auto" data-lang="en"></script></section>"#,
        escape(&state.rapport.url),
        escape(&state.rapport.token(person)?)
    ))
}

/// The address of the sign-in, which leads back to this path.
pub(super) fn sign_in(path: &str) -> String {
    let next: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
    format!("/sign-in?next={next}")
}
