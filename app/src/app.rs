//! The application.

use crate::components::inside;
use crate::markup::Markup;
use crate::routing;
use crate::wires::{effect, find};

/// Everything between `<body>` and `</body>`, with its wires.
pub(crate) fn root() -> Markup {
    routing::begin();
    // Tests and style sheets wait for it: from here on the page answers.
    effect(|| {
        if let Some(html) = find("html") {
            let _ = html.set_attribute("data-hydrated", "");
        }
    });
    inside()
}
