//! Exports everything from one snapshot.

use super::record::Record;
use crate::store::{ImportCounts, Store, TransferRow};
use crate::{Error, Result};
use protocol::ConversationId;
use std::io::{self, Write};

/// Writes people, conversations and messages as lines, or one conversation with its people. Returns their numbers.
///
/// # Errors
/// The database failed, or an error of the output in the inner result.
pub async fn export(
    store: &dyn Store,
    only: Option<ConversationId>,
    output: &mut impl Write,
) -> Result<io::Result<ImportCounts>> {
    let mut counts = ImportCounts::default();
    let mut reader = store.export(only).await?;
    loop {
        let rows = reader.next().await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            match &row {
                TransferRow::Person(_) => counts.people += 1,
                TransferRow::Conversation(_) => counts.conversations += 1,
                TransferRow::Message(_) => counts.messages += 1,
            }
            let mut line = serde_json::to_vec(&Record::from(row))
                .map_err(|error| Error::Internal(format!("a line of the export: {error}")))?;
            line.push(b'\n');
            if let Err(error) = output.write_all(&line) {
                return Ok(Err(error));
            }
        }
    }
    Ok(output.flush().map(|()| counts))
}
