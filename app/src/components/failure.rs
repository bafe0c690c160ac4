//! What went wrong with the last form.

use crate::client::Client;
use crate::markup::{Markup, markup};

/// Said by the first page that is shown after the form, once.
pub(crate) fn failure(client: Client) -> Option<Markup> {
    client.take_failure().map(|words| markup!("<p class='notice bad' role='alert'>~</p>", words))
}
