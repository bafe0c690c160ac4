//! `rapport serve --demo`: a server with sample users and conversations, and simulated users who answer, so that a single
//! visitor sees all features live. Its data is in a temporary directory, which is removed when the server stops.

mod cast;
mod client;
mod companion;
mod config;
mod history;
mod script;
mod stage;
#[cfg(test)]
mod tests;
mod timing;
mod visitors;

pub(crate) use config::configure;
pub(crate) use timing::Timing;

use crate::data_dir::{self, DataDirError};
use cast::{CAST, Part};
use chat::account::{Accounts, Registration};
use chat::store::{Account, AccountKind, AccountStore as _, NewAccount, Sqlite};
use chat::{ChatService, Clock as _, Limits, Supervisor, SystemClock, contain};
use companion::Companion;
use protocol::{AddableBy, Person, Timestamp, UserId};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::sync::mpsc;
pub(crate) use visitors::Visitors;

/// Password of all users of the demonstration, for use with the API.
const PASSWORD: &str = "demonstration";

/// Creates the temporary directory, private to its owner and removed on drop.
pub(crate) fn folder() -> Result<TempDir, DataDirError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut builder = tempfile::Builder::new();
    builder.prefix("rapport-demo-").permissions(std::fs::Permissions::from_mode(0o700));
    builder.tempdir().map_err(|error| DataDirError::Io(std::env::temp_dir(), error))
}

/// The demonstration of a server.
pub(crate) struct Demo {
    cast: Arc<Cast>,
    offered: Vec<Account>,
    timing: Timing,
}

/// The sample users, and which of them visitors have taken over.
pub(crate) struct Cast {
    people: HashMap<UserId, (Person, &'static Part)>,
    visitors: Visitors,
    /// Messages from before are history, and are not answered.
    began: Timestamp,
}

impl Cast {
    /// Whether the user is simulated now.
    fn plays(&self, id: UserId) -> bool {
        self.people.contains_key(&id) && !self.visitors.has(id)
    }

    fn parts(&self) -> impl Iterator<Item = &'static Part> {
        self.people.values().map(|(_, part)| *part)
    }
}

impl Demo {
    /// Creates users and history in the database of this directory, before the server opens it.
    ///
    /// # Errors
    /// The database cannot be written.
    pub(crate) async fn make(data: &Path, timing: Timing) -> chat::Result<Self> {
        let store = Arc::new(Sqlite::open(data_dir::database_path(data)).await?);
        let began = SystemClock.now();
        let accounts = people(&store, began).await?;
        history::write(&store, &accounts, began).await?;
        let people = accounts.iter().zip(&CAST);
        let people =
            people.map(|(account, part)| (account.person.id, (account.person.clone(), part))).collect();
        let offered = accounts.into_iter().zip(&CAST).filter(|(_, part)| part.offered);
        let offered = offered.map(|(account, _)| account).collect();
        Ok(Self { cast: Arc::new(Cast { people, visitors: Visitors::default(), began }), offered, timing })
    }

    /// Starts the simulated users; they run until the stop.
    pub(crate) fn begin(&self, chat: &ChatService, supervisor: &Supervisor) {
        let stop = supervisor.stop();
        let mut stage = HashMap::new();
        for (me, part) in self.cast.people.values() {
            let (order, orders) = mpsc::channel(4);
            stage.insert(part.username, order);
            let companion = Companion {
                chat: chat.clone(),
                me: me.clone(),
                part,
                cast: Arc::clone(&self.cast),
                timing: self.timing,
                orders,
                stop: stop.clone(),
            };
            supervisor.spawn("simulated user", companion.play(part.early));
        }
        supervisor.spawn("end of visits", self.cast.visitors.clone().let_go(self.timing, stop.clone()));
        // Ends with its last message.
        let stage = stage::play(Arc::clone(&self.cast), stage, self.timing, stop.clone());
        tokio::spawn(contain("group messages", stage));
    }

    /// Users that visitors may sign in as.
    pub(crate) fn offered(&self) -> impl Iterator<Item = &Person> {
        self.offered.iter().map(|account| &account.person)
    }

    /// The visits.
    pub(crate) fn visitors(&self) -> &Visitors {
        &self.cast.visitors
    }

    /// Starts a visit as this user, who is not simulated meanwhile. `None` if the user is not offered.
    pub(crate) fn take(&self, username: &str) -> Option<&Account> {
        let account = self.offered.iter().find(|account| account.person.username == username)?;
        self.cast.visitors.take(account.person.id);
        Some(account)
    }
}

/// Creates the accounts. The shared password is hashed once.
async fn people(store: &Arc<Sqlite>, now: Timestamp) -> chat::Result<Vec<Account>> {
    let limits = Limits { addable_by: AddableBy::Everyone, ..Limits::default() };
    let accounts = Accounts::new(store.clone(), Arc::new(SystemClock), &limits, &[0; 32]);
    let mut made: Vec<Account> = Vec::new();
    for part in &CAST {
        let (username, (first_name, last_name)) = (part.username.to_owned(), part.name);
        let (first_name, last_name) = (first_name.to_owned(), last_name.to_owned());
        made.push(match made.first() {
            None => {
                let password = PASSWORD.to_owned();
                accounts.register(Registration { username, password, first_name, last_name }).await?
            }
            Some(first) => {
                let password_hash = first.password_hash.clone();
                let account = NewAccount {
                    username,
                    first_name,
                    last_name,
                    password_hash,
                    kind: AccountKind::Person,
                    addable_by: AddableBy::Everyone,
                    request_hash: None,
                };
                store.create_account(account, now).await?
            }
        });
    }
    Ok(made)
}
