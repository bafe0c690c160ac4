//! Keys of a push subscription.

use serde::{Deserialize, Serialize};

/// The keys of a browser for web pushes, as `PushSubscription.toJSON()` gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushKeys {
    /// The browser's public key: base64url of 65 bytes, an uncompressed point of P-256.
    pub p256dh: String,
    /// The secret that is shared with the browser: base64url of 16 bytes.
    pub auth: String,
}
