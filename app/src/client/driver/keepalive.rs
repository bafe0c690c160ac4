//! Liveness of the socket: a lost network raises no event, so the socket is probed.

use super::Driver;
use crate::client::clock::now_ms;
use crate::client::connection::Event;
use crate::client::status::ConnectionStatus;
use crate::client::timing::{opening_patience, probe_patience};
use protocol::ClientFrame;
use std::cell::Cell;
use std::rc::Rc;

/// A message may wait for its turn on a busy server for longer than a probe.
pub(super) const ANSWER_MS: u32 = 5_000;

/// Times at which the socket was opened, heard and probed.
#[derive(Default)]
pub(super) struct Keepalive {
    heard_at: Cell<u64>,
    began_at: Cell<u64>,
    probed_at: Cell<u64>,
    /// Milliseconds that the last socket took to open.
    took: Cell<u64>,
    /// Attempts since one opened.
    attempts: Cell<u32>,
}

impl Keepalive {
    /// A socket is being opened. Gives the time that it is waited for, in milliseconds.
    pub(super) fn opening(&self) -> u32 {
        self.began_at.set(now_ms());
        self.attempts.set(self.attempts.get() + 1);
        opening_patience(self.took.get(), self.attempts.get())
    }

    /// The socket is open.
    pub(super) fn opened(&self) {
        self.took.set(now_ms().saturating_sub(self.began_at.get()).max(1));
        self.attempts.set(0);
    }

    /// The socket received something.
    pub(super) fn heard(&self) {
        self.heard_at.set(now_ms());
    }
}

impl Driver {
    /// Probes the socket if it has been silent for this long.
    pub(super) fn probe_if_silent(self: &Rc<Self>, silent_ms: u64) {
        if self.silence().is_some_and(|silent| silent > silent_ms) {
            self.event(Event::Woke);
        }
    }

    /// Sends a ping and expects an answer.
    pub(super) fn probe(self: &Rc<Self>) {
        let patience = probe_patience(self.keepalive.took.get());
        let Keepalive { probed_at, heard_at, .. } = &self.keepalive;
        let waiting = probed_at.get() > heard_at.get() && now_ms() < probed_at.get() + u64::from(patience);
        if !waiting {
            probed_at.set(now_ms());
            self.send_by_socket(&ClientFrame::Ping);
            self.expect_answer(patience);
        }
    }

    /// Treats the socket as dead if nothing arrives within this many milliseconds.
    pub(super) fn expect_answer(self: &Rc<Self>, within: u32) {
        let asked = now_ms();
        let generation = self.generation.get();
        self.after(within, move |driver| {
            if driver.generation.get() == generation && driver.keepalive.heard_at.get() < asked {
                driver.event(Event::ProbeFailed);
            }
        });
    }

    /// Milliseconds since the socket received something; `None` without an open socket.
    pub(super) fn silence(&self) -> Option<u64> {
        (self.status() == ConnectionStatus::Connected)
            .then(|| now_ms().saturating_sub(self.keepalive.heard_at.get()))
    }
}
