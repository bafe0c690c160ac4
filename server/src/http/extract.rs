//! Extractors whose rejections are [`HttpError`]s, in place of axum's plain text.

use crate::error::HttpError;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use protocol::{ConversationId, ErrorCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A JSON body, of the media type `application/json`.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

/// The body of a request that needs none.
#[derive(Deserialize)]
pub(crate) struct NoFields {}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, state: &S) -> Result<Self, HttpError> {
        require_json(request.headers())?;
        parse(&body(request, state).await?).map(Self)
    }
}

/// An optional JSON body: absent if the body is empty.
impl<S: Send + Sync, T: DeserializeOwned> OptionalFromRequest<S> for Json<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, HttpError> {
        let is_json = require_json(request.headers());
        let body = body(request, state).await?;
        if body.is_empty() {
            return Ok(None);
        }
        is_json?;
        parse(&body).map(|value| Some(Self(value)))
    }
}

/// Rejects a request whose body is not declared as JSON.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), HttpError> {
    require_media_type(headers, "application/json")
}

/// Compares without case and parameters (RFC 9110, 8.3.1).
fn require_media_type(headers: &HeaderMap, wanted: &str) -> Result<(), HttpError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    if media_type.trim().eq_ignore_ascii_case(wanted) {
        return Ok(());
    }
    Err(HttpError::new(ErrorCode::UnsupportedMediaType, format!("The body must be {wanted}")))
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, HttpError> {
    let parsed = serde_json::from_slice(body).map_err(|error| match error.is_data() {
        true => HttpError::new(ErrorCode::Malformed, error.to_string()),
        false => ErrorCode::InvalidJson.into(),
    })?;
    // Serde also reads the fields of a struct from an array, and absent ones by their default from an empty one.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(HttpError::new(ErrorCode::Malformed, "The body must be a JSON object"));
    }
    Ok(parsed)
}

/// The fields of a URL-encoded form, in order.
#[derive(Debug)]
pub(crate) struct FormFields(Vec<(String, String)>);

impl FormFields {
    /// The first field of this name; empty if there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// All fields of this name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl<S: Send + Sync> FromRequest<S> for FormFields {
    type Rejection = HttpError;

    async fn from_request(request: Request, state: &S) -> Result<Self, HttpError> {
        let is_form = require_media_type(request.headers(), "application/x-www-form-urlencoded");
        let body = body(request, state).await?;
        if !body.is_empty() {
            is_form?;
        }
        Ok(Self(form_urlencoded::parse(&body).into_owned().collect()))
    }
}

/// The body, which the middleware has read and bounded.
async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, HttpError> {
    Bytes::from_request(request, state).await.map_err(|_| ErrorCode::Malformed.into())
}

/// The conversation id `{id}` of the path. An invalid id is answered with 404, as an unknown one is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConversationPath(pub(crate) ConversationId);

impl<S: Send + Sync> FromRequestParts<S> for ConversationPath {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let ids = Path::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let ids = ids.map(|Path(ids)| ids).unwrap_or_default();
        let id = ids.iter().find(|(name, _)| name == "id").and_then(|(_, id)| id.parse().ok());
        id.map(Self).ok_or_else(|| ErrorCode::NotFound.into())
    }
}

/// The query string. Parameters with an empty value count as absent.
#[derive(Debug)]
pub(crate) struct QueryParams<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryParams<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let query = parts.uri.query().unwrap_or_default();
        let given = form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| !value.is_empty());
        let given = form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
        let uri = Uri::try_from(format!("/?{given}")).map_err(|_| HttpError::from(ErrorCode::Malformed))?;
        Query::try_from_uri(&uri)
            .map(|Query(query)| Self(query))
            .map_err(|rejection| HttpError::new(ErrorCode::Malformed, rejection.body_text()))
    }
}
