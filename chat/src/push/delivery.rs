//! Delivery of notices to one subscription.

use super::gateway::{PushGateway, PushRequest, PushResponse};
use super::keys::VapidKeys;
use super::message::{PushNotice, payload, urgency};
use crate::store::PushSubscription;
use crate::{Error, Result, metrics};
use p256::PublicKey;
use protocol::{Preferences, Timestamp};
use tokio::time::Instant;
use web_push_native::Auth;

/// Time for which a push service keeps a push for a browser that is not connected, in seconds.
const TTL_SECONDS: u32 = 86_400;

/// What became of the notices for one subscription.
pub(super) struct Delivered {
    /// The answer to the last one that was sent; `None` if the time was up before all of them were.
    pub(super) response: Option<PushResponse>,
    /// Everything up to this time is pushed.
    pub(super) up_to: Timestamp,
}

/// Sends notices of different times to a subscription, oldest first, until one is not accepted, or the deadline has passed and
/// there are more.
///
/// # Errors
/// A push cannot be built: a bug, or a damaged row.
pub(super) async fn deliver(
    gateway: &PushGateway,
    keys: &VapidKeys,
    subscription: &PushSubscription,
    notices: &[&(Timestamp, PushNotice)],
    preferences: &Preferences,
    now: Timestamp,
    deadline: Instant,
) -> Result<Delivered> {
    let mut up_to = subscription.pushed_at;
    for (place, (at, notice)) in notices.iter().enumerate() {
        if place > 0 && Instant::now() >= deadline {
            return Ok(Delivered { response: None, up_to });
        }
        let request = request(gateway, keys, subscription, notice, preferences, now)?;
        let began = Instant::now();
        let response = gateway.transport.send(request).await;
        metrics::PUSH_SECONDS.record(began.elapsed());
        match response {
            PushResponse::Accepted => metrics::PUSHES_SENT.increment(1),
            other => return Ok(Delivered { response: Some(other), up_to }),
        }
        // Messages of one commit have the same time.
        if notices.get(place + 1).is_none_or(|(next, _)| next > at) {
            up_to = *at;
        }
    }
    Ok(Delivered { response: Some(PushResponse::Accepted), up_to })
}

fn request(
    gateway: &PushGateway,
    keys: &VapidKeys,
    subscription: &PushSubscription,
    notice: &PushNotice,
    preferences: &Preferences,
    now: Timestamp,
) -> Result<PushRequest> {
    let text = gateway.words.text(notice, preferences, &subscription.language);
    let payload = payload(notice, &text).map_err(|error| Error::Internal(error.to_string()))?;
    let origin = origin(&subscription.endpoint)
        .ok_or_else(|| Error::Internal("a stored push endpoint is no URL".into()))?;
    let headers = vec![
        ("authorization", keys.authorization(origin, gateway.contact.as_deref(), now)?),
        ("content-encoding", "aes128gcm".into()),
        ("content-type", "application/octet-stream".into()),
        ("ttl", TTL_SECONDS.to_string()),
        ("urgency", urgency(notice.kind).into()),
        ("topic", keys.topic(notice.conversation)),
    ];
    let body = encrypt(payload, &subscription.p256dh, &subscription.auth)?;
    Ok(PushRequest { endpoint: subscription.endpoint.clone(), headers, body })
}

/// Encrypts a payload for a browser (RFC 8291).
fn encrypt(payload: Vec<u8>, p256dh: &[u8], auth: &[u8]) -> Result<Vec<u8>> {
    let damaged = |what: &str| Error::Internal(format!("a stored push key is damaged: {what}"));
    let key = PublicKey::from_sec1_bytes(p256dh).map_err(|_| damaged("p256dh"))?;
    let auth: [u8; 16] = auth.try_into().map_err(|_| damaged("auth"))?;
    web_push_native::encrypt(payload, &key, &Auth::from(auth))
        .map_err(|error| Error::Internal(format!("a push cannot be encrypted: {error}")))
}

/// The origin of a URL: scheme, host, and port if it has one.
fn origin(url: &str) -> Option<&str> {
    let host = url.find("://")? + 3;
    let end = url[host..].find(['/', '?', '#']).map_or(url.len(), |length| host + length);
    (end > host).then_some(&url[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::SecretKey;
    use p256::elliptic_curve::rand_core::OsRng;
    use p256::elliptic_curve::sec1::ToEncodedPoint as _;

    #[test]
    fn n1_the_browser_decrypts_with_its_keys() {
        let browser = SecretKey::random(&mut OsRng);
        let point = browser.public_key().to_encoded_point(false);
        let sealed = encrypt(b"hello".to_vec(), point.as_bytes(), &[9; 16]).unwrap();
        assert!(!sealed.windows(5).any(|part| part == b"hello"));
        let opened = web_push_native::decrypt(sealed.clone(), &browser, &Auth::from([9; 16])).unwrap();
        assert_eq!(opened, b"hello");
        assert!(web_push_native::decrypt(sealed.clone(), &browser, &Auth::from([8; 16])).is_err());
        let other = SecretKey::random(&mut OsRng);
        assert!(web_push_native::decrypt(sealed, &other, &Auth::from([9; 16])).is_err());
    }

    #[test]
    fn n1_damaged_keys_are_errors() {
        assert!(encrypt(Vec::new(), &[4; 65], &[9; 16]).is_err());
        let point = SecretKey::random(&mut OsRng).public_key().to_encoded_point(false);
        assert!(encrypt(Vec::new(), point.as_bytes(), &[9; 15]).is_err());
    }

    #[test]
    fn n1_the_origin_of_an_endpoint() {
        assert_eq!(origin("https://push.example/send/abc"), Some("https://push.example"));
        assert_eq!(origin("http://127.0.0.1:8080/x?y"), Some("http://127.0.0.1:8080"));
        assert_eq!(origin("https://push.example"), Some("https://push.example"));
        assert_eq!((origin("https:///x"), origin("nothing")), (None, None));
    }
}
