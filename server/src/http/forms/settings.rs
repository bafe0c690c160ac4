//! The forms of the settings: each comes back to its section.

use super::entry::shortened;
use super::{anothers, see};
use crate::auth::MaybeUser;
use crate::auth::client_addr::ClientAddr;
use crate::auth::web_session;
use crate::http::error::HttpError;
use crate::http::extract::FormFields;
use crate::http::flash;
use crate::http::preferences;
use crate::state::AppState;
use app::server_pages::{Flash, Form};
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use protocol::{ErrorCode, Preferences};
use tower_sessions::Session;

pub(super) const PAGE: &str = "/settings";
const SIGN_IN_FIRST: &str = "/sign-in?next=/settings";

/// `first_name`, `last_name`, `hue` (0 to 7, or `auto`).
pub(crate) async fn profile(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return see(SIGN_IN_FIRST) };
    if let Some(flash) = anothers(&fields, &user, Form::Profile, PAGE) {
        return back(&session, "profile", &flash).await;
    }
    let [first, last, hue] = ["first_name", "last_name", "hue"].map(|field| fields.get(field));
    let changed = async {
        let hue = match hue {
            "" | "auto" => None,
            hue => Some(hue.parse().map_err(|_| HttpError::from(ErrorCode::Malformed))?),
        };
        Ok::<_, HttpError>(state.chat.accounts().profile(user.person.id, first, last, hue).await?)
    };
    let flash = match changed.await {
        Ok(_) => Flash::done(Form::Profile, PAGE),
        Err(HttpError(why)) => {
            let wrong = [("first_name", first), ("last_name", last)];
            let wrong = wrong.into_iter().find(|(_, name)| chat::account::refuses_name(name).is_some());
            let typed = [("first_name", first), ("last_name", last), ("hue", hue)];
            let typed = typed.map(|(field, text)| (field, shortened(text)));
            Flash::refused(Form::Profile, PAGE, why).about(wrong.map(|(field, _)| field)).typed(typed)
        }
    };
    back(&session, "profile", &flash).await
}

/// `theme`, `language`, `time_zone`. The pages before the sign-in look the same on this browser.
pub(crate) async fn appearance(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return see(SIGN_IN_FIRST) };
    if let Some(flash) = anothers(&fields, &user, Form::Appearance, PAGE) {
        return back(&session, "appearance", &flash).await;
    }
    let [theme, language, time_zone] =
        ["theme", "language", "time_zone"].map(|field| fields.get(field).to_owned());
    let wanted = Preferences { theme, language, time_zone };
    match state.chat.accounts().preferences(user.person.id, wanted).await {
        Ok(kept) => {
            let answer = back(&session, "appearance", &Flash::done(Form::Appearance, PAGE)).await;
            (AppendHeaders(preferences::cookies(&kept)), answer).into_response()
        }
        Err(error) => {
            let flash = Flash::refused(Form::Appearance, PAGE, HttpError::from(error).0);
            back(&session, "appearance", &flash).await
        }
    }
}

/// `current`, `new`.
pub(crate) async fn password(
    State(state): State<AppState>,
    ClientAddr(address): ClientAddr,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return see(SIGN_IN_FIRST) };
    if let Some(flash) = anothers(&fields, &user, Form::Password, PAGE) {
        return back(&session, "password", &flash).await;
    }
    let changed = async {
        state.throttle.sign_in(address, &user.person.username).await.map_err(HttpError)?;
        let accounts = state.chat.accounts();
        let account = accounts.change_password(&user, fields.get("current"), fields.get("new")).await?;
        Ok::<_, HttpError>(web_session::renew(&session, &account).await?)
    };
    let flash = match changed.await {
        Ok(()) => Flash::done(Form::Password, PAGE),
        Err(HttpError(why)) => {
            let field = match why.code {
                ErrorCode::Forbidden => Some("current"),
                ErrorCode::Invalid => Some("new"),
                _ => None,
            };
            Flash::refused(Form::Password, PAGE, why).about(field)
        }
    };
    back(&session, "password", &flash).await
}

/// `id`: one of one's sign-ins, as the page shows it.
pub(crate) async fn end_sign_in(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return see(SIGN_IN_FIRST) };
    if let Some(flash) = anothers(&fields, &user, Form::SignIns, PAGE) {
        return back(&session, "sign-ins", &flash).await;
    }
    let flash = match state.chat.accounts().end_sign_in(&user, fields.get("id")).await {
        Ok(()) => Flash::done(Form::SignIns, PAGE),
        Err(error) => Flash::refused(Form::SignIns, PAGE, HttpError::from(error).0),
    };
    back(&session, "sign-ins", &flash).await
}

/// Ends all of one's sign-ins but this browser's.
pub(crate) async fn end_other_sign_ins(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return see(SIGN_IN_FIRST) };
    if let Some(flash) = anothers(&fields, &user, Form::OtherSignIns, PAGE) {
        return back(&session, "sign-ins", &flash).await;
    }
    let flash = match state.chat.accounts().end_other_sign_ins(&user).await {
        Ok(()) => Flash::done(Form::OtherSignIns, PAGE),
        Err(error) => Flash::refused(Form::OtherSignIns, PAGE, HttpError::from(error).0),
    };
    back(&session, "sign-ins", &flash).await
}

pub(super) async fn back(session: &Session, section: &str, flash: &Flash) -> Response {
    flash::set(session, flash).await;
    see(&format!("{PAGE}#{section}"))
}
