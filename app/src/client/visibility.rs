//! Whether the reader is in front of the page, decided without a clock of its own: away as soon as the page is hidden,
//! or after five minutes without input.

use protocol::limits::AWAY_AFTER_MS as AWAY_MS;
use wasm_bindgen::JsCast as _;

/// Whether this `pageshow` event brings a page back from the browser's back/forward cache.
pub(super) fn is_from_cache(event: &web_sys::Event) -> bool {
    event.dyn_ref::<web_sys::PageTransitionEvent>().is_some_and(web_sys::PageTransitionEvent::persisted)
}

/// Visibility of the page, last input, and the status that the server was told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visibility {
    hidden: bool,
    input_at: u64,
    told_away: bool,
}

impl Visibility {
    /// State of a new page: its reader is there.
    pub(crate) fn begin(now: u64, hidden: bool) -> Self {
        Self { hidden, input_at: now, told_away: false }
    }

    /// Whether nobody is in front of the page.
    pub(crate) fn is_away(&self, now: u64) -> bool {
        self.hidden || now.saturating_sub(self.input_at) >= AWAY_MS
    }

    /// Takes an input: a key, a pointer, a wheel.
    pub(crate) fn input(&mut self, now: u64) {
        self.input_at = now;
    }

    /// Takes a change of the page's visibility.
    pub(crate) fn hidden(&mut self, hidden: bool, now: u64) {
        self.hidden = hidden;
        self.input_at = now;
    }

    /// Status to tell the server, if it changed: `Some(true)` for away.
    pub(crate) fn changed(&mut self, now: u64) -> Option<bool> {
        let away = self.is_away(now);
        (away != self.told_away).then(|| {
            self.told_away = away;
            away
        })
    }

    /// Takes a new connection, which the server assumes to be watched. All polling tabs are one connection to it: there a
    /// hidden tab says nothing, and a visible one says that it is.
    pub(crate) fn reconnected(&mut self, polling: bool) {
        self.told_away = polling;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p1_away_as_soon_as_hidden_and_back_when_shown() {
        let mut reader = Visibility::begin(0, false);
        assert_eq!(reader.changed(1), None, "the server believes so already");
        reader.hidden(true, 2);
        assert_eq!(reader.changed(2), Some(true));
        assert_eq!(reader.changed(3), None, "told once");
        reader.hidden(false, 10 * AWAY_MS);
        assert_eq!(reader.changed(10 * AWAY_MS), Some(false));
    }

    #[test]
    fn p1_away_after_five_minutes_without_input() {
        let mut reader = Visibility::begin(0, false);
        reader.input(1_000);
        assert_eq!(reader.changed(AWAY_MS + 999), None);
        assert_eq!(reader.changed(AWAY_MS + 1_000), Some(true));
        reader.input(AWAY_MS + 2_000);
        assert_eq!(reader.changed(AWAY_MS + 2_000), Some(false));
    }

    #[test]
    fn p1_a_new_connection_is_told_what_it_cannot_know() {
        let mut reader = Visibility::begin(0, true);
        assert_eq!(reader.changed(0), Some(true));
        reader.reconnected(false);
        assert_eq!(reader.changed(0), Some(true), "a socket of its own");
        reader.reconnected(true);
        assert_eq!(reader.changed(0), None, "the poll of all tabs: a hidden one has no say");
        reader.hidden(false, 1);
        assert_eq!(reader.changed(1), Some(false));
        reader.reconnected(true);
        assert_eq!(reader.changed(1), Some(false));
    }
}
