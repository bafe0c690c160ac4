//! Reference of the HTTP API, made from its OpenAPI document. Its content is English, as the document is.

use super::document::Document;
use crate::i18n::t;
use leptos::prelude::*;

/// Operations and schemas of the HTTP API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiReference {
    /// The operations by their tags, in the order of the document.
    pub groups: Vec<(String, Vec<ApiOperation>)>,
    /// The schemas by their names.
    pub schemas: Vec<ApiSchema>,
}

/// An operation: a method of a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiOperation {
    /// The method, such as `GET`.
    pub method: String,
    /// The path, with its parameters in braces.
    pub path: String,
    /// The summary and the description.
    pub about: String,
    /// The parameters in path, query and headers.
    pub parameters: Vec<ApiField>,
    /// The type of the request body.
    pub body: Option<ApiType>,
    /// The answers: the status, the description, and the type of the body.
    pub answers: Vec<(String, String, Option<ApiType>)>,
}

/// A schema: an object with fields, or another type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiSchema {
    /// Its name in the document.
    pub name: String,
    /// Its description in the document.
    pub about: String,
    /// The fields of an object.
    pub fields: Vec<ApiField>,
    /// The type, if it has no fields.
    pub is: Option<ApiType>,
}

/// A parameter, or a field of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiField {
    /// Its name in the document.
    pub name: String,
    /// The place of a parameter: `path`, `query` or `header`; empty for a field.
    pub place: String,
    /// Whether it has to be present.
    pub required: bool,
    /// The type of its values.
    pub is: ApiType,
    /// Its description in the document.
    pub about: String,
}

/// A type in words, in parts: text, and names of schemas that are links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiType(pub Vec<ApiTypePart>);

/// A part of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiTypePart {
    /// Text, such as `integer`.
    Text(String),
    /// The name of a schema.
    Schema(String),
}

/// Renders the reference.
pub fn api_reference(reference: &ApiReference) -> impl IntoView + use<> {
    let contents = reference.groups.iter().map(|(tag, _)| {
        view! { <li><a href=format!("#{tag}")>{tag.clone()}</a></li> }
    });
    let contents = contents.collect_view();
    let groups = reference.groups.iter().map(|(tag, operations)| {
        let operations = operations.iter().map(operation).collect_view();
        view! {
            <section>
                <h2 id=tag.clone()>{tag.clone()}</h2>
                {operations}
            </section>
        }
    });
    let groups = groups.collect_view();
    let schemas = reference.schemas.iter().map(schema).collect_view();
    view! {
        <Document title=super::titled(&t!("api.title"))>
            <main class="api">
                <h1>{t!("api.title")}</h1>
                <p>
                    <a href="/api/openapi.json">{t!("api.document")}</a>
                </p>
                <nav aria-label=t!("api.contents")>
                    <ul class="api-contents">
                        {contents}
                        <li><a href="#schemas">{t!("api.schemas")}</a></li>
                    </ul>
                </nav>
                <div lang="en" dir="ltr">
                    {groups}
                    <section>
                        <h2 id="schemas">{t!("api.schemas")}</h2>
                        {schemas}
                    </section>
                </div>
            </main>
        </Document>
    }
}

fn operation(operation: &ApiOperation) -> AnyView {
    let ApiOperation { method, path, about, parameters, body, answers } = operation.clone();
    let has_parameters = !parameters.is_empty();
    let parameters = has_parameters.then(|| fields(&parameters));
    let body = body.map(|body| view! { <p>{t!("api.body")} ": " {of_type(body)}</p> });
    let answers = answers.into_iter().map(|(status, about, body)| {
        let body = body.map(|body| view! { <dd>{of_type(body)}</dd> });
        view! {
            <dt><code>{status}</code></dt>
            <dd>{prose(&about)}</dd>
            {body}
        }
    });
    let answers = answers.collect_view();
    view! {
        <details class="api-operation">
            <summary><code><b>{method}</b> " " {path}</code></summary>
            <p>{prose(&about)}</p>
            {parameters}
            {body}
            <dl>{answers}</dl>
        </details>
    }
    .into_any()
}

fn schema(schema: &ApiSchema) -> AnyView {
    let ApiSchema { name, about, fields: of, is } = schema.clone();
    let table = (!of.is_empty()).then(|| fields(&of));
    let is = is.map(|is| view! { <p>{of_type(is)}</p> });
    let id = format!("schema-{name}");
    view! {
        <section class="api-schema" id=id>
            <h3><code>{name}</code></h3>
            <p>{prose(&about)}</p>
            {is}
            {table}
        </section>
    }
    .into_any()
}

fn fields(fields: &[ApiField]) -> AnyView {
    let rows = fields.iter().cloned().map(|ApiField { name, place, required, is, about }| {
        let need = if required { t!("api.required") } else { String::new() };
        view! {
            <tr>
                <th scope="row"><code>{name}</code></th>
                <td>{of_type(is)} " " <span class="quiet">{place} " " {need}</span></td>
                <td>{prose(&about)}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! { <table class="api-fields"><tbody>{rows}</tbody></table> }.into_any()
}

/// Text with its parts between backticks as code.
fn prose(text: &str) -> AnyView {
    let parts = text.split('`').enumerate().map(|(place, part)| {
        let part = part.to_owned();
        if place % 2 == 0 {
            view! { <span>{part}</span> }.into_any()
        } else {
            view! { <code>{part}</code> }.into_any()
        }
    });
    parts.collect_view().into_any()
}

fn of_type(ApiType(parts): ApiType) -> AnyView {
    let parts = parts.into_iter().map(|part| match part {
        ApiTypePart::Text(text) => view! { <span>{text}</span> }.into_any(),
        ApiTypePart::Schema(name) => {
            let address = format!("#schema-{name}");
            view! { <a href=address>{name}</a> }.into_any()
        }
    });
    let parts = parts.collect_view();
    view! { <code>{parts}</code> }.into_any()
}
