//! Signatures of Standard Webhooks (<https://www.standardwebhooks.com/>).
//!
//! The HMAC needs the secret itself, so it cannot be stored as a hash. It is not stored at all: it is derived from the secret of
//! the server and a random salt of the endpoint.

use crate::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use protocol::ClientId;
use sha2::Sha256;

/// Separates this use of the server's secret from all others.
const CONTEXT: &[u8] = b"rapport webhook signing secret\0";

/// Separates the salts of requests from the signing secrets.
const REQUEST: &[u8] = b"rapport webhook of a request\0";

/// The salt of the endpoint that a request adds: always the same, so that a repeat has the same secret.
pub(crate) fn salt_of_request(server: &[u8], service_key: i64, client_id: ClientId) -> Result<[u8; 16]> {
    let mut mac = mac(server)?;
    mac.update(REQUEST);
    mac.update(&service_key.to_be_bytes());
    mac.update(client_id.0.as_bytes());
    let mut salt = [0; 16];
    salt.copy_from_slice(&mac.finalize().into_bytes()[..16]);
    Ok(salt)
}

/// The signing secret of an endpoint.
pub(crate) struct SigningSecret([u8; 32]);

impl SigningSecret {
    /// Derives the secret of the endpoint with this salt.
    pub(crate) fn derive(server: &[u8], salt: &[u8]) -> Result<Self> {
        let mut mac = mac(server)?;
        mac.update(CONTEXT);
        mac.update(salt);
        Ok(Self(mac.finalize().into_bytes().into()))
    }

    /// The secret as it is shown once, and as libraries of Standard Webhooks read it.
    pub(crate) fn text(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0))
    }

    /// The header `webhook-signature`. `timestamp` is in seconds since 1970.
    pub(crate) fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> Result<String> {
        let mut mac = mac(&self.0)?;
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    }
}

fn mac(key: &[u8]) -> Result<Hmac<Sha256>> {
    Hmac::new_from_slice(key).map_err(|error| Error::Internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the libraries of Standard Webhooks.
    #[test]
    fn x3_a_signature_is_that_of_standard_webhooks() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let mut mac = mac(&key).unwrap();
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", r#"{"test": 2432232314}"#);
        mac.update(format!("{id}.1614265330.{body}").as_bytes());
        let expected = "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(STANDARD.encode(mac.finalize().into_bytes()), expected);
    }

    #[test]
    fn x3_secrets_differ_by_server_and_by_endpoint() {
        let text = |server: &[u8], salt: &[u8]| SigningSecret::derive(server, salt).unwrap().text();
        let one = text(b"one", &[1; 16]);
        assert_eq!(one, text(b"one", &[1; 16]));
        assert!(one != text(b"other", &[1; 16]) && one != text(b"one", &[2; 16]));
        let key = STANDARD.decode(one.strip_prefix("whsec_").unwrap()).unwrap();
        assert_eq!(key.len(), 32);
        let secret = SigningSecret::derive(b"one", &[1; 16]).unwrap();
        let signed = secret.sign("evt_1", 5, b"{}").unwrap();
        let mut mac = mac(&key).unwrap();
        mac.update(b"evt_1.5.{}");
        assert_eq!(signed, format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
    }
}
