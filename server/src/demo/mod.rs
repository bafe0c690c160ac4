//! `rapport serve --demo`: a server of its own with people, conversations worth looking at, and companions who answer,
//! so that one visitor alone sees everything live. All of it lies in a folder that goes when the server stops.

mod cast;
mod client;
mod companion;
mod config;
mod history;
mod script;
mod sign_in;
mod stage;
#[cfg(test)]
mod tests;
mod timing;
mod visitors;

pub(crate) use config::configure;
pub(crate) use sign_in::sign_in;
pub(crate) use timing::Timing;

use crate::backend::ServerError;
use crate::data_dir::DataDirError;
use cast::{CAST, Part};
use chat::account::{Accounts, Registration};
use chat::store::{Account, AccountStore as _, NewAccount, Sqlite};
use chat::{Chat, Clock as _, Limits, SystemClock};
use companion::Companion;
use protocol::{Person, Timestamp, UserId};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
pub(crate) use visitors::Visitors;

/// What everybody in the demonstration signs in with, for those who try the API.
const PASSWORD: &str = "demonstration";

/// The folder, for its owner's eyes only. It goes when this is dropped.
pub(crate) fn folder() -> Result<TempDir, DataDirError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut builder = tempfile::Builder::new();
    builder.prefix("rapport-demo-").permissions(std::fs::Permissions::from_mode(0o700));
    builder.tempdir().map_err(|error| DataDirError::Io(std::env::temp_dir(), error))
}

/// A demonstration, from the first message of its history on.
pub(crate) struct Demo {
    cast: Arc<Cast>,
    offered: Vec<Account>,
    timing: Timing,
}

/// Who is played by a companion, and who is not for now.
pub(crate) struct Cast {
    people: HashMap<UserId, (Person, &'static Part)>,
    visitors: Visitors,
    /// What was said before is history.
    began: Timestamp,
}

impl Cast {
    /// Whether what this person says comes from a companion.
    fn plays(&self, id: UserId) -> bool {
        self.people.contains_key(&id) && !self.visitors.has(id)
    }

    fn parts(&self) -> impl Iterator<Item = &'static Part> {
        self.people.values().map(|(_, part)| *part)
    }
}

impl Demo {
    /// Makes the people and their history in the database of this folder, before anybody opens it.
    ///
    /// # Errors
    /// The database cannot be written.
    pub(crate) async fn make(data: &Path, timing: Timing) -> Result<Self, ServerError> {
        let store = Arc::new(Sqlite::open(crate::backend::database_path(data)).await?);
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

    /// Has everybody played until `stop`.
    pub(crate) fn begin(&self, chat: &Chat, stop: &CancellationToken) {
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
            tokio::spawn(companion.play(part.early));
        }
        tokio::spawn(self.cast.visitors.clone().let_go(self.timing, stop.clone()));
        tokio::spawn(stage::play(Arc::clone(&self.cast), stage, self.timing, stop.clone()));
    }

    /// Whom a visitor may be.
    pub(crate) fn offered(&self) -> impl Iterator<Item = &Person> {
        self.offered.iter().map(|account| &account.person)
    }

    /// Who is here in somebody's place.
    pub(crate) fn visitors(&self) -> &Visitors {
        &self.cast.visitors
    }

    /// A visitor comes as this person, who is not played meanwhile. None: nobody that is offered.
    pub(crate) fn take(&self, username: &str) -> Option<&Account> {
        let account = self.offered.iter().find(|account| account.person.username == username)?;
        self.cast.visitors.take(account.person.id);
        Some(account)
    }
}

/// Accounts for the whole cast. One password is hashed for all of them.
async fn people(store: &Arc<Sqlite>, now: Timestamp) -> Result<Vec<Account>, ServerError> {
    let accounts = Accounts::new(store.clone(), Arc::new(SystemClock), &Limits::default(), &[0; 32]);
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
                let account = NewAccount { username, first_name, last_name, password_hash };
                store.create_account(account, now).await?
            }
        });
    }
    Ok(made)
}
