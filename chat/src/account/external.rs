//! Single sign-on: sign-ins by a product's hand-over token, whose signature and claims the caller has checked.

use super::{Accounts, names};
use crate::audit::{AuditAction, AuditEvent, AuditOutcome};
use crate::image_origins::{ImageOrigins, is_picture};
pub use crate::store::HandOver;
use crate::store::{Account, AccountKind, ExternalIdentity, ExternalSignIn, NewAccount, ProfileChange};
use crate::{Error, Result};
use protocol::{ErrorBody, ErrorCode, limits};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use url::Url;

/// Maximum length of an issuer and a subject, in bytes, and of a role, in characters.
const MAX_ISSUER: usize = 255;
const MAX_ROLE: usize = 64;
/// Numbers that are tried behind a username that is taken, before random ones.
const NUMBERED: std::ops::RangeInclusive<u32> = 2..=9;
/// Random suffixes that are tried after them.
const RANDOM_ATTEMPTS: usize = 3;

/// A person as a product describes them.
#[derive(Clone, Debug, Default)]
pub struct ExternalPerson {
    /// The token's `iss`.
    pub issuer: String,
    /// The token's `sub`: the product's own id of the person.
    pub subject: String,
    /// The shown name; `None` leaves it as it is.
    pub name: Option<String>,
    /// The username that a new account gets if it is free, else with a suffix; `None`: made of the name, or of the subject.
    pub username: Option<String>,
    /// The https URL of a picture; `None`: the person has none.
    pub picture: Option<String>,
    /// The origins from which pictures of the issuer's people are shown.
    pub image_origins: ImageOrigins,
    /// The person's role in the product.
    pub role: Option<String>,
}

/// Why a sign-in by a product's token failed.
#[derive(Debug, thiserror::Error)]
pub enum SingleSignOnError {
    /// The token was used before.
    #[error("the token was used before")]
    Replayed,
    /// The account is suspended.
    #[error("the account is suspended")]
    Suspended,
    /// A value breaks a rule, or the store failed.
    #[error(transparent)]
    Other(#[from] Error),
}

impl From<SingleSignOnError> for Error {
    fn from(error: SingleSignOnError) -> Self {
        let message = match error {
            SingleSignOnError::Replayed => "The token was used before",
            SingleSignOnError::Suspended => "This account is suspended",
            SingleSignOnError::Other(error) => return error,
        };
        ErrorBody::because(ErrorCode::NotAuthenticated, message).into()
    }
}

impl Accounts {
    /// Signs a person of a product in: finds their account or creates it, and takes over the shown name and the picture. An account
    /// that was made in another way is never used.
    ///
    /// # Errors
    /// A used token, a suspended account, [`ErrorCode::Invalid`] for a value that breaks a rule; nothing is changed then, and
    /// the token is not used up.
    pub async fn sign_in_external(
        &self,
        person: &ExternalPerson,
        token: HandOver,
    ) -> Result<Account, SingleSignOnError> {
        let signed_in = self.find_or_create_external(person, token).await;
        let event = |outcome| AuditEvent::new(AuditAction::SingleSignOn, outcome);
        match &signed_in {
            Ok(account) if account.suspended => {
                event(AuditOutcome::Refused).by(account.person.id).emit();
                return Err(SingleSignOnError::Suspended);
            }
            Ok(account) => event(AuditOutcome::Ok).by(account.person.id).emit(),
            Err(SingleSignOnError::Other(Error::Refused(_))) | Err(SingleSignOnError::Replayed) => {
                event(AuditOutcome::Refused).emit();
            }
            Err(_) => {}
        }
        signed_in
    }

    async fn find_or_create_external(
        &self,
        person: &ExternalPerson,
        token: HandOver,
    ) -> Result<Account, SingleSignOnError> {
        let identity = validated(person)?;
        let name = person.name.as_deref().map(names::name).transpose().map_err(Error::from)?;
        let mut account = match self.store.external_account(&identity, token).await? {
            ExternalSignIn::Replayed => return Err(SingleSignOnError::Replayed),
            ExternalSignIn::Unknown => {
                let name = name.clone().unwrap_or_default();
                self.create_external(person, &identity, name, Some(token)).await?
            }
            ExternalSignIn::Known(account) => account,
        };
        if account.suspended {
            return Ok(account);
        }
        let known = &account.person;
        let shown = [known.first_name.as_str(), known.last_name.as_str()];
        let name = name.filter(|name| shown != [name.as_str(), ""]);
        let picture = Some(shown_picture(person)).filter(|picture| *picture != known.picture);
        if name.is_some() || picture.is_some() {
            let last_name = name.is_some().then(String::new);
            let change = ProfileChange { first_name: name, last_name, hue: None, picture };
            account.person = self.change_profile(known.id, change).await?;
        }
        Ok(account)
    }

    /// The accounts of people whom a product names by its service key, in the same order. They need not have signed in: an account
    /// is made at the first time. One that is there keeps its names.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] for a value that breaks a rule; no account is made then.
    pub(crate) async fn named_by_product(&self, people: &[&ExternalPerson]) -> Result<Vec<Account>> {
        let mut described = Vec::with_capacity(people.len());
        for person in people {
            let name = person.name.as_deref().map(names::name).transpose()?;
            described.push((*person, validated(person)?, name.unwrap_or_default()));
        }
        let mut accounts = Vec::with_capacity(people.len());
        for (person, identity, name) in described {
            let known = self.store.account_of_identity(&identity.issuer, &identity.subject).await?;
            accounts.push(match known {
                Some(account) => account,
                None => self.create_external(person, &identity, name, None).await?,
            });
        }
        Ok(accounts)
    }

    /// Creates the account under the first username of [`usernames`] that is free.
    async fn create_external(
        &self,
        person: &ExternalPerson,
        identity: &ExternalIdentity,
        first_name: String,
        token: Option<HandOver>,
    ) -> Result<Account, SingleSignOnError> {
        for username in usernames(person)? {
            let account = NewAccount {
                username,
                first_name: first_name.clone(),
                last_name: String::new(),
                password_hash: String::new(),
                kind: AccountKind::Person,
                addable_by: self.addable_by,
                request_hash: None,
            };
            match self.store.create_external_account(identity, account, token, self.clock.now()).await {
                Ok(ExternalSignIn::Known(account)) => {
                    AuditEvent::new(AuditAction::Register, AuditOutcome::Ok).by(account.person.id).emit();
                    return Ok(account);
                }
                Ok(ExternalSignIn::Replayed | ExternalSignIn::Unknown) => {
                    return Err(SingleSignOnError::Replayed);
                }
                Err(Error::Refused(body)) if body.code == ErrorCode::Conflict => {}
                Err(error) => return Err(error.into()),
            }
        }
        let why = "No username for this person is free";
        Err(Error::from(ErrorBody::because(ErrorCode::Conflict, why)).into())
    }
}

/// Whether a text can be an issuer or a subject.
pub(crate) fn is_identity(text: &str) -> bool {
    (1..=MAX_ISSUER).contains(&text.len()) && !text.chars().any(char::is_control)
}

fn validated(person: &ExternalPerson) -> Result<ExternalIdentity> {
    let ExternalPerson { issuer, subject, picture, role, .. } = person;
    if !is_identity(issuer) {
        return Err(invalid("iss: 1 to 255 bytes without control characters"));
    }
    if !is_identity(subject) {
        return Err(invalid("sub: 1 to 255 bytes without control characters"));
    }
    if picture.as_ref().is_some_and(|url| !is_picture(url)) {
        return Err(invalid("picture: an https URL of at most 2,048 characters"));
    }
    let is_role =
        |role: &String| (1..=MAX_ROLE).contains(&role.chars().count()) && !role.chars().any(char::is_control);
    if role.as_ref().is_some_and(|role| !is_role(role)) {
        return Err(invalid("role: 1 to 64 characters without control characters"));
    }
    Ok(ExternalIdentity {
        issuer: issuer.clone(),
        subject: subject.clone(),
        picture: picture.clone(),
        role: role.clone(),
    })
}

/// The picture that others see: that of the token, if it is of one of the issuer's origins.
fn shown_picture(person: &ExternalPerson) -> Option<String> {
    let given = person.picture.as_deref()?;
    let url = Url::parse(given).ok().filter(|url| person.image_origins.allow(url));
    // An escape can make it longer.
    let shown = url.map(String::from).filter(|url| is_picture(url));
    if shown.is_none() {
        let (issuer, subject) = (&person.issuer, &person.subject);
        tracing::debug!(issuer, subject, "a picture is not shown: its origin is none of the image_origins");
    }
    shown
}

fn invalid(why: &str) -> Error {
    ErrorBody::because(ErrorCode::Invalid, why).into()
}

/// The usernames to try, in order: the wanted one, then with a number, then with random letters.
fn usernames(person: &ExternalPerson) -> Result<Vec<String>> {
    let given = [person.username.as_deref(), person.name.as_deref(), Some(person.subject.as_str())];
    let base = given.into_iter().flatten().map(username_of).find(|name| !name.is_empty());
    let mut base = base.unwrap_or_else(|| "person".to_owned());
    if base.len() < *limits::USERNAME.start() {
        base = format!("user-{base}");
    }
    let with = |suffix: String| {
        let room = *limits::USERNAME.end() - suffix.len() - 1;
        format!("{}-{suffix}", base[..base.len().min(room)].trim_end_matches(['-', '.', '_']))
    };
    let mut tried = vec![base[..base.len().min(*limits::USERNAME.end())].to_owned()];
    tried.extend(NUMBERED.map(|number| with(number.to_string())));
    for _ in 0..RANDOM_ATTEMPTS {
        tried.push(with(super::tokens::random()?[..8].to_owned()));
    }
    Ok(tried)
}

/// The letters of a text that a username may have, in lower case and without marks; `.` for what is between them.
fn username_of(text: &str) -> String {
    let mut name = String::new();
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).take(64) {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('.') {
            name.push('.');
        }
    }
    name.trim_matches(['.', '-', '_']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(username: Option<&str>, name: Option<&str>, subject: &str) -> String {
        let person = ExternalPerson {
            username: username.map(str::to_owned),
            name: name.map(str::to_owned),
            subject: subject.to_owned(),
            ..ExternalPerson::default()
        };
        let tried = usernames(&person).unwrap();
        for name in &tried {
            assert!(names::username(name).is_ok(), "{name}");
        }
        assert_eq!(tried.len(), 12);
        assert!(tried.iter().enumerate().all(|(at, name)| !tried[..at].contains(name)), "{tried:?}");
        tried[0].clone()
    }

    #[test]
    fn x2_a_username_is_made_of_what_the_product_gives() {
        for (username, name, subject, made) in [
            (Some("ana_s"), Some("Ana Silva"), "7", "ana_s"),
            (None, Some("Ana Silva"), "7", "ana.silva"),
            (None, Some("Zoë  Müller-Lüdenscheidt"), "7", "zoe.muller-ludenscheidt"),
            (None, Some("王小明"), "7", "user-7"),
            (None, None, "auth0|5f7c", "auth0.5f7c"),
            (Some("@@@"), None, "王", "person"),
            (None, Some("a b"), "1", "a.b"),
        ] {
            assert_eq!(first(username, name, subject), made);
        }
        assert_eq!(first(Some(&"x".repeat(300)), None, "7").len(), 32);
    }
}
