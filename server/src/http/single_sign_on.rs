//! Sign-in by a product's token, for the form, the API and embedded pages.

use crate::error::HttpError;
use crate::state::AppState;
use chat::audit::{AuditAction, AuditEvent, AuditOutcome};
use chat::store::Account;
use chat::{Clock as _, SystemClock};
use protocol::ErrorCode;

/// The account of the person whom the token describes. `origin`: of the product's page that posted the token, which has to be one of
/// the token's issuer, so that no other product signs a browser in as its own person.
pub(crate) async fn account(
    state: &AppState,
    token: &str,
    origin: Option<&str>,
) -> Result<Account, HttpError> {
    let refused = |error| {
        AuditEvent::new(AuditAction::SingleSignOn, AuditOutcome::Refused).emit();
        error
    };
    let verified =
        state.sso.verify(token, SystemClock.now()).await.map_err(HttpError::from).map_err(refused)?;
    if origin.is_some_and(|origin| !state.sso.allow_origin_for(origin, &verified.person.issuer)) {
        let why = "Pages of this origin may not hand over people of this issuer";
        return Err(refused(HttpError::new(ErrorCode::Forbidden, why)));
    }
    let signed_in = state.chat.accounts().sign_in_external(&verified.person, verified.token).await;
    Ok(signed_in.map_err(chat::Error::from)?)
}
