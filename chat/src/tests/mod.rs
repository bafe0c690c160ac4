//! Tests of a node through its clients, over a real database and without a network.

mod access;
mod faults;
mod frames;
mod listing;
mod long_poll;
mod overload;
mod people;
mod presence;
mod redis;
mod supervision;
mod talking;
mod together;
pub(crate) mod world;
