//! Search for people, and the contacts of a person.

use super::Connection;
use super::dialect::{among, at_most, each_text, join, locked, numbers, texts};
use super::rows::{PERSON_COLUMNS, get, person, person_columns};
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

// $1: the user, $2: patterns that must all match, $3: the whole query, $4: the limit.
pub(in crate::store) const PEOPLE: &str = concat!(
    "SELECT ",
    person_columns!("a"),
    " FROM account a \
     WHERE a.suspended = 0 AND a.id <> $1 \
     AND NOT EXISTS (SELECT 1 FROM ",
    each_text!("$2"),
    " WHERE a.search NOT LIKE j.value ESCAPE '\\') \
     ORDER BY a.username_folded = $3 DESC, substr(a.username_folded, 1, length($3)) = $3 DESC, a.username_folded",
    at_most!("$4")
);

/// The text that a search matches: each word of the username and the names, after a space.
pub(super) fn search_text(username: &str, first_name: &str, last_name: &str) -> String {
    let text = format!("{username} {first_name} {last_name}").to_lowercase();
    text.split_whitespace().fold(String::new(), |all, word| all + " " + word)
}

/// The pattern of a word that begins somewhere. `LIKE` folds only ASCII, so that both sides are folded before.
fn pattern(word: &str) -> String {
    let mut pattern = String::from("% ");
    for letter in word.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// See [`crate::store::Store::people`].
pub(super) async fn find(c: &mut Connection, user: UserId, query: &str, limit: usize) -> Result<Vec<Person>> {
    // Postgres has no NUL in text; no name contains the replacement character.
    let query = query.trim().replace('\0', "\u{fffd}").to_lowercase();
    let patterns: Vec<String> = query.split_whitespace().map(pattern).collect();
    let rows = sqlx::query(PEOPLE)
        .bind(user.0)
        .bind(texts(&patterns)?)
        .bind(&query)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
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
