//! One's own profile and sign-ins.

use super::{ChatService, Operation};
use crate::Result;
use crate::account::Identity;
use crate::store::ProfileChange;
use protocol::{Person, SignIn};

impl ChatService {
    /// Changes the names and the colour of a person. A repeat changes nothing.
    ///
    /// # Errors
    /// [`Invalid`](protocol::ErrorCode::Invalid), with the name of the field: a value breaks a rule, and nothing is changed.
    pub async fn update_profile(&self, user: &Person, change: ProfileChange) -> Result<Person> {
        self.charge(user, Operation::Change)?;
        self.inner.accounts.change_profile(user.id, change).await
    }

    /// The person's sign-ins, the current one first. To end them costs nothing: it must work while somebody else uses up the bucket.
    ///
    /// # Errors
    /// `rate_limited`.
    pub async fn sign_ins(&self, who: &Identity) -> Result<Vec<SignIn>> {
        self.charge(&who.person, Operation::Page)?;
        self.inner.accounts.sign_ins(who).await
    }
}
