//! Profile of a person.

use super::{Accounts, names};
use crate::Result;
use crate::bus::{Push, Topic};
use crate::store::ProfileChange;
use protocol::{ErrorBody, ErrorCode, Person, ServerFrame, UserId, UserUpdated};

/// Number of colours of a picture.
const HUES: u8 = 8;

impl Accounts {
    /// Sets the names and the colour of the picture (`None`: derived from the id).
    ///
    /// # Errors
    /// Those of [`Self::change_profile`].
    pub async fn profile(
        &self,
        user: UserId,
        first_name: &str,
        last_name: &str,
        hue: Option<u8>,
    ) -> Result<Person> {
        let (first_name, last_name) = (Some(first_name.to_owned()), Some(last_name.to_owned()));
        self.change_profile(user, ProfileChange { first_name, last_name, hue: Some(hue), picture: None })
            .await
    }

    /// Changes the names, the colour and the picture, and publishes a change to the connections of this person and of everybody
    /// who shares a conversation with them. A repeat changes nothing.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`], with the name of the field, for a name that a registration refuses too, or for an unknown colour.
    pub async fn change_profile(&self, user: UserId, change: ProfileChange) -> Result<Person> {
        let change = ProfileChange {
            first_name: checked("first_name", change.first_name)?,
            last_name: checked("last_name", change.last_name)?,
            hue: change.hue,
            picture: change.picture,
        };
        if change.hue.flatten().is_some_and(|hue| hue >= HUES) {
            return Err(invalid("hue", "a picture's colour is a number from 0 to 7"));
        }
        let before = self.store.account(user).await?.map(|account| account.person);
        let person = self.store.change_profile(user, &change).await?.person;
        if let Some(bus) = self.bus.as_ref().filter(|_| before.as_ref() != Some(&person)) {
            let frame = ServerFrame::UserUpdated(UserUpdated { user: person.clone() });
            let others = Push::frame(Topic::Presence(user), &frame).except(user);
            bus.publish(vec![others, Push::frame(Topic::Person(user), &frame)]);
        }
        Ok(person)
    }
}

/// The name, normalised.
fn checked(field: &str, name: Option<String>) -> Result<Option<String>> {
    let name = name.map(|name| names::name(&name)).transpose();
    name.map_err(|rule| invalid(field, rule.text()))
}

fn invalid(field: &str, why: &str) -> crate::Error {
    ErrorBody::because(ErrorCode::Invalid, format!("{field}: {why}")).into()
}
