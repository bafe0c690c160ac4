//! Extractor of the service key that a request is authenticated by. Credentials of people are none, and service keys are none of
//! theirs.

use super::{Authenticated, Caller, bearer_token};
use crate::error::HttpError;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use chat::ChatService;
use chat::audit::{AuditAction, AuditEvent, AuditOutcome};
use chat::metrics;
use chat::rate_limit::Quota;
use chat::store::StoredServiceKey;
use protocol::{ErrorBody, ErrorCode, KeyScope};

/// The service key of the request, whatever its scopes; requests without a valid one are rejected with 401, those beyond its rate
/// limit with 429. Handlers check the scope by [`Self::require`].
#[derive(Clone, Debug)]
pub(crate) struct ServiceKey(pub(crate) StoredServiceKey);

impl ServiceKey {
    /// Checks that the key has this scope.
    ///
    /// # Errors
    /// 403 if it has not.
    pub(crate) fn require(&self, scope: KeyScope) -> Result<(), HttpError> {
        if self.0.scopes.contains(&scope) {
            return Ok(());
        }
        AuditEvent::new(AuditAction::UseServiceKey, AuditOutcome::Refused).key(self.0.id).emit();
        Err(HttpError::new(ErrorCode::Forbidden, format!("The key does not have the scope {}", scope.code())))
    }
}

impl<S> FromRequestParts<S> for ServiceKey
where
    S: Send + Sync,
    ChatService: FromRef<S>,
{
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let missing = || HttpError::new(ErrorCode::NotAuthenticated, "A valid service key is required");
        let token = bearer_token(&parts.headers).ok_or_else(missing)?;
        let chat = ChatService::from_ref(state);
        let key = chat.service_keys().by_token(token).await?.ok_or_else(missing)?;
        if let Some(authenticated) = parts.extensions.get::<Authenticated>() {
            authenticated.set(Caller::Key(key.id));
        }
        if let Err(seconds) = chat.rate_limiter().take(Quota::KeyRequests, key.id) {
            metrics::LIMITED_KEY_REQUESTS.increment(1);
            return Err(HttpError(ErrorBody::rate_limited(seconds)));
        }
        Ok(Self(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Timestamp;

    #[test]
    fn x1_a_key_is_for_its_scopes_alone() {
        let key = ServiceKey(StoredServiceKey {
            id: 1,
            name: "shop".to_owned(),
            scopes: vec![KeyScope::Subjects],
            created_at: Timestamp(1),
            last_used_at: None,
            revoked_at: None,
        });
        assert!(key.require(KeyScope::Subjects).is_ok());
        assert_eq!(key.require(KeyScope::Webhooks).unwrap_err().0.code, ErrorCode::Forbidden);
    }
}
