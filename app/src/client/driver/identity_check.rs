//! Identity check. All tabs of a browser share one sign-in, and another tab may change it: then nothing of this tab may
//! be sent any more, because it would be sent in somebody else's name.

use super::Driver;
use crate::client::connection::Event;
use crate::server_fns::submit;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{ConnectionEstablished, ServerFrame};
use std::rc::Rc;

impl Driver {
    /// Whether a frame is for somebody else; if so, the connection stops.
    pub(super) fn is_for_other_person(self: &Rc<Self>, frame: &ServerFrame) -> bool {
        let user = match frame {
            ServerFrame::ConnectionEstablished(ConnectionEstablished { user, .. }) => user,
            ServerFrame::Synced(answer) => &answer.user,
            _ => return false,
        };
        if user.id == self.client.me() {
            return false;
        }
        let _ = self.client.other_person.try_set(user.display_name());
        self.event(Event::OtherPerson);
        true
    }

    /// Whether an answer is for this tab's person.
    pub(super) fn are_ours(self: &Rc<Self>, frames: &[ServerFrame]) -> bool {
        !frames.iter().any(|frame| self.is_for_other_person(frame))
    }

    /// Asks the server whom this browser is signed in as. Without an answer it is asked again when the reader comes back.
    pub(super) fn check_identity(self: &Rc<Self>) {
        let driver = self.clone();
        spawn_local(async move {
            match submit(Some(driver.client.me()), Vec::new()).await {
                Ok(frames) => {
                    if driver.are_ours(&frames) {
                        driver.event(Event::IdentityConfirmed);
                    }
                }
                Err(refused) if refused.is_signed_out() => driver.event(Event::SignedOut),
                Err(_) => {}
            }
        });
    }
}
