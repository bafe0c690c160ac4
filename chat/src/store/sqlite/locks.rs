//! Row locks of a batch: none, since SQLite has one write transaction at a time.

use super::Connection;
use crate::store::Write;
use crate::store::error::Result;
use protocol::UserId;

pub(super) async fn take(_: &mut Connection, _: &[Write]) -> Result<()> {
    Ok(())
}

pub(super) async fn for_import(_: &mut Connection, _: &[i64], _: &[i64]) -> Result<()> {
    Ok(())
}

pub(super) async fn for_rest(_: &mut Connection, _: UserId, _: &[i64]) -> Result<()> {
    Ok(())
}

pub(super) async fn for_suspension(_: &mut Connection, _: UserId) -> Result<()> {
    Ok(())
}
