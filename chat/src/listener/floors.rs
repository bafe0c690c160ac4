//! Up to where a client has its conversations from what it was told first; frames up to there are not told again.

use crate::bus::{Push, Topic};
use protocol::ConversationId;
use std::collections::HashMap;

/// None as soon as everything that comes is new to the client, which is nearly always: then it takes no room.
#[derive(Default)]
pub(super) struct Floors(Option<Box<Known>>);

#[derive(Default)]
struct Known {
    of: HashMap<ConversationId, i64>,
    /// After so many more pushes only these can still be in question.
    after: usize,
    then: Option<HashMap<ConversationId, i64>>,
}

impl Floors {
    /// These alone can be in question.
    pub(super) fn new(of: HashMap<ConversationId, i64>) -> Self {
        Self::put(Known { of, after: 0, then: None })
    }

    /// First all of these, and after so many pushes only `then`.
    pub(super) fn narrowed(
        of: HashMap<ConversationId, i64>,
        after: usize,
        then: HashMap<ConversationId, i64>,
    ) -> Self {
        Self::put(Known { of, after, then: Some(then) })
    }

    fn put(known: Known) -> Self {
        Self((!known.is_past()).then(|| Box::new(known)))
    }

    /// Whether this one is new to the client.
    pub(super) fn passes(&mut self, push: &Push) -> bool {
        let Some(known) = &mut self.0 else { return true };
        let passes = known.passes(push);
        self.let_go();
        passes
    }

    /// Whether everything that comes is new to the client.
    pub(super) fn is_past(&self) -> bool {
        self.0.is_none()
    }

    /// The client has the conversation up to there.
    pub(super) fn set(&mut self, id: ConversationId, floor: i64) {
        let known = self.0.get_or_insert_default();
        known.of.insert(id, floor);
        if let Some(then) = &mut known.then {
            then.insert(id, floor);
        }
    }

    /// The conversation is gone.
    pub(super) fn remove(&mut self, id: ConversationId) {
        if let Some(known) = &mut self.0 {
            known.of.remove(&id);
            self.let_go();
        }
    }

    fn let_go(&mut self) {
        if self.0.as_ref().is_some_and(|known| known.is_past()) {
            self.0 = None;
        }
    }
}

impl Known {
    fn passes(&mut self, push: &Push) -> bool {
        if let Some(then) = if self.after == 0 { self.then.take() } else { None } {
            self.of = then;
        }
        self.after = self.after.saturating_sub(1);
        match (push.topic, push.rev) {
            (Topic::Conversation(id), Some(rev)) => match self.of.get(&id) {
                Some(floor) if rev <= *floor => false,
                // They come in order.
                Some(_) => self.of.remove(&id).is_some(),
                None => true,
            },
            _ => true,
        }
    }

    fn is_past(&self) -> bool {
        self.after == 0 && self.then.as_ref().unwrap_or(&self.of).is_empty()
    }
}
