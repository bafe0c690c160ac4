//! The sweep for messages that no node pushed. A node looks at the members of the conversations that it changed itself; if it dies
//! before, another one finds their messages here.

use crate::Result;
use crate::store::PushStore;
use protocol::{Timestamp, UserId};
use std::time::Duration;
use tokio::time::Instant;

/// Maximum number of reads of one sweep; past it, everybody is looked at.
const READS: usize = 20;

/// The sweep of one node.
pub(super) struct Sweep {
    /// The time of the next one.
    pub(super) at: Instant,
    interval: Duration,
    /// The number of the last message that was read.
    upto: i64,
}

/// People to look at.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Swept {
    /// These people have something unread that nobody pushed to them.
    People(Vec<UserId>),
    /// There are too many messages to read.
    Everybody,
}

impl Sweep {
    /// Begins with the messages that come from now on. The older ones are those of the look at everybody, with which a node starts.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(super) async fn new(store: &dyn PushStore, interval: Duration) -> Result<Self> {
        Ok(Self { at: Instant::now() + interval, interval, upto: store.last_message().await? })
    }

    /// Finds the people of messages up to this time, whom the node of each message has had the time to look at. After an error the
    /// same messages are read again.
    pub(super) async fn run(&mut self, store: &dyn PushStore, until: Timestamp) -> Result<Swept> {
        self.at = Instant::now() + self.interval;
        let (mut upto, mut people) = (self.upto, Vec::new());
        for _ in 0..READS {
            let found = store.unpushed_people(upto, until).await?;
            upto = found.upto;
            people.extend(found.people);
            if !found.more {
                self.upto = upto;
                return Ok(Swept::People(people));
            }
        }
        self.upto = store.last_message().await?;
        Ok(Swept::Everybody)
    }
}
