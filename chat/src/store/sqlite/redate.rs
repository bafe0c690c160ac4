//! Giving messages the times of a history that was made up.

use super::connections::Pen;
use super::fault;
use super::rows::json;
use crate::Result;
use protocol::{MessageId, Timestamp};

/// See [`super::Sqlite::redate`].
pub(super) async fn all(pen: &Pen, moments: &[(MessageId, Timestamp)]) -> Result<()> {
    let moments: Vec<_> = moments.iter().map(|(id, at)| (id, at.0)).collect();
    let mut transaction = pen.begin().await?;
    sqlx::query(
        "UPDATE message SET created_at = j.value ->> 1 FROM json_each(?1) j WHERE message.id = j.value ->> 0",
    )
    .bind(json(&moments)?)
    .execute(&mut *transaction)
    .await
    .map_err(fault)?;
    transaction.commit().await
}
