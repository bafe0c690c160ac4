//! What the server is called, how it sees those who come, and what time it has.

use super::guests::Guest;
use super::report::Wrong;
use super::target::{Way, unreachable};
use super::tls::Trust;
use super::web::{Web, lost, other_data};
use crate::api::connection::Connection;
use crate::config::Config;
use crate::origin::Origin;
use chat::{Clock as _, SystemClock};
use reqwest::Method;
use rustls::pki_types::CertificateDer;
use serde_json::json;

/// Clocks that differ by more seconds than this make times on pages wrong, and by so many tokens and certificates too.
const WRONG: i64 = 30;
const USELESS: i64 = 300;
const FORWARDED_FOR: &str = "nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";

/// The first request. Before it, the connection by itself, so that it is known which of the two fails.
pub(super) async fn answers(web: &Web, config: &Config) -> Result<(), Wrong> {
    web.target.dial().await.map_err(|error| unreachable(&web.target, config, &error))?;
    let answer = web.request(Method::GET, "/healthz").send().await.map_err(|error| lost(&error))?;
    let status = answer.status();
    let to = answer.headers().get("location").and_then(|to| to.to_str().ok()).map(str::to_owned);
    let text = answer.text().await.map_err(|error| lost(&error))?;
    match status.is_success() {
        true if text == "alive\n" => Ok(()),
        true => Err(web.refused(reqwest::StatusCode::NOT_FOUND, None, &text)),
        false => Err(web.refused(status, to.as_deref(), &text)),
    }
}

/// Tokens are good there. If not: is it another server, or does the token not arrive?
pub(super) async fn knows(web: &Web, guest: &Guest) -> Result<(), Wrong> {
    let asked = web.send(web.request(Method::GET, "/api/me").bearer_auth(&guest.token)).await?;
    if asked.status().is_success() {
        return Ok(());
    }
    let (status, text) = (asked.status(), asked.text().await.unwrap_or_default());
    if status != 401 {
        return Err(web.refused(status, None, &text));
    }
    let body = json!({ "username": guest.username, "password": guest.password });
    let signed_in = web.send(web.request(Method::POST, "/api/token").json(&body)).await?;
    if signed_in.status().is_success() {
        return Err(Wrong::new(
            "it knows their passwords, and refuses their tokens",
            "the proxy drops the Authorization header, or the server has another secret than this data folder",
        )
        .change("nginx: proxy_set_header Authorization $http_authorization;")
        .change("RAPPORT_SECRET of this command, to that of the server"));
    }
    Err(other_data("it does not know them"))
}

/// How the server sees a request of ours.
pub(super) async fn seen(web: &Web, guest: &Guest) -> Result<Connection, Wrong> {
    web.ask("/api/connection", &guest.token).await
}

/// Whether nothing stands between us and the server.
fn is_direct(web: &Web, seen: &Connection) -> bool {
    match web.target.way {
        Way::Unix(_) => true,
        Way::Tcp => !web.target.is_tls() && seen.port == Some(web.target.origin.port()),
    }
}

/// The name arrives as browsers say it.
pub(super) fn name(web: &Web, seen: &Connection) -> Result<(), Wrong> {
    let mine = web.target.authority();
    if seen.host.eq_ignore_ascii_case(&mine) {
        return Ok(());
    }
    let what = format!("browsers ask for `{mine}`, and the server is asked for `{}`", seen.host);
    Err(Wrong::new(what, "the proxy puts its own name for the server in place of the browser's")
        .change(web.pass_host())
        .warning())
}

/// What browsers are to call it. Gives that.
pub(super) fn address(web: &Web, seen: &Connection) -> Result<Origin, Wrong> {
    let asked = &web.target.origin;
    let public = seen.public_url.as_deref().and_then(Origin::parse);
    match public {
        Some(public) if public == *asked => Ok(public),
        // Behind the proxy's back, for whoever looks for a fault.
        Some(public) if is_direct(web, seen) => Ok(public),
        None if !asked.is_https() && asked.is_local() => Ok(asked.clone()),
        Some(public) => Err(Wrong::new(
            format!("browsers come by {asked}, and the server takes itself for {public}"),
            "RAPPORT_PUBLIC_URL is another address than the one that browsers use: it will refuse what their pages send",
        )
        .change(format!("RAPPORT_PUBLIC_URL={asked}"))),
        None => Err(Wrong::new(
            format!("browsers come by {asked}, and the server was told no address"),
            "without RAPPORT_PUBLIC_URL the server takes itself for one of this machine alone, and sets cookies for http",
        )
        .change(format!("RAPPORT_PUBLIC_URL={asked}"))),
    }
}

/// Limits are by address, so it must be the visitor's own.
pub(super) fn client(web: &Web, seen: &Connection) -> Result<(), Wrong> {
    let proxy = seen.client.map_or("unix".to_owned(), |address| address.to_string());
    let trust = format!("RAPPORT_TRUSTED_PROXIES={proxy}");
    let forwarded = seen.forwarded_for.as_deref().is_some_and(|list| !list.is_empty());
    if is_direct(web, seen) || (forwarded && seen.trusted) {
        return Ok(());
    }
    let all = format!("all visitors seem to come from {proxy}, and share one limit of sign-ins");
    let wrong = match (forwarded, seen.trusted) {
        (true, _) => Wrong::new(all, "the proxy says where they come from, and is not trusted").change(trust),
        (false, true) => Wrong::new(all, "the proxy does not say where they come from").change(FORWARDED_FOR),
        (false, false) => {
            Wrong::new(all, "the proxy does not say where they come from").change(FORWARDED_FOR).change(trust)
        }
    };
    Err(wrong.warning())
}

/// The server's time against this machine's, and against the certificate's.
pub(super) fn clock(
    web: &Web,
    seen: &Connection,
    trust: &Trust,
    chain: &[CertificateDer<'static>],
) -> Result<(), Wrong> {
    let theirs = seen.now.0 / 1_000_000;
    let off = theirs - SystemClock.now().0 / 1_000_000;
    let set = "timedatectl set-ntp true (on the machine that is wrong)";
    if off.abs() > WRONG {
        let way = if off > 0 { "ahead of" } else { "behind" };
        let what = format!("the server's clock is {} s {way} this machine's", off.abs());
        let wrong = Wrong::new(what, "one of the two clocks is not set by the network").change(set);
        return Err(if off.abs() > USELESS { wrong } else { wrong.warning() });
    }
    trust.holds_at(&web.target, chain, u64::try_from(theirs).unwrap_or(0)).map_err(|_| {
        Wrong::new("by the server's clock the certificate is not valid", "the server's clock is wrong")
            .change(set)
    })
}
