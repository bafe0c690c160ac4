//! Validation of subscriptions as browsers give them.

use crate::Result;
use crate::account::Identity;
use crate::store::{MAX_ENDPOINT, NewPushSubscription};
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use p256::PublicKey;
use protocol::{ErrorBody, ErrorCode};

/// Base64url as browsers give it, with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Parses a subscription. The endpoint's scheme and host are checked by the transport.
///
/// # Errors
/// [`ErrorCode::Invalid`] with the name of the field.
pub(crate) fn parse(
    who: &Identity,
    endpoint: &str,
    p256dh: &str,
    auth: &str,
    language: &str,
) -> Result<NewPushSubscription> {
    if endpoint.len() > MAX_ENDPOINT {
        return Err(invalid("endpoint", "at most 2,048 characters"));
    }
    // A URL of a browser has no others: they are percent-encoded.
    if !endpoint.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(invalid("endpoint", "not a URL"));
    }
    let point: [u8; 65] = decode(p256dh).ok_or_else(|| {
        invalid("keys.p256dh", "must be base64url of 65 bytes, an uncompressed point of P-256")
    })?;
    // The other encodings of a point are shorter.
    if PublicKey::from_sec1_bytes(&point).is_err() {
        return Err(invalid("keys.p256dh", "not a point of P-256"));
    }
    let auth = decode(auth).ok_or_else(|| invalid("keys.auth", "must be base64url of 16 bytes"))?;
    Ok(NewPushSubscription {
        sign_in: who.sign_in.clone(),
        user: who.person.id,
        endpoint: endpoint.to_owned(),
        p256dh: point,
        auth,
        language: language.to_owned(),
    })
}

/// The refusal of a field.
pub(crate) fn invalid(field: &str, why: &str) -> crate::Error {
    ErrorBody::because(ErrorCode::Invalid, format!("{field}: {why}")).into()
}

fn decode<const LENGTH: usize>(text: &str) -> Option<[u8; LENGTH]> {
    // Longer than any of the keys.
    if text.len() > 128 {
        return None;
    }
    BASE64.decode(text).ok()?.try_into().ok()
}
