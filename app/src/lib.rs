//! Rapport's interface, for the server (`ssr`) and for the browser (`hydrate`): the same pages, the same state made
//! by `protocol::reducer`, and the live link that feeds it once the browser runs it.
#![recursion_limit = "256"]

#[cfg(not(feature = "hydrate"))]
rust_i18n::i18n!("locales", fallback = "en");

mod assets;
mod client;
#[cfg(feature = "ssr")]
mod demo;
mod live;
mod loaded;
mod markup;
mod pages;
mod parts;
#[cfg(feature = "ssr")]
pub mod plain;
mod root;
mod route;
mod rows;
pub mod rpc;
#[cfg(feature = "ssr")]
mod shell;
mod theme;
mod when;
mod wires;
mod words;

pub use assets::Assets;
#[cfg(feature = "ssr")]
pub use demo::Demo;
#[cfg(feature = "hydrate")]
pub use live::hydrate;
#[cfg(feature = "ssr")]
pub use loaded::{Beginning, RefusedForm};
pub use route::Asked;
#[cfg(feature = "ssr")]
pub use shell::{Folded, shell};
pub use theme::Theme;
pub use when::ReaderZone;
pub use words::Language;
