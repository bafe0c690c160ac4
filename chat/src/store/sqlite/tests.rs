//! SQLite against the contract, and what is SQLite's own.

use super::Sqlite;
use crate::store::Store;
use std::sync::Arc;

/// An empty store in a folder of its own.
async fn make() -> (Arc<dyn Store>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path().join("rapport.db")).await.unwrap();
    (Arc::new(store), folder)
}

mod contract {
    use super::make;
    crate::store::contract::store_contract!(make);
}
