//! Costs of operations, and the bucket of each person that pays for them, over all transports.
//!
//! A cost of 1 is one row that is read or written; a page of 50 rows, which are read and encoded together, costs 10. Sends
//! have a bucket of their own ([`Quota::Sends`]), from which a repeat takes nothing, and cost nothing here. A change of a group
//! costs one send for each system message, beside its cost here: all members receive and keep it like any other.

use super::ChatService;
use crate::audit::{AuditAction, AuditEvent, AuditOutcome};
use crate::rate_limit::Quota;
use crate::{Result, metrics};
use protocol::{ErrorBody, Person};

/// Something that a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Report typing, the status of the reader, or a receipt.
    Signal,
    /// Delete, restore or create something, remove a member, or change one's own state of a conversation.
    Change,
    /// Read one conversation.
    One,
    /// Read a page of messages, changes, receipts, the list or people.
    Page,
    /// Read everything that a client is missing.
    Sync,
}

impl Operation {
    /// The table of costs; docs/api.md contains it, too.
    pub(crate) const fn cost(self) -> u32 {
        match self {
            Self::Signal | Self::Change | Self::One => 1,
            Self::Page | Self::Sync => 10,
        }
    }
}

impl ChatService {
    /// Takes the cost of an operation from the person's bucket.
    ///
    /// # Errors
    /// `rate_limited` with the seconds to wait: the bucket does not hold that much.
    pub(crate) fn charge(&self, user: &Person, operation: Operation) -> Result<()> {
        self.charge_many(user, operation, 1)
    }

    /// Takes the cost of an operation on this many objects at once.
    ///
    /// # Errors
    /// As [`Self::charge`].
    pub(crate) fn charge_many(&self, user: &Person, operation: Operation, count: usize) -> Result<()> {
        let cost = operation.cost().saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
        self.take(Quota::Operations, user, cost)
    }

    /// Takes tokens for system messages from the bucket of the person's sends.
    ///
    /// # Errors
    /// As [`Self::charge`].
    pub(super) fn charge_sends(&self, user: &Person, count: u32) -> Result<()> {
        self.take(Quota::Sends, user, count)
    }

    fn take(&self, quota: Quota, user: &Person, count: u32) -> Result<()> {
        self.inner.rate_limiter.take_many(quota, user.id.0, count).map_err(|retry_after| {
            metrics::LIMITED_OPERATIONS.increment(1);
            AuditEvent::new(AuditAction::Operate, AuditOutcome::Throttled).by(user.id).emit();
            ErrorBody::rate_limited(retry_after).into()
        })
    }
}
