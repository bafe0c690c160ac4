//! What a plain form is answered with: the next page says it, once.

use crate::i18n::{reason, t};
use protocol::{ErrorBody, ErrorCode};
use serde::{Deserialize, Serialize};

/// A plain form: the same refusal means something else in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Signing in.
    SignIn,
    /// Registering an account.
    Register,
    /// Starting a conversation.
    Conversation,
    /// Sending a message, marking read.
    Message,
    /// One's name and picture.
    Profile,
    /// Changing the password.
    Password,
    /// Ending a sign-in.
    SignIns,
    /// Ending all other sign-ins.
    OtherSignIns,
    /// Theme, language, time zone.
    Appearance,
}

/// How a form went. Kept in the session until the page is shown that it is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flash {
    /// Which form.
    pub form: Form,
    /// The path of the page that says it.
    pub page: String,
    /// Why it was refused; none: it is done.
    pub refused: Option<ErrorBody>,
    /// The field that is to be changed.
    pub field: Option<String>,
    /// What was typed, but for passwords: field and text.
    pub typed: Vec<(String, String)>,
}

impl Flash {
    /// The form has done what it says.
    #[must_use]
    pub fn done(form: Form, page: &str) -> Self {
        Self { form, page: page.to_owned(), refused: None, field: None, typed: Vec::new() }
    }

    /// The form was refused.
    #[must_use]
    pub fn refused(form: Form, page: &str, why: ErrorBody) -> Self {
        Self { refused: Some(why), ..Self::done(form, page) }
    }

    /// With the field that is wrong.
    #[must_use]
    pub fn about(mut self, field: Option<&str>) -> Self {
        self.field = field.map(str::to_owned);
        self
    }

    /// With what was typed into these fields.
    #[must_use]
    pub fn typed<'a>(mut self, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        self.typed.extend(fields.into_iter().map(|(field, text)| (field.to_owned(), text.to_owned())));
        self
    }

    /// What was typed into this field.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<String> {
        self.typed.iter().find(|(name, _)| name == field).map(|(_, text)| text.clone())
    }

    /// In the reader's words.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.refused {
            Some(error) => refusal(self.form, error),
            None => match self.form {
                Form::Profile => t!("settings.profile_saved"),
                Form::Password => t!("settings.password_saved"),
                Form::SignIns => t!("settings.sign_in_ended"),
                Form::OtherSignIns => t!("settings.other_sign_ins_ended"),
                Form::Appearance => t!("settings.appearance_saved"),
                Form::SignIn | Form::Register | Form::Conversation | Form::Message => String::new(),
            },
        }
    }
}

fn refusal(form: Form, error: &ErrorBody) -> String {
    match (error.code, form) {
        (ErrorCode::NotAuthenticated, Form::SignIn) => t!("form.name_and_password"),
        (ErrorCode::Forbidden, Form::Password) => t!("form.current_password"),
        // Whoever reads this is signed in: the page with the form was made for somebody else.
        (ErrorCode::NotAuthenticated, _) => t!("form.somebody_elses_page"),
        (ErrorCode::Conflict, Form::Register) => t!("form.name_taken"),
        (ErrorCode::Invalid, Form::Conversation) => t!("form.conversation"),
        (ErrorCode::Invalid, Form::Appearance) => t!("form.appearance"),
        (ErrorCode::NotFound, Form::Conversation) => t!("form.people_not_found"),
        (ErrorCode::NotFound, Form::SignIns) => t!("form.sign_in_gone"),
        (ErrorCode::RateLimited, Form::SignIn | Form::Register | Form::Password) => {
            t!("form.too_many_attempts")
        }
        (ErrorCode::Invalid, _) => rule(&error.message).unwrap_or_else(|| reason(error)),
        _ => reason(error),
    }
}

/// The rules for names and passwords in the reader's words; the domain says them in English, as programs get them.
fn rule(why: &str) -> Option<String> {
    Some(match why {
        "A username has 3 to 32 characters" => t!("outside.username_length"),
        "A username is made of the letters a to z, digits, and _ . -" => t!("outside.username_letters"),
        "A password has at least 8 characters" => t!("outside.password_short"),
        "A password has at most 1,024 bytes" => t!("outside.password_long"),
        "A name has at most 80 characters" => t!("outside.name_long"),
        "A name has at most 4 marks on one letter" => t!("outside.name_marks"),
        "A name cannot begin with a mark that belongs to a letter" => t!("outside.name_mark_first"),
        "A name cannot hold invisible characters" => t!("outside.name_invisible"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chat::account::Registration;

    fn said(form: Form, code: ErrorCode) -> String {
        Flash::refused(form, "/", code.into()).words()
    }

    #[test]
    fn the_same_code_means_something_else_elsewhere() {
        assert_ne!(said(Form::Register, ErrorCode::Conflict), said(Form::Conversation, ErrorCode::Conflict));
        assert!(said(Form::SignIn, ErrorCode::RateLimited).contains("Wait"));
    }

    #[test]
    fn f2_every_rule_is_said_in_the_reader_s_language() {
        let good = || Registration {
            username: "anna".into(),
            password: "12345678".into(),
            ..Registration::default()
        };
        let named = |first_name: String| Registration { first_name, ..good() };
        let cases = [
            Registration { username: "x".into(), ..good() },
            Registration { username: "a b".into(), ..good() },
            Registration { password: "short".into(), ..good() },
            Registration { password: "x".repeat(2_000), ..good() },
            named("W".repeat(5_000)),
            named(format!("a{}", "\u{301}".repeat(10))),
            named("\u{301}a".into()),
            named("\u{202e}evil".into()),
        ];
        for case in cases {
            let (_, why) = case.wrong().expect("a refusal");
            assert!(rule(&why.message).is_some(), "{why:?}");
        }
        assert!(good().wrong().is_none());
    }

    #[test]
    fn everything_that_can_be_done_is_said() {
        for form in [Form::Profile, Form::Password, Form::SignIns, Form::Appearance] {
            assert!(!Flash::done(form, "/settings").words().is_empty(), "{form:?}");
        }
    }
}
