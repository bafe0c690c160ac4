//! Push subscriptions.

use super::{ChatService, Operation};
use crate::account::Identity;
use crate::preferences;
use crate::push::{self, PushGateway};
use crate::store::MAX_ENDPOINT;
use crate::{Error, Result, Supervisor};
use protocol::{ErrorBody, ErrorCode};

/// A subscription as a browser gives it (`PushSubscription.toJSON()`).
#[derive(Clone, Debug)]
pub struct BrowserSubscription {
    /// The URL at the push service.
    pub endpoint: String,
    /// The browser's public key, base64url.
    pub p256dh: String,
    /// The secret that is shared with the browser, base64url.
    pub auth: String,
}

impl ChatService {
    /// Starts web push. To be called once; without it, subscriptions are refused and nothing is pushed.
    ///
    /// # Errors
    /// The keys cannot be read from the database.
    pub async fn start_push(&self, gateway: PushGateway, supervisor: &Supervisor) -> Result<()> {
        let inner = &self.inner;
        let looker = push::start(
            inner.store.clone(),
            inner.clock.clone(),
            inner.presence.clone(),
            inner.push_hints.clone(),
            gateway,
            &inner.timings,
            supervisor,
        )
        .await?;
        inner.push.set(looker).map_err(|_| Error::Internal("web push is started twice".into()))
    }

    /// The public key that browsers subscribe with, base64url.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] on a node without web push.
    pub fn push_key(&self) -> Result<&str> {
        Ok(self.inner.push.get().ok_or_else(Error::not_found)?.keys().public())
    }

    /// Adds a push subscription of this sign-in; `false` if it has the same one already. `language` is the language of the page.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] with the name of the field: an unknown language, keys of another form, an endpoint that is too long, no https URL, or at a
    /// private address, or too many subscriptions.
    pub async fn subscribe_push(
        &self,
        who: &Identity,
        subscription: &BrowserSubscription,
        language: &str,
    ) -> Result<bool> {
        // As a page: the host's name is looked up.
        self.charge(&who.person, Operation::Page)?;
        let looker = self.inner.push.get().ok_or_else(Error::not_found)?;
        let BrowserSubscription { endpoint, p256dh, auth } = subscription;
        if !preferences::is_language(language) {
            return Err(push::invalid("language", "a language is en, de or ar"));
        }
        let new = push::parse(who, endpoint, p256dh, auth, language)?;
        let checked = looker.gateway().transport.check(endpoint).await;
        checked.map_err(|why| push::invalid("endpoint", &why))?;
        self.inner.store.add_push_subscription(&new, self.now()).await
    }

    /// Removes a push subscription of this person, if there is one with this endpoint.
    pub async fn unsubscribe_push(&self, who: &Identity, endpoint: &str) -> Result<()> {
        self.charge(&who.person, Operation::Change)?;
        // No stored one is longer, and Postgres refuses NUL.
        if endpoint.len() > MAX_ENDPOINT || !endpoint.is_ascii() || endpoint.contains('\0') {
            return Err(ErrorBody::because(ErrorCode::Invalid, "endpoint: not a URL").into());
        }
        self.inner.store.remove_push_subscription(who.person.id, endpoint).await
    }
}
