//! The pages and their server functions: who asks, how they want things shown, the domain and the names of the files
//! are put into their context.

use crate::auth::MaybeUser;
use crate::http::error::HttpError;
use crate::http::flash;
use crate::http::forms::local_path;
use crate::http::preferences::DisplayPreferences;
use crate::http::rejected_form;
use crate::state::AppState;
use app::server_pages::{self, Coming, NoPage};
use app::{PageData, RequestUrl};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chat::account::Identity;
use chat::{Clock as _, SystemClock};
use leptos::config::LeptosOptions;
use leptos::nonce::Nonce;
use leptos::prelude::{IntoView, Owner, RenderHtml as _, provide_context};
use leptos_axum::{ResponseOptions, ResponseParts};
use protocol::ErrorCode;
use std::collections::HashMap;
use tower_sessions::Session;

/// Pages behind the sign-in.
const PAGES: [&str; 5] = ["/", "/c/{id}", "/c/{id}/receipts/{seq}", "/new", "/settings"];
/// Where server functions are.
const FUNCTIONS: &str = "/rpc/{*function}";

/// Adds them to the routes.
pub(crate) fn add(routes: Router<AppState>) -> Router<AppState> {
    // Who renders may start tasks. An error says that this was done before.
    let _ = any_spawner::Executor::init_tokio();
    let routes = PAGES.iter().fold(routes, |routes, path| routes.route(path, get(page)));
    let routes = routes.route("/sign-in", get(sign_in)).route("/register", get(register));
    // Where the settings were before.
    let routes = routes.route("/account", get(async || Redirect::permanent("/settings")));
    routes.route(FUNCTIONS, post(function))
}

/// Paths of all server functions, for the tests that must cover them.
#[must_use]
pub fn server_functions() -> Vec<String> {
    leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect()
}

/// Whatever no route took: a file of the site, or the page that says so.
pub(crate) async fn elsewhere(state: State<AppState>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return HttpError::from(ErrorCode::NotFound).into_response();
    }
    if let Some(file) = crate::http::assets::serve(&state.assets, request.uri(), request.headers()).await {
        return file;
    }
    no_page(&state, request.headers(), StatusCode::NOT_FOUND, NoPage::NotFound)
        .unwrap_or_else(|| HttpError::from(ErrorCode::NotFound).into_response())
}

/// The page that says why there is none, for a client that accepts HTML.
pub(crate) fn no_page(
    state: &AppState,
    headers: &HeaderMap,
    status: StatusCode,
    why: NoPage,
) -> Option<Response> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let page = || (status, alone(state, headers, || server_pages::no_page(why))).into_response();
    accept.is_some_and(|accept| accept.contains("text/html")).then(page)
}

type Query = axum::extract::Query<HashMap<String, String>>;

async fn coming(session: &Session, page: &str, axum::extract::Query(asked): Query) -> Coming {
    let next = asked.get("next").map(|next| local_path(next)).filter(|&next| next != "/");
    Coming { next: next.unwrap_or_default().to_owned(), flash: flash::take(session, page).await }
}

async fn sign_in(
    State(state): State<AppState>,
    session: Session,
    asked: Query,
    headers: HeaderMap,
) -> Response {
    let coming = coming(&session, "/sign-in", asked).await;
    alone(&state, &headers, || {
        offer(&state);
        server_pages::sign_in(coming)
    })
}

async fn register(
    State(state): State<AppState>,
    session: Session,
    asked: Query,
    headers: HeaderMap,
) -> Response {
    let coming = coming(&session, "/register", asked).await;
    alone(&state, &headers, || {
        offer(&state);
        server_pages::register(coming)
    })
}

/// Whom one may be without a password, in a demonstration.
fn offer(state: &AppState) {
    if let Some(demo) = &state.demo {
        provide_context(app::shell::Demo { offered: demo.offered().cloned().collect() });
    }
}

/// A page that the server alone makes.
fn alone<V: IntoView>(state: &AppState, headers: &HeaderMap, page: impl FnOnce() -> V) -> Response {
    render(&socket(state, headers), || {
        around(state, DisplayPreferences::of(headers, None));
        page()
    })
}

/// A page of the application, whole: a reader without scripts sees all of it.
async fn page(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    session: Session,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let preferences = DisplayPreferences::of(&parts.headers, user.as_ref().map(|user| &user.preferences));
    let path = parts.uri.path();
    let flash = flash::take(&session, path).await;
    let refused = refused(&session, path, user.as_ref()).await;
    let query = parts.uri.query().unwrap_or_default();
    let asked = RequestUrl { path: path.to_owned(), query: query.to_owned() };
    let beginning = PageData::read(&state.chat, user.as_ref(), &asked, preferences.zone.clone()).await;
    let sheet = match user.as_ref().filter(|_| path == "/settings") {
        Some(user) => match sheet(&state, user, flash.clone()).await {
            Ok(sheet) => Some(sheet),
            Err(error) => return error.into_response(),
        },
        None => None,
    };
    render(&socket(&state, &parts.headers), || {
        context(&state, user, preferences);
        provide_context(asked);
        provide_context(beginning);
        provide_context(flash);
        if let Some(refused) = refused {
            provide_context(refused);
        }
        if let Some(sheet) = sheet {
            provide_context(sheet);
        }
        // For redirects, which ask what the browser takes.
        provide_context(parts);
        app::shell::shell(options())
    })
}

/// Renders a page, whose address for sockets is `socket`, in one go: all that it shows was read before.
fn render<V: IntoView>(socket: &str, page: impl FnOnce() -> V) -> Response {
    let nonce = Nonce::new();
    let asked_for = ResponseOptions::default();
    let owner = Owner::new_root(None);
    let html = owner.with(|| {
        provide_context(nonce.clone());
        provide_context(asked_for.clone());
        page().into_view().to_html()
    });
    drop(owner);
    let mut response = Html(html).into_response();
    let ResponseParts { status, headers } =
        asked_for.0.write().map(|mut parts| std::mem::take(&mut *parts)).unwrap_or_default();
    if let Some(status) = status {
        *response.status_mut() = status;
    }
    response.headers_mut().extend(headers);
    // Nothing from elsewhere runs in a page, is shown in it or puts it into a frame.
    if let Ok(policy) = policy(&nonce, socket) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What the settings are made of.
async fn sheet(
    state: &AppState,
    user: &Identity,
    flash: Option<server_pages::Flash>,
) -> Result<server_pages::Sheet, HttpError> {
    Ok(server_pages::Sheet {
        person: user.person.clone(),
        preferences: user.preferences.clone(),
        sign_ins: state.chat.accounts().sign_ins(user).await?,
        zones: chat::zone::names(),
        now: SystemClock.now(),
        flash,
    })
}

/// What the plain form of this page sent last, when it was refused.
async fn refused(session: &Session, path: &str, user: Option<&Identity>) -> Option<app::RefusedForm> {
    let conversation = path.strip_prefix("/c/")?.parse().ok()?;
    rejected_form::take(session, user?.person.id, conversation).await.ok().flatten()
}

/// A server function.
async fn function(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    request: Request<Body>,
) -> Response {
    let preferences = DisplayPreferences::of(request.headers(), user.as_ref().map(|user| &user.preferences));
    let context = move || context(&state, user.clone(), preferences.clone());
    leptos_axum::handle_server_fns_with_context(context, request).await.into_response()
}

fn context(state: &AppState, user: Option<Identity>, preferences: DisplayPreferences) {
    provide_context(state.chat.clone());
    provide_context(user);
    around(state, preferences);
}

/// What every document needs.
fn around(state: &AppState, preferences: DisplayPreferences) {
    if state.demo.is_some() {
        provide_context(app::shell::Demo { offered: Vec::new() });
    }
    provide_context(preferences.language);
    provide_context(preferences.theme);
    provide_context(preferences.zone);
    provide_context(app::shell::Folded(preferences.folded));
    let assets = state.assets.now();
    provide_context(app::Assets {
        css: assets.css.clone(),
        js: assets.js.clone(),
        wasm: assets.wasm.clone(),
    });
}

fn socket(state: &AppState, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    format!("{}://{host}", if state.origins.is_https() { "wss" } else { "ws" })
}

fn policy(nonce: &Nonce, socket: &str) -> Result<HeaderValue, header::InvalidHeaderValue> {
    // The build tool that watches tells pages to reload through a port of its own.
    let watched = if std::env::var_os("LEPTOS_WATCH").is_some() { " ws:" } else { "" };
    HeaderValue::from_str(&format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self' {socket}{watched}; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    ))
}

fn options() -> LeptosOptions {
    let port = std::env::var("LEPTOS_RELOAD_PORT").ok().and_then(|port| port.parse().ok());
    LeptosOptions::builder().output_name("rapport").reload_port(port.unwrap_or(3001u32)).build()
}
