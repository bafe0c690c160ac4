//! Mapping of topics to 256 channels, so that a person with thousands of conversations needs no more subscriptions.

use crate::bus::Topic;
use crate::lock::lock;
use std::collections::BTreeSet;
use std::sync::Mutex;
use tokio::sync::Notify;

/// The number of channels. The channel of the nodes is an additional one after them.
pub(super) const CHANNELS: u16 = 256;

/// The channel of a topic. Stable across nodes and versions.
pub(super) fn channel(topic: Topic) -> u16 {
    let id = match topic {
        // The same channel, so that the order of a conversation's events is kept.
        Topic::Conversation(id) | Topic::Opened(id) => id.0 << 1,
        Topic::Person(id) | Topic::Presence(id) => id.0 << 1 | 1,
        Topic::Nodes => return CHANNELS,
    };
    let spread = id.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    u16::from(spread.to_be_bytes()[0])
}

/// The number of subscribed topics of each channel.
pub(super) struct Interest {
    counts: Mutex<Vec<u32>>,
    pub(super) changed: Notify,
}

impl Interest {
    pub(super) fn new() -> Self {
        let mut counts = vec![0; usize::from(CHANNELS) + 1];
        // Every node subscribes to the channel of the nodes.
        counts[usize::from(CHANNELS)] = 1;
        Self { counts: Mutex::new(counts), changed: Notify::new() }
    }

    pub(super) fn count(&self, topic: Topic, wanted: bool) {
        let mut counts = lock(&self.counts);
        let Some(count) = counts.get_mut(usize::from(channel(topic))) else { return };
        let before = *count;
        *count = if wanted { before.saturating_add(1) } else { before.saturating_sub(1) };
        if (before == 0) != (*count == 0) {
            self.changed.notify_one();
        }
    }

    /// The channels with at least one topic.
    pub(super) fn wanted(&self) -> BTreeSet<u16> {
        let counts = lock(&self.counts);
        (0..=CHANNELS).filter(|channel| counts[usize::from(*channel)] > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{ConversationId, UserId};

    #[test]
    fn topics_spread_and_keep_their_channel() {
        let mut used = vec![0; usize::from(CHANNELS)];
        for id in 0..25_600 {
            used[usize::from(channel(Topic::Conversation(ConversationId(id))))] += 1;
        }
        assert!(used.iter().all(|count| (50..=150).contains(count)), "{used:?}");
        let of = |topic| channel(topic);
        assert_eq!(of(Topic::Conversation(ConversationId(5))), of(Topic::Opened(ConversationId(5))));
        // Fixed values: other versions of this program use the same.
        assert_eq!([of(Topic::Conversation(ConversationId(1))), of(Topic::Person(UserId(1)))], [60, 218]);
    }

    #[test]
    fn channels_are_counted() {
        let interest = Interest::new();
        let (one, other) = (Topic::Conversation(ConversationId(1)), Topic::Opened(ConversationId(1)));
        interest.count(one, true);
        interest.count(other, true);
        interest.count(one, false);
        assert_eq!(interest.wanted().into_iter().collect::<Vec<_>>(), [channel(one), CHANNELS]);
        interest.count(other, false);
        interest.count(other, false);
        assert_eq!(interest.wanted().into_iter().collect::<Vec<_>>(), [CHANNELS]);
    }
}
