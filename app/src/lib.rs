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
mod effect;
#[cfg(feature = "ssr")]
mod flash;
mod i18n;
mod initial_data;
mod routing;
pub mod server_fns;
#[cfg(feature = "ssr")]
pub mod server_pages;
#[cfg(feature = "ssr")]
pub mod shell;
mod theme;

#[cfg(feature = "hydrate")]
pub use app::hydrate;
pub use assets::Assets;
pub use datetime::ReaderZone;
pub use i18n::Language;
#[cfg(feature = "ssr")]
pub use initial_data::server::{PageData, RefusedForm};
pub use routing::{EMBED_BASES, EMBEDDED_CONVERSATION, EMBEDDED_LIST, RequestUrl};
pub use theme::Theme;
