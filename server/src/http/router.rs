//! All routes of the server.

use crate::auth::web_session;
use crate::http::api::{accounts, connection, conversations, me, messages, sign_ins, sync};
use crate::http::forms;
use crate::http::health;
use crate::http::middleware::body;
use crate::http::middleware::error_format;
use crate::http::middleware::request_id;
use crate::http::middleware::security;
use crate::http::openapi;
use crate::http::pages;
use crate::http::ws;
use crate::state::AppState;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::routing::{MethodRouter, delete, get, post};
use chat::store::Store;
use std::sync::Arc;
use tower_http::compression::CompressionLayer;

/// The routes and their methods. `pages` adds those of pages and server functions.
#[rustfmt::skip]
fn table() -> Vec<(&'static str, &'static str, MethodRouter<AppState>)> {
    vec![
        ("GET",         "/ws/",                                          get(ws::all_conversations)),
        ("GET",         "/ws/chat/{id}/",                                get(ws::one_conversation)),

        ("POST",        "/api/register",                                 post(accounts::register)),
        ("POST DELETE", "/api/token",                                    post(accounts::token).delete(accounts::sign_out)),
        ("POST",        "/api/token/refresh",                            post(accounts::refresh)),
        ("GET PATCH",   "/api/me",                                       get(me::me).patch(me::change)),
        ("GET DELETE",  "/api/me/sessions",                              get(sign_ins::list).delete(sign_ins::end_others)),
        ("DELETE",      "/api/me/sessions/{session}",                    delete(sign_ins::end)),
        ("GET",         "/api/connection",                               get(connection::connection)),
        ("GET",         "/api/people",                                   get(conversations::people)),
        ("GET POST",    "/api/conversations",                            get(conversations::list).post(conversations::open)),
        ("GET",         "/api/conversations/{id}",                       get(conversations::one)),
        ("DELETE",      "/api/conversations/{id}/members/{member}",      delete(conversations::remove)),
        ("GET POST",    "/api/conversations/{id}/messages",              get(messages::list).post(messages::send)),
        ("DELETE",      "/api/conversations/{id}/messages/{message}",    delete(messages::delete)),
        ("GET",         "/api/conversations/{id}/messages/{message}/receipts", get(messages::receipts)),
        ("POST",        "/api/conversations/{id}/read",                  post(messages::read)),
        ("POST",        "/api/sync",                                     post(sync::sync)),
        ("POST",        "/api/poll",                                     post(sync::poll)),
        ("POST",        "/api/submit",                                   post(sync::submit)),
        ("GET",         "/api/openapi.json",                             get(openapi::document)),

        ("POST",        "/sign-in",                                      post(forms::sign_in)),
        ("POST",        "/demo/sign-in",                                 post(forms::demo_sign_in)),
        ("POST",        "/register",                                     post(forms::register)),
        ("POST",        "/sign-out",                                     post(forms::sign_out)),
        ("POST",        "/sign-out-everywhere",                          post(forms::sign_out_everywhere)),
        ("POST",        "/settings/profile",                             post(forms::profile)),
        ("POST",        "/settings/appearance",                          post(forms::appearance)),
        ("POST",        "/settings/password",                            post(forms::password)),
        ("POST",        "/settings/sign-ins/end",                        post(forms::end_sign_in)),
        ("POST",        "/settings/sign-ins/end-others",                 post(forms::end_other_sign_ins)),
        ("POST",        "/conversations",                                post(forms::open_conversation)),
        ("POST",        "/c/{id}/messages",                              post(forms::message)),
        ("POST",        "/c/{id}/read",                                  post(forms::read)),
    ]
}

/// Methods and paths of the table, for tests that must cover all of them.
pub fn routes() -> Vec<(&'static str, &'static str)> {
    table()
        .into_iter()
        .flat_map(|(methods, path, _)| methods.split(' ').map(move |method| (method, path)))
        .collect()
}

/// The whole server as one service.
pub(crate) fn router(state: AppState, store: Arc<dyn Store>) -> Router {
    let routes =
        table().into_iter().fold(Router::new(), |router, (_, path, route)| router.route(path, route));
    let routes = pages::add_routes(routes)
        .fallback(pages::fallback)
        .layer(web_session::layer(&state.origins, store))
        // Outside of all extractors: handlers authenticate after the body was read.
        .layer(from_fn(body::read))
        .layer(map_response(web_session::complete_removal))
        .layer(from_fn_with_state(state.clone(), security::check_origin))
        // Inside of the compression, since it reads bodies.
        .layer(from_fn(error_format::unify))
        .layer(CompressionLayer::new().quality(tower_http::CompressionLevel::Fastest))
        .layer(from_fn_with_state(state.clone(), security::check_host));
    Router::new()
        .route("/healthz", get(health::liveness))
        .route("/readyz", get(health::readiness))
        .layer(from_fn(error_format::unify))
        .merge(routes)
        .layer(from_fn_with_state(state.clone(), security::set_headers))
        .layer(from_fn_with_state(state.clone(), request_id::track))
        .with_state(state)
}
