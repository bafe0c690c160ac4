//! Changing preferences.

use super::{ChatService, Operation, unexpected};
use crate::Result;
use crate::store::{Outcome, Write};
use protocol::{Person, Preferences, PreferencesChange};

impl ChatService {
    /// Changes preferences, publishes them to the connections of the person, and returns all of them. A repeat changes nothing.
    ///
    /// # Errors
    /// [`Invalid`](protocol::ErrorCode::Invalid), with the name of the field: a value breaks a rule, and nothing is changed.
    pub async fn update_preferences(&self, user: &Person, change: PreferencesChange) -> Result<Preferences> {
        self.charge(user, Operation::Change)?;
        let write = Write::UpdatePreferences { user: user.id, change: Box::new(change) };
        match self.inner.writer.write(write).await? {
            Outcome::PreferencesUpdated { preferences, .. } => {
                if !preferences.show_typing {
                    // On other nodes, the connections of the person do it.
                    self.inner.typing.hide(user.id);
                }
                Ok(preferences)
            }
            other => Err(unexpected(&other)),
        }
    }
}
