//! The pages and their server functions: who asks, the domain and the names of the files are put into their context.

use crate::refusal::Refusal;
use crate::refused_form;
use crate::state::Node;
use crate::who::Anyone;
use app::Language;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use chat::account::Identity;
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;
use protocol::ErrorCode;
use std::collections::BTreeSet;
use tower_sessions::Session;
use tower_sessions::cookie::Cookie;

/// Where server functions are.
const FUNCTIONS: &str = "/rpc/{*function}";

/// Adds them to the routes. The application itself says which pages it has.
pub(crate) fn add(routes: Router<Node>) -> Router<Node> {
    let pages = leptos_axum::generate_route_list(app::App);
    // Nested routes give a path several times.
    let paths: BTreeSet<_> = pages.iter().map(|page| page.path().to_owned()).collect();
    let routes = paths.iter().fold(routes, |routes, path| routes.route(path, get(page)));
    routes.route(FUNCTIONS, post(function))
}

/// Paths of all server functions, for the tests that must cover them.
#[must_use]
pub fn server_functions() -> Vec<String> {
    leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect()
}

/// Whatever no route took: a file of the site, or the page that says so.
pub(crate) async fn elsewhere(
    state: State<Node>,
    who: Result<Anyone, Refusal>,
    request: Request,
) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Refusal::from(ErrorCode::NotFound).into_response();
    }
    if let Some(file) = crate::assets::serve(&state.assets, request.uri(), request.headers()).await {
        return file;
    }
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    match who {
        Ok(who) if accept.is_some_and(|accept| accept.contains("text/html")) => {
            page(state, who, request).await
        }
        _ => Refusal::from(ErrorCode::NotFound).into_response(),
    }
}

/// A page, whole: a reader without scripts sees all of it.
async fn page(State(node): State<Node>, Anyone(who): Anyone, request: Request) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let socket = format!("{}://{host}", if node.ours.is_https() { "wss" } else { "ws" });
    let entrance = matches!(request.uri().path(), "/sign-in" | "/register");
    let options = options();
    let language = language(request.headers());
    let session = request.extensions().get::<Session>().cloned();
    let path = request.uri().path().to_owned();
    let refused = refused(session, &path, who.as_ref()).await;
    let context = move || {
        context(&node, who.clone());
        if let Some(refused) = refused.clone() {
            provide_context(refused);
        }
        provide_context(language);
        let assets = node.assets.now();
        provide_context(app::Assets {
            css: assets.css.clone(),
            js: assets.js.clone(),
            wasm: assets.wasm.clone(),
        });
        if let Some(demo) = &node.demo {
            let offered = if entrance { demo.offered().cloned().collect() } else { Vec::new() };
            provide_context(app::Demo { offered });
        }
        keep_to_ourselves(&socket);
    };
    let render = leptos_axum::render_app_async_with_context(context, move || app::shell(options.clone()));
    render(request).await.into_response()
}

/// What the plain form of this page sent last, when it was refused.
async fn refused(
    session: Option<Session>,
    path: &str,
    who: Option<&Identity>,
) -> Option<app::rpc::RefusedForm> {
    let conversation = path.strip_prefix("/c/")?.parse().ok()?;
    refused_form::take(&session?, who?.person.id, conversation).await.ok().flatten()
}

/// The reader's language: the one chosen for this browser, else the first of its own that we have.
fn language(headers: &HeaderMap) -> Language {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = cookies.flat_map(Cookie::split_parse).flatten();
    let chosen = cookies.find(|cookie| cookie.name() == "lang");
    let chosen = chosen.and_then(|cookie| Language::of(cookie.value()));
    chosen.or_else(|| accepted.and_then(Language::accepted)).unwrap_or_default()
}

/// A server function.
async fn function(State(node): State<Node>, Anyone(who): Anyone, request: Request<Body>) -> Response {
    let context = move || context(&node, who.clone());
    leptos_axum::handle_server_fns_with_context(context, request).await.into_response()
}

fn context(node: &Node, who: Option<Identity>) {
    provide_context(node.chat.clone());
    provide_context(who);
}

/// Nothing from elsewhere runs in a page, is shown in it or puts it into a frame.
fn keep_to_ourselves(socket: &str) {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else { return };
    // The build tool that watches tells pages to reload through a port of its own.
    let watched = if std::env::var_os("LEPTOS_WATCH").is_some() { " ws:" } else { "" };
    let policy = format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self' {socket}{watched}; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

fn options() -> LeptosOptions {
    let port = std::env::var("LEPTOS_RELOAD_PORT").ok().and_then(|port| port.parse().ok());
    LeptosOptions::builder().output_name("rapport").reload_port(port.unwrap_or(3001u32)).build()
}
