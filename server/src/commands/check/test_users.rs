//! Two users that exist only during the check.

use super::report::Problem;
use crate::backend::{Backend, ServerError};
use crate::check_guests;
use crate::config::Config;
use crate::file_lock::FileLock;
use chat::account::{Accounts, Registration};
use chat::store::AccountKind;
use protocol::UserId;
use std::path::Path;

/// A temporary user.
#[derive(Debug)]
pub(super) struct TestUser {
    pub(super) id: UserId,
    pub(super) username: String,
    pub(super) password: String,
    pub(super) token: String,
}

/// Both users, and the database that they are in.
pub(super) struct TestUsers {
    backend: Backend,
    _lock: Option<FileLock>,
    pub(super) anna: TestUser,
    pub(super) ben: TestUser,
}

impl TestUsers {
    pub(super) async fn make(config: &Config) -> Result<Self, Problem> {
        let backend = Backend::open(config).await.map_err(|error| data_problem(&error, config))?;
        let lock = check_guests::begin(&config.data, &*backend.store, backend.clock.now()).await;
        let accounts = backend.accounts(config);
        let anna =
            TestUser::make(&accounts, &config.data).await.map_err(|error| data_problem(&error, config))?;
        match TestUser::make(&accounts, &config.data).await {
            Ok(ben) => Ok(Self { backend, _lock: lock, anna, ben }),
            Err(error) => {
                // Leaves nothing behind.
                let _ = backend.store.delete_account(anna.id).await;
                Err(data_problem(&error, config))
            }
        }
    }

    /// Deletes the users and their messages.
    pub(super) async fn leave(self, config: &Config) -> Result<(), Problem> {
        for guest in [&self.anna, &self.ben] {
            let gone = self.backend.store.delete_account(guest.id).await;
            gone.map_err(|error| data_problem(&error.into(), config))?;
        }
        Ok(())
    }
}

impl TestUser {
    async fn make(accounts: &Accounts, data: &Path) -> Result<Self, ServerError> {
        let username = check_guests::username(data);
        // Random and never stored elsewhere.
        let password = uuid::Uuid::new_v4().to_string();
        let registration = Registration { username, password: password.clone(), ..Registration::default() };
        let account = accounts.register_as(registration, AccountKind::Temporary).await?;
        let token = accounts.issue(&account, "rapport check").await?.access;
        Ok(Self { id: account.person.id, username: account.person.username, password, token })
    }
}

/// A problem with the data directory or its database.
fn data_problem(error: &ServerError, config: &Config) -> Problem {
    let data = config.data.display();
    Problem::new(
        error.to_string(),
        "this command must run on the server's machine as the server's user, who must own the data folder and its database",
    )
    .change(format!("chown -R rapport: {data}, or run this command as the owner of {data}"))
    .change("set RAPPORT_DATA (or --data) and RAPPORT_DATABASE_URL of this command to those of the server")
}
