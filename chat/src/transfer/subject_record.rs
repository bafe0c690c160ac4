//! The subjects of conversations in the lines of a file.

use crate::service::{checked_card, checked_reason, subject_key};
use crate::store::TransferSubject;
use crate::subject_kind::SubjectKind;
use crate::{Error, Result};
use protocol::{ClosedBy, ErrorBody, ErrorCode, Subject, SubjectField};
use serde::{Deserialize, Serialize};

/// A subject. The name of its kind follows from the configuration.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SubjectRecord {
    kind: String,
    id: String,
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<SubjectField>,
    /// The reason why the conversation is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closed: Option<String>,
    /// Who closed it; the product, if it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closed_by: Option<ClosedBy>,
}

impl From<Subject> for SubjectRecord {
    fn from(subject: Subject) -> Self {
        let Subject { kind, id, kind_name: _, title, url, image, fields, closed, closed_by } = subject;
        Self { kind, id, title, url, image, fields, closed, closed_by }
    }
}

impl SubjectRecord {
    /// The subject, by the rules for products and the kinds of this installation.
    ///
    /// # Errors
    /// `Invalid`: the kind is not configured, or a value breaks a rule.
    pub(super) fn checked(self, kinds: &[SubjectKind]) -> Result<TransferSubject> {
        let kind = configured(kinds, &self.kind)?;
        let Self { kind: _, id, title, url, image, fields, closed, closed_by } = self;
        let key = subject_key(kind, &id)?;
        let card = checked_card(kind, &title, url.as_deref(), image.as_deref(), fields)?;
        let closed = closed.as_deref().map(checked_reason).transpose()?;
        let closed_by = closed.as_ref().map(|_| closed_by.unwrap_or(ClosedBy::Product));
        Ok(TransferSubject { subject: card.subject(key, closed, closed_by), has_one: kind.has_one })
    }
}

/// The configured kind of this word.
///
/// # Errors
/// `Invalid`: there is none.
pub(super) fn configured<'a>(kinds: &'a [SubjectKind], word: &str) -> Result<&'a SubjectKind> {
    let unknown = || -> Error {
        let why = format!("There is no kind of subjects named {word} in the configuration");
        ErrorBody::because(ErrorCode::Invalid, why).into()
    };
    kinds.iter().find(|kind| kind.kind() == word).ok_or_else(unknown)
}
