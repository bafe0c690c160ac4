//! The first page: all listings and jobs.

use crate::html::escape;
use crate::layout::layout;
use crate::session::Visitor;
use crate::state::AppState;
use axum::extract::State;
use axum::response::Html;

pub(crate) async fn show(State(state): State<AppState>, Visitor(visitor): Visitor) -> Html<String> {
    let data = state.data();
    let entry = |path: &str, id: u32, title: &str, about: &str| {
        format!(r#"<li><a href="/{path}/{id}">{}</a> <span>{}</span></li>"#, escape(title), escape(about))
    };
    let listings: String = data
        .listings
        .iter()
        .map(|listing| {
            entry("listings", listing.id, listing.title, &format!("{} · {}", listing.price, listing.place))
        })
        .collect();
    let jobs: String = data.jobs.iter().map(|job| entry("jobs", job.id, job.title, job.pay)).collect();
    let body = format!(
        r#"<h1>For sale</h1><ul class="entries">{listings}</ul><h2>Jobs</h2><ul class="entries">{jobs}</ul>"#
    );
    layout("For sale and jobs", visitor, &body)
}
