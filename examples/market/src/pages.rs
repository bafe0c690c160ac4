//! The pages of the market: all listings and jobs, a listing with its chats, a job with its applications and its chat.

use crate::App;
use crate::data::person;
use crate::layout::{Failure, NOT_FOUND, layout};
use crate::sign_in::{SignedIn, Visitor};
use axum::Form;
use axum::extract::{Path, Query};
use axum::http::{StatusCode, Uri};
use axum::response::Redirect;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

/// The id of a listing or a job, in the path.
type Id = Path<u32>;
type Result<T> = std::result::Result<T, Failure>;

/// The longest application, in characters.
const MAX_APPLICATION: usize = 500;

pub(crate) async fn home(market: App, visitor: Visitor) -> Markup {
    let data = market.data.lock().await;
    let content = html! {
        h1 { "For sale" }
        ul.entries {
            @for (id, listing) in &data.listings {
                li { a href={ "/listings/" (id) } { (listing.title) } span { (listing.price) " · " (listing.place) } }
            }
        }
        h2 { "Jobs" }
        ul.entries {
            @for (id, job) in &data.jobs {
                li { a href={ "/jobs/" (id) } { (job.title) } span { (job.pay) } }
            }
        }
    };
    layout("For sale and jobs", visitor.ok(), &content)
}

/// The chat that a seller wants to see; absent, the newest one.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    conversation: Option<i64>,
}

pub(crate) async fn listing(
    market: App,
    visitor: Visitor,
    Path(id): Id,
    query: Query<Wanted>,
    uri: Uri,
) -> Result<Markup> {
    let visitor = visitor.ok();
    let listing = market.data.lock().await.listings.get(&id).cloned().ok_or(NOT_FOUND)?;
    let is_seller = visitor == Some(listing.seller);
    let has_chat = |visitor| is_seller && !listing.chats.is_empty() || listing.chats.contains_key(visitor);
    let content = html! {
        h1 { (listing.title) }
        p.price { (listing.price) " · " (listing.place) }
        p { (listing.text) }
        p { "Sold by " (listing.seller.name) "." }
        @if is_seller && listing.chats.len() > 1 {
            nav aria-label="Buyers" {
                @for (buyer, chat) in &listing.chats { a href={ "?conversation=" (chat) } { (buyer.name) } " " }
            }
        }
        @match visitor {
            None => { p { a.button href={ "/sign-in?next=" (uri) } { "Sign in to chat" } } }
            Some(visitor) if query.conversation.is_some() || has_chat(visitor) => {
                (market.embed(visitor, &format!("listing/{id}"), query.conversation)?)
            }
            Some(_) if is_seller => { p { "Nobody has written to you about this yet." } }
            Some(_) => { form method="post" action={ "/listings/" (id) "/chat" } { button { "Chat with seller" } } }
        }
    };
    Ok(layout(listing.title, visitor, &content))
}

/// The button "Chat with seller": opens the conversation, or finds the one that is there.
pub(crate) async fn chat(market: App, buyer: SignedIn, Path(id): Id) -> Result<Redirect> {
    let listing = market.data.lock().await.listings.get(&id).cloned();
    let listing = listing.filter(|listing| listing.seller != buyer).ok_or(NOT_FOUND)?;
    let fields =
        json!([{"name": "Price", "value": listing.price}, {"name": "Place", "value": listing.place}]);
    let people = [(buyer, "buyer"), (listing.seller, "seller")];
    let conversation = market.open(("listing", id), listing.title, fields, people).await?;
    if let Some(listing) = market.data.lock().await.listings.get_mut(&id) {
        listing.chats.insert(buyer, conversation);
    }
    Ok(Redirect::to(&format!("/listings/{id}")))
}

pub(crate) async fn job(market: App, visitor: Visitor, Path(id): Id, uri: Uri) -> Result<Markup> {
    let visitor = visitor.ok();
    let job = market.data.lock().await.jobs.get(&id).cloned().ok_or(NOT_FOUND)?;
    let content = html! {
        h1 { (job.title) }
        p.price { (job.pay) }
        p { (job.text) }
        p { "Offered by " (job.client.name) "." }
        @match (visitor, job.worker) {
            (None, _) => { p { a.button href={ "/sign-in?next=" (uri) } { "Sign in" } } }
            (Some(visitor), Some(worker)) if visitor == job.client || visitor == worker => {
                p { (worker.name) " does this job." }
                (market.embed(visitor, &format!("job/{id}"), None)?)
            }
            (Some(_), Some(_)) => { p { "This job is taken." } }
            (Some(visitor), None) if visitor == job.client => {
                h2 { "Applications" }
                @if job.applications.is_empty() { p { "Nobody has applied yet." } }
                ul.applications {
                    @for (worker, text) in &job.applications {
                        li {
                            b { (worker.name) }
                            p { (text) }
                            form method="post" action={ "/jobs/" (id) "/accept" } {
                                button name="worker" value=(worker.id) aria-label={ "Accept " (worker.name) } { "Accept" }
                            }
                        }
                    }
                }
            }
            (Some(visitor), None) => {
                @if let Some(text) = job.applications.get(visitor) {
                    p { "You have applied:" }
                    blockquote { (text) }
                } @else {
                    form method="post" action={ "/jobs/" (id) "/applications" } {
                        label { "Your application " textarea name="text" rows="4" maxlength=(MAX_APPLICATION) required {} }
                        button { "Apply" }
                    }
                }
            }
        }
    };
    Ok(layout(job.title, visitor, &content))
}

/// The form of a worker.
#[derive(Deserialize)]
pub(crate) struct Apply {
    text: String,
}

pub(crate) async fn apply(
    market: App,
    worker: SignedIn,
    Path(id): Id,
    form: Form<Apply>,
) -> Result<Redirect> {
    let text = form.text.trim();
    if text.is_empty() || text.chars().count() > MAX_APPLICATION {
        return Err(Failure(StatusCode::UNPROCESSABLE_ENTITY, "An application has 1 to 500 characters."));
    }
    let mut data = market.data.lock().await;
    let job = data.jobs.get_mut(&id).filter(|job| job.client != worker && job.worker.is_none());
    job.ok_or(NOT_FOUND)?.applications.entry(worker).or_insert_with(|| text.to_owned());
    Ok(Redirect::to(&format!("/jobs/{id}")))
}

/// The form of the client.
#[derive(Deserialize)]
pub(crate) struct Accept {
    worker: String,
}

/// Accepts an application: the conversation of client and worker opens.
pub(crate) async fn accept(
    market: App,
    client: SignedIn,
    Path(id): Id,
    form: Form<Accept>,
) -> Result<Redirect> {
    let job = market.data.lock().await.jobs.get(&id).cloned();
    let job = job.filter(|job| job.client == client).ok_or(NOT_FOUND)?;
    let worker = person(&form.worker).filter(|worker| job.applications.contains_key(worker));
    let worker = worker.filter(|worker| job.worker.is_none_or(|other| other == *worker));
    let worker = worker.ok_or(Failure(StatusCode::UNPROCESSABLE_ENTITY, "Accept one application."))?;
    let fields = json!([{"name": "Pay", "value": job.pay}]);
    // A job has one conversation: of two answers at once, Rapport refuses the one for another worker.
    market.open(("job", id), job.title, fields, [(client, "client"), (worker, "worker")]).await?;
    if let Some(job) = market.data.lock().await.jobs.get_mut(&id) {
        job.worker = Some(worker);
    }
    Ok(Redirect::to(&format!("/jobs/{id}")))
}
