//! The wire without serde: what the browser reads and writes its JSON with.
//!
//! Serde makes code for each type and each way of reading it anew, which would be most of what a visitor downloads. Here
//! every text becomes one kind of tree ([`Json`]) and every type has one function that picks its fields from it. The server
//! uses serde, which is faster; the tests hold the two together.

mod frames;
mod json;
mod models;
mod read;
mod write;

pub use json::Json;
pub use read::{Fields, Read, read};
pub use write::{Out, Write, write};

#[cfg(test)]
mod tests;
