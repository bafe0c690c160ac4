//! Confirms what arrived on this device, at most once a second.

use super::driver::Engine;
use leptos::prelude::*;
use protocol::{ClientFrame, ConversationId, MessageId};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

const PAUSE: Duration = Duration::from_secs(1);

/// What was confirmed, and whether a look is due.
#[derive(Default)]
pub(super) struct Deliver {
    told: RefCell<BTreeMap<ConversationId, i64>>,
    due: Cell<bool>,
}

impl Deliver {
    /// Something changed: look within a second.
    pub(super) fn soon(&self, engine: &Rc<Engine>) {
        if self.due.replace(true) {
            return;
        }
        let engine = engine.clone();
        set_timeout(
            move || {
                engine.deliver().due.set(false);
                engine.deliver().look(&engine);
            },
            PAUSE,
        );
    }

    /// The link is lost: whether it was heard is not known.
    pub(super) fn forget(&self) {
        self.told.borrow_mut().clear();
    }

    fn look(&self, engine: &Rc<Engine>) {
        for (conversation, message, seq) in self.arrived(engine) {
            let heard = engine.mention(ClientFrame::MarkDelivered {
                conversation_id: Some(conversation),
                message_id: Some(message),
            });
            if heard {
                self.told.borrow_mut().insert(conversation, seq);
            }
        }
    }

    /// Where somebody else's newest message is past what the server knows to be here.
    fn arrived(&self, engine: &Rc<Engine>) -> Vec<(ConversationId, MessageId, i64)> {
        let told = self.told.borrow();
        let me = engine.client.me();
        engine.client.peek(|state| {
            let rooms = state.rooms.iter();
            rooms
                .filter_map(|(&id, room)| {
                    let last = room.summary.last_message.as_ref().filter(|last| last.sender.id != me)?;
                    let known = room.summary.members.iter().find(|member| member.user.id == me);
                    let known = known.map_or(0, |member| member.delivered_seq);
                    let known = known.max(told.get(&id).copied().unwrap_or(0));
                    (last.seq > known).then_some((id, last.id, last.seq))
                })
                .collect()
        })
    }
}
