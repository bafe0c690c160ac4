//! Flash messages: the result of a plain form, shown once by the next page.

use crate::i18n::{reason, t};
use chat::account::AccountRule;
use protocol::{ErrorBody, ErrorCode, UserId};
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
    /// Changing a group.
    Group,
    /// Closing or reopening a conversation.
    Closing,
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
    /// Kinds of notifications, quiet hours.
    Notifications,
    /// What others see.
    Privacy,
    /// Marking notifications as read.
    ReadNotifications,
    /// Whom a person lets add them to groups.
    Groups,
    /// Inviting people, answering an invitation.
    Invitation,
    /// Creating and revoking an incoming webhook.
    IncomingWebhook,
}

/// The result of a form. Stored in the session until its page is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flash {
    /// The form that was sent.
    pub form: Form,
    /// The path of the page that shows the result.
    pub page: String,
    /// The error; `None` if the form succeeded.
    pub refused: Option<ErrorBody>,
    /// The rule for usernames, passwords and names that the input breaks.
    #[serde(default)]
    pub rule: Option<AccountRule>,
    /// The name of the invalid field.
    pub field: Option<String>,
    /// The input, except passwords: field and text.
    pub typed: Vec<(String, String)>,
    /// The user who sent the form after the sign-in had ended: it was not processed, and is shown to this user alone.
    #[serde(default)]
    pub author: Option<UserId>,
}

impl Flash {
    /// The form succeeded.
    #[must_use]
    pub fn done(form: Form, page: &str) -> Self {
        let page = page.to_owned();
        Self { form, page, refused: None, rule: None, field: None, typed: Vec::new(), author: None }
    }

    /// Outcome of a form that was refused.
    #[must_use]
    pub fn refused(form: Form, page: &str, why: ErrorBody) -> Self {
        Self { refused: Some(why), ..Self::done(form, page) }
    }

    /// A form that this user sent after the sign-in had ended.
    #[must_use]
    pub fn unsaved(form: Form, page: &str, author: UserId) -> Self {
        let refused = Self::refused(form, page, ErrorCode::NotAuthenticated.into());
        Self { author: Some(author), ..refused }
    }

    /// With the rule that the input breaks.
    #[must_use]
    pub fn breaking(mut self, rule: Option<AccountRule>) -> Self {
        self.rule = rule;
        self
    }

    /// With the invalid field.
    #[must_use]
    pub fn about(mut self, field: Option<&str>) -> Self {
        self.field = field.map(str::to_owned);
        self
    }

    /// With the input of these fields.
    #[must_use]
    pub fn typed<'a>(mut self, fields: impl IntoIterator<Item = (&'a str, impl Into<String>)>) -> Self {
        self.typed.extend(fields.into_iter().map(|(field, text)| (field.to_owned(), text.into())));
        self
    }

    /// The input of this field.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<String> {
        self.typed.iter().find(|(name, _)| name == field).map(|(_, text)| text.clone())
    }

    /// The result in the reader's language.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.refused {
            Some(_) if self.author.is_some() => t!("form.sign_in_ended"),
            Some(error) => refusal(self.form, error, self.rule, self.field.as_deref()),
            None => match self.form {
                Form::Profile => t!("settings.profile_saved"),
                Form::Password => t!("settings.password_saved"),
                Form::SignIns => t!("settings.sign_in_ended"),
                Form::OtherSignIns => t!("settings.other_sign_ins_ended"),
                Form::Appearance | Form::Notifications | Form::Privacy | Form::Groups => {
                    t!("settings.appearance_saved")
                }
                Form::Invitation => {
                    t!("invitation.invited", who = self.text("invited").unwrap_or_default())
                }
                Form::SignIn
                | Form::Register
                | Form::Conversation
                | Form::Message
                | Form::ReadNotifications
                | Form::IncomingWebhook
                | Form::Group
                | Form::Closing => String::new(),
            },
        }
    }
}

fn refusal(form: Form, error: &ErrorBody, rule: Option<AccountRule>, field: Option<&str>) -> String {
    match (error.code, form) {
        (ErrorCode::NotAuthenticated, Form::SignIn) => t!("form.name_and_password"),
        (ErrorCode::Forbidden, Form::Password) => t!("form.current_password"),
        // The reader is signed in, but the page with the form was rendered for another person.
        (ErrorCode::NotAuthenticated, _) => t!("form.somebody_elses_page"),
        (ErrorCode::Conflict, Form::Register) => t!("form.name_taken"),
        (ErrorCode::Invalid, Form::Conversation) => t!("form.conversation"),
        (ErrorCode::IdConflict, Form::Conversation) => t!("form.conversation_exists"),
        (ErrorCode::Invalid, Form::Appearance) if field == Some("time_zone") => t!("form.quiet_zone_needed"),
        (ErrorCode::Invalid, Form::Appearance) => t!("form.appearance"),
        (ErrorCode::Invalid, Form::Notifications) if field.is_none() => t!("form.quiet_without_zone"),
        (ErrorCode::Invalid, Form::Notifications) => t!("form.quiet_times"),
        (ErrorCode::Invalid, Form::Closing) => t!("subject.reason_rule"),
        (ErrorCode::NotFound, Form::Conversation) => t!("form.people_not_found"),
        (ErrorCode::NotFound, Form::SignIns) => t!("form.sign_in_gone"),
        (ErrorCode::Conflict, Form::IncomingWebhook) => t!("webhook.full"),
        (ErrorCode::Invalid, Form::IncomingWebhook) if rule.is_none() => t!("webhook.invalid"),
        (ErrorCode::NotFound, Form::Invitation) => t!("invitation.ended"),
        (ErrorCode::RateLimited, Form::SignIn | Form::Register | Form::Password) => {
            t!("form.too_many_attempts")
        }
        (ErrorCode::Invalid, _) => rule.map_or_else(|| reason(error), rule_text),
        _ => reason(error),
    }
}

/// The rule in the reader's language.
fn rule_text(rule: AccountRule) -> String {
    match rule {
        AccountRule::UsernameLength => t!("account.username_length"),
        AccountRule::UsernameCharacters => t!("account.username_letters"),
        AccountRule::PasswordTooShort => t!("account.password_short"),
        AccountRule::PasswordTooLong => t!("account.password_long"),
        AccountRule::PasswordControls => t!("account.password_controls"),
        AccountRule::NameTooLong => t!("account.name_long"),
        AccountRule::NameMarks => t!("account.name_marks"),
        AccountRule::NameBeginsWithMark => t!("account.name_mark_first"),
        AccountRule::NameInvisible => t!("account.name_invisible"),
        AccountRule::NameBeginsWithAt => t!("account.name_at"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;
    use chat::account::Registration;
    use leptos::prelude::{Owner, provide_context};

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
            named("@cara".into()),
        ];
        for case in cases {
            let (_, rule) = case.broken_rule().expect("a refusal");
            let flash = Flash::refused(Form::Register, "/register", rule.into()).breaking(Some(rule));
            let shown = Owner::new().with(|| {
                provide_context(Language::De);
                flash.words()
            });
            assert!(
                !shown.is_empty() && !shown.starts_with("account."),
                "the catalogue has {rule:?}: {shown}"
            );
            assert_ne!(shown, reason(&rule.into()), "the text of the wire is not shown");
        }
        assert!(good().broken_rule().is_none());
    }

    #[test]
    fn everything_that_can_be_done_is_said() {
        for form in [
            Form::Profile,
            Form::Password,
            Form::SignIns,
            Form::Appearance,
            Form::Notifications,
            Form::Privacy,
            Form::Groups,
            Form::Invitation,
        ] {
            assert!(!Flash::done(form, "/settings").words().is_empty(), "{form:?}");
        }
    }
}
