//! The frames: JSON text, `{"type": …}` in snake_case, one enum each way.

mod client;
mod server;

pub use client::{ClientFrame, DecodeError, DeleteFor};
pub use server::ServerFrame;
