//! The leading tab of a person in this browser: the one that holds a Web Lock. When it closes, the lock passes on.

use crate::client::timeout::sleep;
use crate::client::web_locks::{self, Lock, Request};
use leptos::task::spawn_local;
use protocol::UserId;
use std::cell::RefCell;
use std::rc::Rc;

/// Time in which the lock of a tab that closes passes on, in steps: milliseconds of a step, and their number.
const HANDOVER: (u32, u32) = (100, 10);

/// The part that this tab has.
enum Part {
    /// Another tab leads, as far as is known.
    Waiting,
    /// This tab leads for as long as it holds the lock.
    Holding(Lock),
    /// The browser has nothing to agree by: each tab is on its own.
    Alone,
}

/// Whether this tab leads.
pub(super) struct Leader {
    part: Rc<RefCell<Part>>,
    name: String,
}

impl Leader {
    pub(super) fn start(me: UserId) -> Self {
        let leader =
            Self { part: Rc::new(RefCell::new(Part::Waiting)), name: format!("rapport.announcements.{me}") };
        leader.wait();
        leader
    }

    /// Waits for the lock.
    fn wait(&self) {
        let (part, granted) = (self.part.clone(), web_locks::request(&self.name, false));
        spawn_local(async move {
            *part.borrow_mut() = match granted.await {
                Request::Granted(lock) => Part::Holding(lock),
                Request::Busy => Part::Waiting,
                Request::Unsupported => Part::Alone,
            };
        });
    }

    /// Whether this tab leads, or comes to lead because the leader is just closing.
    pub(super) async fn leads_soon(&self) -> bool {
        let (step, steps) = HANDOVER;
        for _ in 0..steps {
            if self.is_leading() {
                return true;
            }
            sleep(step).await;
        }
        self.is_leading()
    }

    fn is_leading(&self) -> bool {
        let is_lost = match &*self.part.borrow() {
            Part::Waiting => return false,
            Part::Alone => return true,
            Part::Holding(lock) => !lock.is_held(),
        };
        if is_lost {
            self.part.replace(Part::Waiting);
            self.wait();
        }
        !is_lost
    }
}
