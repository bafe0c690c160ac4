//! SQLite, embedded.

/// A database file.
pub struct Sqlite {}
