//! The OpenAPI document.

use crate::http::api::{
    accounts, admin, closing, connection, conversations, groups, incoming_webhooks, invitations, me,
    messages, moderation, notifications, preferences, push, service_key, sign_ins, sso, subjects, sync,
    webhooks,
};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::sync::OnceLock;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, OpenApi as Document, Ref, ResponseBuilder};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(title = "Rapport", description = "Conversations over HTTP. Sockets are at /ws/ and /ws/chat/{id}/."),
    modifiers(&Credentials, &CommonRefusals),
    paths(
        accounts::register,
        accounts::token,
        accounts::refresh,
        accounts::sign_out,
        sso::sign_in,
        me::me,
        me::change,
        preferences::read,
        preferences::change,
        sign_ins::list,
        sign_ins::end,
        sign_ins::end_others,
        push::key,
        push::subscribe,
        push::unsubscribe,
        service_key::of_request,
        webhooks::list,
        webhooks::add,
        webhooks::remove,
        webhooks::deliveries,
        webhooks::resend,
        admin::people::list,
        admin::people::add,
        admin::people::one,
        admin::people::change,
        admin::people::end_sign_ins,
        admin::people::unlock,
        admin::groups::list,
        admin::groups::one,
        admin::groups::add_owner,
        admin::keys::list,
        admin::keys::add,
        admin::keys::revoke,
        subjects::put,
        subjects::get,
        subjects::close,
        subjects::reopen,
        closing::close,
        closing::reopen,
        moderation::list,
        moderation::give_reason,
        moderation::one,
        moderation::messages,
        moderation::close,
        moderation::reopen,
        connection::connection,
        conversations::people,
        conversations::list,
        conversations::open,
        conversations::one,
        conversations::change_own,
        groups::update,
        groups::add_members,
        groups::set_role,
        groups::remove_member,
        messages::list,
        messages::send,
        messages::delete,
        messages::read,
        messages::receipts,
        notifications::list,
        notifications::read,
        incoming_webhooks::list,
        incoming_webhooks::create,
        incoming_webhooks::revoke,
        incoming_webhooks::post,
        invitations::links,
        invitations::create_link,
        invitations::revoke_link,
        invitations::list,
        invitations::accept,
        invitations::decline,
        invitations::qr_code,
        sync::sync,
        sync::poll,
        sync::submit,
    )
)]
struct Api;

/// Description of the credentials of products.
const KEY: &str = "A service key, from `rapport key add`. It acts for no person, and a token of a person is not accepted in its place.";

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("bearer", bearer);
        let key = SecurityScheme::Http(
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(KEY)).build(),
        );
        components.add_security_scheme("service_key", key);
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("rapport")));
        components.add_security_scheme("cookie", cookie);
    }
}

/// Adds the refusals that requests of any operation can meet.
struct CommonRefusals;

impl Modify for CommonRefusals {
    fn modify(&self, document: &mut Document) {
        for item in document.paths.paths.values_mut() {
            let writes = [&mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
            let writes = writes.into_iter().flatten().map(|operation| (operation, true));
            for (operation, writes) in item.get.iter_mut().map(|operation| (operation, false)).chain(writes) {
                let takes_body = operation.request_body.is_some();
                let with_body = [
                    ("408", "The body stalled for 15 s, or arrived at less than 256 bytes per second"),
                    ("413", "The body is larger than 64 KiB"),
                ];
                let cross_site = ("403", "The request comes from a page of another site, with the cookie");
                let refusals =
                    with_body.into_iter().filter(|_| takes_body).chain(writes.then_some(cross_site)).chain([
                        ("400", "The body or a parameter is malformed"),
                        ("415", "The body is not JSON, or the operation takes none"),
                        ("422", "A value is outside its range or breaks a rule"),
                        ("429", "Too fast; try again after the time in `Retry-After`"),
                        ("503", "Not available right now; try again"),
                    ]);
                for (status, description) in refusals {
                    let refusal = ResponseBuilder::new()
                        .description(description)
                        .content("application/json", Content::new(Some(Ref::from_schema_name("ApiError"))));
                    let responses = &mut operation.responses.responses;
                    responses.entry(status.to_owned()).or_insert_with(|| refusal.build().into());
                }
            }
        }
    }
}

/// `/api/openapi.json`.
pub(crate) async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text()).into_response()
}

/// The document as JSON.
pub(crate) fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| Api::openapi().to_json().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn x1_the_openapi_document_has_exactly_the_routes_of_the_api() {
        let document = serde_json::to_value(Api::openapi()).unwrap();
        let mut described = BTreeSet::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for method in operations.as_object().unwrap().keys() {
                described.insert((method.to_uppercase(), path.clone()));
            }
        }
        let routes = crate::routes().into_iter();
        let there = routes
            .filter(|(_, path)| path.starts_with("/api/") && *path != "/api/openapi.json")
            .map(|(method, path)| (method.to_owned(), path.to_owned()))
            .collect();
        assert_eq!(described, there);
    }

    #[test]
    fn v22_every_operation_describes_the_common_refusals() {
        let document = serde_json::to_value(Api::openapi()).unwrap();
        let paths = document["paths"].as_object().unwrap().values();
        for (method, operation) in paths.flat_map(|operations| operations.as_object().unwrap()) {
            let with_body: &[&str] =
                if operation.get("requestBody").is_some() { &["408", "413"] } else { &[] };
            let writes: &[&str] = if method == "get" { &[] } else { &["403"] };
            for status in ["400", "415", "422", "429", "503"].iter().chain(with_body).chain(writes) {
                let schema = &operation["responses"][status]["content"]["application/json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/ApiError", "{status} of {operation}");
            }
        }
    }

    #[test]
    fn x1_the_openapi_document_describes_every_frame_and_has_no_dangling_reference() {
        let text = Api::openapi().to_json().unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for name in text.split("\"#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(schemas.contains_key(name), "{name} is referred to and not described");
        }
        // All frames that are sent; unreadable ones are not part of the protocol.
        assert_eq!(schemas["ServerFrame"]["oneOf"].as_array().unwrap().len(), 32);
        assert!(!text.contains("Unreadable"));
    }
}
