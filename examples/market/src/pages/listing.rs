//! The page of a listing, with the chat of a buyer and the seller.

use super::chat::{Shown, embed, sign_in};
use crate::data::{Listing, Person, person};
use crate::failure::Failure;
use crate::html::escape;
use crate::layout::layout;
use crate::rapport::Subject;
use crate::session::{SignedIn, Visitor};
use crate::state::AppState;
use axum::extract::{Path, Query, State};
use axum::response::{Html, Redirect};
use serde::Deserialize;

/// The chat that a seller wants to see; absent, the newest one.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    conversation: Option<i64>,
}

pub(crate) async fn show(
    State(state): State<AppState>,
    Visitor(visitor): Visitor,
    Path(id): Path<u32>,
    Query(wanted): Query<Wanted>,
) -> Result<Html<String>, Failure> {
    let data = state.data();
    let listing = data.listing(id).ok_or(Failure::NotFound)?;
    let chat = match visitor {
        None => {
            let back = match wanted.conversation {
                Some(conversation) => format!("/listings/{id}?conversation={conversation}"),
                None => format!("/listings/{id}"),
            };
            format!(r#"<p><a class="button" href="{}">Sign in to chat</a></p>"#, sign_in(&back))
        }
        Some(visitor) => chat_of(&state, listing, visitor, wanted.conversation)?,
    };
    let body = format!(
        "<h1>{}</h1><p class=\"price\">{} · {}</p><p>{}</p><p>Sold by {}.</p>{chat}",
        escape(listing.title),
        escape(listing.price),
        escape(listing.place),
        escape(listing.text),
        escape(listing.seller.name)
    );
    Ok(layout(listing.title, visitor, &body))
}

/// The part of a listing's page with the chats that this person takes part in.
fn chat_of(
    state: &AppState,
    listing: &Listing,
    visitor: &Person,
    wanted: Option<i64>,
) -> Result<String, Failure> {
    let id = listing.id;
    if let Some(conversation) = wanted {
        return Ok(buyers(listing, visitor) + &embed(state, visitor, Shown::Conversation(conversation))?);
    }
    let is_seller = visitor == listing.seller;
    if if is_seller { !listing.chats.is_empty() } else { listing.chats.contains_key(visitor.id) } {
        let subject = format!("listing/{id}");
        return Ok(buyers(listing, visitor) + &embed(state, visitor, Shown::Subject(&subject))?);
    }
    if is_seller {
        return Ok("<p>Nobody has written to you about this yet.</p>".to_owned());
    }
    Ok(format!(
        r#"<form method="post" action="/listings/{id}/chat"><button>Chat with seller</button></form>"#
    ))
}

/// Links to the chats of several buyers, for the seller.
fn buyers(listing: &Listing, visitor: &Person) -> String {
    if visitor != listing.seller || listing.chats.len() < 2 {
        return String::new();
    }
    let link = |(buyer, conversation): (&&str, &i64)| {
        let name = person(buyer).map_or(*buyer, |buyer| buyer.name);
        format!(r#"<a href="/listings/{}?conversation={conversation}">{}</a> "#, listing.id, escape(name))
    };
    let links: String = listing.chats.iter().map(link).collect();
    format!(r#"<nav aria-label="Buyers">{links}</nav>"#)
}

/// The button "Chat with seller": opens the conversation, or finds the one that is there.
pub(crate) async fn chat(
    State(state): State<AppState>,
    SignedIn(buyer): SignedIn,
    Path(id): Path<u32>,
) -> Result<Redirect, Failure> {
    let subject = {
        let data = state.data();
        let listing = data.listing(id).filter(|listing| listing.seller != buyer).ok_or(Failure::NotFound)?;
        Subject {
            path: format!("listing/{id}"),
            title: listing.title,
            url: format!("{}/listings/{id}", state.config.url),
            fields: vec![("Price", listing.price), ("Place", listing.place)],
            participants: vec![(buyer, "buyer"), (listing.seller, "seller")],
        }
    };
    let conversation = state.rapport.open(&subject).await?;
    if let Some(listing) = state.data().listing_mut(id) {
        listing.chats.insert(buyer.id, conversation);
    }
    Ok(Redirect::to(&format!("/listings/{id}")))
}
