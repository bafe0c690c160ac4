//! Whom the server takes this tab for. All tabs of a browser share one sign-in, and another tab may change it: then
//! nothing of ours may go out any more, because somebody else would be saying it.

use super::driver::Engine;
use super::http as request;
use crate::client::connection::Event;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::ServerFrame;
use std::rc::Rc;

impl Engine {
    /// Whether a frame is for somebody else; if so, everything stops.
    pub(super) fn is_somebody_else(self: &Rc<Self>, frame: &ServerFrame) -> bool {
        let user = match frame {
            ServerFrame::ConnectionEstablished(established) => &established.user,
            ServerFrame::Synced(answer) => &answer.user,
            _ => return false,
        };
        if user.id == self.client.me() {
            return false;
        }
        let _ = self.client.somebody_else.try_set(user.display_name());
        self.event(Event::SomebodyElse);
        true
    }

    /// Whether an answer is for us.
    pub(super) fn are_ours(self: &Rc<Self>, frames: &[ServerFrame]) -> bool {
        !frames.iter().any(|frame| self.is_somebody_else(frame))
    }

    /// Asks the server whom it takes us for. Without an answer, it is asked again when somebody looks at the page.
    pub(super) fn ask_who(self: &Rc<Self>) {
        let engine = self.clone();
        spawn_local(async move {
            match request::submit(engine.client.me(), Vec::new()).await {
                Ok(frames) => {
                    if engine.are_ours(&frames) {
                        engine.event(Event::StillOneself);
                    }
                }
                Err(refused) if refused.signed_out() => engine.event(Event::SignedOut),
                Err(_) => {}
            }
        });
    }
}
