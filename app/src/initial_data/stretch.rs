//! The stretch of a conversation that an address asks for.

use chat::Chat;
use protocol::limits::PAGE;
use protocol::{ConversationId, PageAnswer, Person, ServerFrame, Side};

/// Which one: around a message, before one, or the newest.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stretch {
    /// Around the message at this `seq`.
    pub(super) at: Option<i64>,
    /// Before this one.
    pub(super) before: Option<i64>,
}

/// Its pages, as a reader would have asked for them.
pub(super) async fn pages(
    chat: &Chat,
    who: &Person,
    id: ConversationId,
    stretch: Stretch,
) -> Result<Vec<ServerFrame>, chat::Error> {
    let asked = match stretch {
        Stretch { at: Some(at), .. } => {
            vec![(Side::Before(at.saturating_add(1)), PAGE / 2), (Side::After(at), PAGE / 2)]
        }
        Stretch { before: Some(before), .. } => vec![(Side::Before(before), PAGE)],
        Stretch { .. } => Vec::new(),
    };
    let mut pages = Vec::with_capacity(asked.len());
    for (side, limit) in asked {
        let page = match side {
            Side::Before(before) => chat.page(who, id, Some(before), limit).await?,
            Side::After(after) => chat.page_after(who, id, after, limit).await?,
        };
        let (before, after) = side.parts();
        pages.push(ServerFrame::Page(PageAnswer { conversation_id: id, before, after, page }));
    }
    Ok(pages)
}
