//! Rapport's interface, for the server (`ssr`) and for the browser (`hydrate`): the same pages, the same state made
//! by `protocol::reducer`, and the live link that feeds it once the browser runs it.
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
mod markup;
mod routing;
mod rows;
pub mod server_fns;
#[cfg(feature = "ssr")]
pub mod server_pages;
#[cfg(feature = "ssr")]
mod shell;
mod theme;
mod wires;

pub use assets::Assets;
#[cfg(feature = "hydrate")]
pub use client::hydrate;
pub use datetime::ReaderZone;
#[cfg(feature = "ssr")]
pub use demo::Demo;
pub use i18n::Language;
#[cfg(feature = "ssr")]
pub use initial_data::{Beginning, RefusedForm};
pub use routing::Asked;
#[cfg(feature = "ssr")]
pub use shell::{Folded, shell};
pub use theme::Theme;
