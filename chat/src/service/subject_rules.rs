//! The rules for subjects of a product: their ids, descriptions, and the reasons for closing.

use super::conversations::{invalid, refused_title};
use crate::Result;
use crate::entered_text::one_line;
use crate::store::{SubjectCard, SubjectKey};
use crate::subject_kind::{MAX_NAME, SubjectKind};
use protocol::{SubjectField, limits};
use url::Url;

/// Maximum length of the product's id of a subject, in characters.
const MAX_ID: usize = 200;
/// Maximum length of a URL, in bytes.
const MAX_URL: usize = 2_048;
/// Maximum number of fields.
const MAX_FIELDS: usize = 12;
/// Maximum length of the value of a field.
const MAX_VALUE: usize = 200;

/// Whether a text can be the id of a subject: it is printable and has no slash, so that it is one segment of an address.
pub(super) fn is_subject_id(id: &str) -> bool {
    let is_printable = |c: char| !c.is_control() && !c.is_whitespace() && !protocol::is_invisible(c);
    !id.is_empty()
        && id.chars().nth(MAX_ID).is_none()
        && id.chars().all(|c| is_printable(c) && !matches!(c, '/' | '\\'))
}

/// The identity of a subject.
///
/// # Errors
/// `Invalid`: the id breaks the rule.
pub(crate) fn subject_key(kind: &SubjectKind, id: &str) -> Result<SubjectKey> {
    if is_subject_id(id) {
        return Ok(SubjectKey { kind: kind.kind.clone(), id: id.to_owned() });
    }
    Err(invalid(format!("The id of a subject has 1 to {MAX_ID} visible characters, no space and no slash")))
}

/// The description of a subject of this kind, normalised.
///
/// # Errors
/// `Invalid`: a value breaks a rule.
pub(crate) fn checked_card(
    kind: &SubjectKind,
    title: &str,
    url: Option<&str>,
    image: Option<&str>,
    fields: Vec<SubjectField>,
) -> Result<SubjectCard> {
    let title = one_line(title, limits::MAX_TITLE).map_err(refused_title)?;
    if title.is_empty() {
        return Err(invalid("`title` is missing"));
    }
    if fields.len() > MAX_FIELDS {
        return Err(invalid(format!("There are at most {MAX_FIELDS} fields")));
    }
    let fields = fields.into_iter().map(field).collect::<Result<_>>()?;
    let url = url.map(|url| web_url("url", url)).transpose()?.map(String::from);
    let image = image.map(|image| web_url("image", image)).transpose()?;
    if let Some(image) = &image
        && !kind.image_origins.allow(image)
    {
        return Err(invalid("`image` is not at one of the image_origins of the kind"));
    }
    Ok(SubjectCard { kind_name: kind.name.clone(), title, url, image: image.map(String::from), fields })
}

/// The reason why a conversation is closed, normalised.
///
/// # Errors
/// `Invalid`: it is not one line of the permitted length.
pub(crate) fn checked_reason(reason: &str) -> Result<String> {
    let line = one_line(reason, limits::MAX_CLOSING_REASON).ok().filter(|reason| !reason.is_empty());
    line.ok_or_else(|| {
        invalid(format!("`reason` is one line of 1 to {} characters", limits::MAX_CLOSING_REASON))
    })
}

fn field(field: SubjectField) -> Result<SubjectField> {
    let line = |text: &str, most: usize| {
        let line = one_line(text, most).ok().filter(|line| !line.is_empty());
        line.ok_or_else(|| {
            invalid(format!(
                "A field has a `name` of 1 to {MAX_NAME} characters and a `value` of 1 to {MAX_VALUE}, each in one line"
            ))
        })
    };
    Ok(SubjectField { name: line(&field.name, MAX_NAME)?, value: line(&field.value, MAX_VALUE)? })
}

/// An http or https URL without a password, in its normal form, which is ASCII.
fn web_url(key: &str, text: &str) -> Result<Url> {
    let refused = || invalid(format!("`{key}` is no http or https URL of at most {MAX_URL} characters"));
    if text.len() > MAX_URL {
        return Err(refused());
    }
    let url = Url::parse(text).map_err(|_| refused())?;
    let is_web =
        matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
    if is_web && url.as_str().len() <= MAX_URL { Ok(url) } else { Err(refused()) }
}
