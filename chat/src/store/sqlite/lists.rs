//! Rows as parameters of a statement. JSON carries any number of them in one, but to take it apart again costs more than
//! all else that is done for a message; so the rows of messages have places of their own.

use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

/// For so many rows there is a statement; more are written by several.
const SIZES: [usize; 2] = [8, MOST];
/// As many as one statement takes.
pub(super) const MOST: usize = 128;

/// The same statement for few rows and for many.
pub(super) struct Statement([String; SIZES.len()]);

impl Statement {
    /// Made of a text for so many rows.
    pub(super) fn new(text: impl Fn(usize) -> String) -> Self {
        Self(SIZES.map(text))
    }

    /// For so many rows, [`MOST`] of them at most; and how many it has places for.
    pub(super) fn of(&self, rows: usize) -> (&str, usize) {
        let last = SIZES.len() - 1;
        let at = SIZES.iter().position(|size| rows <= *size).unwrap_or(last);
        (&self.0[at], SIZES[at])
    }

    #[cfg(test)]
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// Places for so many rows, of which the first `given.n` count: `j`, with the columns `column1` (the number of the row)
/// and so on.
pub(super) fn rows(size: usize, columns: usize) -> String {
    let places = ",?".repeat(columns);
    let rows: Vec<_> = (0..size).map(|row| format!("({row}{places})")).collect();
    format!("(SELECT * FROM (VALUES {}) LIMIT (SELECT n FROM given)) j", rows.join(","))
}

/// Leaves so many places empty: what follows belongs to another statement of the same text.
pub(super) fn skip(
    mut query: Query<'_, sqlx::Sqlite, SqliteArguments>,
    places: usize,
) -> Query<'_, sqlx::Sqlite, SqliteArguments> {
    for _ in 0..places {
        query = query.bind(None::<i64>);
    }
    query
}
