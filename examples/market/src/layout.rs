//! The document around each page.

use crate::data::Person;
use crate::html::escape;
use axum::response::Html;

/// A whole document. `body` is HTML; `title` is text.
pub(crate) fn layout(title: &str, visitor: Option<&Person>, body: &str) -> Html<String> {
    let account = match visitor {
        Some(person) => format!(
            r#"<form method="post" action="/sign-out"><span>{}</span> <button>Sign out</button></form>"#,
            escape(person.name)
        ),
        None => r#"<a href="/sign-in">Sign in</a>"#.to_owned(),
    };
    Html(format!(
        r#"<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{} · Market</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
<header><a href="/">Market</a> {account}</header>
<main>{body}</main>
</html>
"#,
        escape(title)
    ))
}
