//! Forms of the settings page. Each redirects to its section.

use super::{redirect, reject_other_user, truncate};
use crate::auth::MaybeUser;
use crate::auth::web_session;
use crate::error::HttpError;
use crate::http::extract::FormFields;
use crate::http::flash;
use crate::http::preferences;
use crate::state::AppState;
use app::server_pages::{Flash, Form};
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use chat::account::{broken_name_rule, broken_password_rule};
use protocol::{ErrorCode, Preferences};
use tower_sessions::Session;

pub(super) const PAGE: &str = "/settings";
const SIGN_IN_FIRST: &str = "/sign-in?next=/settings";

/// Changes the profile. Fields: `first_name`, `last_name`, `hue` (0 to 7, or `auto`).
pub(crate) async fn profile(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return redirect(SIGN_IN_FIRST) };
    if let Some(flash) = reject_other_user(&fields, &user, Form::Profile, PAGE) {
        return redirect_to_section(&session, "profile", &flash).await;
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
            let names = [("first_name", first), ("last_name", last)];
            let broken = names.into_iter().find_map(|(field, name)| Some((field, broken_name_rule(name)?)));
            let (field, rule) = broken.unzip();
            let typed = [("first_name", first), ("last_name", last), ("hue", hue)];
            let typed = typed.map(|(field, text)| (field, truncate(text)));
            Flash::refused(Form::Profile, PAGE, why).breaking(rule).about(field).typed(typed)
        }
    };
    redirect_to_section(&session, "profile", &flash).await
}

/// Changes display preferences. Fields: `theme`, `language`, `time_zone`. Cookies apply them to pages before the sign-in.
pub(crate) async fn appearance(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return redirect(SIGN_IN_FIRST) };
    if let Some(flash) = reject_other_user(&fields, &user, Form::Appearance, PAGE) {
        return redirect_to_section(&session, "appearance", &flash).await;
    }
    let [theme, language, time_zone] =
        ["theme", "language", "time_zone"].map(|field| fields.get(field).to_owned());
    let wanted = Preferences { theme, language, time_zone };
    match state.chat.accounts().preferences(user.person.id, wanted).await {
        Ok(kept) => {
            let answer =
                redirect_to_section(&session, "appearance", &Flash::done(Form::Appearance, PAGE)).await;
            (AppendHeaders(preferences::cookies(&kept)), answer).into_response()
        }
        Err(error) => {
            let typed = ["theme", "language", "time_zone"].map(|field| (field, truncate(fields.get(field))));
            let flash = Flash::refused(Form::Appearance, PAGE, HttpError::from(error).0).typed(typed);
            redirect_to_section(&session, "appearance", &flash).await
        }
    }
}

/// Changes the password. Fields: `current`, `new`.
pub(crate) async fn password(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return redirect(SIGN_IN_FIRST) };
    if let Some(flash) = reject_other_user(&fields, &user, Form::Password, PAGE) {
        return redirect_to_section(&session, "password", &flash).await;
    }
    let changed = async {
        let attempt = state.throttle.password_change(user.person.id).map_err(HttpError)?;
        let accounts = state.chat.accounts();
        let account = accounts.change_password(&user, fields.get("current"), fields.get("new")).await;
        let account = account.map_err(HttpError::from);
        if !matches!(&account, Err(HttpError(why)) if why.code == ErrorCode::Forbidden) {
            attempt.refund();
        }
        let account = account?;
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
            let rule = broken_password_rule(fields.get("new"));
            Flash::refused(Form::Password, PAGE, why).breaking(rule).about(field)
        }
    };
    redirect_to_section(&session, "password", &flash).await
}

/// Ends one sign-in of the user. Field: `id`.
pub(crate) async fn end_sign_in(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return redirect(SIGN_IN_FIRST) };
    if let Some(flash) = reject_other_user(&fields, &user, Form::SignIns, PAGE) {
        return redirect_to_section(&session, "sign-ins", &flash).await;
    }
    let flash = match state.chat.accounts().end_sign_in(&user, fields.get("id")).await {
        Ok(()) => Flash::done(Form::SignIns, PAGE),
        Err(error) => Flash::refused(Form::SignIns, PAGE, HttpError::from(error).0),
    };
    redirect_to_section(&session, "sign-ins", &flash).await
}

/// Ends all sign-ins of the user except the one of this browser.
pub(crate) async fn end_other_sign_ins(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return redirect(SIGN_IN_FIRST) };
    if let Some(flash) = reject_other_user(&fields, &user, Form::OtherSignIns, PAGE) {
        return redirect_to_section(&session, "sign-ins", &flash).await;
    }
    let flash = match state.chat.accounts().end_other_sign_ins(&user).await {
        Ok(()) => Flash::done(Form::OtherSignIns, PAGE),
        Err(error) => Flash::refused(Form::OtherSignIns, PAGE, HttpError::from(error).0),
    };
    redirect_to_section(&session, "sign-ins", &flash).await
}

pub(super) async fn redirect_to_section(session: &Session, section: &str, flash: &Flash) -> Response {
    flash::set(session, flash).await;
    redirect(&format!("{PAGE}#{section}"))
}
