//! Webhooks: other programs are told of events by signed HTTP requests.
//!
//! The store writes an event for each endpoint in the transaction of the change (the outbox, [`crate::store::WebhookStore`]). One
//! task of each node (`task`) claims pending events, reads their contents, signs (`signature`) and sends them (`pass`), in their
//! order within a conversation, and repeats failed ones for a day (`backoff`). The writer never waits for a request.

mod backoff;
mod endpoints;
mod pass;
mod payload;
mod signature;
mod task;
mod transport;

pub use endpoints::{AddedWebhook, Webhooks};
pub(crate) use pass::Deliverer;
pub(crate) use task::start;
pub use transport::{WebhookRequest, WebhookResponse, WebhookTransport};
