//! Rapport's server: configuration, router, sockets, HTTP API, command line.
#![recursion_limit = "256"]

mod api;
mod assets;
mod auth;
mod backup;
mod check;
mod cli;
mod commands;
pub mod config;
mod data;
mod demo;
mod extract;
mod fixture;
mod flash;
mod forms;
mod guard;
mod net;
mod node;
mod openapi;
mod ops;
pub mod origin;
mod pages;
mod reader;
mod refusal;
mod refused_form;
mod request;
mod router;
mod run;
mod socket;
mod state;

pub use commands::main;
pub use data::DataError;
pub use net::listener::{ListenError, Listener, SocketFile};
pub use node::Fault;
pub use pages::server_functions;
pub use router::routes;
pub use run::run;
