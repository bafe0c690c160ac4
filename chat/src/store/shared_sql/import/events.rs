//! The events of system messages, which hold people as they are stored in messages: with their names.

use super::super::dialect::{among, numbers};
use super::super::rows::{person, person_columns};
use super::Connection;
use super::candidates::Candidate;
use crate::store::error::{Result, StoreError};
use protocol::{GroupEvent, Person, UserId};
use std::collections::{BTreeSet, HashMap};

/// Reads the people whom events concern.
pub(super) async fn people(
    c: &mut Connection,
    candidates: &[Candidate<'_>],
) -> Result<HashMap<UserId, Person>> {
    let ids: BTreeSet<UserId> =
        candidates.iter().flat_map(|candidate| &candidate.concerned).copied().collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows =
        sqlx::query(concat!("SELECT ", person_columns!("a"), " FROM account a WHERE a.id ", among!("$1")))
            .bind(numbers(ids.into_iter().map(|id| id.0))?)
            .fetch_all(c)
            .await?;
    rows.iter().map(|row| person(row, 0).map(|person| (person.id, person))).collect()
}

/// The event of a message as JSON.
pub(super) fn stored(candidate: &Candidate<'_>, people: &HashMap<UserId, Person>) -> Result<Option<String>> {
    let Some(event) = &candidate.message.event else { return Ok(None) };
    let members = candidate.concerned.iter().filter_map(|id| people.get(id)).cloned().collect();
    let event = GroupEvent { members, ..event.event.clone() };
    serde_json::to_string(&event).map(Some).map_err(|error| StoreError::Internal(error.to_string()))
}
