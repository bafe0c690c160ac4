//! Whether somebody is in front of the page, decided without a clock of its own: away as soon as it is hidden, or after
//! five minutes without input.

/// So long without input somebody is away, in milliseconds.
const AWAY_MS: u64 = 5 * 60 * 1_000;

/// What is known of the reader, and what the server was told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attention {
    hidden: bool,
    input_at: u64,
    told_away: bool,
}

impl Attention {
    /// A page that begins; who opens it is there.
    pub(crate) fn begin(now: u64, hidden: bool) -> Self {
        Self { hidden, input_at: now, told_away: false }
    }

    /// Nobody is in front of the page.
    pub(crate) fn is_away(&self, now: u64) -> bool {
        self.hidden || now.saturating_sub(self.input_at) >= AWAY_MS
    }

    /// A key, a pointer, a wheel.
    pub(crate) fn input(&mut self, now: u64) {
        self.input_at = now;
    }

    /// The page is covered, or shown.
    pub(crate) fn hidden(&mut self, hidden: bool, now: u64) {
        self.hidden = hidden;
        self.input_at = now;
    }

    /// What there is to tell: `Some(true)` for away.
    pub(crate) fn news(&mut self, now: u64) -> Option<bool> {
        let away = self.is_away(now);
        (away != self.told_away).then(|| {
            self.told_away = away;
            away
        })
    }

    /// A new connection: the server believes the reader to be there. All tabs that poll are one reader to it, so there a
    /// tab that nobody looks at says nothing, and one that is looked at says so.
    pub(crate) fn anew(&mut self, polling: bool) {
        self.told_away = polling;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p1_away_as_soon_as_hidden_and_back_when_shown() {
        let mut reader = Attention::begin(0, false);
        assert_eq!(reader.news(1), None, "the server believes so already");
        reader.hidden(true, 2);
        assert_eq!(reader.news(2), Some(true));
        assert_eq!(reader.news(3), None, "told once");
        reader.hidden(false, 10 * AWAY_MS);
        assert_eq!(reader.news(10 * AWAY_MS), Some(false));
    }

    #[test]
    fn p1_away_after_five_minutes_without_input() {
        let mut reader = Attention::begin(0, false);
        reader.input(1_000);
        assert_eq!(reader.news(AWAY_MS + 999), None);
        assert_eq!(reader.news(AWAY_MS + 1_000), Some(true));
        reader.input(AWAY_MS + 2_000);
        assert_eq!(reader.news(AWAY_MS + 2_000), Some(false));
    }

    #[test]
    fn p1_a_new_connection_is_told_what_it_cannot_know() {
        let mut reader = Attention::begin(0, true);
        assert_eq!(reader.news(0), Some(true));
        reader.anew(false);
        assert_eq!(reader.news(0), Some(true), "a socket of its own");
        reader.anew(true);
        assert_eq!(reader.news(0), None, "the poll of all tabs: a hidden one has no say");
        reader.hidden(false, 1);
        assert_eq!(reader.news(1), Some(false));
        reader.anew(true);
        assert_eq!(reader.news(1), Some(false));
    }
}
