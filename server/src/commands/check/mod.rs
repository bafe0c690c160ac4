//! `rapport check`: two people who are made for it talk through the address that browsers use, proxies and all. What does
//! not work is told with its likely cause, and the line of which configuration would mend it.

mod browser;
mod guests;
mod pages;
mod place;
mod poll;
mod report;
mod socket;
mod storage;
mod talk;
mod target;
mod tls;
mod web;

use crate::config::Config;
use guests::Guests;
use report::Report;
use std::path::PathBuf;
use std::process::ExitCode;
use target::Target;
use tls::Trust;
use web::Web;

/// What to check, and how.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// The address that browsers use, or unix:/path of the server's socket [default: the public URL, else where it listens]
    url: Option<String>,
    /// Certificates (PEM) of an authority of your own
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Leave out what takes half a minute: whether a proxy ends quiet connections
    #[arg(long)]
    quick: bool,
    /// Tell it as JSON
    #[arg(long)]
    json: bool,
}

/// Walks the paths and tells of each step. Fails when one does.
pub(crate) async fn check(config: &Config, options: Options) -> ExitCode {
    let url = options.url.clone().unwrap_or_else(|| target::usual(config));
    let mut report = Report::new(options.json);
    if !options.json {
        println!("Checking {url}");
    }
    walk(config, &url, &options, &mut report).await;
    if report.end(&url) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Step by step; ends early where nothing further could go well.
async fn walk(config: &Config, url: &str, options: &Options, report: &mut Report) -> Option<()> {
    let (trust, mut web) = report.step("The address can be asked", prepared(config, url, options)).await?;
    let chain = match web.target.is_tls() {
        true => {
            let greeting = trust.greet(&web.target, |error| target::unreachable(&web.target, config, error));
            let chain = report.step("Its certificate is good", greeting).await?;
            report.step("The certificate lasts", async { trust.lasts(&web.target, &chain) }).await;
            chain
        }
        false => Vec::new(),
    };
    report.step("The server answers", place::answers(&web, config)).await?;
    report.step("Its database answers", web.get("/readyz")).await?;
    let page = report.step("It answers to its name, with a page", web.get("/sign-in")).await?;
    for (step, found) in pages::files(&web, &page).await {
        report.step(step, async { found }).await;
    }
    report.step("Its data can be written", storage::room(config)).await;
    let guests = report.step("Two people are made for this", Guests::make(config)).await?;
    talk_through(&mut web, &trust, &chain, &guests, options, report).await;
    report.step("The two are gone again", guests.leave(config)).await
}

async fn prepared(config: &Config, url: &str, options: &Options) -> Result<(Trust, Web), report::Wrong> {
    let trust = Trust::of_this_machine(options.ca.as_deref())?;
    let target = Target::read(url, config, std::sync::Arc::clone(&trust.client))?;
    let web = Web::new(target, config)?;
    Ok((trust, web))
}

/// All that the two do.
async fn talk_through(
    web: &mut Web,
    trust: &Trust,
    chain: &[rustls::pki_types::CertificateDer<'static>],
    guests: &Guests,
    options: &Options,
    report: &mut Report,
) -> Option<()> {
    let (anna, ben) = (&guests.anna, &guests.ben);
    report.step("It knows the two", place::knows(web, anna)).await?;
    let seen = report.step("It tells how it sees them", place::seen(web, anna)).await?;
    report.step("It is asked by the name that browsers use", async { place::name(web, &seen) }).await;
    let own = report.step("It knows its own address", async { place::address(web, &seen) }).await;
    if let Some(origin) = own {
        web.origin = origin;
    }
    report.step("It sees where visitors come from", async { place::client(web, &seen) }).await;
    report.step("Its clock is right", async { place::clock(web, &seen, trust, chain) }).await;

    let cookie = report.step("A browser signs in and keeps its cookie", browser::cookie(web, anna)).await;
    let room = report.step("They open a conversation", talk::room(web, anna, ben)).await?;
    let sockets = report.step("Sockets open", talk::sockets(web, room, anna, ben)).await;
    let quiet = match sockets {
        Some((mut annas, mut bens)) => {
            if let Some(cookie) = &cookie {
                let page = browser::socket(web, cookie);
                report.step("A socket opens for a page of this address", page).await;
            }
            let sent = talk::message(&mut annas, &mut bens);
            if let Some(message) = report.step("A message is sent, kept and arrives", sent).await {
                let typing = talk::typing(&mut bens, &mut annas, ben);
                report.step("Typing is seen", typing).await;
                let reading = talk::reading(&mut bens, &mut annas, message);
                report.step("Reading is seen", reading).await;
            }
            report.step("A frame of 64 KiB passes", talk::large(&mut annas)).await;
            Some(bens)
        }
        None => None,
    };
    let polled = report.step("Polling works where sockets do not", poll::works(web, room, anna, ben)).await;
    if options.quick {
        return Some(());
    }
    let (poll, socket) = poll::left_alone(web, ben, polled, quiet).await;
    if let Some(poll) = poll {
        report.step("A poll without news is left alone for 25 s", async { poll }).await;
    }
    if let Some(socket) = socket {
        report.step("So is a quiet socket", async { socket }).await;
    }
    Some(())
}
