//! What a change is about, for those who keep what they read.

use super::Write;
use crate::bus::Topic;
use protocol::UserId;

/// What a transaction may have changed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Touch<'a> {
    /// Anything.
    Everything,
    /// What concerns these people: their sign-ins, when they were last seen.
    People(&'a [UserId]),
    /// What these do.
    Batch(&'a [Write]),
}

impl Touch<'_> {
    /// Calls with each topic that it is about; false when it is about all there are.
    pub(crate) fn each(self, mut call: impl FnMut(Topic)) -> bool {
        match self {
            Self::Everything => return false,
            Self::People(people) => people.iter().for_each(|user| call(Topic::Person(*user))),
            Self::Batch(batch) => batch.iter().for_each(|write| touched_by(write, &mut call)),
        }
        true
    }
}

fn touched_by(write: &Write, call: &mut impl FnMut(Topic)) {
    match write {
        Write::Send(message) => call(Topic::Conversation(message.conversation)),
        Write::Mark(mark) => call(Topic::Conversation(mark.conversation)),
        Write::Hide { user, .. } => call(Topic::Person(*user)),
        Write::Delete { conversation, .. } => call(Topic::Conversation(*conversation)),
        Write::Found(new) => new.participants.iter().for_each(|user| call(Topic::Person(*user))),
        Write::Remove { conversation, member, .. } => {
            call(Topic::Conversation(*conversation));
            call(Topic::Person(*member));
        }
    }
}
