//! Pages of history that an address asks for.

use chat::ChatService;
use protocol::limits::PAGE;
use protocol::{ConversationId, PageAnswer, Person, ServerFrame, Side};

/// Place in a conversation that an address asks for: around a message, before one, or the newest messages.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HistoryPosition {
    /// `?at=`: around the message with this `seq`.
    pub(super) at: Option<i64>,
    /// `?before=`: messages before this `seq`.
    pub(super) before: Option<i64>,
}

/// The pages in the order in which a client would ask for them.
pub(super) async fn pages(
    chat: &ChatService,
    who: &Person,
    id: ConversationId,
    position: HistoryPosition,
) -> Result<Vec<ServerFrame>, chat::Error> {
    let asked = match position {
        HistoryPosition { at: Some(at), .. } => {
            vec![(Side::Before(at.saturating_add(1)), PAGE / 2), (Side::After(at), PAGE / 2)]
        }
        HistoryPosition { before: Some(before), .. } => vec![(Side::Before(before), PAGE)],
        HistoryPosition { .. } => Vec::new(),
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
