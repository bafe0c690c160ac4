//! Notifications of a person.

use super::{ChatService, Operation};
use crate::Result;
use crate::store::Write;
use protocol::{NotificationId, NotificationPage, Person, Timestamp, limits};

impl ChatService {
    /// The person's notifications before a key (`None`: the newest), newest first, at most `limit`.
    pub async fn notifications(
        &self,
        user: &Person,
        cursor: Option<NotificationId>,
        limit: usize,
    ) -> Result<NotificationPage> {
        self.charge(user, Operation::Page)?;
        let limit = limit.clamp(1, limits::MAX_NOTIFICATIONS);
        self.inner.store.notifications(user.id, cursor, limit).await
    }

    /// Marks the person's notifications up to this time as read (`None`: all), on all of their devices.
    pub async fn read_notifications(&self, user: &Person, up_to: Option<Timestamp>) -> Result<()> {
        self.charge(user, Operation::Change)?;
        self.inner.writer.write(Write::ReadNotifications { user: user.id, up_to }).await.map(drop)
    }
}
