//! Words and keys of people's names. They are folded by this program, since SQL cannot.

use super::Connection;
use super::dialect::{at_most, each_text, locked, texts};
use super::rows::{person, person_columns};
use crate::name_key::name_key;
use crate::search_words;
use crate::store::error::Result;
use protocol::Person;

/// Number of people that are read at once.
const BATCH: i64 = 500;

const OUTDATED: &str = concat!(
    "SELECT ",
    person_columns!("account"),
    " FROM account WHERE folding < $1",
    locked!(),
    at_most!("$2")
);

/// Writes the words and the key of a person's names in place of the former ones.
pub(super) async fn write(c: &mut Connection, person: &Person) -> Result<()> {
    sqlx::query("UPDATE account SET name_key = $2, folding = $3 WHERE id = $1")
        .bind(person.id.0)
        .bind(name_key(&person.display_name()))
        .bind(search_words::VERSION)
        .execute(&mut *c)
        .await?;
    sqlx::query("DELETE FROM person_word WHERE user_id = $1").bind(person.id.0).execute(&mut *c).await?;
    let words = search_words::of_names(&[&person.username, &person.first_name, &person.last_name]);
    sqlx::query(concat!(
        "INSERT INTO person_word (user_id, word) SELECT $1, j.value FROM ",
        each_text!("$2")
    ))
    .bind(person.id.0)
    .bind(texts(&words)?)
    .execute(c)
    .await?;
    Ok(())
}

/// Folds the names that an older version folded, or none.
pub(in crate::store) async fn fold_outdated(c: &mut Connection) -> Result<()> {
    loop {
        let rows = sqlx::query(OUTDATED).bind(search_words::VERSION).bind(BATCH).fetch_all(&mut *c).await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in &rows {
            write(c, &person(row, 0)?).await?;
        }
    }
}
