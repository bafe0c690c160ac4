//! Single sign-on: verification of the tokens that products sign for their people.

mod claims;
mod error;
mod jwks;
mod keys;

pub(crate) use error::SsoError;

use crate::config::{Origin, SsoConfig, SsoKeys};
use chat::ImageOrigins;
use chat::account::{ExternalPerson, HandOver};
use claims::UnverifiedToken;
use jwks::Jwks;
use keys::KeySet;
use protocol::Timestamp;
use std::sync::Arc;

/// Longest token that is read, in bytes.
const MAX_TOKEN: usize = 8_192;

/// The products whose tokens are accepted.
pub(crate) struct SsoProducts(Vec<Product>);

struct Product {
    issuer: String,
    audience: String,
    keys: Keys,
    origins: Vec<Origin>,
    image_origins: ImageOrigins,
}

enum Keys {
    Shared(Arc<KeySet>),
    Jwks(Jwks),
}

/// What a token says, after its check.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) person: ExternalPerson,
    pub(crate) token: HandOver,
}

impl SsoProducts {
    pub(crate) fn new(config: &[SsoConfig]) -> Self {
        let product = |config: &SsoConfig| Product {
            issuer: config.issuer.clone(),
            audience: config.audience.clone(),
            keys: match &config.keys {
                SsoKeys::Shared(keys) => Keys::Shared(Arc::new(KeySet::shared(keys))),
                SsoKeys::File(path) => Keys::Jwks(Jwks::file(path.clone())),
                SsoKeys::Url(url) => Keys::Jwks(Jwks::url(url.clone())),
            },
            origins: config.origins.clone(),
            image_origins: config.image_origins.clone(),
        };
        Self(config.iter().map(product).collect())
    }

    /// The origins from which pictures of people are shown, of all products, for a Content-Security-Policy.
    pub(crate) fn image_origins(&self) -> impl Iterator<Item = &String> {
        self.0.iter().flat_map(|product| product.image_origins.as_slice())
    }

    /// Whether a product of this issuer is configured.
    pub(crate) fn has_issuer(&self, issuer: &str) -> bool {
        self.0.iter().any(|product| product.issuer == issuer)
    }

    /// Whether pages of this origin may post tokens.
    pub(crate) fn allow_origin(&self, origin: &str) -> bool {
        Origin::parse(origin)
            .is_some_and(|origin| self.0.iter().any(|product| product.origins.contains(&origin)))
    }

    /// Whether pages of this origin may post tokens of this issuer.
    pub(crate) fn allow_origin_for(&self, origin: &str, issuer: &str) -> bool {
        let product = self.0.iter().find(|product| product.issuer == issuer);
        let origin = Origin::parse(origin);
        product.zip(origin).is_some_and(|(product, origin)| product.origins.contains(&origin))
    }

    /// Checks the token: its algorithm, issuer, key, signature, audience and times, in this order.
    pub(crate) async fn verify(&self, token: &str, now: Timestamp) -> Result<Verified, SsoError> {
        if token.len() > MAX_TOKEN {
            return Err(SsoError::Malformed);
        }
        let unverified = UnverifiedToken::parse(token)?;
        let product = self.0.iter().find(|product| product.issuer == unverified.issuer);
        let product = product.ok_or(SsoError::Issuer)?;
        let keys = match &product.keys {
            Keys::Shared(keys) => Arc::clone(keys),
            Keys::Jwks(jwks) => jwks.with(unverified.kid.as_deref()).await?,
        };
        let claims = keys.decode(token, &unverified)?;
        claims.check(&product.audience, now)?;
        Ok(Verified {
            token: claims.hand_over(&unverified),
            person: claims.into_person(product.image_origins.clone()),
        })
    }
}
