//! The HTTP API: JSON over the domain functions that sockets and pages use, too.

pub(crate) mod accounts;
pub(crate) mod admin;
pub(crate) mod closing;
pub(crate) mod connection;
pub(crate) mod conversations;
pub(crate) mod groups;
pub(crate) mod incoming_webhooks;
pub(crate) mod invitations;
mod key_refusals;
pub(crate) mod me;
pub(crate) mod messages;
pub(crate) mod moderation;
pub(crate) mod notifications;
pub(crate) mod preferences;
pub(crate) mod push;
pub(crate) mod service_key;
pub(crate) mod sign_ins;
pub(crate) mod sso;
pub(crate) mod subjects;
pub(crate) mod sync;
pub(crate) mod webhooks;
