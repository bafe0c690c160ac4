//! Rapport's server: configuration, router, sockets, HTTP API, command line.
#![recursion_limit = "256"]

mod assets;
mod auth;
mod backend;
mod check_guests;
mod cli;
mod commands;
pub mod config;
mod data_dir;
mod database;
mod demo;
mod error;
mod file_lock;
mod http;
mod lifecycle;
mod net;
mod ops;
mod outbound;
mod push;
mod sso;
mod state;
mod webhooks;

pub use backend::ServerError;
pub use cli::main;
pub use data_dir::DataDirError;
pub use http::pages::server_functions;
pub use http::router::routes;
pub use lifecycle::run;
pub use net::listener::{ListenError, Listener, SocketFile};
