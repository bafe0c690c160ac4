//! Rows as parameters of a statement. One JSON parameter could carry any number of rows, but parsing it costs more than all other
//! work for a message; so each value of a row is a parameter of its own.

use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

/// Sizes of the statements, in rows. More rows take several statements.
const SIZES: [usize; 2] = [8, MOST];
/// The largest number of rows of one statement.
pub(super) const MOST: usize = 128;

/// A statement in all [`SIZES`].
pub(super) struct Statement([String; SIZES.len()]);

impl Statement {
    /// Builds the statement from its text for a number of rows.
    pub(super) fn new(text: impl Fn(usize) -> String) -> Self {
        Self(SIZES.map(text))
    }

    /// The text for this number of rows, at most [`MOST`], and the number of rows that it has parameters for.
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

/// A table `j` of parameters with `size` rows, of which the first `given.n` count. `column1` is the index of the row.
pub(super) fn rows(size: usize, columns: usize) -> String {
    let places = ",?".repeat(columns);
    let rows: Vec<_> = (0..size).map(|row| format!("({row}{places})")).collect();
    format!("(SELECT * FROM (VALUES {}) LIMIT (SELECT n FROM given)) j", rows.join(","))
}

/// Binds null to unused parameters, before those of the next statement of the same text.
pub(super) fn skip(
    mut query: Query<'_, sqlx::Sqlite, SqliteArguments>,
    places: usize,
) -> Query<'_, sqlx::Sqlite, SqliteArguments> {
    for _ in 0..places {
        query = query.bind(None::<i64>);
    }
    query
}
