//! Postgres: the way past one machine. Several servers share one database; what they write in common is ordered by locks
//! of rows, taken in one order everywhere.

mod away;
mod connections;
mod dialect;
mod erase;
mod errors;
mod locks;
mod marks;
mod open;
mod sends;
#[cfg(test)]
mod tests;

// One text for all databases, compiled for each: here for Postgres.
#[path = "../sql/accounts.rs"]
mod accounts;
#[path = "../sql/changes.rs"]
mod changes;
#[path = "../sql/commit.rs"]
mod commit;
#[path = "../sql/counters.rs"]
mod counters;
#[path = "../sql/delete.rs"]
mod delete;
#[path = "../sql/found.rs"]
mod found;
#[path = "../sql/hide.rs"]
mod hide;
#[path = "../sql/list.rs"]
mod list;
#[path = "../sql/listed.rs"]
mod listed;
#[path = "../sql/mark.rs"]
mod mark;
#[path = "../sql/people.rs"]
mod people;
#[path = "../sql/read.rs"]
mod read;
#[path = "../sql/receipts.rs"]
mod receipts;
#[path = "../sql/remove.rs"]
mod remove;
#[path = "../sql/rows.rs"]
mod rows;
#[path = "../sql/send.rs"]
mod send;
#[path = "../sql/sessions.rs"]
mod sessions;
#[path = "../sql/store.rs"]
mod store;
#[path = "../sql/sync.rs"]
mod sync;

use connections::Pool;
use errors::fault;

/// A database of a Postgres server.
pub struct Postgres {
    pen: Pool,
    readers: Pool,
}

// What the shared text calls these.
type Backend = Postgres;
type Connection = sqlx::PgConnection;
type Database = sqlx::Postgres;
type Row = sqlx::postgres::PgRow;
