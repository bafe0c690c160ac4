//! Changing one's own profile.

use super::{ChatService, Operation};
use crate::Result;
use crate::store::ProfileChange;
use protocol::Person;

impl ChatService {
    /// Changes the names and the colour of a person. A repeat changes nothing.
    ///
    /// # Errors
    /// [`Invalid`](protocol::ErrorCode::Invalid), with the name of the field: a value breaks a rule, and nothing is changed.
    pub async fn update_profile(&self, user: &Person, change: ProfileChange) -> Result<Person> {
        self.charge(user, Operation::Change)?;
        self.inner.accounts.change_profile(user.id, change).await
    }
}
