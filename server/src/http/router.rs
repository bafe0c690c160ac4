//! All routes of the server.

use crate::auth::web_session;
use crate::http::api::{
    accounts, admin, closing, connection, conversations, groups, incoming_webhooks, invitations, me,
    messages, moderation as moderation_api, notifications, preferences, push, service_key, sign_ins, sso,
    subjects, sync, webhooks,
};
use crate::http::api_reference;
use crate::http::embed;
use crate::http::forms;
use crate::http::health;
use crate::http::join;
use crate::http::middleware::body;
use crate::http::middleware::error_format;
use crate::http::middleware::etag;
use crate::http::middleware::rate_limit_headers;
use crate::http::middleware::request_id;
use crate::http::middleware::security;
use crate::http::moderation;
use crate::http::openapi;
use crate::http::pages;
use crate::http::ws;
use crate::state::AppState;
use axum::Router;
use axum::handler::Handler as _;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, delete, get, patch, post, put};
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
        ("POST",        "/api/sso",                                      post(sso::sign_in)),
        ("GET PATCH",   "/api/me",                                       get(me::me).patch(me::change)),
        ("GET PATCH",   "/api/me/preferences",                           get(preferences::read).patch(preferences::change)),
        ("GET DELETE",  "/api/me/sessions",                              get(sign_ins::list).delete(sign_ins::end_others)),
        ("DELETE",      "/api/me/sessions/{session}",                    delete(sign_ins::end)),
        ("GET",         "/api/push",                                     get(push::key)),
        ("POST DELETE", "/api/me/push-subscriptions",                    post(push::subscribe).delete(push::unsubscribe)),
        ("GET",         "/api/key",                                      get(service_key::of_request)),
        ("GET POST",    "/api/webhooks",                                 get(webhooks::list).post(webhooks::add)),
        ("DELETE",      "/api/webhooks/{webhook}",                       delete(webhooks::remove)),
        ("GET",         "/api/webhooks/{webhook}/deliveries",            get(webhooks::deliveries)),
        ("POST",        "/api/webhook-deliveries/{delivery}/resend",     post(webhooks::resend)),
        ("GET PUT",     "/api/subjects/{kind}/{subject}/conversation",  get(subjects::get).put(subjects::put)),
        ("POST",        "/api/subjects/{kind}/{subject}/conversation/close", post(subjects::close)),
        ("POST",        "/api/subjects/{kind}/{subject}/conversation/reopen", post(subjects::reopen)),
        ("GET POST",    "/api/admin/people",                             get(admin::people::list).post(admin::people::add)),
        ("GET PATCH",   "/api/admin/people/{user}",                      get(admin::people::one).patch(admin::people::change)),
        ("DELETE",      "/api/admin/people/{user}/sessions",             delete(admin::people::end_sign_ins)),
        ("POST",        "/api/admin/people/{user}/unlock",               post(admin::people::unlock)),
        ("GET",         "/api/admin/groups",                             get(admin::groups::list)),
        ("GET",         "/api/admin/groups/{id}",                        get(admin::groups::one)),
        ("PUT",         "/api/admin/groups/{id}/owners/{user}",          put(admin::groups::add_owner)),
        ("GET POST",    "/api/admin/keys",                               get(admin::keys::list).post(admin::keys::add)),
        ("DELETE",      "/api/admin/keys/{key}",                         delete(admin::keys::revoke)),
        ("GET",         "/api/moderation/conversations",                 get(moderation_api::list)),
        ("GET",         "/api/moderation/conversations/{id}",            get(moderation_api::one)),
        ("POST",        "/api/moderation/conversations/{id}/access",     post(moderation_api::give_reason)),
        ("GET",         "/api/moderation/conversations/{id}/messages",   get(moderation_api::messages)),
        ("POST",        "/api/moderation/conversations/{id}/close",      post(moderation_api::close)),
        ("POST",        "/api/moderation/conversations/{id}/reopen",     post(moderation_api::reopen)),
        ("GET",         "/api/connection",                               get(connection::connection)),
        ("GET",         "/api/people",                                   get(conversations::people)),
        ("GET POST",    "/api/conversations",                            get(conversations::list).post(conversations::open)),
        ("GET PATCH",   "/api/conversations/{id}",                       get(conversations::one).patch(groups::update)),
        ("PATCH",       "/api/conversations/{id}/me",                    patch(conversations::change_own)),
        ("POST",        "/api/conversations/{id}/members",               post(groups::add_members)),
        ("PATCH DELETE", "/api/conversations/{id}/members/{member}",     patch(groups::set_role).delete(groups::remove_member)),

        ("GET POST",    "/api/conversations/{id}/messages",              get(messages::list).post(messages::send)),
        ("DELETE",      "/api/conversations/{id}/messages/{message}",    delete(messages::delete)),
        ("GET",         "/api/conversations/{id}/messages/{message}/receipts", get(messages::receipts)),
        ("POST",        "/api/conversations/{id}/close",                 post(closing::close)),
        ("POST",        "/api/conversations/{id}/reopen",                post(closing::reopen)),
        ("POST",        "/api/conversations/{id}/read",                  post(messages::read)),
        ("GET",         "/api/notifications",                            get(notifications::list)),
        ("POST",        "/api/notifications/read",                       post(notifications::read)),
        ("POST",        "/api/sync",                                     post(sync::sync)),
        ("POST",        "/api/poll",                                     post(sync::poll)),
        ("POST",        "/api/submit",                                   post(sync::submit)),
        ("GET POST",    "/api/conversations/{id}/invitations",           get(invitations::links).post(invitations::create_link)),
        ("DELETE",      "/api/conversations/{id}/invitations/{invitation}", delete(invitations::revoke_link)),
        ("GET POST",    "/api/conversations/{id}/incoming-webhooks",     get(incoming_webhooks::list).post(incoming_webhooks::create)),
        ("DELETE",      "/api/conversations/{id}/incoming-webhooks/{webhook}", delete(incoming_webhooks::revoke)),
        ("POST",        "/api/incoming/{token}",                         post(incoming_webhooks::post)),
        ("GET",         "/api/invitations",                              get(invitations::list)),
        ("DELETE",      "/api/invitations/{invitation}",                 delete(invitations::decline)),
        ("POST",        "/api/invitations/{invitation}/accept",          post(invitations::accept)),
        ("GET",         "/api/invitations/{invitation}/qr",              get(invitations::qr_code)),
        ("GET",         "/api",                                          get(api_reference::page)),
        ("GET",         "/api/openapi.json",                             get(openapi::document)),

        ("POST",        "/sign-in",                                      post(forms::sign_in)),
        ("POST",        "/sso",                                          post(forms::single_sign_on)),
        ("POST",        "/demo/sign-in",                                 post(forms::demo_sign_in)),
        ("POST",        "/register",                                     post(forms::register)),
        ("POST",        "/sign-out",                                     post(forms::sign_out)),
        ("POST",        "/sign-out-everywhere",                          post(forms::sign_out_everywhere)),
        ("POST",        "/settings/profile",                             post(forms::profile)),
        ("POST",        "/settings/appearance",                          post(forms::appearance)),
        ("POST",        "/settings/notifications",                       post(forms::notifications)),
        ("POST",        "/settings/privacy",                             post(forms::privacy)),
        ("POST",        "/settings/password",                            post(forms::password)),
        ("POST",        "/settings/sign-ins/end",                        post(forms::end_sign_in)),
        ("POST",        "/settings/sign-ins/end-others",                 post(forms::end_other_sign_ins)),
        ("POST",        "/conversations",                                post(forms::open_conversation)),
        ("POST",        "/c/{id}/messages",                              post(forms::message)),
        ("POST",        "/c/{id}/read",                                  post(forms::read)),
        ("POST",        "/c/{id}/me",                                    post(forms::change_own)),
        ("POST",        "/notifications/read",                           post(forms::read_notifications)),
        ("POST",        "/c/{id}/settings",                              post(forms::update_group)),
        ("POST",        "/c/{id}/members",                               post(forms::add_members)),
        ("POST",        "/c/{id}/members/role",                          post(forms::set_role)),
        ("POST",        "/c/{id}/members/remove",                        post(forms::remove_member)),
        ("POST",        "/c/{id}/close",                                 post(forms::close_conversation)),
        ("POST",        "/c/{id}/reopen",                                post(forms::reopen_conversation)),
        ("POST",        "/settings/groups",                              post(forms::groups)),
        ("POST",        "/c/{id}/invitations",                           post(forms::create_link)),
        ("POST",        "/c/{id}/invitations/revoke",                    post(forms::revoke_link)),
        ("GET POST",    "/c/{id}/incoming-webhooks",                     get(forms::incoming_webhooks).post(forms::create_incoming_webhook)),
        ("POST",        "/c/{id}/incoming-webhooks/revoke",              post(forms::revoke_incoming_webhook)),
        ("POST",        "/invitations/{invitation}/accept",              post(forms::accept_invitation)),
        ("POST",        "/invitations/{invitation}/decline",             post(forms::decline_invitation)),
        ("GET",         "/moderation",                                   get(moderation::list)),
        ("GET",         "/moderation/{id}",                              get(moderation::conversation)),
        ("POST",        "/moderation/{id}/access",                       post(moderation::give_reason)),
        ("POST",        "/moderation/{id}/close",                        post(moderation::close)),
        ("POST",        "/moderation/{id}/reopen",                       post(moderation::reopen)),
        ("GET POST",    "/join/{token}",                                 get(join::page).post(join::join)),
    ]
}

/// Methods and paths of the table, for tests that must cover all of them.
pub fn routes() -> Vec<(&'static str, &'static str)> {
    table()
        .into_iter()
        .flat_map(|(methods, path, _)| methods.split(' ').map(move |method| (method, path)))
        .chain(embed::ROUTES)
        .collect()
}

/// The whole server as one service.
pub(crate) fn router(state: AppState, store: Arc<dyn Store>) -> Router {
    let routes = table()
        .into_iter()
        .fold(Router::new(), |router, (_, path, route)| router.route(path, body::refuse_unwanted(route)));
    let routes = pages::add_routes(routes, body::refuse_unwanted)
        .fallback(pages::fallback.layer(from_fn(body::refuse_body)))
        .layer(from_fn_with_state(state.clone(), forms::keep_unsaved))
        .layer(web_session::layer(&state.origins, Arc::clone(&store)))
        .merge(embed::routes(&state, store))
        // Outside of all extractors: handlers authenticate after the body was read.
        .layer(from_fn(body::read))
        .layer(from_fn_with_state(state.clone(), rate_limit_headers::add))
        .layer(from_fn(etag::tag))
        .layer(from_fn(web_session::correct_cookies))
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
