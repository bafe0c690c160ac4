//! How far an own message is.

use leptos::prelude::*;
use protocol::reducer::Receipt;

/// A row's state, as styles and tests know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Somebody else's message.
    Theirs,
    /// On its way.
    Pending,
    /// Refused.
    Failed,
    /// The server has it.
    At(Receipt),
}

impl Progress {
    /// For `data-state`.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::Theirs => None,
            Self::Pending => Some("pending"),
            Self::Failed => Some("failed"),
            Self::At(Receipt::Sent) => Some("sent"),
            Self::At(Receipt::Delivered) => Some("delivered"),
            Self::At(Receipt::Read) => Some("read"),
        }
    }

    fn sign(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Theirs => None,
            Self::Pending => Some(("◷", "Sending")),
            Self::Failed => Some(("!", "Not sent")),
            Self::At(Receipt::Sent) => Some(("✓", "Sent")),
            Self::At(Receipt::Delivered) => Some(("✓✓", "Delivered")),
            Self::At(Receipt::Read) => Some(("✓✓", "Read")),
        }
    }
}

/// Clock, tick, two ticks, two coloured ticks.
#[component]
pub(crate) fn Ticks(progress: Memo<Progress>) -> impl IntoView {
    move || {
        progress.get().sign().map(|(sign, words)| {
            view! {
                <span class="ticks" role="img" aria-label=words title=words>
                    {sign}
                </span>
            }
        })
    }
}
