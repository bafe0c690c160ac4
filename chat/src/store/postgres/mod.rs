//! Postgres, for several nodes on one database. Row locks, taken in one order everywhere, serialise their writes.

mod circuit_breaker;
mod connect;
mod connections;
mod dialect;
mod erase;
mod errors;
mod locks;
mod mark_sql;
mod open;
mod send_sql;
#[cfg(test)]
mod tests;

// Modules that both databases share, compiled for each with its own types.
#[path = "../shared_sql/accounts.rs"]
mod accounts;
#[path = "../shared_sql/changes.rs"]
mod changes;
#[path = "../shared_sql/commit.rs"]
mod commit;
#[path = "../shared_sql/counters.rs"]
mod counters;
#[path = "../shared_sql/create_conversation.rs"]
mod create_conversation;
#[path = "../shared_sql/delete.rs"]
mod delete;
#[path = "../shared_sql/hide.rs"]
mod hide;
#[path = "../shared_sql/list.rs"]
mod list;
#[path = "../shared_sql/listed.rs"]
mod listed;
#[path = "../shared_sql/mark.rs"]
mod mark;
#[path = "../shared_sql/people.rs"]
mod people;
#[path = "../shared_sql/read.rs"]
mod read;
#[path = "../shared_sql/receipts.rs"]
mod receipts;
#[path = "../shared_sql/remove.rs"]
mod remove;
#[path = "../shared_sql/rows.rs"]
mod rows;
#[path = "../shared_sql/send.rs"]
mod send;
#[path = "../shared_sql/sign_ins.rs"]
mod sign_ins;
#[cfg(test)]
#[path = "../shared_sql/statements.rs"]
mod statements;
#[path = "../shared_sql/store.rs"]
mod store;
#[path = "../shared_sql/sync.rs"]
mod sync;

use connections::Connections;
pub(super) use errors::classify;

/// A database of a Postgres server.
pub struct Postgres {
    writer: Connections,
    readers: Connections,
}

// The types that the shared modules are compiled for.
type Backend = Postgres;
type Connection = sqlx::PgConnection;
type Database = sqlx::Postgres;
type Row = sqlx::postgres::PgRow;
