//! The claims of a token, and their check.

use super::SsoError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chat::ImageOrigins;
use chat::account::{ExternalPerson, HandOver};
use protocol::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

/// Difference between the clocks of a product and of this server that is tolerated, in seconds.
const SKEW: i64 = 60;
/// Longest life of a token, in seconds.
const MAX_LIFE: i64 = 600;
const MICROS: i64 = 1_000_000;

/// The parts of a token that select its key, before the signature is checked.
#[derive(Debug)]
pub(super) struct UnverifiedToken {
    pub(super) algorithm: String,
    pub(super) kid: Option<String>,
    pub(super) issuer: String,
    /// SHA-256 of header and claims as they are signed. Without the signature, which can be rewritten (ECDSA).
    signed: [u8; 32],
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that a reader has to understand (RFC 7515, 4.1.11); none is.
    crit: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct IssuerClaim {
    iss: Option<String>,
}

impl UnverifiedToken {
    pub(super) fn parse(token: &str) -> Result<Self, SsoError> {
        let (signed, _) = token.rsplit_once('.').ok_or(SsoError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(SsoError::Malformed)?;
        let header: Header = part(header)?;
        let claims: IssuerClaim = part(claims)?;
        if header.crit.is_some() {
            return Err(SsoError::Malformed);
        }
        Ok(Self {
            algorithm: header.alg,
            kid: header.kid,
            issuer: claims.iss.ok_or(SsoError::Issuer)?,
            signed: Sha256::digest(signed.as_bytes()).into(),
        })
    }
}

fn part<T: DeserializeOwned>(text: &str) -> Result<T, SsoError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| SsoError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| SsoError::Malformed)
}

/// `aud`: a text, or a list.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    List(Vec<String>),
}

/// The claims of a token whose signature is right.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    jti: Option<String>,
    name: Option<String>,
    preferred_username: Option<String>,
    picture: Option<String>,
    role: Option<String>,
}

impl Claims {
    /// Checks audience and times.
    pub(super) fn check(&self, audience: &str, now: Timestamp) -> Result<(), SsoError> {
        // A token that others accept, too, could be used here by one of them.
        let ours = match &self.aud {
            Audience::One(one) => one == audience,
            Audience::List(list) => matches!(list.as_slice(), [one] if one == audience),
        };
        if !ours {
            return Err(SsoError::Audience);
        }
        let now = now.0.div_euclid(MICROS);
        if self.exp.saturating_add(SKEW) <= now {
            return Err(SsoError::Expired);
        }
        if [self.iat, self.nbf].into_iter().flatten().any(|begin| begin > now + SKEW) {
            return Err(SsoError::NotYet);
        }
        let life = self.iat.map_or(0, |iat| self.exp.saturating_sub(iat));
        if life > MAX_LIFE || self.exp > now + SKEW + MAX_LIFE {
            return Err(SsoError::Lifetime);
        }
        Ok(())
    }

    /// What makes the token usable once: its `jti`, or its signed bytes.
    pub(super) fn hand_over(&self, token: &UnverifiedToken) -> HandOver {
        let hash = match &self.jti {
            // The lengths keep issuer and id apart.
            Some(jti) => Sha256::new_with_prefix(format!("{} {} ", self.iss.len(), jti.len()))
                .chain_update(&self.iss)
                .chain_update(jti)
                .finalize()
                .into(),
            None => token.signed,
        };
        HandOver { hash, expires_at: Timestamp(self.exp.saturating_add(SKEW).saturating_mul(MICROS)) }
    }

    pub(super) fn into_person(self, image_origins: ImageOrigins) -> ExternalPerson {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        ExternalPerson {
            issuer: self.iss,
            subject: self.sub,
            name: given(self.name),
            username: given(self.preferred_username),
            picture: given(self.picture),
            image_origins,
            role: given(self.role),
        }
    }
}
