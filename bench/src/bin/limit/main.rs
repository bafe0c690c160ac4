//! The bare limit of one core: the least that a chat server can do. It upgrades WebSockets on any path and sends each text
//! that it receives, framed once, to every socket of the same path (without the query) with one write each. It
//! authenticates nobody and stores nothing.
//!
//! The file of `--page` is the answer to every other GET: the limit of a page.

mod connection;
mod frames;
mod request;
mod rooms;
mod serve;

use clap::Parser;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Forwards texts between the WebSockets of a path.
#[derive(Parser)]
struct Arguments {
    /// The address to listen on; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The file that answers every GET that is not a WebSocket upgrade.
    #[arg(long)]
    page: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("limit: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let page = match &arguments.page {
        Some(path) => Some(std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?),
        None => None,
    };
    let mut server = serve::Server::listen(arguments.listen, page.as_deref())?;
    println!("listening on http://{}", server.address()?);
    std::io::stdout().flush()?;
    server.run()?;
    Ok(())
}
