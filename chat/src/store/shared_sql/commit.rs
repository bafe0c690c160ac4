//! Applies a batch of writes in one transaction.
//!
//! The round trip of a statement costs more than most statements themselves. So consecutive writes of the same kind (sends,
//! receipts) are applied together, by statements over sets; the order between kinds stays as given.

use super::connections::transaction;
use super::{
    Backend, Connection, create_conversation, delete, group, hide, incoming_webhooks, invitation_links,
    invitations, locks, mark, membership, notifications, preferences, send, subjects, webhooks,
};
use crate::Error;
use crate::store::error::{Result, StoreError};
use crate::store::{Mark, NewMessage, Outcome, WebhookSwitch, Write};
use protocol::Timestamp;

/// Consecutive writes of a batch that are applied together.
enum Run<'a> {
    Sends(Vec<&'a NewMessage>),
    Marks(Vec<Mark>),
    Single(&'a Write),
}

fn runs(batch: &[Write]) -> Vec<Run<'_>> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    for write in batch {
        match (write, runs.last_mut()) {
            (Write::Send(message), Some(Run::Sends(sends))) => sends.push(message),
            (Write::Send(message), _) => runs.push(Run::Sends(vec![message])),
            (Write::Mark(mark), Some(Run::Marks(marks))) => marks.push(*mark),
            (Write::Mark(mark), _) => runs.push(Run::Marks(vec![*mark])),
            (single, _) => runs.push(Run::Single(single)),
        }
    }
    runs
}

/// See [`crate::store::Store::commit`].
pub(super) async fn commit(
    store: &Backend,
    batch: &[Write],
    now: Timestamp,
) -> crate::Result<Vec<crate::Result<Outcome>>> {
    if batch.is_empty() {
        return Ok(Vec::new());
    }
    let switch = &store.webhooks;
    let committed = match transaction!(store, c => together(c, switch, batch, now)) {
        // A bug that one write meets must not fail the others.
        Err(Error::Internal(cause)) if batch.len() > 1 => {
            tracing::error!(%cause, "a batch failed; trying its writes one by one");
            transaction!(store, c => apart(c, switch, batch, now))
        }
        done => done,
    };
    let (outcomes, has_events) = committed?;
    if has_events {
        switch.note();
    }
    Ok(outcomes)
}

/// The outcomes of a batch, and whether webhook events were stored.
type Committed = (Vec<crate::Result<Outcome>>, bool);

async fn together(
    c: &mut Connection,
    switch: &WebhookSwitch,
    batch: &[Write],
    now: Timestamp,
) -> Result<Committed> {
    locks::take(c, batch).await?;
    let mut outcomes = Vec::with_capacity(batch.len());
    for run in runs(batch) {
        match run {
            Run::Sends(sends) => outcomes.extend(send::all(c, &sends, now).await?),
            Run::Marks(marks) => outcomes.extend(mark::all(c, &marks, now).await?),
            Run::Single(write) => outcomes.push(single(c, write, now).await?),
        }
    }
    let has_events = webhooks::record(c, switch, batch, &outcomes, now).await?;
    Ok((outcomes, has_events))
}

/// Applies one write. A refusal is an outcome, and leaves nothing to undo: each write checks before it changes.
async fn single(c: &mut Connection, write: &Write, now: Timestamp) -> Result<crate::Result<Outcome>> {
    let result = match write {
        Write::Send(message) => return Ok(send::all(c, &[message], now).await?.remove(0)),
        Write::Mark(mark) => return Ok(mark::all(c, &[*mark], now).await?.remove(0)),
        Write::Hide { user, conversation, message, hidden } => {
            hide::one(c, *user, *conversation, *message, *hidden).await
        }
        Write::Delete { user, conversation, message } => {
            delete::one(c, *user, *conversation, *message, now).await
        }
        Write::CreateConversation(new) => create_conversation::create(c, new, now).await,
        Write::Group(write) => group::one(c, write, now).await,
        Write::Subject(write) => subjects::one(c, write, now).await,
        Write::UpdatePreferences { user, change } => preferences::update(c, *user, change).await,
        Write::ReadNotifications { user, up_to } => notifications::read(c, *user, *up_to, now).await,
        Write::SetMembership { user, conversation, change } => {
            membership::set(c, *user, *conversation, change, now).await
        }
        Write::CreateLink(new) => invitation_links::create(c, new, now).await,
        Write::RevokeLink { by, conversation, link } => {
            invitation_links::revoke(c, *by, *conversation, *link, now).await
        }
        Write::CreateIncomingWebhook(new) => incoming_webhooks::create(c, new, now).await,
        Write::RevokeIncomingWebhook { by, conversation, webhook } => {
            incoming_webhooks::revoke(c, *by, *conversation, *webhook, now).await
        }
        Write::Join { user, conversation, by } => group::join(c, *user, *conversation, *by, now).await,
        Write::EndInvitation { user, invitation, end } => {
            invitations::end(c, *user, *invitation, *end, now).await
        }
    };
    match result {
        Err(StoreError::Refused(refusal)) => Ok(Err(Error::Refused(refusal))),
        result => result.map(Ok),
    }
}

/// Applies the writes in one transaction, each under a savepoint.
async fn apart(
    c: &mut Connection,
    switch: &WebhookSwitch,
    batch: &[Write],
    now: Timestamp,
) -> Result<Committed> {
    locks::take(c, batch).await?;
    let mut outcomes = Vec::with_capacity(batch.len());
    for write in batch {
        sqlx::query("SAVEPOINT one").execute(&mut *c).await?;
        let outcome = match single(c, write, now).await {
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => Err(error.into()),
            Ok(outcome) => outcome,
        };
        if outcome.is_err() {
            sqlx::query("ROLLBACK TO one").execute(&mut *c).await?;
        }
        sqlx::query("RELEASE one").execute(&mut *c).await?;
        outcomes.push(outcome);
    }
    let has_events = webhooks::record(c, switch, batch, &outcomes, now).await?;
    Ok((outcomes, has_events))
}
