//! The keys of a product.

use super::SsoError;
use super::claims::{Claims, UnverifiedToken};
use crate::config::SharedKey;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

/// Maximum number of keys that are taken from a JWKS.
const MAX_KEYS: usize = 32;
/// Bounds of an RSA modulus, in bytes: shorter ones are weak (RFC 7518, 3.3), longer ones slow.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=1_024;

struct Key {
    kid: Option<String>,
    /// The only algorithm of the key: a public key is never taken for a shared one.
    algorithm: Algorithm,
    key: DecodingKey,
}

/// The keys of a product at one time.
pub(super) struct KeySet(Vec<Key>);

/// The document of a JWKS. Keys of unknown types are passed over.
#[derive(Deserialize)]
struct Document {
    keys: Vec<serde_json::Value>,
}

impl KeySet {
    pub(super) fn shared(keys: &[SharedKey]) -> Self {
        let key = |shared: &SharedKey| Key {
            kid: shared.kid.clone(),
            algorithm: Algorithm::HS256,
            key: DecodingKey::from_secret(&shared.secret),
        };
        Self(keys.iter().map(key).collect())
    }

    /// Reads the public keys of a JWKS: RS256, ES256 and EdDSA.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let document: Document = serde_json::from_str(text).map_err(|_| "not a JWKS")?;
        let keys: Vec<Key> = document.keys.into_iter().filter_map(public_key).take(MAX_KEYS).collect();
        if keys.is_empty() { Err("no public key for RS256, ES256 or EdDSA") } else { Ok(Self(keys)) }
    }

    /// Whether a key has this `kid`, or any key may have signed a token without one.
    pub(super) fn has(&self, kid: Option<&str>) -> bool {
        kid.is_none_or(|kid| self.0.iter().any(|key| key.kid.as_deref() == Some(kid)))
    }

    /// The claims of a token that one of the keys has signed: that of its `kid`, or of a token without one any.
    pub(super) fn decode(&self, token: &str, unverified: &UnverifiedToken) -> Result<Claims, SsoError> {
        let named = |key: &&Key| {
            let kid = unverified.kid.as_deref();
            // A single key without a name is the one that is meant.
            kid.is_none() || key.kid.as_deref() == kid || (key.kid.is_none() && self.0.len() == 1)
        };
        let mut candidates = self.0.iter().filter(named).peekable();
        if candidates.peek().is_none() {
            return Err(SsoError::Key);
        }
        let of_algorithm = |key: &&Key| format!("{:?}", key.algorithm) == unverified.algorithm;
        let mut result = Err(SsoError::Algorithm);
        for key in candidates.filter(of_algorithm) {
            match verify(token, key) {
                Err(SsoError::Signature) => result = Err(SsoError::Signature),
                decided => return decided,
            }
        }
        result
    }
}

fn verify(token: &str, key: &Key) -> Result<Claims, SsoError> {
    let mut rules = Validation::new(key.algorithm);
    // Times and audience are checked by `Claims::check`.
    rules.validate_exp = false;
    rules.validate_nbf = false;
    rules.validate_aud = false;
    rules.required_spec_claims.clear();
    match jsonwebtoken::decode::<Claims>(token, &key.key, &rules) {
        Ok(decoded) => Ok(decoded.claims),
        Err(error) => Err(match error.kind() {
            ErrorKind::Json(error) => SsoError::Claims(error.to_string()),
            ErrorKind::InvalidAlgorithm => SsoError::Algorithm,
            _ => SsoError::Signature,
        }),
    }
}

fn public_key(value: serde_json::Value) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(value).ok()?;
    if jwk.common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
        return None;
    }
    let (algorithm, named) = match &jwk.algorithm {
        AlgorithmParameters::RSA(rsa) => {
            let modulus = URL_SAFE_NO_PAD.decode(&rsa.n).ok()?;
            RSA_BYTES.contains(&modulus.len()).then_some((Algorithm::RS256, KeyAlgorithm::RS256))?
        }
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        // A shared key has no place in a document of public ones.
        _ => return None,
    };
    if jwk.common.key_algorithm.is_some_and(|algorithm| algorithm != named) {
        return None;
    }
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    Some(Key { kid: jwk.common.key_id, algorithm, key })
}
