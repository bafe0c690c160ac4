//! How a person shows themselves, and how they want to be shown things.

use super::{Accounts, names};
use crate::Result;
use crate::bus::{Push, Topic};
use crate::store::Profile;
use protocol::{ErrorBody, ErrorCode, Person, Preferences, ServerFrame, UserId, UserUpdated};

/// Colours of pictures.
const HUES: u8 = 8;
const THEMES: [&str; 3] = ["auto", "light", "dark"];
const LANGUAGES: [&str; 4] = ["auto", "en", "de", "ar"];

impl Accounts {
    /// New names and a colour of the picture (none: by the id). Open pages of this person and of those who talk with them
    /// change at once. Refused (`invalid`) like the names of a registration.
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

    /// New preferences, as they are kept: a time zone by its proper name. Refused (`invalid`) where there is no such one.
    pub async fn preferences(&self, user: UserId, mut preferences: Preferences) -> Result<Preferences> {
        if !THEMES.contains(&preferences.theme.as_str()) {
            return Err(invalid("A theme is auto, light or dark"));
        }
        if !LANGUAGES.contains(&preferences.language.as_str()) {
            return Err(invalid("A language is auto, en, de or ar"));
        }
        if preferences.time_zone != "auto" {
            preferences.time_zone = crate::zone::proper_name(&preferences.time_zone)
                .ok_or_else(|| invalid("There is no such time zone"))?;
        }
        self.store.set_preferences(user, &preferences).await?;
        Ok(preferences)
    }
}

fn invalid(why: &str) -> crate::Error {
    ErrorBody::because(ErrorCode::Invalid, why).into()
}
