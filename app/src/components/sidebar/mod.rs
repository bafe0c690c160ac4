//! The sidebar: the list of conversations with its header and footer.

mod conversation_list;
mod filter_bar;
mod footer;
mod header;
mod kind_filter;
mod last_updated;
mod list_item;
mod part_address;
mod resize_handle;
mod row_menu;

use conversation_list::ConversationList;
use filter_bar::FilterBar;
use footer::SidebarFooter;
use header::SidebarHeader;
use leptos::prelude::*;
use row_menu::{Chosen, RowMenu};

/// The sidebar. `jump`: opens the jump dialog.
#[component]
pub(super) fn Sidebar(jump: RwSignal<bool>) -> impl IntoView {
    let words = RwSignal::new(String::new());
    provide_context(Chosen(RwSignal::new(None)));
    view! {
        <div class="side">
            <SidebarHeader jump />
            <div class="list-pane">
                <FilterBar words />
                <ConversationList words />
                <RowMenu />
            </div>
            <SidebarFooter />
        </div>
    }
}
