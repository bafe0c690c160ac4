//! The domain of Rapport: accounts, conversations, messages, presence. State is kept in a [`store::Store`], events are
//! distributed over a [`bus::Bus`].

pub mod account;
mod after_commit;
pub mod audit;
pub mod bus;
mod clock;
mod command_changes;
mod commit_health;
pub mod connection;
mod emoji;
mod entered_text;
mod error;
mod group_owners;
mod group_text;
mod hub;
mod image_origins;
mod limits;
mod lock;
mod membership;
pub mod metrics;
mod name_key;
mod policy;
pub mod preferences;
mod presence;
mod privacy;
pub mod push;
pub mod rate_limit;
mod receipts;
mod resting;
mod revocations;
mod scrubber;
mod search_words;
mod service;
pub mod service_keys;
pub mod store;
mod subject_kind;
mod supervisor;
mod suspensions;
#[cfg(test)]
mod tests;
mod timings;
pub mod transfer;
mod typing;
pub mod webhooks;
mod writer;
pub mod zone;

pub use clock::{Clock, ManualClock, SystemClock};
pub use error::{Error, Result};
pub use group_owners::GroupOwners;
pub use image_origins::ImageOrigins;
pub use limits::Limits;
pub use service::{
    AddedMembers, BrowserSubscription, ChatService, GroupSettings, LinkSettings, ModerationPage,
    ModerationRequest, Moderator, NewIncoming, NewInvitationLink, OpenedConversation, ParticipantName, Sent,
    SubjectRequest,
};
pub use subject_kind::SubjectKind;
pub use supervisor::{PanicInjector, Supervisor, contain};
