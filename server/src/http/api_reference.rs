//! The page `/api`: the OpenAPI document for people.

use crate::http::openapi;
use crate::http::pages;
use crate::state::AppState;
use app::server_pages::{ApiField, ApiOperation, ApiReference, ApiSchema, ApiType, ApiTypePart};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value};
use std::sync::OnceLock;

/// `/api`.
pub(crate) async fn page(State(state): State<AppState>, headers: HeaderMap) -> Response {
    static REFERENCE: OnceLock<ApiReference> = OnceLock::new();
    let reference =
        REFERENCE.get_or_init(|| read(&serde_json::from_str(openapi::text()).unwrap_or_default()));
    pages::api_reference_page(&state, &headers, reference)
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn read(document: &Value) -> ApiReference {
    let mut groups: Vec<(String, Vec<ApiOperation>)> = Vec::new();
    for (path, item) in object(&document["paths"]) {
        for method in METHODS {
            let Some(described) = item.get(method) else { continue };
            let tag = text(&described["tags"][0]);
            let operation = operation(method, path, described);
            match groups.iter_mut().find(|(known, _)| *known == tag) {
                Some((_, operations)) => operations.push(operation),
                None => groups.push((tag, vec![operation])),
            }
        }
    }
    let schemas = object(&document["components"]["schemas"]).map(|(name, schema)| named(name, schema));
    ApiReference { groups, schemas: schemas.collect() }
}

fn operation(method: &str, path: &str, described: &Value) -> ApiOperation {
    let about = [text(&described["summary"]), text(&described["description"])].join(" ");
    let parameters = described["parameters"].as_array().into_iter().flatten().map(|parameter| ApiField {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        required: parameter["required"] == true,
        is: of_type(&parameter["schema"]),
        about: text(&parameter["description"]),
    });
    let answers = object(&described["responses"])
        .map(|(status, answer)| (status.clone(), text(&answer["description"]), body_type(answer)));
    ApiOperation {
        method: method.to_uppercase(),
        path: path.to_owned(),
        about: about.trim().to_owned(),
        parameters: parameters.collect(),
        body: body_type(&described["requestBody"]),
        answers: answers.collect(),
    }
}

/// The type of the first content of a body.
fn body_type(body: &Value) -> Option<ApiType> {
    let (_, content) = object(&body["content"]).next()?;
    Some(of_type(&content["schema"]))
}

fn named(name: &str, schema: &Value) -> ApiSchema {
    let mut fields = Vec::new();
    collect_fields(schema, &mut fields);
    let is = fields.is_empty().then(|| of_type(schema));
    ApiSchema { name: name.to_owned(), about: text(&schema["description"]), fields, is }
}

/// Adds the fields of an object, and those of the objects that it consists of.
fn collect_fields(schema: &Value, fields: &mut Vec<ApiField>) {
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect_fields(part, fields);
    }
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    fields.extend(object(&schema["properties"]).map(|(name, field)| ApiField {
        name: name.clone(),
        place: String::new(),
        required: required.contains(&name.as_str()),
        is: of_type(field),
        about: text(&field["description"]),
    }));
}

/// A schema in words.
fn of_type(schema: &Value) -> ApiType {
    let mut parts = Vec::new();
    describe(schema, &mut parts);
    ApiType(parts)
}

fn describe(schema: &Value, parts: &mut Vec<ApiTypePart>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return parts.push(ApiTypePart::Schema(name.to_owned()));
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> = values.iter().map(Value::to_string).collect();
        return parts.push(ApiTypePart::Text(values.join(" | ")));
    }
    for (key, joint) in [("oneOf", " | "), ("anyOf", " | "), ("allOf", " & ")] {
        if let Some(choices) = schema[key].as_array() {
            return join(choices, joint, parts);
        }
    }
    if let Some(fields) = schema["properties"].as_object().filter(|fields| !fields.is_empty()) {
        return describe_object(fields, parts);
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        kind => kind.as_str().into_iter().collect(),
    };
    for (place, kind) in kinds.iter().enumerate() {
        if place > 0 {
            parts.push(ApiTypePart::Text(" | ".into()));
        }
        if *kind == "array" {
            describe(&schema["items"], parts);
            parts.push(ApiTypePart::Text("[]".into()));
        } else {
            parts.push(ApiTypePart::Text((*kind).to_owned()));
        }
    }
    if kinds.is_empty() {
        parts.push(ApiTypePart::Text("any".into()));
    }
}

fn join(choices: &[Value], joint: &str, parts: &mut Vec<ApiTypePart>) {
    for (place, choice) in choices.iter().enumerate() {
        if place > 0 {
            parts.push(ApiTypePart::Text(joint.to_owned()));
        }
        describe(choice, parts);
    }
}

/// An object without a name of its own, such as a frame.
fn describe_object(fields: &Map<String, Value>, parts: &mut Vec<ApiTypePart>) {
    parts.push(ApiTypePart::Text("{".into()));
    for (place, (name, field)) in fields.iter().enumerate() {
        let comma = if place > 0 { ", " } else { "" };
        parts.push(ApiTypePart::Text(format!("{comma}{name}: ")));
        describe(field, parts);
    }
    parts.push(ApiTypePart::Text("}".into()));
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words(schema: &Value) -> String {
        let ApiType(parts) = of_type(schema);
        let words = parts.into_iter().map(|part| match part {
            ApiTypePart::Text(text) | ApiTypePart::Schema(text) => text,
        });
        words.collect()
    }

    #[test]
    fn x1_types_in_words() {
        for (schema, expected) in [
            (json!({"type": "integer"}), "integer"),
            (json!({"type": ["string", "null"]}), "string | null"),
            (json!({"$ref": "#/components/schemas/Person"}), "Person"),
            (json!({"type": "array", "items": {"$ref": "#/components/schemas/Person"}}), "Person[]"),
            (json!({"oneOf": [{"type": "null"}, {"$ref": "#/a/Role"}]}), "null | Role"),
            (json!({"enum": ["a", "b"]}), "\"a\" | \"b\""),
            (json!({"type": "object", "properties": {"id": {"type": "integer"}}}), "{id: integer}"),
            (json!({}), "any"),
        ] {
            assert_eq!(words(&schema), expected);
        }
    }

    #[test]
    fn x1_the_reference_has_every_operation_and_schema() {
        let document: Value = serde_json::from_str(openapi::text()).unwrap();
        let reference = read(&document);
        let operations: usize = reference.groups.iter().map(|(_, operations)| operations.len()).sum();
        let described = object(&document["paths"]).flat_map(|(_, item)| object(item)).count();
        assert_eq!(operations, described);
        assert_eq!(reference.schemas.len(), object(&document["components"]["schemas"]).count());
        assert!(reference.groups.iter().all(|(tag, _)| !tag.is_empty()), "every operation has a tag");
        let page = reference.groups.iter().flat_map(|(_, operations)| operations);
        assert!(page.clone().all(|operation| !operation.answers.is_empty()));
    }
}
