//! A product that signs tokens for its people.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// A product with a shared key.
pub(crate) struct Product {
    pub(crate) issuer: &'static str,
    pub(crate) audience: &'static str,
    pub(crate) key: &'static str,
}

impl Product {
    pub(crate) const SHOP: Self = Self {
        issuer: "https://shop.example",
        audience: "https://chat.example",
        key: "shop-0123456789abcdef0123456789abcdef",
    };

    /// The claims of a token for this person, which is valid for a minute.
    pub(crate) fn claims(&self, subject: &str, name: &str) -> Value {
        let now = now_seconds();
        json!({"iss": self.issuer, "aud": self.audience, "sub": subject, "name": name, "iat": now, "exp": now + 60})
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let key = EncodingKey::from_secret(self.key.as_bytes());
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &key).unwrap()
    }

    /// A token for this person, different from every other one.
    pub(crate) fn token(&self, subject: &str, name: &str) -> String {
        let mut claims = self.claims(subject, name);
        claims["jti"] = json!(uuid::Uuid::new_v4());
        self.sign(&claims)
    }

    /// Settings of a server that accepts the product's tokens, and pages of its origin.
    pub(crate) fn settings(&self) -> [(&'static str, &'static str); 4] {
        [
            ("RAPPORT_SSO__SHOP__ISSUER", self.issuer),
            ("RAPPORT_SSO__SHOP__AUDIENCE", self.audience),
            ("RAPPORT_SSO__SHOP__KEY", self.key),
            ("RAPPORT_SSO__SHOP__ORIGINS", self.issuer),
        ]
    }
}

pub(crate) fn now_seconds() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}
