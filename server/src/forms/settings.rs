//! The forms of the settings: each comes back to its section.

use super::see;
use crate::extract::Fields;
use crate::flash;
use crate::peer::ClientAddress;
use crate::refusal::Refusal;
use crate::sessions;
use crate::state::Node;
use crate::who::Anyone;
use app::plain::{Flash, Form};
use axum::extract::State;
use axum::response::Response;
use protocol::ErrorCode;
use tower_sessions::Session;

const PAGE: &str = "/settings";
const SIGN_IN_FIRST: &str = "/sign-in?next=/settings";

/// `current`, `new`.
pub(crate) async fn password(
    State(node): State<Node>,
    ClientAddress(address): ClientAddress,
    Anyone(who): Anyone,
    session: Session,
    fields: Fields,
) -> Response {
    let Some(who) = who else { return see(SIGN_IN_FIRST) };
    let changed = async {
        node.throttle.sign_in(address, &who.person.username).map_err(Refusal)?;
        let accounts = node.chat.accounts();
        let account = accounts.change_password(&who, fields.get("current"), fields.get("new")).await?;
        Ok::<_, Refusal>(sessions::renew(&session, &account).await?)
    };
    let flash = match changed.await {
        Ok(()) => Flash::done(Form::Password, PAGE),
        Err(Refusal(why)) => {
            let field = match why.code {
                ErrorCode::Forbidden => Some("current"),
                ErrorCode::Invalid => Some("new"),
                _ => None,
            };
            Flash::refused(Form::Password, PAGE, why).about(field)
        }
    };
    back(&session, "password", flash).await
}

async fn back(session: &Session, section: &str, flash: Flash) -> Response {
    flash::leave(session, &flash).await;
    see(&format!("{PAGE}#{section}"))
}
