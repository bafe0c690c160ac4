//! Search for people, and the contacts of a person.

use super::Connection;
use super::dialect::{among, at_most, each_text, join, locked, numbers, texts};
use super::rows::{PERSON_COLUMNS, get, person, person_columns};
use crate::search_words;
use crate::store::error::Result;
use protocol::{Person, Timestamp, UserId};

pub(super) const CONTACTS: &str = concat!(
    "SELECT ",
    person_columns!("a"),
    ", a.last_seen_at FROM account a \
     WHERE a.id IN (SELECT o.user_id FROM member w ",
    join!(),
    " member o ON o.conversation_id = w.conversation_id AND o.has_left = 0 AND o.user_id <> $1 \
        WHERE w.user_id = $1 AND w.has_left = 0 AND w.listed = 1 \
        AND (SELECT count(*) FROM (SELECT 1 FROM member x \
            WHERE x.conversation_id = w.conversation_id AND x.has_left = 0 LIMIT 33) y) <= 32) \
     ORDER BY a.id"
);

// $1: the user, $2 and $3: the bounds of the words that begin with one word of the query, $4: the other words, $5: the end of
// the words with a beginning, $6: the whole query, $7: the limit.
pub(in crate::store) const PEOPLE: &str = concat!(
    "SELECT ",
    person_columns!("a"),
    " FROM account a \
     WHERE a.id IN (SELECT w.user_id FROM person_word w WHERE w.word >= $2 AND w.word < $3) \
     AND a.suspended = 0 AND a.id <> $1 \
     AND NOT EXISTS (SELECT 1 FROM ",
    each_text!("$4"),
    " WHERE NOT EXISTS (SELECT 1 FROM person_word o \
        WHERE o.user_id = a.id AND o.word >= j.value AND o.word < j.value || $5)) \
     ORDER BY a.username_folded = $6 DESC, substr(a.username_folded, 1, length($6)) = $6 DESC, a.username_folded",
    at_most!("$7")
);

/// The first people in the order of their usernames.
const FIRST_PEOPLE: &str = concat!(
    "SELECT ",
    person_columns!("a"),
    " FROM account a WHERE a.suspended = 0 AND a.id <> $1 ORDER BY a.username_folded",
    at_most!("$2")
);

/// Sorts behind every character of a word.
const END: &str = "\u{10ffff}";

/// See [`crate::store::Store::people`].
pub(super) async fn find(c: &mut Connection, user: UserId, query: &str, limit: usize) -> Result<Vec<Person>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let query = query.trim();
    if query.is_empty() {
        let rows = sqlx::query(FIRST_PEOPLE).bind(user.0).bind(limit).fetch_all(c).await?;
        return rows.iter().map(|row| person(row, 0)).collect();
    }
    let mut words = search_words::of_query(query);
    // The longest word selects the fewest people.
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    let Some((first, others)) = words.split_first() else { return Ok(Vec::new()) };
    // Postgres has no NUL in text.
    let query = query.trim_start_matches('@').replace('\0', "").to_lowercase();
    let rows = sqlx::query(PEOPLE)
        .bind(user.0)
        .bind(first)
        .bind(format!("{first}{END}"))
        .bind(texts(others)?)
        .bind(END)
        .bind(&query)
        .bind(limit)
        .fetch_all(c)
        .await?;
    rows.iter().map(|row| person(row, 0)).collect()
}

/// See [`crate::store::Store::contacts`].
pub(super) async fn contacts(c: &mut Connection, user: UserId) -> Result<Vec<(Person, Option<Timestamp>)>> {
    let rows = sqlx::query(CONTACTS).bind(user.0).fetch_all(c).await?;
    rows.iter()
        .map(|row| Ok((person(row, 0)?, get::<Option<i64>>(row, PERSON_COLUMNS)?.map(Timestamp))))
        .collect()
}

pub(super) const LAST_SEEN: &str = concat!(
    "SELECT a.id, a.last_seen_at FROM account a WHERE a.last_seen_at IS NOT NULL AND a.id ",
    among!("$1")
);

/// See [`crate::store::Store::last_seen`].
pub(super) async fn last_seen(c: &mut Connection, users: &[UserId]) -> Result<Vec<(UserId, Timestamp)>> {
    let ids = numbers(users.iter().map(|user| user.0))?;
    let rows = sqlx::query(LAST_SEEN).bind(ids).fetch_all(c).await?;
    rows.iter().map(|row| Ok((UserId(get(row, 0)?), Timestamp(get(row, 1)?)))).collect()
}

/// See [`crate::store::Store::seen`].
pub(super) async fn seen(c: &mut Connection, users: &[UserId], now: Timestamp) -> Result<()> {
    sqlx::query(concat!(
        "UPDATE account SET last_seen_at = $2 WHERE coalesce(last_seen_at, 0) < $2 \
         AND id IN (SELECT id FROM account WHERE id ",
        among!("$1"),
        locked!(),
        ")"
    ))
    .bind(numbers(users.iter().map(|user| user.0))?)
    .bind(now.0)
    .execute(c)
    .await?;
    Ok(())
}
