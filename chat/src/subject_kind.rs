//! Kinds of subjects: the things of a product that conversations are about, as the installation configures them.

use crate::entered_text::one_line;
use crate::image_origins::ImageOrigins;
use crate::policy::{ModeratorRule, may_moderate};

/// Maximum length of the word of a kind.
const MAX_KIND: usize = 40;
/// Maximum length of the name of a kind and of a role.
pub(crate) const MAX_NAME: usize = 40;
/// Maximum number of roles of a kind.
const MAX_ROLES: usize = 16;
/// Maximum length of the name of a moderator, and of a role in the product.
const MAX_MODERATOR: usize = 64;

/// Whether a text can be the word of a kind.
pub(crate) fn is_kind(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    text.len() <= MAX_KIND && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(allowed)
}

/// A configured kind of subjects; validated by [`Self::new`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectKind {
    /// The word in addresses and on the wire, such as `listing`.
    pub(crate) kind: String,
    /// The name for people.
    pub(crate) name: String,
    /// The roles that participants have, such as `buyer` and `seller`.
    pub(crate) roles: Vec<String>,
    /// Whether a subject has one conversation, or one for each set of people.
    pub(crate) has_one: bool,
    /// The origins of pictures.
    pub(crate) image_origins: ImageOrigins,
    /// The roles whose participants may close and reopen conversations.
    closed_by: Vec<String>,
    /// The people who moderate its conversations.
    moderators: ModeratorRule,
}

impl SubjectKind {
    /// A kind with this word, name and roles. `image_origins`: the origins from which pictures are shown.
    ///
    /// # Errors
    /// The key that is invalid, and why.
    pub fn new(
        kind: &str,
        name: &str,
        roles: &[String],
        has_one: bool,
        image_origins: &[String],
    ) -> Result<Self, String> {
        if !is_kind(kind) {
            return Err(format!(
                "a kind is a word of at most {MAX_KIND} lower-case letters, digits, - and _, beginning with a letter"
            ));
        }
        let line = |key: &str, text: &str| match one_line(text, MAX_NAME) {
            Ok(line) if !line.is_empty() => Ok(line),
            _ => Err(format!("{key}: `{text}` is not one line of 1 to {MAX_NAME} characters")),
        };
        let name = line("name", name)?;
        let roles = roles.iter().map(|role| line("roles", role)).collect::<Result<Vec<_>, _>>()?;
        if roles.is_empty() || roles.len() > MAX_ROLES {
            return Err(format!("roles: there must be 1 to {MAX_ROLES}"));
        }
        if (1..roles.len()).any(|at| roles[..at].contains(&roles[at])) {
            return Err("roles: each must be there once".to_owned());
        }
        let image_origins = ImageOrigins::parse(image_origins)?;
        let (closed_by, moderators) = (Vec::new(), ModeratorRule::default());
        Ok(Self { kind: kind.to_owned(), name, roles, has_one, image_origins, closed_by, moderators })
    }

    /// The kind with the roles whose participants may close and reopen conversations, as the product always may.
    ///
    /// # Errors
    /// A role that the kind does not have.
    pub fn with_closed_by(mut self, roles: &[String]) -> Result<Self, String> {
        self.closed_by = roles.iter().map(|role| role.trim().to_owned()).collect();
        match self.closed_by.iter().find(|role| !self.roles.contains(role)) {
            Some(role) => Err(format!("closed_by: `{role}` is none of the roles")),
            None => Ok(self),
        }
    }

    /// The kind with these moderators: people by their usernames, and by their roles in the product, which the tokens of single
    /// sign-on give.
    ///
    /// # Errors
    /// The key that is invalid, and why.
    pub fn moderated_by(self, usernames: &[String], roles: &[String]) -> Result<Self, String> {
        let each = |key: &str, texts: &[String]| {
            let one = |text: &String| match one_line(text, MAX_MODERATOR) {
                Ok(line) if !line.is_empty() => Ok(line),
                _ => Err(format!("{key}: `{text}` is not one line of 1 to {MAX_MODERATOR} characters")),
            };
            texts.iter().map(one).collect::<Result<Vec<_>, _>>()
        };
        let moderators = ModeratorRule {
            usernames: each("moderators", usernames)?,
            roles: each("moderator_roles", roles)?,
        };
        Ok(Self { moderators, ..self })
    }

    /// Whether anybody moderates by a role in the product.
    pub(crate) fn has_moderator_roles(&self) -> bool {
        !self.moderators.roles.is_empty()
    }

    /// Whether a person with this username, and this role in the product, moderates the conversations about it.
    pub(crate) fn is_moderated_by(&self, username: &str, role: Option<&str>) -> bool {
        may_moderate(&self.moderators, username, role)
    }

    /// The word in addresses and on the wire.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The name for people.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The roles whose participants may close and reopen conversations.
    #[must_use]
    pub fn closed_by(&self) -> &[String] {
        &self.closed_by
    }

    /// The origins from which pictures are shown, for a Content-Security-Policy.
    #[must_use]
    pub fn image_origins(&self) -> &[String] {
        self.image_origins.as_slice()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c4_a_kind_is_checked_when_it_is_configured() {
        let roles = ["buyer".to_owned(), "seller".to_owned()];
        let make = |kind: &str, name: &str, roles: &[String], origin: &str| {
            SubjectKind::new(kind, name, roles, false, &[origin.to_owned()])
        };
        let kind = make("listing", " Listing ", &roles, "https://IMG.example:443/").unwrap();
        assert_eq!(
            (kind.name(), kind.image_origins()),
            ("Listing", ["https://img.example".to_owned()].as_slice())
        );
        let origin = "https://img.example";
        for kind in ["", "Listing", "7", "a/b", "a b", "ä", &"a".repeat(41)] {
            assert!(make(kind, "Listing", &roles, origin).is_err(), "{kind:?}");
        }
        for name in ["", " ", "a\nb", &"a".repeat(41)] {
            assert!(make("listing", name, &roles, origin).is_err(), "{name:?}");
        }
        let twice = ["buyer".to_owned(), "buyer ".to_owned()];
        for roles in [&[][..], &twice[..], &["".to_owned()][..]] {
            assert!(make("listing", "Listing", roles, origin).is_err(), "{roles:?}");
        }
        for origin in
            ["img.example", "https://img.example/path", "ftp://img.example", "https://a@img.example", "*"]
        {
            assert!(make("listing", "Listing", &roles, origin).is_err(), "{origin:?}");
        }
    }

    #[test]
    fn c4_only_roles_of_the_kind_close() {
        let roles = ["buyer".to_owned(), "seller".to_owned()];
        let closed_by = |closing: &[&str]| {
            let closing: Vec<_> = closing.iter().map(|role| (*role).to_owned()).collect();
            SubjectKind::new("listing", "Listing", &roles, false, &[]).unwrap().with_closed_by(&closing)
        };
        assert_eq!(closed_by(&[]).unwrap().closed_by(), [""; 0]);
        assert_eq!(closed_by(&[" seller"]).unwrap().closed_by(), ["seller"]);
        for closing in ["Seller", "owner", ""] {
            let refused = closed_by(&["buyer", closing]).unwrap_err();
            assert!(refused.contains(&format!("closed_by: `{closing}`")), "{refused}");
        }
    }

    #[test]
    fn c4_moderators_are_one_line_each() {
        let roles = ["buyer".to_owned(), "seller".to_owned()];
        let make = |names: &[&str], roles_in_product: &[&str]| {
            let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
            let kind = SubjectKind::new("listing", "Listing", &roles, false, &[]).unwrap();
            kind.moderated_by(&owned(names), &owned(roles_in_product))
        };
        let kind = make(&["anna"], &["customer support"]).unwrap();
        assert!(kind.is_moderated_by("Anna", None) && kind.is_moderated_by("ben", Some("customer support")));
        assert!(!kind.is_moderated_by("ben", Some("buyer")), "a role in the subject is none in the product");
        assert!(make(&[""], &[]).unwrap_err().starts_with("moderators:"));
        assert!(make(&["a\nb"], &[]).unwrap_err().starts_with("moderators:"));
        assert!(make(&[], &[&"a".repeat(65)]).unwrap_err().starts_with("moderator_roles:"));
    }
}
