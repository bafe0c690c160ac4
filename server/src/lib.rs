//! Rapport's server: configuration, router, sockets, HTTP API, command line.
#![recursion_limit = "256"]

mod auth;
mod cli;
mod commands;
pub mod config;
mod data;
mod demo;
mod http;
mod net;
mod node;
mod ops;
mod run;
mod state;

pub use commands::main;
pub use data::DataError;
pub use http::pages::server_functions;
pub use http::router::routes;
pub use net::listener::{ListenError, Listener, SocketFile};
pub use node::Fault;
pub use run::run;
