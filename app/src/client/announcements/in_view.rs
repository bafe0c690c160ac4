//! Whether a conversation is on screen, in this tab or in another one of the browser: the leading tab asks the others.

use crate::client::timeout::sleep;
use crate::routing::Location;
use leptos::prelude::*;
use protocol::{ConversationId, UserId};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

/// Time in which the other tabs answer, in milliseconds.
const ANSWER_MS: u32 = 120;

// Messages between tabs: the id of a conversation behind one of these.

/// Asks whether the conversation is on screen.
const ASKED: char = '?';
/// It is on screen.
const SEEN: char = '!';

/// The channel between the tabs.
pub(super) struct InView {
    location: Location,
    channel: Option<BroadcastChannel>,
    /// The conversations that another tab answered for since they were asked for.
    seen: Rc<RefCell<Vec<ConversationId>>>,
}

impl InView {
    pub(super) fn start(me: UserId, location: Location) -> Self {
        let channel = BroadcastChannel::new(&format!("rapport.view.{me}")).ok();
        let seen = Rc::new(RefCell::new(Vec::new()));
        if let Some(channel) = &channel {
            let (answers, found) = (channel.clone(), seen.clone());
            let on_message = move |event: MessageEvent| {
                let text = event.data().as_string().unwrap_or_default();
                let Some((what, id)) = text.chars().next().zip(text.get(1..)) else { return };
                let Ok(id) = id.parse() else { return };
                if what == SEEN {
                    found.borrow_mut().push(id);
                } else if what == ASKED && is_here(location, id) {
                    let _ = answers.post_message(&format!("{SEEN}{id}").into());
                }
            };
            let on_message = Closure::<dyn FnMut(MessageEvent)>::new(on_message).into_js_value();
            channel.set_onmessage(Some(on_message.unchecked_ref()));
        }
        Self { location, channel, seen }
    }

    /// Whether the conversation is on screen in this tab.
    pub(super) fn is_here(&self, id: ConversationId) -> bool {
        is_here(self.location, id)
    }

    /// Whether the conversation is on screen in another tab.
    pub(super) async fn is_elsewhere(&self, id: ConversationId) -> bool {
        let Some(channel) = &self.channel else { return false };
        self.seen.borrow_mut().retain(|seen| *seen != id);
        let _ = channel.post_message(&format!("{ASKED}{id}").into());
        sleep(ANSWER_MS).await;
        self.seen.borrow().contains(&id)
    }
}

fn is_here(location: Location, id: ConversationId) -> bool {
    !document().hidden()
        && location.route.try_get_untracked().and_then(|route| route.conversation()) == Some(id)
}
