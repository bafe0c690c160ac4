//! Rapport's Leptos application, rendered by the server (`ssr`) and hydrated by the browser (`hydrate`): components over
//! the state of `protocol::reducer`, and the client that keeps that state live.
#![recursion_limit = "256"]

#[cfg(not(feature = "hydrate"))]
rust_i18n::i18n!("locales", fallback = "en");

mod app;
mod assets;
mod client;
mod components;
mod datetime;
#[cfg(feature = "ssr")]
mod demo;
mod i18n;
mod initial_data;
mod routing;
pub mod server_fns;
#[cfg(feature = "ssr")]
pub mod server_pages;
#[cfg(feature = "ssr")]
mod shell;
mod theme;

#[cfg(feature = "hydrate")]
pub use app::hydrate;
pub use assets::Assets;
pub use datetime::ReaderZone;
#[cfg(feature = "ssr")]
pub use demo::Demo;
pub use i18n::Language;
#[cfg(feature = "ssr")]
pub use initial_data::{PageData, RefusedForm};
pub use routing::RequestUrl;
#[cfg(feature = "ssr")]
pub use shell::{Folded, shell};
pub use theme::Theme;
