//! SQL and logic that both databases share. Compiled once as a child of `sqlite` and once of `postgres`, with the types and the
//! dialect of its parent.

use super::{
    Backend, Connection, Database, Row, connections, delete_account, dialect, erasure, locks, mark_sql,
    send_sql,
};

mod accounts;
mod administration;
mod changes;
mod commit;
mod counters;
mod create_conversation;
mod delete;
mod export;
mod external;
mod group;
mod hide;
mod history;
mod import;
mod incoming_webhooks;
mod invitation_links;
mod invitations;
mod inviter;
mod list;
mod list_pages;
mod listed;
pub(super) mod mark;
pub(super) mod membership;
pub(super) mod mention;
mod moderation;
pub(super) mod notifications;
pub(super) mod people;
pub(super) mod person_words;
mod preferences;
mod push;
mod push_claims;
mod push_sweep;
mod receipts;
mod request;
mod rest;
pub(super) mod rows;
pub(super) mod send;
mod service_keys;
mod sign_ins;
#[cfg(test)]
pub(super) mod statements;
mod store;
mod subjects;
mod sync;
mod system_message;
mod webhooks;
