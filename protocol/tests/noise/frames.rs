//! Random frames from a seed, most of them nearly valid, such as no correct client sends.

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng, rngs::StdRng};

/// Good frames, to be spoilt.
const GOOD: [&str; 19] = [
    r#"{"type":"chat_message","content":"Hello world"}"#,
    r#"{"type":"chat_message","conversation_id":1,"content":"Hé, \"wörld\" \ud83d\ude00","client_id":"01890a5d-ac96-774b-bcce-b302099a8057","reply_to":3}"#,
    r#"{"type":"typing","is_typing":true}"#,
    r#"{"type":"typing","conversation_id":1,"is_typing":false}"#,
    r#"{"type":"mark_read"}"#,
    r#"{"type":"mark_read","conversation_id":1,"message_id":2}"#,
    r#"{"type":"mark_delivered","message_id":2}"#,
    r#"{"type":"delete_message","message_id":123}"#,
    r#"{"type":"delete_message","message_id":1,"for":"everyone"}"#,
    r#"{"type":"sync","user_rev":3,"list":true,"open":{"1":12,"2":0}}"#,
    r#"{"type":"changes","conversation_id":1,"after":5}"#,
    r#"{"type":"restore_message","message_id":5}"#,
    r#"{"type":"list","filter":"unread"}"#,
    r#"{"type":"update_membership","conversation_id":1,"muted_until":"9999-12-31T23:59:59Z","pinned":1,"draft":"x"}"#,
    r#"{"type":"update_membership","archived":true,"unread":true,"pinned":null}"#,
    r#"{"type":"page","before":100}"#,
    r#"{"type":"page","after":100}"#,
    r#"{"type":"ping"}"#,
    r#"{"type":"pong"}"#,
];

/// Pieces that have broken readers before.
const ODD: [&str; 34] = [
    "null",
    "true",
    "0",
    "-1",
    "-0",
    "1e999",
    "-1e-999",
    "1.5",
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "99999999999999999999",
    "NaN",
    "[]",
    "{}",
    "[[[[",
    "}}}}",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"__proto__\"",
    "\"type\":\"ping\",",
    "\\",
    "\"",
    ",",
    ":",
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
    "\u{1f469}\u{200d}\u{1f680}",
    "e\u{301}\u{301}\u{301}",
    "01890a5d-ac96-774b-bcce-b302099a8057",
];

const KEYS: [&str; 12] = [
    "type",
    "content",
    "client_id",
    "conversation_id",
    "message_id",
    "is_typing",
    "for",
    "user_rev",
    "open",
    "after",
    "before",
    "reply_to",
];

/// An endless supply; the same seed gives the same frames.
pub(crate) struct Noise {
    rng: StdRng,
}

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self { rng: StdRng::seed_from_u64(seed) }
    }

    /// A number below this.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.rng.random_range(0..bound)
    }

    /// A text.
    pub(crate) fn text(&mut self) -> String {
        match self.below(1_000) {
            0 => "[".repeat(self.below(60_000)),
            1 => format!(
                "{{\"type\":\"chat_message\",\"content\":\"{}\"}}",
                "\\u0041".repeat(self.below(10_000))
            ),
            2..=99 => self.scribble(),
            100..=299 => self.made_up(),
            _ => self.spoilt(),
        }
    }

    /// A good frame after a few accidents; at times none.
    fn spoilt(&mut self) -> String {
        let mut frame: Vec<char> = self.pick(&GOOD).chars().collect();
        for _ in 0..self.below(4) {
            self.spoil(&mut frame);
        }
        frame.into_iter().collect()
    }

    fn spoil(&mut self, frame: &mut Vec<char>) {
        let (from, to) = {
            let (a, b) = (self.below(frame.len() + 1), self.below(frame.len() + 1));
            (a.min(b), a.max(b).min(a.min(b) + 12))
        };
        let put: Vec<char> = match self.below(7) {
            // Cut out.
            0 => Vec::new(),
            // Doubled.
            1 => frame[from..to].repeat(2),
            // A part of another one.
            2 => {
                let other: Vec<char> = self.pick(&GOOD).chars().collect();
                other[self.below(other.len())..].to_vec()
            }
            // Another character.
            3 => vec![self.rng.random::<char>()],
            4 => vec![char::from(self.rng.random_range(b' '..=b'~'))],
            // What stands after a colon is another value.
            5 => {
                let colons: Vec<usize> = (0..frame.len()).filter(|&at| frame[at] == ':').collect();
                let Some(&colon) = colons.choose(&mut self.rng) else { return };
                let end =
                    (colon..frame.len()).find(|&at| matches!(frame[at], ',' | '}')).unwrap_or(frame.len());
                let value: Vec<char> = self.pick(&ODD).chars().collect();
                frame.splice(colon + 1..end.max(colon + 1), value);
                return;
            }
            _ => self.pick(&ODD).chars().collect(),
        };
        frame.splice(from..to, put);
    }

    /// JSON of the right words in the wrong places.
    fn made_up(&mut self) -> String {
        let mut out = String::from("{");
        if self.below(4) > 0 {
            let name = self.pick(&GOOD).split('"').nth(3).unwrap_or_default();
            out.push_str(&format!("\"type\":\"{name}\""));
        }
        for _ in 0..self.below(5) {
            if out.len() > 1 {
                out.push(',');
            }
            let key = self.pick(&KEYS);
            out.push_str(&format!("\"{key}\":"));
            self.value(&mut out, 0);
        }
        out.push('}');
        out
    }

    fn value(&mut self, out: &mut String, depth: usize) {
        match self.below(if depth < 6 { 8 } else { 5 }) {
            0 => out.push_str(&self.rng.random::<i64>().to_string()),
            1 => out.push_str(&self.rng.random::<f64>().to_string()),
            2 => out.push_str(if self.rng.random() { "true" } else { "null" }),
            3 => out.push_str(&format!("{:?}", self.pick(&KEYS))),
            4 => out.push_str(&self.below(9).to_string()),
            5 | 6 => {
                out.push('[');
                for n in 0..self.below(4) {
                    if n > 0 {
                        out.push(',');
                    }
                    self.value(out, depth + 1);
                }
                out.push(']');
            }
            _ => {
                out.push('{');
                for n in 0..self.below(4) {
                    if n > 0 {
                        out.push(',');
                    }
                    out.push_str(&format!("\"{}\":", self.below(9)));
                    self.value(out, depth + 1);
                }
                out.push('}');
            }
        }
    }

    /// Characters of all kinds.
    fn scribble(&mut self) -> String {
        let mut out = String::new();
        for _ in 0..self.below(40) {
            match self.below(3) {
                0 => out.push(self.rng.random::<char>()),
                1 => out.push(char::from(self.rng.random_range(b' '..=b'~'))),
                _ => out.push_str(self.pick(&ODD)),
            }
        }
        out
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from.choose(&mut self.rng).copied().unwrap_or_default()
    }
}
