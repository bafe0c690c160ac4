//! The memory of an idle socket.

use crate::api::Api;
use crate::{BoxError, process::Server};
use futures::stream::{self, StreamExt, TryStreamExt};
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::{Duration, Instant};

/// The result.
#[derive(Debug)]
pub struct Idle {
    /// Open sockets.
    pub sockets: usize,
    /// Anonymous memory of the server for each socket, in KiB.
    pub kib_each: f64,
    /// Authenticated connects a second.
    pub connects_per_second: f64,
}

/// Opens this many sockets of 100 people in one group at a freshly started server, each until its first frame, and leaves
/// them idle.
///
/// # Errors
/// The server could not be started or used.
pub async fn run(program: &Path, sockets: usize) -> Result<Idle, BoxError> {
    let folder = tempfile::tempdir()?;
    let mut server = Server::new(program, folder.path())?;
    server.start().await?;
    let http = reqwest::Client::new();
    let mut people = Vec::new();
    for n in 0..100 {
        people.push(Api::register(&http, &server.address(), &format!("person{n}")).await?);
    }
    let names: Vec<String> = people.iter().map(|person| person.me.username.clone()).collect();
    people[0].open_conversation(&names, Some("Everybody")).await?;
    // Restarted, because a process that has created accounts holds free memory, which sockets would use.
    server.kill().await?;
    server.start().await?;
    let first = people[0].connect_from(None).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;

    let before = server.memory_kib()?;
    let begun = Instant::now();
    let open: Vec<_> = stream::iter(0..sockets)
        .map(|n| {
            let person = &people[n % people.len()];
            // A source address has some 28,000 ports, so several are used.
            #[allow(clippy::cast_possible_truncation)]
            let source = Ipv4Addr::new(127, 0, 0, 2 + (n / 2_000) as u8);
            async move {
                let mut socket = person.connect_from(Some(source)).await?;
                socket.next().await?;
                Ok::<_, BoxError>(socket)
            }
        })
        .buffer_unordered(64)
        .try_collect()
        .await?;
    let seconds = begun.elapsed().as_secs_f64();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let after = server.memory_kib()?;
    drop(first);
    #[allow(clippy::cast_precision_loss)]
    let (grown, count) = (after.saturating_sub(before) as f64, open.len() as f64);
    Ok(Idle { sockets: open.len(), kib_each: grown / count, connects_per_second: count / seconds })
}
