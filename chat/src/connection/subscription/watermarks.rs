//! High-water marks of the initial snapshot; frames at or below them are dropped.

use crate::bus::{Push, Topic};
use protocol::ConversationId;
use std::collections::HashMap;

/// `None` once all marks are passed, which is the usual state and needs no memory.
#[derive(Default)]
pub(super) struct Watermarks(Option<Box<Marks>>);

#[derive(Default)]
struct Marks {
    by_conversation: HashMap<ConversationId, i64>,
    /// After this many further pushes, `then` replaces the marks.
    after: usize,
    then: Option<HashMap<ConversationId, i64>>,
}

impl Watermarks {
    /// Marks for conversations of which frames can still arrive.
    pub(super) fn new(by_conversation: HashMap<ConversationId, i64>) -> Self {
        Self::from_marks(Marks { by_conversation, after: 0, then: None })
    }

    /// Marks for the pushes that are queued now (`after` of them), and the smaller set for later ones.
    pub(super) fn narrowed(
        by_conversation: HashMap<ConversationId, i64>,
        after: usize,
        then: HashMap<ConversationId, i64>,
    ) -> Self {
        Self::from_marks(Marks { by_conversation, after, then: Some(then) })
    }

    fn from_marks(marks: Marks) -> Self {
        Self((!marks.all_passed()).then(|| Box::new(marks)))
    }

    /// Whether the push is above the mark of its conversation.
    pub(super) fn passes(&mut self, push: &Push) -> bool {
        let Some(marks) = &mut self.0 else { return true };
        let passes = marks.passes(push);
        self.release();
        passes
    }

    /// Whether all marks are passed.
    pub(super) fn all_passed(&self) -> bool {
        self.0.is_none()
    }

    /// Sets the mark of a conversation.
    pub(super) fn set(&mut self, id: ConversationId, rev: i64) {
        let marks = self.0.get_or_insert_default();
        marks.by_conversation.insert(id, rev);
        if let Some(then) = &mut marks.then {
            then.insert(id, rev);
        }
    }

    /// Removes the mark of a conversation.
    pub(super) fn remove(&mut self, id: ConversationId) {
        if let Some(marks) = &mut self.0 {
            marks.by_conversation.remove(&id);
            self.release();
        }
    }

    fn release(&mut self) {
        if self.0.as_ref().is_some_and(|marks| marks.all_passed()) {
            self.0 = None;
        }
    }
}

impl Marks {
    fn passes(&mut self, push: &Push) -> bool {
        if let Some(then) = if self.after == 0 { self.then.take() } else { None } {
            self.by_conversation = then;
        }
        self.after = self.after.saturating_sub(1);
        match (push.topic, push.rev) {
            (Topic::Conversation(id), Some(rev)) => match self.by_conversation.get(&id) {
                Some(mark) if rev <= *mark => false,
                // Frames arrive in order, so the mark has served its purpose.
                Some(_) => self.by_conversation.remove(&id).is_some(),
                None => true,
            },
            _ => true,
        }
    }

    fn all_passed(&self) -> bool {
        self.after == 0 && self.then.as_ref().unwrap_or(&self.by_conversation).is_empty()
    }
}
