//! Client for programs and bots, on the frames of `protocol`.
//!
//! [`Client::connect`] gives a [`Client`], which sends, and [`Events`], a stream of all that happens in the person's
//! conversations from then on. The connection is kept by a task: after a failure it reconnects with a growing pause and
//! catches up from its cursors, so that no message is lost or given twice. A message that is sent goes out again under the
//! same id until the server has acknowledged it.
//!
//! ```no_run
//! # async fn run() -> Result<(), client::Error> {
//! use client::{Client, Credentials, Event};
//! use futures::StreamExt as _;
//!
//! let token = Credentials::Token("…".to_owned());
//! let (client, mut events) = Client::connect("https://chat.example", token).await?;
//! while let Some(event) = events.next().await {
//!     if let Event::Message(message) = event? {
//!         client.mark_read(message.conversation_id, message.id).await?;
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod address;
mod api;
mod authentication;
mod backoff;
mod driver;
mod error;
mod event;
mod http;
mod local;
mod outbox;
mod socket;
mod tracker;

pub use api::Client;
pub use authentication::Credentials;
pub use error::Error;
pub use event::{Cursors, Event, Events};
