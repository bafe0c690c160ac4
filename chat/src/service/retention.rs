//! How long rows are kept, and the deletion of those that expired.

use super::ChatService;
use crate::Result;
use protocol::Timestamp;

/// Time for which a used token of single sign-on is kept after its end: ten minutes, in microseconds, since the clock of another node
/// may be behind.
const USED_TOKENS_KEPT_MICROS: i64 = 10 * 60 * 1_000_000;
/// Lifetime of the times of receipts: thirty days, in microseconds.
const RECEIPTS_KEPT_MICROS: i64 = 30 * 24 * 60 * 60 * 1_000_000;
/// Lifetime of stored notifications: ninety days, in microseconds.
const NOTIFICATIONS_KEPT_MICROS: i64 = 90 * 24 * 60 * 60 * 1_000_000;
/// Lifetime of the ids of requests to change groups: thirty days, in microseconds.
pub(super) const REQUESTS_KEPT_MICROS: i64 = 30 * 24 * 60 * 60 * 1_000_000;
/// Lifetime of deliveries of webhooks that ended: seven days, in microseconds.
const DELIVERIES_KEPT_MICROS: i64 = 7 * 24 * 60 * 60 * 1_000_000;

impl ChatService {
    /// Deletes expired rows; to be called periodically.
    pub async fn sweep(&self) -> Result<()> {
        self.inner.store.delete_expired_sign_ins(self.now()).await?;
        self.inner.store.sweep_used_tokens(Timestamp(self.now().0 - USED_TOKENS_KEPT_MICROS)).await?;
        self.inner.store.sweep_receipts(Timestamp(self.now().0 - RECEIPTS_KEPT_MICROS)).await?;
        let before = Timestamp(self.now().0 - NOTIFICATIONS_KEPT_MICROS);
        self.inner.store.sweep_notifications(before).await?;
        self.inner.store.sweep_requests(Timestamp(self.now().0 - REQUESTS_KEPT_MICROS)).await?;
        self.inner.store.sweep_webhook_events(Timestamp(self.now().0 - DELIVERIES_KEPT_MICROS)).await?;
        self.sweep_invitations().await
    }
}
