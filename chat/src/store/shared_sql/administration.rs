//! Statements for administration.

use super::dialect::at_most;
use super::rows::{PERSON_COLUMNS, flag, get, person, person_columns, role};
use super::{Connection, Row};
use crate::store::error::Result;
use crate::store::{ManagedGroup, ManagedPerson};
use protocol::{ConversationId, Person, Role, Timestamp, UserId};

// Subqueries, since Postgres would read all identities for a join.
macro_rules! people {
    ($filter:literal) => {
        concat!(
            "SELECT ",
            person_columns!("a"),
            ", a.is_admin, a.created_at, \
                (SELECT x.issuer FROM external_identity x WHERE x.user_id = a.id), \
                (SELECT x.subject FROM external_identity x WHERE x.user_id = a.id) \
             FROM account a WHERE a.kind <> 1 AND a.id ",
            $filter,
            " ORDER BY a.id"
        )
    };
}

macro_rules! groups {
    ($filter:literal) => {
        concat!(
            "SELECT c.id, c.title, c.created_at, c.active_at, \
                (SELECT count(*) FROM member o WHERE o.conversation_id = c.id AND o.has_left = 0) \
             FROM conversation c WHERE c.kind = 1 AND c.subject_kind IS NULL AND c.id ",
            $filter,
            " ORDER BY c.id"
        )
    };
}

/// The accounts with an id above `$1`.
pub(super) const PEOPLE: &str = concat!(people!("> $1"), at_most!("$2"));

/// The account `$1`.
pub(super) const PERSON: &str = people!("= $1");

/// The groups with an id above `$1`.
pub(super) const GROUPS: &str = concat!(groups!("> $1"), at_most!("$2"));

/// The group `$1`.
pub(super) const GROUP: &str = groups!("= $1");

/// The members of the group `$1`.
pub(super) const MEMBERS: &str = concat!(
    "SELECT ",
    person_columns!("a"),
    ", w.role FROM member w JOIN account a ON a.id = w.user_id \
     WHERE w.conversation_id = $1 AND w.has_left = 0 ORDER BY w.user_id"
);

/// See [`crate::store::AdministrationStore::managed_people`].
pub(super) async fn people(c: &mut Connection, after: UserId, limit: usize) -> Result<Vec<ManagedPerson>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = sqlx::query(PEOPLE).bind(after.0).bind(limit).fetch_all(c).await?;
    rows.iter().map(managed_person).collect()
}

/// See [`crate::store::AdministrationStore::managed_person`].
pub(super) async fn one_person(c: &mut Connection, id: UserId) -> Result<Option<ManagedPerson>> {
    sqlx::query(PERSON).bind(id.0).fetch_optional(c).await?.as_ref().map(managed_person).transpose()
}

/// See [`crate::store::AdministrationStore::managed_groups`].
pub(super) async fn groups(
    c: &mut Connection,
    after: ConversationId,
    limit: usize,
) -> Result<Vec<ManagedGroup>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = sqlx::query(GROUPS).bind(after.0).bind(limit).fetch_all(c).await?;
    rows.iter().map(managed_group).collect()
}

/// See [`crate::store::AdministrationStore::managed_group`].
pub(super) async fn one_group(
    c: &mut Connection,
    id: ConversationId,
) -> Result<Option<(ManagedGroup, Vec<(Person, Role)>)>> {
    let Some(row) = sqlx::query(GROUP).bind(id.0).fetch_optional(&mut *c).await? else { return Ok(None) };
    let members = sqlx::query(MEMBERS).bind(id.0).fetch_all(c).await?;
    let member = |row: &Row| Ok((person(row, 0)?, role(get(row, PERSON_COLUMNS)?)));
    Ok(Some((managed_group(&row)?, members.iter().map(member).collect::<Result<_>>()?)))
}

fn managed_person(row: &Row) -> Result<ManagedPerson> {
    let (issuer, subject): (Option<String>, Option<String>) =
        (get(row, PERSON_COLUMNS + 2)?, get(row, PERSON_COLUMNS + 3)?);
    Ok(ManagedPerson {
        user: person(row, 0)?,
        is_admin: flag(row, PERSON_COLUMNS)?,
        created_at: Timestamp(get(row, PERSON_COLUMNS + 1)?),
        identity: issuer.zip(subject),
    })
}

fn managed_group(row: &Row) -> Result<ManagedGroup> {
    Ok(ManagedGroup {
        id: ConversationId(get(row, 0)?),
        title: get(row, 1)?,
        created_at: Timestamp(get(row, 2)?),
        active_at: Timestamp(get(row, 3)?),
        member_count: get(row, 4)?,
    })
}
