//! Refusals that the routes for service keys have in common, for OpenAPI.

use std::collections::BTreeMap;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder, ResponsesBuilder};
use utoipa::{IntoResponses, ToSchema as _};

/// Refusals of every route for service keys.
pub(crate) struct KeyRefusals;

/// Refusals of the routes that require a scope.
pub(crate) struct ScopeRefusals;

impl IntoResponses for KeyRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let responses = ResponsesBuilder::new()
            .response("401", refusal("No service key, or an unknown or revoked one"))
            .response("429", refusal("Too many requests of this key; `Retry-After` says when to send again"));
        responses.build().responses
    }
}

impl IntoResponses for ScopeRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let mut responses = KeyRefusals::responses();
        let without_scope = refusal("The key does not have the scope that the tag of the route names");
        responses.insert("403".to_owned(), RefOr::T(without_scope));
        responses
    }
}

fn refusal(description: &str) -> Response {
    let schema = Ref::from_schema_name(protocol::ApiError::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(description).content("application/json", content).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn x1_routes_with_a_scope_refuse_in_one_way_more() {
        let codes = |responses: BTreeMap<String, RefOr<Response>>| responses.into_keys().collect::<Vec<_>>();
        assert_eq!(codes(KeyRefusals::responses()), ["401", "429"]);
        assert_eq!(codes(ScopeRefusals::responses()), ["401", "403", "429"]);
    }
}
