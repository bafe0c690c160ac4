//! Forms of the settings page. Each redirects to its section.

use super::fields::{ADDABLE, NOTIFICATIONS, PRIVACY};
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
use axum::http::HeaderMap;
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use chat::account::{Identity, broken_name_rule, broken_password_rule};
use chat::preferences::changed as changed_preferences;
use chat::store::ProfileChange;
use protocol::{AUTO, AddableBy, ErrorCode, PreferencesChange};
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
        let (first_name, last_name) = (Some(first.to_owned()), Some(last.to_owned()));
        let change = ProfileChange { first_name, last_name, hue: Some(hue), picture: None };
        Ok::<_, HttpError>(state.chat.update_profile(&user.person, change).await?)
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
    headers: HeaderMap,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return redirect(SIGN_IN_FIRST) };
    if let Some(flash) = reject_other_user(&fields, &user, Form::Appearance, PAGE) {
        return redirect_to_section(&session, "appearance", &flash).await;
    }
    let [theme, language, time_zone] =
        ["theme", "language", "time_zone"].map(|field| Some(fields.get(field).to_owned()));
    // Quiet hours follow the device where no zone is chosen.
    let device_time_zone =
        if fields.get("time_zone") == AUTO { preferences::device_zone(&headers) } else { None };
    let change = PreferencesChange { theme, language, time_zone, device_time_zone, ..Default::default() };
    let broken = changed_preferences(&user.preferences, &change).err();
    match state.chat.update_preferences(&user.person, change).await {
        Ok(kept) => {
            let answer =
                redirect_to_section(&session, "appearance", &Flash::done(Form::Appearance, PAGE)).await;
            (AppendHeaders(preferences::cookies(&kept)), answer).into_response()
        }
        Err(error) => {
            let typed = ["theme", "language", "time_zone"].map(|field| (field, truncate(fields.get(field))));
            // "auto" is refused only because of quiet hours.
            let field = broken.map(|broken| broken.field).filter(|_| fields.get("time_zone") == AUTO);
            let field = field.filter(|field| *field == "time_zone");
            let flash =
                Flash::refused(Form::Appearance, PAGE, HttpError::from(error).0).about(field).typed(typed);
            redirect_to_section(&session, "appearance", &flash).await
        }
    }
}

/// Changes the notifications. Fields: `notify_direct`, `notify_mention`, `notify_group`, `notify_added`, `sound`,
/// `push_content` (`on`, or absent for no), `quiet_from`, `quiet_to` (`22:00`, or empty).
pub(crate) async fn notifications(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    session: Session,
    headers: HeaderMap,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return redirect(SIGN_IN_FIRST) };
    let checked = |name| Some(!fields.get(name).is_empty());
    let change = PreferencesChange {
        notify_direct: checked("notify_direct"),
        notify_mention: checked("notify_mention"),
        notify_group: checked("notify_group"),
        notify_added: checked("notify_added"),
        sound: checked("sound"),
        push_content: checked("push_content"),
        quiet_from: Some(minute_of_day(fields.get("quiet_from"))),
        quiet_to: Some(minute_of_day(fields.get("quiet_to"))),
        device_time_zone: preferences::device_zone(&headers),
        ..PreferencesChange::default()
    };
    change_preferences(&state, &session, &user, &fields, (Form::Notifications, "notifications"), change).await
}

/// Changes what others see. Fields: `show_typing`, `send_read_receipts` (`on`, or absent for no).
pub(crate) async fn privacy(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return redirect(SIGN_IN_FIRST) };
    let checked = |name| Some(!fields.get(name).is_empty());
    let change = PreferencesChange {
        show_typing: checked("show_typing"),
        send_read_receipts: checked("send_read_receipts"),
        ..PreferencesChange::default()
    };
    change_preferences(&state, &session, &user, &fields, (Form::Privacy, "privacy"), change).await
}

/// Changes preferences, and redirects to the section with the outcome.
async fn change_preferences(
    state: &AppState,
    session: &Session,
    user: &Identity,
    fields: &FormFields,
    (form, section): (Form, &str),
    change: PreferencesChange,
) -> Response {
    if let Some(flash) = reject_other_user(fields, user, form, PAGE) {
        return redirect_to_section(session, section, &flash).await;
    }
    let broken = changed_preferences(&user.preferences, &change).err();
    let flash = match state.chat.update_preferences(&user.person, change).await {
        Ok(_) => Flash::done(form, PAGE),
        Err(error) => {
            let all = NOTIFICATIONS.iter().chain(PRIVACY).chain(ADDABLE);
            let typed = all.map(|&field| (field, truncate(fields.get(field))));
            // The time zone is a field of another form.
            let field = broken.map(|broken| broken.field).filter(|field| field.starts_with("quiet_"));
            Flash::refused(form, PAGE, HttpError::from(error).0).about(field).typed(typed)
        }
    };
    redirect_to_section(session, section, &flash).await
}

/// The minute of the day of a time such as `22:05` or `22:05:00`; `None` for an empty text, and a minute that is refused for any
/// other text.
fn minute_of_day(text: &str) -> Option<i64> {
    if text.trim().is_empty() {
        return None;
    }
    let mut parts = text.trim().split(':').map(|part| part.parse::<u8>().ok());
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(hour @ 0..24), Some(minute @ 0..60)) => Some(i64::from(hour) * 60 + i64::from(minute)),
        _ => Some(-1),
    }
}

/// Changes whom the user lets add them to groups. Field: `addable_by`.
pub(crate) async fn groups(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Response {
    let Some(user) = user else { return redirect(SIGN_IN_FIRST) };
    let Some(addable_by) = AddableBy::of(fields.get("addable_by")) else {
        let refused = Flash::refused(Form::Groups, PAGE, ErrorCode::Malformed.into());
        let flash = reject_other_user(&fields, &user, Form::Groups, PAGE).unwrap_or(refused);
        return redirect_to_section(&session, "groups", &flash).await;
    };
    let change = PreferencesChange { addable_by: Some(addable_by), ..PreferencesChange::default() };
    change_preferences(&state, &session, &user, &fields, (Form::Groups, "groups"), change).await
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

#[cfg(test)]
mod tests {
    use super::minute_of_day;

    #[test]
    fn n2_times_are_read_as_browsers_send_them() {
        for (text, minute) in [
            ("", None),
            (" ", None),
            ("00:00", Some(0)),
            ("22:05", Some(1_325)),
            ("23:59:59", Some(1_439)),
            ("24:00", Some(-1)),
            ("12:60", Some(-1)),
            ("12", Some(-1)),
            ("noon", Some(-1)),
            ("-1:00", Some(-1)),
        ] {
            assert_eq!(minute_of_day(text), minute, "{text:?}");
        }
    }
}
