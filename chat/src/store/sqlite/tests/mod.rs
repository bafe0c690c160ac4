//! The contract on SQLite, and tests of SQLite alone.

mod backups;
mod erasing;
mod faults;
mod opening;
mod plans;
mod redating;
mod webhooks;

use super::Sqlite;
use crate::store::Store;
use crate::store::contract::World;
use std::sync::Arc;

/// An empty store in a folder of its own.
async fn make() -> (Arc<dyn Store>, tempfile::TempDir) {
    let (store, folder) = sqlite().await;
    (store, folder)
}

/// The same, with its concrete type.
async fn sqlite() -> (Arc<Sqlite>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path().join("rapport.db")).await.unwrap();
    (Arc::new(store), folder)
}

/// The fixture of this store.
fn world(store: &Arc<Sqlite>) -> World {
    World::new(Arc::clone(store) as Arc<dyn Store>)
}

mod contract {
    use super::make;
    crate::store::contract::store_contract!(make);
}
