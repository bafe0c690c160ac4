//! VAPID (RFC 8292): the keys by which push services recognise this installation, and the tokens that it signs with them.

use crate::store::Store;
use crate::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use p256::SecretKey;
use p256::elliptic_curve::rand_core::OsRng;
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use p256::pkcs8::EncodePrivateKey as _;
use protocol::{ConversationId, Timestamp};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// Name of the private key among the values that all nodes share.
const SHARED: &str = "push_key";
/// Lifetime of tokens, in seconds; RFC 8292 permits at most a day.
const TOKEN_SECONDS: i64 = 12 * 3_600;

#[derive(Serialize)]
struct Claims<'a> {
    /// The origin of the push service.
    aud: &'a str,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
}

/// The key pair of this installation. It has no `Debug`, so that the private key is never logged.
pub struct VapidKeys {
    signing: EncodingKey,
    public: String,
    /// Key of the pseudonyms of conversations, derived from the private key.
    topics: [u8; 32],
}

impl VapidKeys {
    /// Reads the keys from the database; the first node creates them.
    pub(crate) async fn load(store: &dyn Store) -> Result<Self> {
        let fresh = URL_SAFE_NO_PAD.encode(SecretKey::random(&mut OsRng).to_bytes());
        let stored = store.shared(SHARED, &fresh).await?;
        Self::from_stored(&stored).ok_or_else(|| Error::Internal("the stored push key is damaged".into()))
    }

    fn from_stored(stored: &str) -> Option<Self> {
        let secret = URL_SAFE_NO_PAD.decode(stored).ok()?;
        let key = SecretKey::from_slice(&secret).ok()?;
        let signing = EncodingKey::from_ec_der(key.to_pkcs8_der().ok()?.as_bytes());
        let public = URL_SAFE_NO_PAD.encode(key.public_key().to_encoded_point(false).as_bytes());
        let topics = Sha256::new().chain_update("push topics ").chain_update(&secret).finalize().into();
        Some(Self { signing, public, topics })
    }

    /// The public key that browsers subscribe with: base64url of an uncompressed point.
    #[must_use]
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The `Authorization` header of a push to this origin.
    pub(super) fn authorization(
        &self,
        origin: &str,
        contact: Option<&str>,
        now: Timestamp,
    ) -> Result<String> {
        let claims = Claims { aud: origin, exp: now.0 / 1_000_000 + TOKEN_SECONDS, sub: contact };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &self.signing)
            .map_err(|error| Error::Internal(format!("a push token cannot be signed: {error}")))?;
        Ok(format!("vapid t={token}, k={}", self.public))
    }

    /// The `Topic` header: a push replaces an undelivered one of the same conversation (RFC 8030, 5.4). A pseudonym of at most 32
    /// characters, since the push service need not know the conversation.
    pub(super) fn topic(&self, conversation: ConversationId) -> String {
        let digest = Sha256::new().chain_update(self.topics).chain_update(conversation.0.to_be_bytes());
        URL_SAFE_NO_PAD.encode(&digest.finalize()[..24])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{DecodingKey, Validation};

    fn keys() -> VapidKeys {
        VapidKeys::from_stored(&URL_SAFE_NO_PAD.encode([7; 32])).unwrap()
    }

    #[test]
    fn n1_push_services_verify_the_token_with_the_public_key() {
        let (keys, now) = (keys(), Timestamp(2_000_000_000_000_000));
        let header = keys.authorization("https://push.example", Some("https://chat.example"), now).unwrap();
        let (token, key) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(key, keys.public());
        let point = URL_SAFE_NO_PAD.decode(key).unwrap();
        assert_eq!((point.len(), point[0]), (65, 4));
        let mut rules = Validation::new(Algorithm::ES256);
        rules.set_audience(&["https://push.example"]);
        let decoding = DecodingKey::from_ec_der(&point);
        let claims = jsonwebtoken::decode::<serde_json::Value>(token, &decoding, &rules).unwrap().claims;
        assert_eq!(claims["sub"], "https://chat.example");
        assert_eq!(claims["exp"], 2_000_000_000 + 43_200);
        // Without a contact the claim is absent.
        let header = keys.authorization("https://push.example", None, now).unwrap();
        let token = header.strip_prefix("vapid t=").unwrap().split_once(',').unwrap().0;
        let claims = jsonwebtoken::decode::<serde_json::Value>(token, &decoding, &rules).unwrap().claims;
        assert!(claims.get("sub").is_none());
        // Another key does not verify it.
        let other = VapidKeys::from_stored(&URL_SAFE_NO_PAD.encode([8; 32])).unwrap();
        let other = DecodingKey::from_ec_der(&URL_SAFE_NO_PAD.decode(other.public()).unwrap());
        assert!(jsonwebtoken::decode::<serde_json::Value>(token, &other, &rules).is_err());
    }

    #[test]
    fn n1_topics_are_pseudonyms_of_at_most_32_characters() {
        let (keys, other) = (keys(), VapidKeys::from_stored(&URL_SAFE_NO_PAD.encode([8; 32])).unwrap());
        let topic = keys.topic(ConversationId(5));
        assert_eq!(topic.len(), 32);
        assert_eq!(topic, keys.topic(ConversationId(5)));
        assert_ne!(topic, keys.topic(ConversationId(6)));
        assert_ne!(topic, other.topic(ConversationId(5)));
    }

    #[test]
    fn n1_a_damaged_key_is_refused() {
        for stored in ["", "AAAA", &URL_SAFE_NO_PAD.encode([0; 32]), &"A".repeat(60)] {
            assert!(VapidKeys::from_stored(stored).is_none(), "{stored}");
        }
    }
}
