//! SQL and logic that both databases share. Compiled once as a child of `sqlite` and once of `postgres`, with the types and the
//! dialect of its parent.

use super::{
    Backend, Connection, Database, Row, connections, dialect, erase, erasure, locks, mark_sql, send_sql,
};

mod accounts;
mod changes;
mod commit;
mod counters;
mod create_conversation;
mod delete;
mod hide;
mod list;
mod listed;
pub(super) mod mark;
pub(super) mod people;
pub(super) mod person_words;
mod read;
mod receipts;
mod remove;
pub(super) mod rows;
pub(super) mod send;
mod sign_ins;
#[cfg(test)]
pub(super) mod statements;
mod store;
mod sync;
