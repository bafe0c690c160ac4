//! Temporary Postgres, Redis, nginx and Caddy servers on free loopback ports, for tests and for the history checker. They end with
//! the process that started them, however that ends, and leave no files.

mod caddy;
mod guard;
mod nginx;
mod postgres;
mod redis;

pub use caddy::Caddy;
pub use nginx::Nginx;
pub use postgres::Postgres;
pub use redis::Redis;

use std::net::{Ipv4Addr, TcpListener};

/// Why a server could not be started or driven.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A free port below the range of outgoing connections, so that none of them takes it while its server is down.
///
/// # Errors
/// None was found.
pub fn free_port() -> Result<u16, BoxError> {
    for _ in 0..1_000 {
        let port = rand::random_range(10_000..32_000);
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err("no port is free".into())
}
