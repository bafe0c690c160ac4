//! `rapport check`: two temporary users exchange messages through the address that browsers use, proxies included. Each
//! problem is reported with its likely cause and the line of configuration that fixes it.

mod browser;
mod long_poll;
mod messaging;
mod pages;
mod report;
mod server_view;
mod socket;
mod storage;
mod target;
mod test_users;
mod tls;
mod web;

use crate::config::Config;
use report::Report;
use std::path::PathBuf;
use std::process::ExitCode;
use target::Target;
use test_users::TestUsers;
use tls::Trust;
use web::Web;

/// Arguments of `rapport check`.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// The address that browsers use, or unix:/path of the server's socket [default: the public URL, else the address it listens on]
    url: Option<String>,
    /// Certificates (PEM) of a private certificate authority
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Skip the step that takes half a minute: whether a proxy ends quiet connections
    #[arg(long)]
    quick: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// The address that browsers use, by the configuration.
pub(super) fn usual_url(config: &Config) -> String {
    target::usual(config)
}

/// Runs all steps and reports each. Fails if one of them does.
pub(crate) async fn check(config: &Config, options: Options) -> ExitCode {
    let url = options.url.clone().unwrap_or_else(|| target::usual(config));
    let mut report = Report::new(options.json);
    if !options.json {
        println!("Checking {url}");
    }
    walk(config, &url, &options, &mut report).await;
    if report.end(&url) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the steps in order; ends early if the next ones depend on one that failed.
async fn walk(config: &Config, url: &str, options: &Options, report: &mut Report) -> Option<()> {
    let (trust, mut web) = report.step("The address is valid", prepared(config, url, options)).await?;
    let chain = match web.target.is_tls() {
        true => {
            let greeting = trust.greet(&web.target, |error| target::unreachable(&web.target, config, error));
            let chain = report.step("The certificate is valid", greeting).await?;
            report
                .step("The certificate does not expire soon", async { trust.lasts(&web.target, &chain) })
                .await;
            chain
        }
        false => Vec::new(),
    };
    report.step("The server answers", server_view::answers(&web, config)).await?;
    report.step("The database answers", web.get("/readyz")).await?;
    let page = report.step("The sign-in page loads under the public name", web.get("/sign-in")).await?;
    for (step, found) in pages::files(&web, &page).await {
        report.step(step, async { found }).await;
    }
    report.step("The data folder is writable", storage::room(config)).await;
    let users = report.step("Two test users are created", TestUsers::make(config)).await?;
    talk_through(&mut web, &trust, &chain, &users, options, report).await;
    report.step("The test users are deleted", users.leave(config)).await
}

async fn prepared(config: &Config, url: &str, options: &Options) -> Result<(Trust, Web), report::Problem> {
    let trust = Trust::of_this_machine(options.ca.as_deref())?;
    let target = Target::read(url, config, std::sync::Arc::clone(&trust.client))?;
    let web = Web::new(target, config)?;
    Ok((trust, web))
}

/// The steps that the two users take part in.
async fn talk_through(
    web: &mut Web,
    trust: &Trust,
    chain: &[rustls::pki_types::CertificateDer<'static>],
    users: &TestUsers,
    options: &Options,
    report: &mut Report,
) -> Option<()> {
    let (anna, ben) = (&users.anna, &users.ben);
    report.step("The tokens of the test users are accepted", server_view::knows(web, anna)).await?;
    let seen = report.step("The server reports how it sees a request", server_view::seen(web, anna)).await?;
    report.step("The Host header arrives unchanged", async { server_view::name(web, &seen) }).await;
    let own = report
        .step("The public URL is the address that browsers use", async { server_view::address(web, &seen) })
        .await;
    if let Some(origin) = own {
        web.origin = origin;
    }
    report.step(&server_view::client_step(&seen), async { server_view::client(web, &seen) }).await;
    report
        .step("The clock of the server is right", async { server_view::clock(web, &seen, trust, chain) })
        .await;

    let cookie = report.step("A browser signs in and stores the cookie", browser::cookie(web, anna)).await;
    let room = report.step("A conversation is opened", messaging::room(web, anna, ben)).await?;
    let sockets = report.step("Sockets open", messaging::sockets(web, anna, ben)).await;
    let quiet = match sockets {
        Some((mut annas, mut bens)) => {
            if let Some(cookie) = &cookie {
                let page = browser::socket(web, cookie);
                report.step("A socket opens for a page of this origin", page).await;
            }
            let sent = messaging::message(room, &mut annas, &mut bens);
            if let Some(message) = report.step("A message is sent, stored and delivered", sent).await {
                let typing = messaging::typing(room, &mut bens, &mut annas, ben);
                report.step("A typing indicator is delivered", typing).await;
                let reading = messaging::reading(room, &mut bens, &mut annas, message);
                report.step("A read receipt is delivered", reading).await;
            }
            report.step("A frame of 64 KiB passes", messaging::large(&mut annas)).await;
            Some(bens)
        }
        None => None,
    };
    let polled = report.step("Polling works without sockets", long_poll::works(web, room, anna, ben)).await;
    if options.quick {
        return Some(());
    }
    let (poll, socket) = long_poll::left_alone(web, ben, polled, quiet).await;
    if let Some(poll) = poll {
        report.step("A poll without news is held for 25 s", async { poll }).await;
    }
    if let Some(socket) = socket {
        report.step("An idle socket stays open", async { socket }).await;
    }
    Some(())
}
