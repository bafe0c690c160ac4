//! The temporary accounts of `rapport check`: their names, and the deletion of those that a killed check left behind.
//!
//! A check holds a shared lock in its data directory while it runs. Whoever gets the exclusive lock knows that no check of this
//! directory runs, so that all accounts with its names are left over.

use crate::file_lock::FileLock;
use chat::store::Store;
use protocol::Timestamp;
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// Name of the lock file in the data directory.
pub(crate) const LOCK: &str = "check.lock";
/// Age from which on an account is left over, whoever created it, in microseconds: a check takes a minute.
const LEFT_OVER_MICROS: i64 = 600 * 1_000_000;

/// Deletes left-over accounts, then locks the directory for a check. `None` if its lock file cannot be written.
pub(crate) async fn begin(data: &Path, store: &dyn Store, now: Timestamp) -> Option<FileLock> {
    delete_left_over(data, store, now).await;
    let path = data.join(LOCK);
    // May wait for another process that deletes accounts.
    let locked = tokio::task::spawn_blocking(move || FileLock::shared(&path)).await;
    locked.ok().and_then(Result::ok)
}

/// Deletes the accounts of checks that were killed. A failure is logged only: the accounts do no harm.
pub(crate) async fn delete_left_over(data: &Path, store: &dyn Store, now: Timestamp) {
    let alone = FileLock::exclusive(&data.join(LOCK)).ok();
    let own = name_prefix(data);
    let is_left_over = |username: &str, created: Timestamp| {
        (alone.is_some() && username.starts_with(&own)) || created.0 < now.0 - LEFT_OVER_MICROS
    };
    let guests = match store.temporary_accounts().await {
        Ok(guests) => guests,
        Err(error) => {
            tracing::warn!(cause = %error, "accounts of earlier checks cannot be deleted");
            return;
        }
    };
    for (guest, _) in guests.iter().filter(|(guest, created)| is_left_over(&guest.username, *created)) {
        match store.delete_account(guest.id).await {
            Ok(()) => {
                tracing::info!(username = %guest.username, "deleted the account of a check that was killed")
            }
            Err(error) => tracing::warn!(cause = %error, "an account of a check cannot be deleted"),
        }
    }
}

/// A new username for a check of this directory.
pub(crate) fn username(data: &Path) -> String {
    let random = uuid::Uuid::new_v4().simple().to_string();
    format!("{}{}", name_prefix(data), random.get(..8).unwrap_or_default())
}

/// Beginning of the usernames of this machine and directory: nodes of one Postgres database have one each.
fn name_prefix(data: &Path) -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let folder = data.canonicalize().unwrap_or_else(|_| data.to_owned());
    let digest =
        Sha256::new().chain_update(host).chain_update(folder.as_os_str().as_encoded_bytes()).finalize();
    digest.iter().take(4).fold("check-".to_owned(), |name, byte| format!("{name}{byte:02x}"))
}
