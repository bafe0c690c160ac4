//! Kinds of subjects: the tables `[rapport.subjects.<kind>]`.

use super::comma_list::list;
use chat::SubjectKind;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A table before validation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSubjectKind {
    name: String,
    #[serde(deserialize_with = "list")]
    roles: Vec<String>,
    per_subject: PerSubject,
    #[serde(default, deserialize_with = "list")]
    image_origins: Vec<String>,
    #[serde(default, deserialize_with = "list")]
    closed_by: Vec<String>,
    #[serde(default, deserialize_with = "list")]
    moderators: Vec<String>,
    #[serde(default, deserialize_with = "list")]
    moderator_roles: Vec<String>,
}

/// The number of conversations that a subject has.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PerSubject {
    /// One, whoever the participants are.
    One,
    /// One for each set of people.
    Many,
}

/// Validates the tables.
///
/// # Errors
/// The invalid key with its table, and why.
pub(super) fn check(raw: &BTreeMap<String, RawSubjectKind>) -> Result<Vec<SubjectKind>, String> {
    let kinds = raw.iter().map(|(kind, raw)| {
        let has_one = matches!(raw.per_subject, PerSubject::One);
        SubjectKind::new(kind, &raw.name, &raw.roles, has_one, &raw.image_origins)
            .and_then(|kind| kind.with_closed_by(&raw.closed_by))
            .and_then(|kind| kind.moderated_by(&raw.moderators, &raw.moderator_roles))
            .map_err(|why| format!("subjects.{kind}: {why}"))
    });
    kinds.collect()
}
