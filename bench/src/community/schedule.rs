//! The times of the messages: bursts within the life of each conversation, mostly by day.

use super::BEGIN;
use super::conversations::Conversation;
use protocol::Timestamp;
use rand::Rng as _;
use rand::distr::Distribution as _;
use rand::distr::weighted::WeightedIndex;
use rand::rngs::StdRng;

/// Number of days until the last messages.
const DAYS: i64 = 1_096;
const DAY: i64 = 86_400;
/// Number of messages of a burst, on average.
const BURST: usize = 9;

/// How many messages are written in each hour of the day.
const HOURS: [u32; 24] =
    [3, 2, 1, 1, 1, 2, 4, 8, 12, 13, 12, 11, 12, 12, 11, 11, 12, 13, 14, 16, 17, 15, 10, 6];

/// The place of a message.
pub(super) struct Event {
    pub(super) at: Timestamp,
    /// Index of the conversation.
    pub(super) conversation: usize,
}

/// Draws the times of all messages, in order, and sets the beginnings of the conversations.
pub(super) fn events(random: &mut StdRng, conversations: &mut [Conversation]) -> Vec<Event> {
    // The weights are a constant.
    let hours = WeightedIndex::new(HOURS).expect("positive weights");
    let mut events = Vec::new();
    for (number, conversation) in conversations.iter_mut().enumerate() {
        // Most conversations are young, or have lived for long.
        let first = (random.random::<f64>().powf(0.6) * (DAYS - 1) as f64) as i64;
        let last = first + (random.random::<f64>().powf(0.5) * (DAYS - first) as f64) as i64;
        let bursts: Vec<i64> = (0..conversation.messages / BURST + 1)
            .map(|_| {
                let day = random.random_range(first..=last);
                let hour = i64::try_from(hours.sample(random)).unwrap_or_default();
                (day * DAY) + hour * 3_600 + random.random_range(0..3_600)
            })
            .collect();
        let mut times: Vec<i64> = (0..conversation.messages)
            .map(|_| {
                let burst = bursts[random.random_range(0..bursts.len())];
                let offset = -(1.0 - random.random::<f64>()).ln() * 240.0;
                BEGIN.0 + burst * 1_000_000 + (offset * 1_000_000.0) as i64
            })
            .collect();
        times.sort_unstable();
        conversation.begins = Timestamp(times.first().copied().unwrap_or(BEGIN.0));
        events.extend(times.into_iter().map(|at| Event { at: Timestamp(at), conversation: number }));
    }
    events.sort_by_key(|event| (event.at, event.conversation));
    events
}
