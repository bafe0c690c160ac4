//! Two nodes as processes, on one Postgres and one Redis.

mod faults;
mod people;
mod rolling;
mod talking;
mod tokens;
mod webhooks;

use crate::support::{Person, Program};
use std::sync::LazyLock;
use test_servers::{Postgres, Redis};

static POSTGRES: LazyLock<Postgres> = LazyLock::new(|| Postgres::start().expect("a Postgres"));
static REDIS: LazyLock<Redis> = LazyLock::new(|| Redis::start().expect("a Redis"));

/// Nodes of one installation.
struct Cluster {
    database: String,
    redis: String,
}

impl Cluster {
    /// Starts over the Redis that tests share if they do not stop it.
    fn new() -> Self {
        Self::over(REDIS.url())
    }

    fn over(redis: String) -> Self {
        Self { database: POSTGRES.database().expect("a database"), redis }
    }

    /// Adds a node, which needs no settings but the two URLs.
    async fn node(&self) -> Program {
        Program::alone(&[
            ("RAPPORT_DATABASE_URL", &self.database),
            ("RAPPORT_REDIS_URL", &self.redis),
            ("RAPPORT_LIMITS__SENDS_PER_SECOND", "1000000"),
            ("RAPPORT_LIMITS__SEND_BURST", "1000000"),
            ("RAPPORT_LIMITS__SOCKETS_PER_PERSON", "100"),
        ])
        .await
    }

    async fn two(&self) -> (Program, Program) {
        // Both at once: they migrate one database, and make one secret.
        tokio::join!(self.node(), self.node())
    }
}

/// The same person with the same token, at another node.
fn at(person: &Person, node: &Program) -> Person {
    person.at(&node.url)
}
