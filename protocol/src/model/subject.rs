//! Subjects: the things of a product that conversations are about.

use serde::{Deserialize, Serialize};

/// The subject of a conversation, such as a listing or a job, as the product described it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Subject {
    /// The kind, a word of the server's configuration, such as `listing`.
    pub kind: String,
    /// The product's id of the subject, 1 to 200 characters.
    pub id: String,
    /// The name of the kind for people, 1 to 40 characters, such as "Listing".
    pub kind_name: String,
    /// The title, 1 to 120 characters.
    pub title: String,
    /// The http or https URL of the subject's page, at most 2,048 characters; absent if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The URL of a picture, at most 2,048 characters, of an origin that the configuration of the kind allows; absent if there
    /// is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Facts about the subject, in the order in which they are shown; at most 12.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<SubjectField>,
    /// The reason why the conversation is closed, 1 to 280 characters: it can be read, and nobody can write. Absent while
    /// it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<String>,
    /// Who closed it; absent while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<ClosedBy>,
}

/// Who closed a conversation about a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClosedBy {
    /// A moderator.
    Moderator,
    /// A participant. Only then may participants reopen it, if their role may.
    Participant,
    /// The product, or somebody whom this version does not know.
    #[serde(other)]
    Product,
}

/// A fact about a subject, such as its price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SubjectField {
    /// The name, 1 to 40 characters, such as "Price".
    pub name: String,
    /// The value, 1 to 200 characters, such as "40 €".
    pub value: String,
}
