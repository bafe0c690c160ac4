//! HTTP: routes, middleware, pages, forms, the API and the WebSocket upgrade.

pub(crate) mod api;
pub(crate) mod api_reference;
pub(crate) mod cookie_check;
pub(crate) mod embed;
pub(crate) mod extract;
pub(crate) mod flash;
pub(crate) mod forms;
pub(crate) mod health;
pub(crate) mod idempotency_key;
pub(crate) mod iframe;
pub(crate) mod invitation_link;
pub(crate) mod join;
pub(crate) mod local_path;
pub(crate) mod middleware;
pub(crate) mod moderation;
pub(crate) mod openapi;
pub(crate) mod pages;
pub(crate) mod preferences;
pub(crate) mod rejected_form;
pub(crate) mod router;
pub(crate) mod single_sign_on;
pub(crate) mod ws;
