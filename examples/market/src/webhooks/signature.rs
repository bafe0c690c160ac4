//! Signatures of Standard Webhooks (<https://www.standardwebhooks.com/>), as docs/webhooks.md describes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Largest difference between the time stamp of a request and the clock.
const TOLERANCE: Duration = Duration::from_secs(300);
/// Longest id of an event that is accepted, in bytes.
const MAX_ID: usize = 100;

/// A request with its headers of Standard Webhooks.
pub(super) struct Signed<'a> {
    /// `webhook-id`.
    pub(super) id: &'a str,
    /// `webhook-timestamp`, in seconds since 1970.
    pub(super) timestamp: &'a str,
    /// `webhook-signature`: `v1,` and base64, several with spaces between.
    pub(super) signatures: &'a str,
    pub(super) body: &'a [u8],
}

impl Signed<'_> {
    /// Whether the holder of the key signed the request in the last five minutes. The id is fit for a file's name then.
    pub(super) fn verify(&self, key: &[u8], now: SystemTime) -> bool {
        self.has_plain_id() && self.is_recent(now) && self.is_signed(key)
    }

    fn has_plain_id(&self) -> bool {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        (1..=MAX_ID).contains(&self.id.len()) && self.id.bytes().all(is_plain)
    }

    fn is_recent(&self, now: SystemTime) -> bool {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        self.timestamp.parse::<u64>().is_ok_and(|sent| now.abs_diff(sent) <= TOLERANCE.as_secs())
    }

    fn is_signed(&self, key: &[u8]) -> bool {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return false };
        mac.update(format!("{}.{}.", self.id, self.timestamp).as_bytes());
        mac.update(self.body);
        let given =
            self.signatures.split(' ').filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok());
        // `verify_slice` takes the same time for every wrong signature.
        given.into_iter().any(|signature| mac.clone().verify_slice(&signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: u64 = 1_614_265_330;

    /// The example of the libraries of Standard Webhooks.
    const EXAMPLE: Signed<'static> = Signed {
        id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp: "1614265330",
        signatures: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        body: br#"{"test": 2432232314}"#,
    };

    fn verify(signed: &Signed<'_>, at: u64) -> bool {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64");
        signed.verify(&key, UNIX_EPOCH + Duration::from_secs(at))
    }

    #[test]
    fn x3_a_signature_of_standard_webhooks_is_accepted_for_five_minutes() {
        for (at, accepted) in
            [(AT, true), (AT + 300, true), (AT - 300, true), (AT + 301, false), (AT - 301, false)]
        {
            assert_eq!(verify(&EXAMPLE, at), accepted, "{at}");
        }
        let second = format!("v1,AAAA {}", EXAMPLE.signatures);
        assert!(verify(&Signed { signatures: &second, ..EXAMPLE }, AT), "one of several keys");
    }

    #[test]
    fn x3_other_requests_are_refused() {
        for signed in [
            Signed { body: b"{}", ..EXAMPLE },
            Signed { id: "msg_other", ..EXAMPLE },
            Signed { id: "", ..EXAMPLE },
            Signed { timestamp: "1614265331", ..EXAMPLE },
            Signed { timestamp: "soon", ..EXAMPLE },
            Signed { signatures: "", ..EXAMPLE },
            Signed { signatures: "v1,", ..EXAMPLE },
            Signed { signatures: "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", ..EXAMPLE },
        ] {
            assert!(!verify(&signed, AT), "{} {} {}", signed.id, signed.timestamp, signed.signatures);
        }
    }

    #[test]
    fn x3_an_id_that_names_another_folder_is_refused_though_signed() {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"key").expect("a key");
        mac.update(b"../1.1614265330.{}");
        let signatures = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        let signed = Signed { id: "../1", timestamp: "1614265330", signatures: &signatures, body: b"{}" };
        assert!(signed.is_signed(b"key"));
        assert!(!signed.verify(b"key", UNIX_EPOCH + Duration::from_secs(AT)));
    }
}
