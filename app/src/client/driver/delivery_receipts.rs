//! Delivery receipts: confirms the messages that arrived on this device, at most once a second.

use super::Driver;
use leptos::prelude::*;
use litemap::LiteMap;
use protocol::{ClientFrame, ConversationId, MessageId};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

const PAUSE: Duration = Duration::from_secs(1);

/// Confirmed `seq` by conversation, and whether a check is due.
#[derive(Default)]
pub(super) struct DeliveryReceipts {
    confirmed: RefCell<LiteMap<ConversationId, i64>>,
    due: Cell<bool>,
}

impl DeliveryReceipts {
    /// Schedules a check within a second, after frames arrived.
    pub(super) fn schedule(&self, driver: &Rc<Driver>) {
        if self.due.replace(true) {
            return;
        }
        let driver = driver.clone();
        set_timeout(
            move || {
                driver.delivery.due.set(false);
                driver.delivery.confirm(&driver);
            },
            PAUSE,
        );
    }

    /// Forgets confirmations, which a lost transport may have lost.
    pub(super) fn forget(&self) {
        self.confirmed.borrow_mut().clear();
    }

    fn confirm(&self, driver: &Rc<Driver>) {
        for (conversation, message, seq) in self.arrived(driver) {
            let sent = driver.may_send(ClientFrame::MarkDelivered {
                conversation_id: Some(conversation),
                message_id: Some(message),
            });
            if sent {
                self.confirmed.borrow_mut().insert(conversation, seq);
            }
        }
    }

    /// Conversations whose newest message of somebody else is past what the server knows to be delivered.
    fn arrived(&self, driver: &Rc<Driver>) -> Vec<(ConversationId, MessageId, i64)> {
        let confirmed = self.confirmed.borrow();
        let me = driver.client.me();
        driver.client.peek(|state| {
            let rooms = state.rooms.iter();
            rooms
                .filter_map(|(&id, room)| {
                    let last = room.summary.last_message.as_ref().filter(|last| last.sender.id != me)?;
                    let known = room.summary.members.iter().find(|member| member.user.id == me);
                    let known = known.map_or(0, |member| member.delivered_seq);
                    let known = known.max(confirmed.get(&id).copied().unwrap_or(0));
                    (last.seq > known).then_some((id, last.id, last.seq))
                })
                .collect()
        })
    }
}
