//! The header `Idempotency-Key`: the id of a request, for clients that send none in the body.

use crate::error::HttpError;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use protocol::{ClientId, ErrorCode};
use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

const NAME: &str = "idempotency-key";
/// Most letters of a key.
const MAX_LETTERS: usize = 255;

/// The key of a request, if it has one.
#[derive(Clone, Copy, Debug, utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct IdempotencyKey {
    /// A text that the client makes once per request, at most 255 visible letters of ASCII: a repeat of the request with it changes
    /// nothing and gets the same answer, and another request of the same kind is refused with 409. `client_id` of the body counts
    /// first.
    #[param(rename = "Idempotency-Key", value_type = Option<String>, max_length = 255)]
    id: Option<ClientId>,
}

impl IdempotencyKey {
    /// The id of a form with these choices. The page that Back shows may be sent with others: that is another request.
    pub(crate) fn of_form(form: ClientId, choices: &str) -> ClientId {
        hashed(&format!("{form} {choices}"))
    }

    /// The `client_id` of the body, else the id that the key stands for.
    pub(crate) fn or_of(self, body: Option<ClientId>) -> Option<ClientId> {
        body.or(self.id)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let mut keys = parts.headers.get_all(NAME).iter();
        let key = match (keys.next(), keys.next()) {
            (None, _) => return Ok(Self { id: None }),
            (Some(key), None) => key.to_str().ok().and_then(id),
            _ => None,
        };
        let why = format!("`Idempotency-Key` is one header with 1 to {MAX_LETTERS} visible letters of ASCII");
        key.map(|id| Self { id: Some(id) }).ok_or_else(|| HttpError::new(ErrorCode::Malformed, why))
    }
}

/// The UUID that a key is, else one made of its hash.
fn id(key: &str) -> Option<ClientId> {
    let key = key.trim();
    if key.is_empty()
        || key.len() > MAX_LETTERS
        || !key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
    {
        return None;
    }
    Some(Uuid::parse_str(key).map_or_else(|_| hashed(key), ClientId))
}

/// An id made of the hash of a text.
fn hashed(text: &str) -> ClientId {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(text)[..16]);
    ClientId(Builder::from_custom_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x1_a_key_is_an_id_or_is_hashed_to_one() {
        let uuid = "0198a000-0000-7000-8000-000000000000";
        assert_eq!(id(uuid), uuid.parse().ok());
        assert_eq!(id("order 17"), id(" order 17 "));
        assert_ne!(id("order 17"), id("order 18"));
        assert_eq!(id("order 17").map(|id| id.0.get_version_num()), Some(8));
        for refused in ["", " ", "ä", "a\tb", &"x".repeat(256)] {
            assert_eq!(id(refused), None, "{refused}");
        }
        assert!(id(&"x".repeat(255)).is_some());
    }
}
