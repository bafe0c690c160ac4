//! Real Postgres, Redis and nginx servers in folders of their own, on a free port of loopback, for tests and for the history
//! checker. They end with the process that started them, however that one ends, and leave nothing behind.

mod guard;
mod nginx;
mod postgres;
mod redis;

pub use nginx::Nginx;
pub use postgres::Postgres;
pub use redis::Redis;

use std::net::{Ipv4Addr, TcpListener};

/// Why a server could not be started or driven.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A port that stays free while its server is down: below those that systems give to outgoing connections, any of which
/// could take it before the next start.
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
