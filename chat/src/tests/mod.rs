//! The node as its clients see it, over a real database, without sockets.

mod access;
mod changes;
mod faults;
mod frames;
mod listing;
mod long_poll;
mod overload;
mod people;
mod presence;
mod redis;
mod talking;
mod together;
pub(crate) mod world;
