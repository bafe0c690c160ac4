//! Imports a batch of rows: all of them in one transaction, or nothing.
//!
//! Rows are applied by kind: people, then conversations, then messages. A row can refer only to rows before it, so that the result
//! does not depend on how a file is divided into batches.

mod candidates;
mod conversations;
mod events;
mod messages;
mod names;
mod positions;
mod subjects;

pub(super) use conversations::own_key;
#[cfg(test)]
pub(super) use {candidates::SEEN, conversations::RECORDED, messages::TAILS};

use super::connections::transaction;
use super::dialect::{among, numbers};
use super::{Backend, Connection, locks};
use crate::store::error::Result;
use crate::store::{ImportCounts, ImportOutcome, ImportRow};
use conversations::Plan;
use names::Names;
use protocol::{ConversationId, ErrorBody, ErrorCode, Timestamp, UserId};
use std::collections::BTreeSet;

/// See [`crate::store::Transfer::import`].
pub(super) async fn import(
    store: &Backend,
    rows: &[ImportRow],
    now: Timestamp,
) -> crate::Result<ImportOutcome> {
    transaction!(store, c => all_or_nothing(c, rows, now))
}

async fn all_or_nothing(c: &mut Connection, rows: &[ImportRow], now: Timestamp) -> Result<ImportOutcome> {
    sqlx::query("SAVEPOINT import").execute(&mut *c).await?;
    let outcome = apply(c, rows, now).await?;
    if let ImportOutcome::Refused { .. } = outcome {
        sqlx::query("ROLLBACK TO import").execute(&mut *c).await?;
    }
    sqlx::query("RELEASE import").execute(c).await?;
    Ok(outcome)
}

/// The first row that is refused, with the reason.
#[derive(Default)]
struct Refusal(Option<(usize, ErrorBody)>);

impl Refusal {
    /// Notes that a row is refused.
    fn note(&mut self, index: usize, why: ErrorBody) {
        if self.0.as_ref().is_none_or(|(first, _)| index < *first) {
            self.0 = Some((index, why));
        }
    }

    /// Notes that a row breaks a rule.
    fn invalid(&mut self, index: usize, why: String) {
        self.note(index, ErrorBody::because(ErrorCode::Invalid, why));
    }
}

async fn apply(c: &mut Connection, rows: &[ImportRow], now: Timestamp) -> Result<ImportOutcome> {
    let (mut refusal, mut counts) = (Refusal::default(), ImportCounts::default());
    let mut names = Names::load(c, rows).await?;
    names.create(c, rows, now, &mut counts).await?;
    let mut plan = Plan::make(c, rows, &names, &mut refusal, &mut counts).await?;
    let candidates = candidates::find(c, rows, &names, &plan, &mut refusal, &mut counts).await?;
    if let Some((index, why)) = refusal.0 {
        return Ok(ImportOutcome::Refused { index, why });
    }
    let existing: BTreeSet<ConversationId> =
        candidates.iter().filter_map(|candidate| plan.known(&candidate.message.conversation)).collect();
    lock(c, &existing, plan.people()).await?;
    // Everybody whose list changes.
    let mut concerned = plan.create(c, now, &mut counts).await?;
    let moved = messages::append(c, candidates, &plan, &mut refusal, &mut counts).await?;
    if let Some((index, why)) = refusal.0 {
        return Ok(ImportOutcome::Refused { index, why });
    }
    concerned.extend(moved);
    increment_user_revs(c, &concerned).await?;
    Ok(ImportOutcome::Imported(counts))
}

/// Locks the conversations that get messages with their members, and the members of new conversations.
async fn lock(
    c: &mut Connection,
    conversations: &BTreeSet<ConversationId>,
    mut people: BTreeSet<UserId>,
) -> Result<()> {
    let ids: Vec<i64> = conversations.iter().map(|id| id.0).collect();
    let members: Vec<i64> = sqlx::query_scalar(concat!(
        "SELECT DISTINCT user_id FROM member WHERE conversation_id ",
        among!("$1")
    ))
    .bind(numbers(ids.iter().copied())?)
    .fetch_all(&mut *c)
    .await?;
    people.extend(members.into_iter().map(UserId));
    locks::for_import(c, &ids, &people.into_iter().map(|user| user.0).collect::<Vec<_>>()).await
}

async fn increment_user_revs(c: &mut Connection, people: &BTreeSet<UserId>) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    sqlx::query(concat!("UPDATE account SET user_rev = user_rev + 1 WHERE id ", among!("$1")))
        .bind(numbers(people.iter().map(|user| user.0))?)
        .execute(c)
        .await?;
    Ok(())
}
