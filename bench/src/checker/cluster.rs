//! The servers of a run and the proxied links between them: one node on SQLite, or several nodes on Postgres and Redis,
//! with or without nginx in front.

use super::schedule::{Fault, Link, Setup};
use crate::proxy::{LinkState, Proxy};
use crate::{BoxError, process::Server};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use test_servers::{Nginx, Postgres, Redis};
use tokio::task::block_in_place;

/// The time within which a node must start.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// The key by which all nodes sign tokens.
const SECRET: &str = "a secret that the nodes of one run of the checker share";

const MAP: &str = include_str!("../../../deploy/nginx/rapport-map.conf");
const UPSTREAM: &str = include_str!("../../../deploy/nginx/upstream-two.conf");
const LOCATIONS: &str = include_str!("../../../deploy/nginx/rapport-locations.conf");

/// All processes of a run. Dropping it ends them.
pub(super) struct Cluster {
    pub(super) nodes: Vec<Node>,
    /// The addresses that clients connect to.
    pub(super) endpoints: Vec<Endpoint>,
    services: Option<Services>,
    folder: TempDir,
}

/// An address for clients: the proxy in front of one node, or in front of nginx.
pub(super) struct Endpoint {
    proxy: Proxy,
    /// The value of the `Host` header.
    host: String,
}

impl Endpoint {
    /// The address to connect to and the value of the `Host` header.
    pub(super) fn address_and_host(&self) -> (String, &str) {
        (self.proxy.address(), &self.host)
    }
}

/// A node with the proxies between it and the services.
pub(super) struct Node {
    server: Server,
    to_redis: Option<Proxy>,
    to_postgres: Option<Proxy>,
}

struct Services {
    postgres: Postgres,
    redis: Redis,
    nginx: Option<Nginx>,
}

impl Node {
    /// The address of the node itself, past the proxy.
    pub(super) fn address(&self) -> String {
        self.server.address()
    }
}

impl Cluster {
    /// Starts the services and the nodes.
    pub(super) async fn start(program: &Path, setup: Setup) -> Result<Self, BoxError> {
        let cluster = match setup {
            Setup::Alone => Self::single_node(program).await?,
            Setup::Cluster => Self::multi_node(program, setup.nodes()).await?,
            Setup::BehindNginx => Self::multi_node(program, setup.nodes()).await?.behind_nginx().await?,
        };
        cluster.start_nodes().await
    }

    /// One node on SQLite.
    async fn single_node(program: &Path) -> Result<Self, BoxError> {
        let folder = tempfile::tempdir()?;
        let server = Server::new(program, &folder.path().join("data"))?.logging_to(log(&folder, 0));
        let endpoint = Endpoint { proxy: Proxy::start(server.port()).await?, host: server.address() };
        let node = Node { server, to_redis: None, to_postgres: None };
        Ok(Self { nodes: vec![node], endpoints: vec![endpoint], services: None, folder })
    }

    /// `count` nodes on one Postgres and one Redis, each with an endpoint of its own.
    async fn multi_node(program: &Path, count: usize) -> Result<Self, BoxError> {
        let folder = tempfile::tempdir()?;
        let (postgres, redis) = block_in_place(|| Ok::<_, BoxError>((Postgres::start()?, Redis::start()?)))?;
        let database = block_in_place(|| postgres.database())?;
        let (mut nodes, mut endpoints) = (Vec::new(), Vec::new());
        for n in 0..count {
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
            endpoints.push(Endpoint { proxy: Proxy::start(server.port()).await?, host: server.address() });
            nodes.push(Node { server, to_redis: Some(to_redis), to_postgres: Some(to_postgres) });
        }
        let services = Some(Services { postgres, redis, nginx: None });
        Ok(Self { nodes, endpoints, services, folder })
    }

    /// Puts an nginx in front of all nodes, configured by the files of `deploy/nginx`. Nodes trust its forwarded addresses.
    async fn behind_nginx(mut self) -> Result<Self, BoxError> {
        let port = test_servers::free_port()?;
        let host = format!("127.0.0.1:{port}");
        let mut upstream = UPSTREAM.to_owned();
        for (node, shipped) in self.nodes.iter_mut().zip(["127.0.0.1:3001", "127.0.0.1:3002"]) {
            upstream = upstream.replace(shipped, &node.address());
            node.server.set("RAPPORT_PUBLIC_URL", &format!("http://{host}"));
            node.server.set("RAPPORT_TRUSTED_PROXIES", "127.0.0.1");
        }
        let site = format!("{MAP}\n{upstream}\nserver {{\nlisten {host};\n{LOCATIONS}\n}}\n");
        let nginx = block_in_place(|| Nginx::start(port, &site))?;
        self.endpoints = vec![Endpoint { proxy: Proxy::start(port).await?, host }];
        self.services.as_mut().ok_or("there are no services")?.nginx = Some(nginx);
        Ok(self)
    }

    async fn start_nodes(mut self) -> Result<Self, BoxError> {
        for n in 0..self.nodes.len() {
            let started = self.node(n)?.server.start().await;
            if let Err(error) = started {
                let said = std::fs::read_to_string(log(&self.folder, n)).unwrap_or_default();
                return Err(format!("{error}: {}", said.trim_end()).into());
            }
        }
        Ok(self)
    }

    /// The log files of the nodes.
    pub(super) fn logs(&self) -> Vec<PathBuf> {
        (0..self.nodes.len()).map(|n| log(&self.folder, n)).collect()
    }

    /// Injects a fault.
    pub(super) async fn inject(&mut self, fault: Fault) -> Result<(), BoxError> {
        match fault {
            Fault::KillNode(n) => self.node(n)?.server.kill().await,
            Fault::StopNode(n) => self.node(n)?.server.pause().await,
            Fault::Slow(link, by) => {
                self.with_proxy(link, |proxy| proxy.set(LinkState::Slow(Duration::from_millis(by))))
            }
            Fault::Silent(link) => self.with_proxy(link, |proxy| proxy.set(LinkState::Silent)),
            Fault::Closed(link) => self.with_proxy(link, |proxy| {
                proxy.set(LinkState::Closed);
                proxy.cut(crate::proxy::Cut::Reset);
            }),
            Fault::Cut(link, cut) => self.with_proxy(link, |proxy| proxy.cut(cut)),
            _ => {
                let services = self.services.as_mut().ok_or("there is no such service")?;
                block_in_place(|| match fault {
                    Fault::KillRedis => services.redis.kill(),
                    Fault::EmptyRedis => services.redis.empty(),
                    Fault::StopRedis => services.redis.pause(),
                    Fault::KillPostgres => services.postgres.kill(),
                    Fault::StopPostgres => services.postgres.pause(),
                    Fault::KillNginx => services.nginx.as_mut().ok_or("there is no nginx")?.kill(),
                    _ => services.nginx.as_ref().ok_or("there is no nginx")?.pause(),
                })
            }
        }
    }

    /// Ends a fault.
    pub(super) async fn heal(&mut self, fault: Fault) -> Result<(), BoxError> {
        match fault {
            Fault::KillNode(n) => self.restart(n).await,
            Fault::StopNode(n) => self.node(n)?.server.resume().await,
            Fault::Slow(link, _) | Fault::Silent(link) | Fault::Closed(link) => {
                self.with_proxy(link, |proxy| proxy.set(LinkState::Normal))
            }
            Fault::Cut(..) | Fault::EmptyRedis => Ok(()),
            _ => {
                let services = self.services.as_mut().ok_or("there is no such service")?;
                block_in_place(|| match fault {
                    Fault::KillRedis => services.redis.resurrect(),
                    Fault::StopRedis => services.redis.resume(),
                    Fault::KillPostgres => services.postgres.resurrect(),
                    Fault::StopPostgres => services.postgres.resume(),
                    Fault::KillNginx => services.nginx.as_mut().ok_or("there is no nginx")?.resurrect(),
                    _ => services.nginx.as_ref().ok_or("there is no nginx")?.resume(),
                })
            }
        }
    }

    /// Starts a node, retrying until it runs, as a supervisor would.
    async fn restart(&mut self, n: usize) -> Result<(), BoxError> {
        let begun = Instant::now();
        loop {
            match self.node(n)?.server.start().await {
                Ok(_) => return Ok(()),
                Err(error) if begun.elapsed() > START_TIMEOUT => return Err(error),
                Err(_) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    }

    fn node(&mut self, n: usize) -> Result<&mut Node, BoxError> {
        self.nodes.get_mut(n).ok_or_else(|| "there is no such node".into())
    }

    fn with_proxy(&self, link: Link, change: impl FnOnce(&Proxy)) -> Result<(), BoxError> {
        let proxy = match link {
            Link::Clients(n) => self.endpoints.get(n).map(|endpoint| &endpoint.proxy),
            Link::Redis(n) => self.nodes.get(n).and_then(|node| node.to_redis.as_ref()),
            Link::Postgres(n) => self.nodes.get(n).and_then(|node| node.to_postgres.as_ref()),
        };
        change(proxy.ok_or("there is no such line")?);
        Ok(())
    }
}

fn log(folder: &TempDir, n: usize) -> PathBuf {
    folder.path().join(format!("node{n}.log"))
}
