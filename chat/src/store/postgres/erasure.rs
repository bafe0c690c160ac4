//! Removal of deleted content: left to the server. `VACUUM` does not overwrite it, and the server keeps its log as it is
//! configured to (docs/deploy.md).

use super::Postgres;
use crate::store::error::Result;

pub(super) async fn clear_unused_space(_: &Postgres) -> crate::Result<()> {
    Ok(())
}

pub(super) async fn scrub(_: &Postgres) -> Result<()> {
    Ok(())
}

/// Closes all connections.
pub(super) async fn close(store: &Postgres) {
    store.readers.close().await;
    store.writer.close().await;
}
