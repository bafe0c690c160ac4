//! Pages and server functions. Each gets the user, the display preferences, the domain and the asset paths as Leptos context.

use crate::auth::MaybeUser;
use crate::error::HttpError;
use crate::http::cookie_check;
use crate::http::extract::require_json;
use crate::http::flash;
use crate::http::iframe::{Embedded, FrameAncestors, start_again};
use crate::http::local_path::{local_path, path_of};
use crate::http::preferences::DisplayPreferences;
use crate::http::rejected_form;
use crate::state::AppState;
use app::server_pages::{self, Coming, NoPage};
use app::{PageData, RequestUrl};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Extension, Router};
use chat::account::Identity;
use chat::{Clock as _, SystemClock};
use leptos::config::LeptosOptions;
use leptos::nonce::Nonce;
use leptos::prelude::{IntoView, Owner, RenderHtml as _, provide_context};
use leptos_axum::{ResponseOptions, ResponseParts};
use protocol::ErrorCode;
use std::collections::HashMap;
use tower_cookies::Cookies;
use tower_sessions::Session;

/// Paths of pages that need a sign-in.
const PAGES: [&str; 7] =
    ["/", "/c/{id}", "/c/{id}/receipts/{seq}", "/new", "/notifications", "/invitations", "/settings"];
/// Path of server functions.
const FUNCTIONS: &str = "/rpc/{*function}";

/// Adds the routes of pages and server functions. `without_body` is applied to those that read no body.
pub(crate) fn add_routes(
    routes: Router<AppState>,
    without_body: impl Fn(MethodRouter<AppState>) -> MethodRouter<AppState>,
) -> Router<AppState> {
    // Leptos spawns tasks while it renders. An error means that the executor was set before.
    let _ = any_spawner::Executor::init_tokio();
    let routes = PAGES.iter().fold(routes, |routes, path| routes.route(path, without_body(get(page))));
    let routes = routes.route("/sign-in", without_body(get(sign_in)));
    let routes = routes.route("/register", without_body(get(register)));
    // The former path of the settings.
    let former = get(async || Redirect::permanent("/settings"));
    let routes = routes.route("/account", without_body(former));
    add_server_functions(routes)
}

/// Adds the route of server functions.
pub(crate) fn add_server_functions(routes: Router<AppState>) -> Router<AppState> {
    routes.route(FUNCTIONS, post(server_function))
}

/// Paths of all server functions, for tests that must cover them.
#[must_use]
pub fn server_functions() -> Vec<String> {
    leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect()
}

/// Handles paths without a route: static assets, else 404.
pub(crate) async fn fallback(state: State<AppState>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return HttpError::from(ErrorCode::NotFound).into_response();
    }
    if let Some(file) = crate::assets::serve(&state.assets, request.uri(), request.headers()).await {
        return file;
    }
    no_page(&state, request.headers(), StatusCode::NOT_FOUND, NoPage::NotFound)
        .unwrap_or_else(|| HttpError::from(ErrorCode::NotFound).into_response())
}

/// An error page, for clients that accept HTML.
pub(crate) fn no_page(
    state: &AppState,
    headers: &HeaderMap,
    status: StatusCode,
    why: NoPage,
) -> Option<Response> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let page = || (status, server_page(state, headers, || server_pages::no_page(why))).into_response();
    accept.is_some_and(|accept| accept.contains("text/html")).then(page)
}

/// Response to an error of a page: the error page where the person finds nothing, else the error.
pub(crate) fn refused(state: &AppState, headers: &HeaderMap, error: HttpError) -> Response {
    let page = (error.0.code == ErrorCode::NotFound)
        .then(|| no_page(state, headers, StatusCode::NOT_FOUND, NoPage::NotFound))
        .flatten();
    page.unwrap_or_else(|| error.into_response())
}

type Query = axum::extract::Query<HashMap<String, String>>;

async fn coming(
    state: &AppState,
    cookies: &Cookies,
    session: &Session,
    page: &str,
    axum::extract::Query(asked): Query,
) -> Coming {
    let next = asked.get("next").map(|next| local_path(next)).filter(|&next| next != "/");
    let flash = flash::take(&state.flashes, cookies, session, page, None).await;
    cookie_check::set(&state.origins, cookies);
    let unsaved = next.is_some_and(|next| state.flashes.has_unsaved(cookies, path_of(next)));
    Coming { next: next.unwrap_or_default().to_owned(), flash, unsaved, ..Coming::default() }
}

async fn sign_in(
    State(state): State<AppState>,
    cookies: Cookies,
    session: Session,
    asked: Query,
    headers: HeaderMap,
) -> Response {
    let coming = coming(&state, &cookies, &session, "/sign-in", asked).await;
    sign_in_page(&state, &headers, coming)
}

/// Renders the sign-in page.
pub(crate) fn sign_in_page(state: &AppState, headers: &HeaderMap, coming: Coming) -> Response {
    server_page(state, headers, || {
        provide_demo_users(state);
        server_pages::sign_in(coming)
    })
}

async fn register(
    State(state): State<AppState>,
    cookies: Cookies,
    session: Session,
    asked: Query,
    headers: HeaderMap,
) -> Response {
    let coming = coming(&state, &cookies, &session, "/register", asked).await;
    register_page(&state, &headers, coming)
}

/// Renders the registration page.
pub(crate) fn register_page(state: &AppState, headers: &HeaderMap, coming: Coming) -> Response {
    server_page(state, headers, || {
        provide_demo_users(state);
        server_pages::register(coming)
    })
}

/// Provides the users that a demonstration offers for sign-in without a password.
fn provide_demo_users(state: &AppState) {
    if let Some(demo) = &state.demo {
        provide_context(app::shell::Demo { offered: demo.offered().cloned().collect() });
    }
}

/// Renders the page of an invitation link.
pub(crate) fn join_page(
    state: &AppState,
    headers: &HeaderMap,
    user: &Identity,
    join: server_pages::Join,
) -> Response {
    page_of(state, headers, user, || server_pages::join(join))
}

/// Renders a page of moderation.
pub(crate) fn moderation_page(
    state: &AppState,
    headers: &HeaderMap,
    user: &Identity,
    page: server_pages::Moderation,
) -> Response {
    page_of(state, headers, user, || server_pages::moderation(page))
}

/// Renders the page of a link that was made by the plain form.
pub(crate) fn created_link_page(
    state: &AppState,
    headers: &HeaderMap,
    user: &Identity,
    created: server_pages::CreatedLink,
) -> Response {
    page_of(state, headers, user, || server_pages::created_link(created))
}

/// Renders the page of the incoming webhooks of a group.
pub(crate) fn incoming_webhooks_page(
    state: &AppState,
    headers: &HeaderMap,
    user: &Identity,
    page: server_pages::IncomingWebhooks,
) -> Response {
    page_of(state, headers, user, || server_pages::incoming_webhooks(page))
}

/// Renders the reference of the API, for everybody.
pub(crate) fn api_reference_page(
    state: &AppState,
    headers: &HeaderMap,
    reference: &server_pages::ApiReference,
) -> Response {
    server_page(state, headers, || server_pages::api_reference(reference))
}

/// Responds to a signed-in user with a page that has no client code.
fn page_of<V: IntoView>(
    state: &AppState,
    headers: &HeaderMap,
    user: &Identity,
    page: impl FnOnce() -> V,
) -> Response {
    render(&PolicySources::of(state, headers), &FrameAncestors::none(), || {
        provide_document_context(state, DisplayPreferences::of(headers, Some(&user.preferences)));
        page()
    })
}

/// Responds with a page that has no client code.
fn server_page<V: IntoView>(state: &AppState, headers: &HeaderMap, page: impl FnOnce() -> V) -> Response {
    framed_page(state, headers, &FrameAncestors::none(), page)
}
fn framed_page<V: IntoView>(
    state: &AppState,
    headers: &HeaderMap,
    ancestors: &FrameAncestors,
    page: impl FnOnce() -> V,
) -> Response {
    render(&PolicySources::of(state, headers), ancestors, || {
        provide_document_context(state, DisplayPreferences::of(headers, None));
        page()
    })
}

/// Renders the first page of a frame.
pub(crate) fn embed_start_page(
    state: &AppState,
    headers: &HeaderMap,
    ancestors: &FrameAncestors,
    start: server_pages::EmbedStart,
) -> Response {
    framed_page(state, headers, ancestors, || server_pages::embed_start(start))
}

/// Responds with a page of the application, complete even without JavaScript.
pub(crate) async fn page(
    State(state): State<AppState>,
    embedded: Option<Extension<Embedded>>,
    MaybeUser(user): MaybeUser,
    cookies: Cookies,
    session: Session,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let mut preferences = DisplayPreferences::of(&parts.headers, user.as_ref().map(|user| &user.preferences));
    let path = parts.uri.path();
    let base = embedded.map_or("", |Extension(embedded)| embedded.base);
    if !base.is_empty() {
        if user.is_none() {
            return start_again(base, &parts.uri);
        }
        preferences.choose(parts.uri.query().unwrap_or_default());
    }
    let me = user.as_ref().map(|user| user.person.id);
    let flash = flash::take(&state.flashes, &cookies, &session, path, me).await;
    let refused = take_rejected_form(&session, path, user.as_ref()).await;
    let query = parts.uri.query().unwrap_or_default();
    let asked = RequestUrl { base, path: path.to_owned(), query: query.to_owned() };
    let beginning = PageData::read(&state.chat, user.as_ref(), &asked, preferences.zone.clone()).await;
    let sheet = match user.as_ref().filter(|_| path == "/settings") {
        Some(user) => match sheet(&state, user, flash.clone()).await {
            Ok(sheet) => Some(sheet),
            Err(error) => return error.into_response(),
        },
        None => None,
    };
    let ancestors = if base.is_empty() { FrameAncestors::none() } else { FrameAncestors::embedding(&state) };
    render(&PolicySources::of(&state, &parts.headers), &ancestors, || {
        provide_page_context(&state, user, preferences);
        provide_context(asked);
        provide_context(beginning);
        provide_context(flash);
        if let Some(refused) = refused {
            provide_context(refused);
        }
        if let Some(sheet) = sheet {
            provide_context(sheet);
        }
        // Redirects read the `Accept` header.
        provide_context(parts);
        app::shell::shell(options())
    })
}

/// Renders a page synchronously; all of its data was loaded before.
fn render<V: IntoView>(
    sources: &PolicySources,
    ancestors: &FrameAncestors,
    page: impl FnOnce() -> V,
) -> Response {
    let nonce = Nonce::new();
    let response_parts = ResponseOptions::default();
    let owner = Owner::new_root(None);
    let html = owner.with(|| {
        provide_context(nonce.clone());
        provide_context(response_parts.clone());
        page().into_view().to_html()
    });
    drop(owner);
    let mut response = Html(html).into_response();
    let ResponseParts { status, headers } =
        response_parts.0.write().map(|mut parts| std::mem::take(&mut *parts)).unwrap_or_default();
    if let Some(status) = status {
        *response.status_mut() = status;
    }
    response.headers_mut().extend(headers);
    // The policy permits no foreign scripts, content or frames.
    if let Ok(policy) = content_security_policy(&nonce, sources, ancestors) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Loads the data of the settings page.
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
        moderates: state.chat.moderates(&user.person, state.chat.subject_kinds()).await?,
    })
}

/// Takes the rejected message of the form on this page, if there is one.
async fn take_rejected_form(
    session: &Session,
    path: &str,
    user: Option<&Identity>,
) -> Option<app::RefusedForm> {
    let conversation = path.strip_prefix("/c/")?.parse().ok()?;
    rejected_form::take(session, user?.person.id, conversation).await.ok().flatten()
}

/// Handles a server function.
async fn server_function(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    mut request: Request<Body>,
) -> Response {
    if !server_functions().iter().any(|path| path == request.uri().path()) {
        return HttpError::from(ErrorCode::NotFound).into_response();
    }
    if let Err(error) = require_json(request.headers()) {
        return error.into_response();
    }
    // Leptos answers a client that accepts HTML by a redirect to the address in `Referer`.
    request.headers_mut().remove(header::ACCEPT);
    let preferences = DisplayPreferences::of(request.headers(), user.as_ref().map(|user| &user.preferences));
    let context = move || provide_page_context(&state, user.clone(), preferences.clone());
    leptos_axum::handle_server_fns_with_context(context, request).await.into_response()
}

fn provide_page_context(state: &AppState, user: Option<Identity>, preferences: DisplayPreferences) {
    provide_context(state.chat.clone());
    provide_context(state.poll_sessions.clone());
    provide_context(user);
    provide_document_context(state, preferences);
}

/// Provides the context that every document needs.
fn provide_document_context(state: &AppState, preferences: DisplayPreferences) {
    if state.demo.is_some() {
        provide_context(app::shell::Demo { offered: Vec::new() });
    }
    provide_context(preferences.language);
    provide_context(preferences.theme);
    provide_context(preferences.zone);
    provide_context(app::shell::Folded(preferences.folded));
    let assets = state.assets.current();
    provide_context(app::Assets {
        css: assets.css.clone(),
        js: assets.js.clone(),
        wasm: assets.wasm.clone(),
    });
}

fn socket_origin(state: &AppState, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    format!("{}://{host}", if state.origins.is_https() { "wss" } else { "ws" })
}

/// Origins that the policy of a page allows beside its own.
struct PolicySources {
    /// The origin of WebSockets.
    socket: String,
    /// The origins of pictures of subjects and of people, each behind a space.
    images: String,
}

impl PolicySources {
    fn of(state: &AppState, headers: &HeaderMap) -> Self {
        let of_subjects = state.chat.subject_kinds().iter().flat_map(|kind| kind.image_origins());
        let mut origins: Vec<&String> = of_subjects.chain(state.sso.image_origins()).collect();
        origins.sort_unstable();
        origins.dedup();
        let images = origins.into_iter().map(|origin| format!(" {origin}")).collect();
        Self { socket: socket_origin(state, headers), images }
    }
}

fn content_security_policy(
    nonce: &Nonce,
    sources: &PolicySources,
    ancestors: &FrameAncestors,
) -> Result<HeaderValue, header::InvalidHeaderValue> {
    let PolicySources { socket, images } = sources;
    // `cargo leptos watch` reloads pages through a socket on another port.
    let watched = if std::env::var_os("LEPTOS_WATCH").is_some() { " ws:" } else { "" };
    HeaderValue::from_str(&format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:{images}; connect-src 'self' {socket}{watched}; worker-src 'self'; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors {}",
        ancestors.as_str()
    ))
}

fn options() -> LeptosOptions {
    let port = std::env::var("LEPTOS_RELOAD_PORT").ok().and_then(|port| port.parse().ok());
    LeptosOptions::builder().output_name("rapport").reload_port(port.unwrap_or(3001u32)).build()
}
