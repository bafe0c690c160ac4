//! Two people who are there for this check alone.

use super::report::Wrong;
use crate::backend::{Backend, ServerError};
use crate::config::Config;
use chat::account::{Accounts, Registration};
use protocol::UserId;

/// One of them.
#[derive(Debug)]
pub(super) struct Guest {
    pub(super) id: UserId,
    pub(super) username: String,
    pub(super) password: String,
    pub(super) token: String,
}

/// Both, and the database that they were made in.
pub(super) struct Guests {
    backend: Backend,
    pub(super) anna: Guest,
    pub(super) ben: Guest,
}

impl Guests {
    pub(super) async fn make(config: &Config) -> Result<Self, Wrong> {
        let backend = Backend::open(config).await.map_err(|error| beside(&error, config))?;
        let accounts = backend.accounts(config);
        let anna = Guest::make(&accounts).await.map_err(|error| beside(&error, config))?;
        match Guest::make(&accounts).await {
            Ok(ben) => Ok(Self { backend, anna, ben }),
            Err(error) => {
                // Nothing of it stays.
                let _ = backend.store.delete_account(anna.id).await;
                Err(beside(&error, config))
            }
        }
    }

    /// Takes them out again, with all that they said.
    pub(super) async fn leave(self, config: &Config) -> Result<(), Wrong> {
        for guest in [&self.anna, &self.ben] {
            let gone = self.backend.store.delete_account(guest.id).await;
            gone.map_err(|error| beside(&error.into(), config))?;
        }
        Ok(())
    }
}

impl Guest {
    async fn make(accounts: &Accounts) -> Result<Self, ServerError> {
        let username = format!("check-{}", &uuid::Uuid::new_v4().simple().to_string()[..16]);
        // Nobody else ever learns it.
        let password = uuid::Uuid::new_v4().to_string();
        let registration = Registration { username, password: password.clone(), ..Registration::default() };
        let account = accounts.register(registration).await?;
        let token = accounts.issue(&account, "rapport check").await?.access;
        Ok(Self { id: account.person.id, username: account.person.username, password, token })
    }
}

/// What is wrong with the data folder or the database in it.
fn beside(error: &ServerError, config: &Config) -> Wrong {
    let data = config.data.display();
    Wrong::new(
        error.to_string(),
        "this must run where the server does, as its user, and the folder and the database in it must be that user's",
    )
    .change(format!("chown -R rapport: {data}, or run this as the owner of {data}"))
    .change("RAPPORT_DATA (or --data) and RAPPORT_DATABASE_URL of this command, to those of the server")
}
