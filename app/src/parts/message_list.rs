//! The log of a conversation: follows the newest message, loads older ones, marks what is seen.

use super::message_row::MessageRow;
use super::scroll::{at_bottom, hold_anchor, near_top, newest_visible, take_anchor, to_bottom};
use super::{count, reading};
use crate::client::use_client;
use crate::rows::{Rows, lay_out};
use leptos::html;
use leptos::prelude::*;
use protocol::ConversationId;
use protocol::reducer::Row;

/// The log, and what stands around it.
#[component]
pub(crate) fn MessageList(
    id: ConversationId,
    /// Counts own sends: each brings the log to its end.
    sent: RwSignal<u32>,
) -> impl IntoView {
    let client = use_client();
    let me = client.me();
    let (unread, read_seq) = client
        .peek(|state| state.rooms.get(&id).map(|room| (room.summary.unread, room.summary.read_seq)))
        .unwrap_or_default();
    // Where the "N new" line stands: past what was read when the reader came, or looked away.
    let divider = RwSignal::new((unread > 0).then_some(read_seq));
    let rows: Memo<Rows> = Memo::new(move |_| {
        let rows = client.read(|state| state.rows(id));
        lay_out(rows, me, client.zone.get(), divider.get())
    });
    let loaded = Memo::new(move |_| client.room(id, |room| room.timeline.is_some()).unwrap_or(false));
    let oldest = Memo::new(move |_| {
        client
            .room(id, |room| {
                let shown = room.timeline.as_ref()?.shown();
                shown.messages.keys().next().copied().filter(|_| !shown.at_start)
            })
            .flatten()
    });
    let newest = Memo::new(move |_| {
        client.room(id, |room| {
            room.timeline.as_ref().and_then(|timeline| timeline.latest.messages.keys().next_back().copied())
        })
    });

    let log = NodeRef::<html::Div>::new();
    // The newest message when the reader left the end; `None` while there.
    let left_at = RwSignal::new(None::<i64>);
    let told = StoredValue::new(0_i64);
    let look_due = StoredValue::new(false);

    // Looks at the screen as it is, once a frame at most.
    let look = move || {
        if look_due.try_get_value() != Some(false) {
            return;
        }
        look_due.set_value(true);
        request_animation_frame(move || {
            if look_due.try_set_value(false).is_some() {
                return; // The log is gone.
            }
            let Some(log) = log.try_get_untracked().flatten() else { return };
            if !at_bottom(&log) {
                take_anchor(&log);
                if left_at.get_untracked().is_none() {
                    left_at.set(Some(newest.get_untracked().flatten().unwrap_or(0)));
                }
            } else if left_at.get_untracked().is_some() {
                left_at.set(None);
            }
            if near_top(&log) && oldest.get_untracked().is_some() {
                client.load_older(id);
            }
            if reading::watched()
                && let Some(visible) = newest_visible(&log)
                && let Some((message, seq)) = reading::to_mark(client, id, visible, told.get_value())
            {
                told.set_value(seq);
                client.mark_read(id, message);
            }
        });
    };

    // The rows changed: hold the reader's place, then look.
    Effect::new(move || {
        rows.track();
        request_animation_frame(move || {
            if let Some(log) = log.try_get_untracked().flatten()
                && left_at.get_untracked().is_some()
            {
                hold_anchor(&log);
            }
            look();
        });
    });
    // A link that was lost may have lost what was marked.
    Effect::new(move || {
        client.link.track();
        told.set_value(0);
        look();
    });
    Effect::new(move |before: Option<u32>| {
        let times = sent.get();
        if before.is_some_and(|before| before != times) {
            divider.set(None);
            left_at.set(None);
            if let Some(log) = log.get_untracked() {
                to_bottom(&log);
            }
        }
        times
    });
    Effect::new(move || {
        let away = move || {
            if !reading::watched() {
                let read = client.peek(|state| {
                    let summary = state.rooms.get(&id).map(|room| &room.summary);
                    summary.filter(|summary| summary.unread == 0).map(|summary| summary.read_seq)
                });
                if read.is_some() {
                    divider.set(read);
                }
            }
            look();
        };
        let handles = ["focus", "blur", "visibilitychange", "resize"]
            .map(|name| window_event_listener_untyped(name, move |_| away()));
        on_cleanup(move || handles.into_iter().for_each(|handle| handle.remove()));
    });

    let missed = Memo::new(move |_| {
        let after = left_at.get()?;
        let missed = client.read(|state| {
            let theirs = |row: &Row| matches!(row, Row::Message(message) if message.seq > after && message.sender.id != me);
            state.rows(id).iter().filter(|row| theirs(row)).count()
        });
        Some(u32::try_from(missed).unwrap_or(u32::MAX))
    });

    view! {
        <div class="log-frame">
            {move || {
                oldest.get().map(|seq| {
                    view! {
                        <a class="older" href=format!("/c/{id}?before={seq}") rel="external">
                            "Older messages"
                        </a>
                    }
                })
            }}
            <div class="log" role="log" aria-label="Messages" tabindex="0" node_ref=log on:scroll=move |_| look()>
                <div class="log-inner">
                    <Show when=move || !loaded.get()>
                        <p class="loading">"Loading…"</p>
                    </Show>
                    <Show when=move || loaded.get() && rows.with(|rows| rows.order.is_empty())>
                        <p class="quiet empty">"Nothing said yet. Write the first message."</p>
                    </Show>
                    <ol class="messages">
                        <For each=move || rows.with(|rows| rows.order.clone()) key=|key| *key let:key>
                            <MessageRow id key rows />
                        </For>
                    </ol>
                </div>
            </div>
            <Show when=move || missed.get().is_some()>
                <button
                    class="jump"
                    r#type="button"
                    on:click=move |_| {
                        if let Some(log) = log.get_untracked() {
                            to_bottom(&log);
                        }
                    }
                >
                    "Jump to latest"
                    {move || missed.get().filter(|&missed| missed > 0).map(|missed| format!(" ({})", count(missed)))}
                </button>
            </Show>
        </div>
    }
}
