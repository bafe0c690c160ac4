//! SQLite against the contract, and what is SQLite's own.

mod backups;
mod faults;
mod opening;
mod plans;
mod redating;

use super::Sqlite;
use crate::store::Store;
use crate::store::contract::World;
use std::sync::Arc;

/// An empty store in a folder of its own.
async fn make() -> (Arc<dyn Store>, tempfile::TempDir) {
    let (store, folder) = sqlite().await;
    (store, folder)
}

/// The same, as what it is.
async fn sqlite() -> (Arc<Sqlite>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path().join("rapport.db")).await.unwrap();
    (Arc::new(store), folder)
}

/// A world over it.
fn world(store: &Arc<Sqlite>) -> World {
    World::new(Arc::clone(store) as Arc<dyn Store>)
}

mod contract {
    use super::make;
    crate::store::contract::store_contract!(make);
}
