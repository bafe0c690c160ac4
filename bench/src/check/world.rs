//! The processes that a run is about, and the lines between them: one node on SQLite, or several on Postgres and Redis.

use super::schedule::{Between, Harm};
use crate::proxy::{Proxy, Weather};
use crate::{Fault, process::Server};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use throwaway::{Postgres, Redis};
use tokio::task::block_in_place;

/// A node may take so long to come (back).
const START: Duration = Duration::from_secs(60);
/// Both nodes of a cluster sign tokens by it.
const SECRET: &str = "a secret that the nodes of one run of the checker share";

/// Everything that runs. Dropped, all of it ends.
pub(super) struct World {
    pub(super) nodes: Vec<Node>,
    services: Option<Services>,
    folder: TempDir,
}

/// A node, and its clients' way to it.
pub(super) struct Node {
    server: Server,
    /// What clients connect to.
    pub(super) door: Proxy,
    to_redis: Option<Proxy>,
    to_postgres: Option<Proxy>,
}

struct Services {
    postgres: Postgres,
    redis: Redis,
}

impl Node {
    /// Its own address, without a proxy.
    pub(super) fn address(&self) -> String {
        self.server.address()
    }
}

impl World {
    /// One node on SQLite.
    pub(super) async fn alone(program: &Path) -> Result<Self, Fault> {
        let folder = tempfile::tempdir()?;
        let server = Server::new(program, &folder.path().join("data"))?.logging_to(log(&folder, 0));
        let door = Proxy::start(server.port()).await?;
        let node = Node { server, door, to_redis: None, to_postgres: None };
        Self { nodes: vec![node], services: None, folder }.started().await
    }

    /// So many nodes on one Postgres and one Redis.
    pub(super) async fn cluster(program: &Path, nodes: usize) -> Result<Self, Fault> {
        let folder = tempfile::tempdir()?;
        let (postgres, redis) = block_in_place(|| Ok::<_, Fault>((Postgres::start()?, Redis::start()?)))?;
        let database = block_in_place(|| postgres.database())?;
        let mut all = Vec::new();
        for n in 0..nodes {
            let (to_postgres, to_redis) =
                (Proxy::start(postgres.port()).await?, Proxy::start(redis.port()).await?);
            let by_proxy = |url: &str, port: u16, proxy: &Proxy| {
                url.replace(&format!("127.0.0.1:{port}"), &proxy.address())
            };
            let data = folder.path().join(format!("data{n}"));
            let server = Server::new(program, &data)?
                .logging_to(log(&folder, n))
                .with("RAPPORT_SECRET", SECRET)
                .with("RAPPORT_DATABASE_URL", &by_proxy(&database, postgres.port(), &to_postgres))
                .with("RAPPORT_REDIS_URL", &by_proxy(&redis.url(), redis.port(), &to_redis));
            let door = Proxy::start(server.port()).await?;
            all.push(Node { server, door, to_redis: Some(to_redis), to_postgres: Some(to_postgres) });
        }
        let services = Some(Services { postgres, redis });
        Self { nodes: all, services, folder }.started().await
    }

    async fn started(mut self) -> Result<Self, Fault> {
        for n in 0..self.nodes.len() {
            let started = self.node(n)?.server.start().await;
            if let Err(fault) = started {
                let said = std::fs::read_to_string(log(&self.folder, n)).unwrap_or_default();
                return Err(format!("{fault}: {}", said.trim_end()).into());
            }
        }
        Ok(self)
    }

    /// What the nodes logged.
    pub(super) fn logs(&self) -> Vec<PathBuf> {
        (0..self.nodes.len()).map(|n| log(&self.folder, n)).collect()
    }

    /// Begins it.
    pub(super) async fn harm(&mut self, harm: Harm) -> Result<(), Fault> {
        match harm {
            Harm::KillNode(n) => self.node(n)?.server.kill().await,
            Harm::StopNode(n) => self.node(n)?.server.pause().await,
            Harm::Slow(between, by) => {
                self.on(between, |line| line.set(Weather::Slow(Duration::from_millis(by))))
            }
            Harm::Silent(between) => self.on(between, |line| line.set(Weather::Silent)),
            Harm::Closed(between) => self.on(between, |line| {
                line.set(Weather::Closed);
                line.cut(crate::proxy::Cut::Reset);
            }),
            Harm::Cut(between, cut) => self.on(between, |line| line.cut(cut)),
            _ => {
                let services = self.services.as_mut().ok_or("there is no such service")?;
                block_in_place(|| match harm {
                    Harm::KillRedis => services.redis.kill(),
                    Harm::EmptyRedis => services.redis.empty(),
                    Harm::StopRedis => services.redis.pause(),
                    Harm::KillPostgres => services.postgres.kill(),
                    _ => services.postgres.pause(),
                })
            }
        }
    }

    /// Mends it.
    pub(super) async fn mend(&mut self, harm: Harm) -> Result<(), Fault> {
        match harm {
            Harm::KillNode(n) => self.start(n).await,
            Harm::StopNode(n) => self.node(n)?.server.resume().await,
            Harm::Slow(between, _) | Harm::Silent(between) | Harm::Closed(between) => {
                self.on(between, |line| line.set(Weather::Fair))
            }
            Harm::Cut(..) | Harm::EmptyRedis => Ok(()),
            _ => {
                let services = self.services.as_mut().ok_or("there is no such service")?;
                block_in_place(|| match harm {
                    Harm::KillRedis => services.redis.resurrect(),
                    Harm::StopRedis => services.redis.resume(),
                    Harm::KillPostgres => services.postgres.resurrect(),
                    _ => services.postgres.resume(),
                })
            }
        }
    }

    /// Starts a node again, as its supervisor would: until it runs.
    async fn start(&mut self, n: usize) -> Result<(), Fault> {
        let begun = Instant::now();
        loop {
            match self.node(n)?.server.start().await {
                Ok(_) => return Ok(()),
                Err(fault) if begun.elapsed() > START => return Err(fault),
                Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    }

    fn node(&mut self, n: usize) -> Result<&mut Node, Fault> {
        self.nodes.get_mut(n).ok_or_else(|| "there is no such node".into())
    }

    fn on(&self, between: Between, change: impl FnOnce(&Proxy)) -> Result<(), Fault> {
        let line = match between {
            Between::Clients(n) => self.nodes.get(n).map(|node| &node.door),
            Between::Redis(n) => self.nodes.get(n).and_then(|node| node.to_redis.as_ref()),
            Between::Postgres(n) => self.nodes.get(n).and_then(|node| node.to_postgres.as_ref()),
        };
        change(line.ok_or("there is no such line")?);
        Ok(())
    }
}

fn log(folder: &TempDir, n: usize) -> PathBuf {
    folder.path().join(format!("node{n}.log"))
}
