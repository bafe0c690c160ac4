//! Administration: people, groups and service keys. For service keys of the scope `admin`.

pub(crate) mod groups;
pub(crate) mod keys;
pub(crate) mod people;

use crate::error::HttpError;
use protocol::ErrorCode;
use serde::Deserialize;

/// Default and maximum length of a page.
const PAGE: usize = 50;
const MAX_PAGE: usize = 200;

/// A number of the path; an invalid one is answered as an unknown one is.
fn number(text: &str) -> Result<i64, HttpError> {
    text.parse().map_err(|_| ErrorCode::NotFound.into())
}

/// A page of a list in the order of ids.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
pub(crate) struct PageQuery {
    /// Only those with an id above this one: the `next` of the page before.
    after: Option<i64>,
    /// Length of the page, 1 to 200; 50 by default.
    limit: Option<i64>,
}
