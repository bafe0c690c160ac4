//! The contract on Postgres, and tests of Postgres alone.

mod faults;
mod groups;
mod nodes;
mod opening;
mod plans;
mod webhooks;

use super::Postgres;
use crate::store::Store;
use crate::store::contract::World;
use std::sync::{Arc, LazyLock};

/// One server for all of these tests.
static SERVER: LazyLock<test_servers::Postgres> =
    LazyLock::new(|| test_servers::Postgres::start().expect("Postgres"));

/// An empty store in a database of its own.
async fn make() -> (Arc<dyn Store>, ()) {
    (postgres().await.0, ())
}

/// The same, with its concrete type and its URL.
async fn postgres() -> (Arc<Postgres>, String) {
    let url = SERVER.database().unwrap();
    (Arc::new(Postgres::open_url(&url).await.unwrap()), url)
}

/// The fixture of this store.
fn world(store: &Arc<Postgres>) -> World {
    World::new(Arc::clone(store) as Arc<dyn Store>)
}

mod contract {
    use super::make;
    crate::store::contract::store_contract!(make);
}
