//! Whether the socket is alive: a pulled cable says nothing by itself, so it is asked.

use super::driver::Engine;
use super::now_ms;
use crate::client::backoff::{opening_patience, probe_patience};
use crate::client::connection::Event;
use crate::client::status::LinkState;
use protocol::ClientFrame;
use std::cell::Cell;
use std::rc::Rc;

/// A message may wait for its turn on a busy server for longer than a probe.
pub(super) const ANSWER_MS: u32 = 5_000;

/// When the socket was heard.
#[derive(Default)]
pub(super) struct Pulse {
    heard_at: Cell<u64>,
    began_at: Cell<u64>,
    probed_at: Cell<u64>,
    /// How long the last socket took to open.
    opening: Cell<u64>,
    /// So many attempts since one opened.
    attempts: Cell<u32>,
}

impl Pulse {
    /// A socket is being opened. Gives how long it is waited for, in milliseconds.
    pub(super) fn begins(&self) -> u32 {
        self.began_at.set(now_ms());
        self.attempts.set(self.attempts.get() + 1);
        opening_patience(self.opening.get(), self.attempts.get())
    }

    /// It is open.
    pub(super) fn opened(&self) {
        self.opening.set(now_ms().saturating_sub(self.began_at.get()).max(1));
        self.attempts.set(0);
    }

    /// It said something.
    pub(super) fn heard(&self) {
        self.heard_at.set(now_ms());
    }
}

impl Engine {
    /// Somebody wants to know whether the line is there: a socket silent for so long is asked.
    pub(super) fn wonder(self: &Rc<Self>, silent_ms: u64) {
        if self.silence().is_some_and(|silent| silent > silent_ms) {
            self.event(Event::Woke);
        }
    }

    /// Asks for a sign of life.
    pub(super) fn probe(self: &Rc<Self>) {
        let patience = probe_patience(self.pulse.opening.get());
        let Pulse { probed_at, heard_at, .. } = &self.pulse;
        let waiting = probed_at.get() > heard_at.get() && now_ms() < probed_at.get() + u64::from(patience);
        if !waiting {
            probed_at.set(now_ms());
            self.by_socket(&ClientFrame::Ping);
            self.expect_answer(patience);
        }
    }

    /// A socket that says nothing for so long after it was spoken to is dead, whatever it pretends.
    pub(super) fn expect_answer(self: &Rc<Self>, within: u32) {
        let asked = now_ms();
        let generation = self.generation.get();
        self.later(within, move |engine| {
            if engine.generation.get() == generation && engine.pulse.heard_at.get() < asked {
                engine.event(Event::ProbeFailed);
            }
        });
    }

    /// For how long nothing was heard over the socket, in milliseconds; `None` without one.
    pub(super) fn silence(&self) -> Option<u64> {
        (self.state() == LinkState::Connected).then(|| now_ms().saturating_sub(self.pulse.heard_at.get()))
    }
}
