//! Pages and their forms.

mod chat;
pub(crate) mod home;
pub(crate) mod job;
pub(crate) mod listing;
pub(crate) mod sign_in;
