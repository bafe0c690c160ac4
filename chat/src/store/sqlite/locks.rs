//! What a batch locks before it begins: nothing, since whoever writes is alone.

use super::Connection;
use crate::store::Write;
use crate::store::error::Result;

pub(super) async fn take(_: &mut Connection, _: &[Write]) -> Result<()> {
    Ok(())
}
