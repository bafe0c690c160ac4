//! Tests of a node through its clients, over a real database and without a network.

mod access;
mod faults;
mod frames;
mod groups;
mod invitations;
mod listing;
mod long_poll;
mod moderation;
mod overload;
mod own_account;
mod people;
mod preferences;
mod presence;
mod push;
mod push_nodes;
mod redis;
mod signing_out;
mod supervision;
mod talking;
mod together;
mod transfer;
mod webhooks;
pub(crate) mod world;
