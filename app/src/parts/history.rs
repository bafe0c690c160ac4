//! An older stretch of a conversation, for readers without JavaScript. It is not live.

use super::message_row::MessageRow;
use crate::client::use_client;
use crate::rows::{Rows, lay_out};
use leptos::prelude::*;
use protocol::reducer::Row;
use protocol::{ConversationId, Page};
use std::sync::Arc;

/// The stretch, and the ways on and back.
#[component]
pub(crate) fn History(id: ConversationId, page: Page) -> impl IntoView {
    let client = use_client();
    let earlier = page.messages.first().filter(|_| !page.at_start).map(|message| message.seq);
    let messages: Vec<Row> =
        page.messages.into_iter().map(|message| Row::Message(Arc::new(message))).collect();
    let rows: Memo<Rows> =
        Memo::new(move |_| lay_out(messages.clone(), client.me(), client.zone.get(), None));
    view! {
        <div class="log-frame">
            {earlier.map(|seq| {
                view! {
                    <a class="older stays" href=format!("/c/{id}?before={seq}") rel="external">
                        "Older messages"
                    </a>
                }
            })}
            <div class="log" role="log" aria-label="Messages" tabindex="0">
                <div class="log-inner">
                    <ol class="messages">
                        <For each=move || rows.with(|rows| rows.order.clone()) key=|key| *key let:key>
                            <MessageRow id key rows />
                        </For>
                    </ol>
                </div>
            </div>
            <a class="jump" href=format!("/c/{id}") rel="external">
                "To the latest messages"
            </a>
        </div>
    }
}
