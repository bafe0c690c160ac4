//! Extractors whose rejections are [`HttpError`]s, in place of axum's plain text.

use crate::error::HttpError;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use protocol::{ConversationId, ErrorCode};
use serde::de::DeserializeOwned;

/// A JSON body, of the content type `application/json`.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, state: &S) -> Result<Self, HttpError> {
        let content_type =
            request.headers().get(header::CONTENT_TYPE).and_then(|content_type| content_type.to_str().ok());
        let content_type =
            content_type.and_then(|content_type| content_type.split(';').next()).unwrap_or_default();
        if content_type.trim() != "application/json" {
            return Err(HttpError::new(ErrorCode::Malformed, "The body must be application/json"));
        }
        let body = body(request, state).await?;
        match serde_json::from_slice(&body) {
            Ok(value) => Ok(Self(value)),
            Err(error) if error.is_data() => Err(HttpError::new(ErrorCode::Malformed, error.to_string())),
            Err(_) => Err(ErrorCode::InvalidJson.into()),
        }
    }
}

/// An optional JSON body: absent if the request has no content type.
impl<S: Send + Sync, T: DeserializeOwned> OptionalFromRequest<S> for Json<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, HttpError> {
        if !request.headers().contains_key(header::CONTENT_TYPE) {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state).await.map(Some)
    }
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
        let content_type =
            request.headers().get(header::CONTENT_TYPE).and_then(|content_type| content_type.to_str().ok());
        if content_type
            .is_some_and(|content_type| !content_type.starts_with("application/x-www-form-urlencoded"))
        {
            return Err(HttpError::new(
                ErrorCode::Malformed,
                "The body must be application/x-www-form-urlencoded",
            ));
        }
        let body = body(request, state).await?;
        Ok(Self(form_urlencoded::parse(&body).into_owned().collect()))
    }
}

async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, HttpError> {
    Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::TooLarge.into(),
        _ => ErrorCode::Malformed.into(),
    })
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

/// The query string.
#[derive(Debug)]
pub(crate) struct QueryParams<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryParams<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(query)| Self(query))
            .map_err(|rejection| HttpError::new(ErrorCode::Malformed, rejection.body_text()))
    }
}
