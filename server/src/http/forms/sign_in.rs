//! Forms to sign in, register and sign out.

use super::{redirect, reject_other_user, settings, truncate, with_next};
use crate::auth::MaybeUser;
use crate::auth::client_addr::ClientAddr;
use crate::auth::sign_in;
use crate::auth::user_agent::UserAgent;
use crate::auth::web_session;
use crate::error::HttpError;
use crate::http::extract::FormFields;
use crate::http::local_path::local_path;
use crate::http::{cookie_check, pages, preferences, rejected_form};
use crate::state::AppState;
use app::server_pages::{Coming, Flash, Form, Unsent};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use chat::account::{Identity, Registration, broken_password_rule};
use protocol::ErrorCode;
use std::collections::HashMap;
use tower_cookies::Cookies;
use tower_sessions::Session;

/// Signs in. Fields: `username`, `password`, `next`; `unsent`, `unsent_by` and `unsent_id` of a message that was sent without a
/// sign-in. The form of such a message is redirected here, too, and answered by the page that carries it.
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    ClientAddr(address): ClientAddr,
    UserAgent(device): UserAgent,
    Query(asked): Query<HashMap<String, String>>,
    (cookies, session): (Cookies, Session),
    headers: HeaderMap,
    fields: FormFields,
) -> Response {
    let coming = |unsent| {
        let next = asked.get("next").map_or(fields.get("next"), String::as_str);
        Coming { next: local_path(next).to_owned(), unsent, ..Coming::default() }
    };
    if let Some(message) = unsent(&fields, ["me", "content", "client_id"]) {
        cookie_check::set(&state.origins, &cookies);
        return pages::sign_in_page(&state, &headers, coming(Some(message)));
    }
    let unsent = unsent(&fields, ["unsent_by", "unsent", "unsent_id"]);
    let name = fields.get("username").trim();
    if cookie_check::is_lost(&state.origins, &cookies, &fields) {
        cookie_check::set(&state.origins, &cookies);
        let typed = Flash::done(Form::SignIn, "/sign-in").typed([("username", truncate(name))]);
        let coming = Coming { flash: Some(typed), cookies_lost: true, ..coming(unsent) };
        let page = pages::sign_in_page(&state, &headers, coming);
        return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    }
    let signed_in = async {
        let password = fields.get("password");
        let account = sign_in::by_password(&state.chat, &state.throttle, address, name, password).await?;
        web_session::sign_in(&session, &account, device).await?;
        if let Some(unsent) = &unsent {
            keep_unsent(&session, unsent, fields.get("next")).await;
        }
        Ok::<_, HttpError>(account.preferences)
    };
    let flash = match signed_in.await {
        // Cookies keep the display preferences after a sign-out, too.
        Ok(preferences) => {
            let answer = redirect(local_path(fields.get("next")));
            return (AppendHeaders(preferences::cookies(&preferences)), answer).into_response();
        }
        Err(HttpError(why)) => {
            let rule = broken_password_rule(fields.get("password"));
            Flash::refused(Form::SignIn, "/sign-in", why).breaking(rule)
        }
    };
    if unsent.is_some() {
        let flash = flash.typed([("username", truncate(name))]);
        return pages::sign_in_page(&state, &headers, Coming { flash: Some(flash), ..coming(unsent) });
    }
    redirect_to_form(&state, &cookies, &fields, flash, &["username"])
}

/// The message in these fields: its author, text and id.
fn unsent(fields: &FormFields, [user, content, client_id]: [&str; 3]) -> Option<Unsent> {
    let user = fields.get(user).parse().ok()?;
    let [content, client_id] = [content, client_id].map(|field| fields.get(field).to_owned());
    Some(Unsent { user, content, client_id }).filter(|unsent| !unsent.content.is_empty())
}

/// Stores the message for the form of its conversation. Failure is only logged, because the sign-in has been processed.
async fn keep_unsent(session: &Session, unsent: &Unsent, next: &str) {
    let Some(conversation) = next.strip_prefix("/c/").and_then(|id| id.parse().ok()) else { return };
    let client_id = unsent.client_id.parse().ok();
    let (user, content, code) = (unsent.user, &unsent.content, ErrorCode::NotAuthenticated);
    if let Err(error) = rejected_form::store(session, user, conversation, content, client_id, code).await {
        tracing::error!(cause = %error, "a message that was sent without a sign-in cannot be stored");
    }
}

/// Registers an account and signs in. Fields: `username`, `password`, `first_name`, `last_name`, `next`.
pub(crate) async fn register(
    State(state): State<AppState>,
    ClientAddr(address): ClientAddr,
    UserAgent(device): UserAgent,
    cookies: Cookies,
    session: Session,
    headers: HeaderMap,
    fields: FormFields,
) -> Response {
    const KEPT: [&str; 3] = ["username", "first_name", "last_name"];
    if cookie_check::is_lost(&state.origins, &cookies, &fields) {
        cookie_check::set(&state.origins, &cookies);
        let typed = KEPT.map(|field| (field, truncate(fields.get(field))));
        let flash = Some(Flash::done(Form::Register, "/register").typed(typed));
        let next = local_path(fields.get("next")).to_owned();
        let coming = Coming { next, flash, cookies_lost: true, ..Coming::default() };
        let page = pages::register_page(&state, &headers, coming);
        return (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
    }
    let registration = Registration {
        username: fields.get("username").trim().to_owned(),
        password: fields.get("password").to_owned(),
        first_name: fields.get("first_name").to_owned(),
        last_name: fields.get("last_name").to_owned(),
    };
    let (field, rule) = registration.broken_rule().unzip();
    let registered = async {
        state.throttle.registration(address).map_err(HttpError)?;
        let account = state.chat.accounts().register(registration).await?;
        Ok::<_, HttpError>(web_session::sign_in(&session, &account, device).await?)
    };
    let flash = match registered.await {
        Ok(()) => return redirect(local_path(fields.get("next"))),
        Err(HttpError(why)) => {
            let field = if why.code == ErrorCode::Conflict { Some("username") } else { field };
            Flash::refused(Form::Register, "/register", why).breaking(rule).about(field)
        }
    };
    redirect_to_form(&state, &cookies, &fields, flash, &KEPT)
}

/// Redirects to the form, which shows the input again except for the password.
fn redirect_to_form(
    state: &AppState,
    cookies: &Cookies,
    fields: &FormFields,
    flash: Flash,
    keep: &[&str],
) -> Response {
    let flash = flash.typed(keep.iter().map(|&field| (field, truncate(fields.get(field)))));
    state.flashes.set(cookies, &flash);
    redirect(&with_next(&flash.page, local_path(fields.get("next"))))
}

/// Ends the web session.
pub(crate) async fn sign_out(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Result<Response, HttpError> {
    if let Some(rejected) = reject_other_user_sign_out(&session, user.as_ref(), &fields).await {
        return Ok(rejected);
    }
    web_session::sign_out(&session).await?;
    state.chat.accounts().sign_in_ended();
    if let (Some(demo), Some(user)) = (&state.demo, user) {
        demo.visitors().left(user.person.id);
    }
    Ok(signed_out())
}

/// Redirects to the sign-in page and deletes everything that the browser keeps: over plain HTTP, where browsers ignore
/// `Clear-Site-Data`, a script of that page does it. The script finds the cookie (`app/src/server_pages/sign_out.js`), and
/// tells the other tabs.
fn signed_out() -> Response {
    let headers = [
        (HeaderName::from_static("clear-site-data"), "\"storage\""),
        (header::SET_COOKIE, "signed-out=1; Path=/; Max-Age=60; SameSite=Lax"),
    ];
    (AppendHeaders(headers), redirect("/sign-in")).into_response()
}

/// Rejects a sign-out that another user asked for: the current user stays signed in.
async fn reject_other_user_sign_out(
    session: &Session,
    user: Option<&Identity>,
    fields: &FormFields,
) -> Option<Response> {
    let flash = reject_other_user(fields, user?, Form::SignIns, settings::PAGE)?;
    Some(settings::redirect_to_section(session, "sign-ins", &flash).await)
}

/// Ends all sign-ins of the user.
pub(crate) async fn sign_out_everywhere(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    session: Session,
    fields: FormFields,
) -> Result<Response, HttpError> {
    if let Some(rejected) = reject_other_user_sign_out(&session, user.as_ref(), &fields).await {
        return Ok(rejected);
    }
    if let Some(user) = user {
        state.chat.accounts().sign_out_everywhere(user.person.id).await?;
        if let Some(demo) = &state.demo {
            demo.visitors().left(user.person.id);
        }
    }
    web_session::sign_out(&session).await?;
    Ok(signed_out())
}
