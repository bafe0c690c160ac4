//! Row locks of a batch: none, since SQLite has one write transaction at a time.

use super::Connection;
use crate::store::Write;
use crate::store::error::Result;

pub(super) async fn take(_: &mut Connection, _: &[Write]) -> Result<()> {
    Ok(())
}
