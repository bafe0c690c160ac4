//! docs/wire.md is the reference of the wire as the code has it: the doc comments by the OpenAPI document, the samples of
//! protocol/tests/wire, close codes and limits. `WIRE_REFERENCE=write` writes it anew.

use crate::support::Server;
use protocol::CloseCode;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const CLIENT_SAMPLES: &str = include_str!("../../../protocol/tests/wire/client_frames.jsonl");
const SERVER_SAMPLES: &str = include_str!("../../../protocol/tests/wire/server_frames.jsonl");
const LIMITS: &str = include_str!("../../../protocol/src/limits.rs");
const REF: &str = "#/components/schemas/";

fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/wire.md")
}

#[tokio::test]
async fn x3_the_reference_of_the_wire_is_that_of_the_code() {
    let server = Server::start().await;
    let answer = server.http.get(format!("{}/api/openapi.json", server.url)).send().await.unwrap();
    let api: Value = answer.json().await.unwrap();
    let text = Reference { schemas: &api["components"]["schemas"], types: BTreeSet::new() }.write();
    if std::env::var("WIRE_REFERENCE").is_ok_and(|value| value == "write") {
        std::fs::write(document(), &text).unwrap();
    }
    let written = std::fs::read_to_string(document()).unwrap_or_default();
    let changed = text.lines().zip(written.lines()).find(|(new, old)| new != old);
    let how = "WIRE_REFERENCE=write cargo test -p server --test it wire_reference";
    assert!(text == written, "docs/wire.md is not current, run `{how}`: {changed:#?}");
}

/// Writer of the document.
struct Reference<'a> {
    schemas: &'a Value,
    /// Names of the types that the frames refer to.
    types: BTreeSet<String>,
}

impl Reference<'_> {
    fn write(mut self) -> String {
        let mut text = "# The wire\n\n\
            The frames of the socket, field by field. [api.md](api.md#websocket) explains them. This file is generated from the crate `protocol` by\n\
            `WIRE_REFERENCE=write cargo test -p server --test it wire_reference`, and a test keeps it current. A field with `?` may be absent.\n"
            .to_owned();
        self.frames(&mut text, "From the client", "ClientFrame", CLIENT_SAMPLES);
        self.frames(&mut text, "From the server", "ServerFrame", SERVER_SAMPLES);
        text += "\n## Types\n";
        let mut written = BTreeSet::new();
        while let Some(name) = self.types.difference(&written).next().cloned() {
            written.insert(name);
            // Reading a type finds others.
            for name in written.clone() {
                self.body(&self.schemas[&name].clone());
            }
        }
        for name in &written {
            let schema = self.schemas[name].clone();
            write!(text, "\n### {name}\n\n{}\n", prose(&schema)).unwrap();
            text += &self.body(&schema);
        }
        text += "\n## Close codes\n\n| code | reason | a client reconnects |\n|---|---|---|\n";
        for code in CloseCode::ALL {
            let reconnects = if CloseCode::reconnects(Some(code.code())) { "yes" } else { "no" };
            writeln!(text, "| {} | {} | {reconnects} |", code.code(), code.reason()).unwrap();
        }
        text += "\n## Limits\n\n| name | value | meaning |\n|---|---|---|\n";
        text + &limits()
    }

    /// A section of frames: for each its fields and a sample.
    fn frames(&mut self, text: &mut String, title: &str, schema: &str, samples: &str) {
        write!(text, "\n## {title}\n").unwrap();
        for frame in self.schemas[schema]["oneOf"].as_array().unwrap().clone() {
            let parts = frame["allOf"].as_array().cloned().unwrap_or_else(|| vec![frame.clone()]);
            let tag = parts.iter().find_map(|part| part["properties"]["type"]["enum"][0].as_str()).unwrap();
            write!(text, "\n### `{tag}`\n\n{}\n", prose(&frame)).unwrap();
            for part in &parts {
                let part =
                    part["$ref"].as_str().map_or(part, |name| &self.schemas[&name[REF.len()..]]).clone();
                *text += &self.body(&part);
            }
            let start = format!(r#"{{"type":"{tag}""#);
            let sample = samples.lines().find(|line| line.starts_with(&start)).unwrap();
            write!(text, "\n```json\n{sample}\n```\n").unwrap();
        }
    }

    /// The values or fields of a schema; empty for one that has none.
    fn body(&mut self, schema: &Value) -> String {
        if let Some(values) = schema["enum"].as_array() {
            let values: Vec<_> =
                values.iter().filter_map(Value::as_str).map(|value| format!("`{value}`")).collect();
            return format!("\nOne of {}.\n", values.join(", "));
        }
        let mut rows = String::new();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let is = self.type_of(field);
            let required =
                schema["required"].as_array().is_some_and(|names| names.contains(&name.as_str().into()));
            if field["enum"].as_array().is_none_or(|values| values.len() != 1) {
                writeln!(rows, "| `{name}`{} | {is} | {} |", if required { "" } else { "?" }, prose(field))
                    .unwrap();
            }
        }
        if rows.is_empty() { rows } else { format!("\n| field | type | meaning |\n|---|---|---|\n{rows}") }
    }

    fn type_of(&mut self, schema: &Value) -> String {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name[REF.len()..].to_owned();
            self.types.insert(name.clone());
            return format!("[{name}](#{})", name.to_lowercase());
        }
        if let Some(choices) = schema["oneOf"].as_array().or(schema["allOf"].as_array()) {
            let choices: Vec<_> = choices
                .iter()
                .filter(|choice| choice["type"] != "null")
                .map(|choice| self.type_of(choice))
                .collect();
            return choices.join(" or ");
        }
        let names = match &schema["type"] {
            Value::String(name) => vec![name.as_str()],
            names => names.as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
        };
        match names.into_iter().find(|name| *name != "null") {
            Some("array") => format!("array of {}", self.type_of(&schema["items"])),
            Some(name) => name.to_owned(),
            None => "any".to_owned(),
        }
    }
}

/// The description of a schema or of the type behind it, on one line, without links of rustdoc.
fn prose(schema: &Value) -> String {
    let choices = ["oneOf", "allOf"].iter().flat_map(|key| schema[*key].as_array().into_iter().flatten());
    let found = std::iter::once(schema).chain(choices).find_map(|schema| schema["description"].as_str());
    let text = found.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace("[`crate::limits::", "`").replace("[`", "`").replace("`]", "`").replace('|', "\\|")
}

/// The constants of the limits with their comments.
fn limits() -> String {
    let (mut rows, mut comment) = (String::new(), Vec::new());
    for line in LIMITS.lines() {
        if let Some(text) = line.strip_prefix("/// ") {
            comment.push(text);
        } else if let Some((name, rest)) =
            line.strip_prefix("pub const ").and_then(|line| line.split_once(':'))
        {
            let value =
                rest.split_once('=').unwrap().1.trim().trim_start_matches('=').trim_end_matches(';').trim();
            writeln!(rows, "| `{name}` | {} | {} |", value.replace('_', ","), comment.join(" ")).unwrap();
            comment.clear();
        }
    }
    rows
}
