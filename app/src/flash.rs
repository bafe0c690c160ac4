//! Flash message: the outcome of a plain form, shown once by the next page.

use crate::i18n::{reason, t};
use protocol::{ErrorBody, ErrorCode};
use serde::{Deserialize, Serialize};

/// A plain form. The text of a refusal depends on the form.
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
    /// Changing name and picture.
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

/// Outcome of a form. The session keeps it until `page` is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flash {
    /// The form.
    pub form: Form,
    /// Path of the page that shows the outcome.
    pub page: String,
    /// Reason of the refusal; `None` if the form was accepted.
    pub refused: Option<ErrorBody>,
    /// Name of the field that the refusal is about.
    pub field: Option<String>,
    /// Fields as typed, except passwords: name and text.
    pub typed: Vec<(String, String)>,
}

impl Flash {
    /// Outcome of a form that was accepted.
    #[must_use]
    pub fn done(form: Form, page: &str) -> Self {
        Self { form, page: page.to_owned(), refused: None, field: None, typed: Vec::new() }
    }

    /// Outcome of a form that was refused.
    #[must_use]
    pub fn refused(form: Form, page: &str, why: ErrorBody) -> Self {
        Self { refused: Some(why), ..Self::done(form, page) }
    }

    /// Adds the name of the field that the refusal is about.
    #[must_use]
    pub fn about(mut self, field: Option<&str>) -> Self {
        self.field = field.map(str::to_owned);
        self
    }

    /// Adds fields as they were typed.
    #[must_use]
    pub fn typed<'a>(mut self, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        self.typed.extend(fields.into_iter().map(|(field, text)| (field.to_owned(), text.to_owned())));
        self
    }

    /// Text that was typed into this field.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<String> {
        self.typed.iter().find(|(name, _)| name == field).map(|(_, text)| text.clone())
    }

    /// Text of the outcome in the reader's language.
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
        // The reader is signed in, but the page with the form was rendered for another person.
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

/// Translation of a rule for names and passwords, which the domain states in English for programs.
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
