//! The shared statements whose plans are tested: those that run often, or on tables that grow.

use super::{
    accounts, changes, counters, delete, hide, list, listed, mark_sql, people, read, receipts, remove,
    send_sql, sign_ins, sync,
};

pub(in crate::store) const STATEMENTS: [&str; 30] = [
    send_sql::MESSAGES,
    mark_sql::CONTEXT,
    mark_sql::UPDATE_POSITIONS,
    hide::LOOK,
    delete::LOOK,
    remove::LOOK,
    read::PAGE,
    read::PAGE_AFTER,
    read::SENT,
    read::COUNTER,
    read::IS_MEMBER,
    changes::FOUND,
    changes::SEEN_BY,
    changes::BY_NOBODY,
    changes::CHANGED_MEMBERS,
    list::ALL,
    list::ONE,
    list::SOME,
    list::PAGE_KEYS,
    list::ALL_SOME_MEMBERS,
    list::SOME_MEMBERS,
    list::ALL_MEMBERS,
    listed::WRITE,
    sync::HIDDEN,
    counters::USER_COUNTERS,
    accounts::SIGNED_IN,
    people::CONTACTS,
    sign_ins::OF,
    receipts::LOOK,
    receipts::OF,
];
