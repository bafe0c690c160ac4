//! Marketplace and job board with accounts of its own. It contains no chat code: conversations are Rapport's, embedded in its pages.

mod config;
mod data;
mod failure;
mod html;
mod layout;
mod mail;
mod pages;
mod rapport;
mod routes;
mod session;
mod state;
mod webhooks;

use config::Config;
use state::AppState;
use std::process::ExitCode;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("market: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn std::error::Error>> {
    let listen = std::env::var("MARKET_LISTEN").unwrap_or_else(|_| "127.0.0.1:4000".to_owned());
    let listener = TcpListener::bind(&listen).await.map_err(|error| format!("{listen}: {error}"))?;
    let config = Config::read(listener.local_addr()?.port(), |name| std::env::var(name).ok())?;
    println!("The market is at {}", config.url);
    let router = routes::router(AppState::new(config)?);
    Ok(axum::serve(listener, router).await?)
}
