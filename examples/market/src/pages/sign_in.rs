//! The sign-in of the market. It has no passwords, as an example.

use crate::data::{PEOPLE, person};
use crate::failure::Failure;
use crate::html::escape;
use crate::layout::layout;
use crate::session::{self, Visitor, local_path};
use crate::state::AppState;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{Html, Redirect};
use serde::Deserialize;
use tower_cookies::Cookies;

/// The page that the sign-in leads to.
#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

/// The form.
#[derive(Deserialize)]
pub(crate) struct SignIn {
    person: String,
    #[serde(default)]
    next: String,
}

pub(crate) async fn show(Visitor(visitor): Visitor, Query(Next { next }): Query<Next>) -> Html<String> {
    let people: String = PEOPLE
        .iter()
        .map(|person| {
            format!(r#"<button name="person" value="{}">{}</button>"#, person.id, escape(person.name))
        })
        .collect();
    let body = format!(
        r#"<h1>Who are you?</h1><form method="post" class="people"><input type="hidden" name="next" value="{}">{people}</form>"#,
        escape(local_path(&next))
    );
    layout("Sign in", visitor, &body)
}

pub(crate) async fn submit(
    State(state): State<AppState>,
    cookies: Cookies,
    Form(form): Form<SignIn>,
) -> Result<Redirect, Failure> {
    let person = person(&form.person).ok_or(Failure::Invalid("Choose one of the people."))?;
    session::begin(&state, &cookies, person);
    Ok(Redirect::to(local_path(&form.next)))
}

pub(crate) async fn sign_out(State(state): State<AppState>, cookies: Cookies) -> Redirect {
    session::end(&state, &cookies);
    Redirect::to("/")
}
