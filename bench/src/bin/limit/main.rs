//! The bare limit of one core: a program that does for a chat what cannot be left out, and nothing else. It upgrades
//! WebSockets on any path and sends each text that comes in, framed once, to every socket of the same path (what is behind
//! a question mark does not count) with one write each. It asks nobody who they are, and stores nothing. What a server
//! needs beyond this is what the server itself costs.
//!
//! A file given by `--page` is the answer to every other GET: the limit of a page.

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

/// Passes texts on between the WebSockets of a path, as bare as can be.
#[derive(Parser)]
struct Arguments {
    /// Where to listen; port 0 takes any that is free.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// A file that answers every GET which is no WebSocket's.
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
