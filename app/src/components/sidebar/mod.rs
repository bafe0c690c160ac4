//! The sidebar: the list of conversations with its header and footer.

mod conversation_list;
mod footer;
mod header;
mod last_updated;
mod list_item;
mod resize_handle;

use conversation_list::ConversationList;
use footer::SidebarFooter;
use header::SidebarHeader;
use leptos::prelude::*;

/// The sidebar. `jump`: opens the jump dialog.
#[component]
pub(super) fn Sidebar(jump: RwSignal<bool>) -> impl IntoView {
    view! {
        <div class="side">
            <SidebarHeader jump />
            <ConversationList />
            <SidebarFooter />
        </div>
    }
}
