//! Profile of a person.

use super::{Accounts, names};
use crate::Result;
use crate::bus::{Push, Topic};
use crate::store::Profile;
use protocol::{ErrorBody, ErrorCode, Person, ServerFrame, UserId, UserUpdated};

/// Number of colours of a picture.
const HUES: u8 = 8;

impl Accounts {
    /// Sets the names and the colour of the picture (`None`: derived from the id), and publishes them to the connections of
    /// this person and of everybody who shares a conversation with them.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] for a name that a registration refuses too, or for an unknown colour.
    pub async fn profile(
        &self,
        user: UserId,
        first_name: &str,
        last_name: &str,
        hue: Option<u8>,
    ) -> Result<Person> {
        let (first_name, last_name) = (names::name(first_name)?, names::name(last_name)?);
        if hue.is_some_and(|hue| hue >= HUES) {
            return Err(invalid("A picture's colour is a number from 0 to 7"));
        }
        let account = self.store.set_profile(user, &Profile { first_name, last_name, hue }).await?;
        if let Some(bus) = &self.bus {
            let frame = ServerFrame::UserUpdated(UserUpdated { user: account.person.clone() });
            let others = Push::frame(Topic::Presence(user), &frame).except(user);
            bus.publish(vec![others, Push::frame(Topic::Person(user), &frame)]);
        }
        Ok(account.person)
    }
}

fn invalid(why: &str) -> crate::Error {
    ErrorBody::because(ErrorCode::Invalid, why).into()
}
