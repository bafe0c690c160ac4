//! Starts Rapport as a subject.

use super::fixture::Size;
use super::group::StartError;
use super::kind::Kind;
use crate::BoxError;
use crate::process::NO_LIMITS;
use std::path::Path;
use std::process::Command;
use test_servers::{Postgres, Redis};

/// The key by which all nodes sign tokens.
const SECRET: &str = "a secret that the nodes of one run of the benchmark share";

/// The services of a subject.
#[derive(Debug, Default)]
pub(super) struct Services {
    postgres: Option<(Postgres, String)>,
    redis: Option<Redis>,
}

impl Services {
    /// Starts the services that this kind needs.
    pub(super) fn of(kind: Kind) -> Result<Self, StartError> {
        let mut services = Self::default();
        if matches!(kind, Kind::RapportOnPostgres | Kind::TwoNodes) {
            if !Postgres::installed() {
                return Err(StartError::NotAvailable("there is no Postgres".into()));
            }
            let server = Postgres::start()?;
            let database = server.database()?;
            services.postgres = Some((server, database));
        }
        if kind == Kind::TwoNodes {
            if !Redis::installed() {
                return Err(StartError::NotAvailable("there is no Redis".into()));
            }
            services.redis = Some(Redis::start()?);
        }
        Ok(services)
    }

    /// The processes of the services, which count.
    pub(super) fn processes(&self) -> Vec<u32> {
        let postgres = self.postgres.as_ref().and_then(|(server, _)| server.pid());
        postgres.into_iter().chain(self.redis.as_ref().and_then(Redis::pid)).collect()
    }

    /// The address of Redis.
    pub(super) fn redis(&self) -> Option<String> {
        self.redis.as_ref().map(|redis| format!("127.0.0.1:{}", redis.port()))
    }
}

/// The command line of Rapport on this data, with limits above the load; the caller adds the subcommand.
pub(super) fn command(program: &Path, data: &Path, services: &Services) -> Result<Command, BoxError> {
    let mut command = Command::new(std::path::absolute(program)?);
    // A developer's own settings must not apply.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("RAPPORT_") {
            command.env_remove(name);
        }
    }
    // Away from a configuration file in the current folder.
    command.current_dir(data.parent().unwrap_or(data));
    command.env("RAPPORT_LISTEN", "127.0.0.1:0").env("RAPPORT_DATA", data);
    command.env("RAPPORT_LOG", "warn").env("RAPPORT_SECRET", SECRET).envs(NO_LIMITS);
    if let Some((_, database)) = &services.postgres {
        command.env("RAPPORT_DATABASE_URL", database);
    }
    if let Some(redis) = &services.redis {
        command.env("RAPPORT_REDIS_URL", redis.url());
    }
    Ok(command)
}

/// Creates the people and conversations.
pub(super) fn fill(
    program: &Path,
    data: &Path,
    services: &Services,
    size: Size,
    out: &Path,
) -> Result<(), BoxError> {
    let mut fixture = command(program, data, services)?;
    fixture.arg("fixture").arg("--out").arg(out);
    let numbers = [
        ("--users", size.users),
        ("--room", size.room),
        ("--pairs", size.pairs),
        ("--messages", size.messages),
    ];
    for (name, number) in numbers {
        fixture.arg(name).arg(number.to_string());
    }
    let output = fixture.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("rapport fixture: {}", String::from_utf8_lossy(&output.stderr).trim()).into())
}
