//! JSON web tokens (HS256). All claims are checked here, by the clock of the domain.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use protocol::{Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Audience of access tokens.
const ACCESS: &str = "rapport";
/// Audience of refresh tokens.
const REFRESH: &str = "rapport-refresh";
/// Lifetime of access tokens, in seconds.
const ACCESS_SECONDS: i64 = 3_600;
/// Lifetime of refresh tokens, in seconds.
const REFRESH_SECONDS: i64 = 30 * 86_400;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Claims {
    sub: String,
    sid: String,
    ver: i64,
    iat: i64,
    exp: i64,
    aud: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    /// The id of a refresh token, in an access token that of the refresh token which came with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
}

/// The time at which a refresh token that is signed now expires.
pub(super) fn refresh_expiry(now: Timestamp) -> Timestamp {
    Timestamp(now.0 + REFRESH_SECONDS * 1_000_000)
}

/// The claims of a valid token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ValidClaims {
    pub(super) user: UserId,
    /// The id of the grant.
    pub(super) sid: String,
    /// The account's `ver` at the time of signing.
    pub(super) ver: i64,
    pub(super) issued_at: Timestamp,
    pub(super) expires_at: Timestamp,
    /// The id of a refresh token; of an access token: of the refresh token that came with it, or empty.
    pub(super) jti: String,
}

/// Signs and reads tokens.
pub(super) struct Signer {
    signing: EncodingKey,
    reading: DecodingKey,
    rules: Validation,
}

impl Signer {
    pub(super) fn new(secret: &[u8]) -> Self {
        let mut rules = Validation::new(Algorithm::HS256);
        // The library uses the system clock and accepts a list of audiences; `read` checks time and audience instead.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        Self { signing: EncodingKey::from_secret(secret), reading: DecodingKey::from_secret(secret), rules }
    }

    /// An access token; after a refresh with the id of the refresh token that came with it.
    pub(super) fn access(
        &self,
        user: UserId,
        sid: &str,
        ver: i64,
        jti: Option<String>,
        now: Timestamp,
    ) -> Option<String> {
        self.sign(user, sid, ver, now, ACCESS, ACCESS_SECONDS, jti)
    }

    /// An access token with this lifetime.
    pub(super) fn access_for(
        &self,
        seconds: i64,
        user: UserId,
        sid: &str,
        ver: i64,
        now: Timestamp,
    ) -> Option<String> {
        self.sign(user, sid, ver, now, ACCESS, seconds, None)
    }

    /// A refresh token, and the time of its expiry.
    pub(super) fn refresh(
        &self,
        user: UserId,
        sid: &str,
        ver: i64,
        jti: String,
        now: Timestamp,
    ) -> Option<(String, Timestamp)> {
        let token = self.sign(user, sid, ver, now, REFRESH, REFRESH_SECONDS, Some(jti))?;
        Some((token, refresh_expiry(now)))
    }

    #[allow(clippy::too_many_arguments)]
    fn sign(
        &self,
        user: UserId,
        sid: &str,
        ver: i64,
        now: Timestamp,
        aud: &str,
        lives: i64,
        jti: Option<String>,
    ) -> Option<String> {
        let iat = now.0.div_euclid(1_000_000);
        let claims = Claims {
            sub: user.to_string(),
            sid: sid.to_owned(),
            ver,
            iat,
            exp: iat + lives,
            aud: aud.to_owned(),
            nbf: None,
            jti,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing).ok()
    }

    /// The HMAC-SHA256 of a text, base64url.
    pub(super) fn keyed_hash(&self, text: &str) -> Option<String> {
        jsonwebtoken::crypto::sign(text.as_bytes(), &self.signing, Algorithm::HS256).ok()
    }

    pub(super) fn read_access(&self, token: &str, now: Timestamp) -> Option<ValidClaims> {
        self.read(token, ACCESS, now)
    }

    pub(super) fn read_refresh(&self, token: &str, now: Timestamp) -> Option<ValidClaims> {
        self.read(token, REFRESH, now).filter(|claims| !claims.jti.is_empty())
    }

    fn read(&self, token: &str, audience: &str, now: Timestamp) -> Option<ValidClaims> {
        // Our tokens have about 250 bytes; longer ones are refused without decoding.
        if token.len() > 2_048 {
            return None;
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &self.reading, &self.rules).ok()?.claims;
        let expires_at = Timestamp(claims.exp.checked_mul(1_000_000)?);
        let begins = claims.nbf.unwrap_or(i64::MIN);
        if claims.aud != audience || expires_at <= now || begins > now.0.div_euclid(1_000_000) {
            return None;
        }
        Some(ValidClaims {
            user: claims.sub.parse().ok()?,
            sid: claims.sid,
            ver: claims.ver,
            issued_at: Timestamp(claims.iat.checked_mul(1_000_000)?),
            expires_at,
            jti: claims.jti.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW: Timestamp = Timestamp(1_800_000_000_000_000);
    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn signed(header: &Header, claims: &Value, secret: &[u8]) -> String {
        jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret)).unwrap()
    }

    fn good() -> Value {
        json!({"sub": "7", "sid": "s", "ver": 1, "iat": 1_800_000_000, "exp": 1_800_003_600, "aud": "rapport"})
    }

    #[test]
    fn a_token_says_what_was_signed_until_it_ends() {
        let signer = Signer::new(SECRET);
        let token = signer.access(UserId(7), "s", 3, None, NOW).unwrap();
        let said = signer.read_access(&token, NOW).unwrap();
        assert_eq!((said.user, said.sid.as_str(), said.ver), (UserId(7), "s", 3));
        assert!(signer.read_access(&token, Timestamp(said.expires_at.0 - 1)).is_some());
        assert_eq!(signer.read_access(&token, said.expires_at), None);
    }

    #[test]
    fn a_refresh_token_opens_nothing_and_an_access_token_refreshes_nothing() {
        let signer = Signer::new(SECRET);
        let (refresh, _) = signer.refresh(UserId(7), "s", 1, "j".into(), NOW).unwrap();
        let access = signer.access(UserId(7), "s", 1, None, NOW).unwrap();
        assert!(signer.read_refresh(&refresh, NOW).is_some());
        assert_eq!(signer.read_access(&refresh, NOW), None);
        assert_eq!(signer.read_refresh(&access, NOW), None);
    }

    #[test]
    fn a2_only_our_own_tokens_are_read() {
        let signer = Signer::new(SECRET);
        let hs256 = Header::new(Algorithm::HS256);
        assert!(
            signer.read_access(&signed(&hs256, &good(), SECRET), NOW).is_some(),
            "the others differ by one thing"
        );

        let mut refused = vec![
            ("another key", signed(&hs256, &good(), b"another key, 32 bytes long enough")),
            ("another algorithm", signed(&Header::new(Algorithm::HS512), &good(), SECRET)),
            ("no token", String::from("abc")),
            ("empty", String::new()),
            ("huge", "a".repeat(1_000_000)),
        ];
        for (what, key, value) in [
            ("another audience", "aud", json!("else")),
            ("a list of audiences", "aud", json!(["rapport"])),
            ("no audience", "aud", Value::Null),
            ("no end", "exp", Value::Null),
            ("an end in words", "exp", json!("1800003600")),
            ("an end that has come", "exp", json!(1_800_000_000)),
            ("an end beyond all", "exp", json!(i64::MAX)),
            ("not begun", "nbf", json!(1_800_000_060)),
            ("a beginning in words", "nbf", json!("0")),
            ("nobody", "sub", Value::Null),
            ("no number", "sub", json!("anna")),
            ("no sign-in", "sid", Value::Null),
            ("no version", "ver", Value::Null),
        ] {
            let mut claims = good();
            claims[key] = value;
            if claims[key].is_null() {
                claims.as_object_mut().unwrap().remove(key);
            }
            refused.push((what, signed(&hs256, &claims, SECRET)));
        }
        // `alg: none`, with and without the signature of the real one.
        let real = signed(&hs256, &good(), SECRET);
        let parts: Vec<_> = real.split('.').collect();
        for none in ["eyJhbGciOiJub25lIn0", "eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0", "eyJhbGciOiJOT05FIn0"] {
            refused.push(("alg none", format!("{none}.{}.", parts[1])));
            refused.push(("alg none, signed", format!("{none}.{}.{}", parts[1], parts[2])));
        }
        refused.push(("its signature cut", format!("{}.{}.", parts[0], parts[1])));

        for (what, token) in refused {
            assert_eq!(signer.read_access(&token, NOW), None, "{what}");
        }
    }
}
