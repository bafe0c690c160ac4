//! Steps that compare how the server sees a request with how it was sent: host, public URL, client address, clock.

use super::report::Problem;
use super::target::{Transport, unreachable};
use super::test_users::TestUser;
use super::tls::Trust;
use super::web::{Web, lost, other_data};
use crate::config::Config;
use crate::config::Origin;
use crate::http::api::connection::Connection;
use crate::http::health::ALIVE;
use chat::{Clock as _, SystemClock};
use reqwest::Method;
use rustls::pki_types::CertificateDer;
use serde_json::json;

/// Clock difference that is reported, and the one from which on tokens and certificates fail, in seconds.
const WRONG: i64 = 30;
const USELESS: i64 = 300;
const FORWARDED_FOR: &str = "nginx: proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;";

const CADDY_FORWARDED_FOR: &str = "Caddy: header_up X-Forwarded-For {remote_host}";

/// Connects, then sends the first request, so that it is known which of the two fails.
pub(super) async fn answers(web: &Web, config: &Config) -> Result<(), Problem> {
    web.target.dial().await.map_err(|error| unreachable(&web.target, config, &error))?;
    let answer = web.request(Method::GET, "/healthz").send().await.map_err(|error| lost(&error))?;
    let status = answer.status();
    let to = answer.headers().get("location").and_then(|to| to.to_str().ok()).map(str::to_owned);
    let text = answer.text().await.map_err(|error| lost(&error))?;
    match status.is_success() {
        true if text == ALIVE => Ok(()),
        true => Err(web.refused(reqwest::StatusCode::NOT_FOUND, None, &text)),
        false => Err(web.refused(status, to.as_deref(), &text)),
    }
}

/// Checks that tokens are accepted. Otherwise it is another server, or the token does not arrive.
pub(super) async fn knows(web: &Web, user: &TestUser) -> Result<(), Problem> {
    let asked = web.send(web.request(Method::GET, "/api/me").bearer_auth(&user.token)).await?;
    if asked.status().is_success() {
        return Ok(());
    }
    let (status, text) = (asked.status(), asked.text().await.unwrap_or_default());
    if status != 401 {
        return Err(web.refused(status, None, &text));
    }
    let body = json!({ "username": user.username, "password": user.password });
    let signed_in = web.send(web.request(Method::POST, "/api/token").json(&body)).await?;
    if signed_in.status().is_success() {
        return Err(Problem::new(
            "the passwords are accepted, and the tokens are rejected",
            "the proxy drops the Authorization header, or the server has another secret than this data folder",
        )
        .change("nginx: proxy_set_header Authorization $http_authorization;")
        .change("set RAPPORT_SECRET of this command to that of the server"));
    }
    Err(other_data("the server does not know the test users"))
}

/// Asks the server how it sees this request.
pub(super) async fn seen(web: &Web, user: &TestUser) -> Result<Connection, Problem> {
    web.ask("/api/connection", &user.token).await
}

/// Whether there is no proxy in between.
fn is_direct(web: &Web, seen: &Connection) -> bool {
    match web.target.way {
        Transport::Unix(_) => true,
        Transport::Tcp => !web.target.is_tls() && seen.port == Some(web.target.origin.port()),
    }
}

/// Checks that the host name arrives as browsers send it.
pub(super) fn name(web: &Web, seen: &Connection) -> Result<(), Problem> {
    let mine = web.target.authority();
    if seen.host.eq_ignore_ascii_case(&mine) {
        return Ok(());
    }
    let what = format!("browsers send the host `{mine}`, and the server receives `{}`", seen.host);
    Err(Problem::new(what, "the proxy replaces the host with its own name for the server")
        .change(web.pass_host())
        .warning())
}

/// Checks the public URL, and returns it.
pub(super) fn address(web: &Web, seen: &Connection) -> Result<Origin, Problem> {
    let asked = &web.target.origin;
    let public = seen.public_url.as_deref().and_then(Origin::parse);
    match public {
        Some(public) if public == *asked => Ok(public),
        // The check bypasses the proxy, to look for a fault.
        Some(public) if is_direct(web, seen) => Ok(public),
        None if !asked.is_https() && asked.is_local() => Ok(asked.clone()),
        Some(public) => Err(Problem::new(
            format!("browsers use {asked}, and the server has the public URL {public}"),
            "RAPPORT_PUBLIC_URL differs from the address that browsers use, so the server rejects requests from their pages",
        )
        .change(format!("RAPPORT_PUBLIC_URL={asked}"))),
        None => Err(Problem::new(
            format!("browsers use {asked}, and the server has no public URL"),
            "without RAPPORT_PUBLIC_URL the server accepts local addresses only, and sets cookies for http",
        )
        .change(format!("RAPPORT_PUBLIC_URL={asked}"))),
    }
}

const CLIENT_STEP: &str = "The client address arrives";

/// Title of the step that checks the client's address, with the address that the server sees.
pub(super) fn client_step(seen: &Connection) -> String {
    let client = seen.client.map_or("unknown".to_owned(), |address| address.to_string());
    format!("{CLIENT_STEP}: {client}")
}

/// Checks that the server sees the client's own address, by which limits count.
pub(super) fn client(web: &Web, seen: &Connection) -> Result<(), Problem> {
    let proxy = seen.client.map_or("unix".to_owned(), |address| address.to_string());
    let trust = format!("RAPPORT_TRUSTED_PROXIES={proxy}");
    let forwarded = seen.forwarded_for.as_deref().is_some_and(|list| !list.is_empty());
    if is_direct(web, seen) || (forwarded && seen.trusted && seen.understood) {
        return Ok(());
    }
    let all = format!("all visitors seem to have the address {proxy}, and share one limit of sign-ins");
    let wrong = match (forwarded, seen.trusted) {
        (true, true) => {
            let list = seen.forwarded_for.as_deref().unwrap_or_default();
            let why = format!("the proxy forwards `{list}`, which ends with no address");
            Problem::new(all, why).change(FORWARDED_FOR).change(CADDY_FORWARDED_FOR)
        }
        (true, false) => {
            Problem::new(all, "the proxy forwards their addresses, but is not trusted").change(trust)
        }
        (false, true) => {
            Problem::new(all, "the proxy does not forward their addresses").change(FORWARDED_FOR)
        }
        (false, false) => Problem::new(all, "the proxy does not forward their addresses")
            .change(FORWARDED_FOR)
            .change(trust),
    };
    Err(wrong.warning())
}

/// Compares the server's clock with that of this machine, and with the validity of the certificate.
pub(super) fn clock(
    web: &Web,
    seen: &Connection,
    trust: &Trust,
    chain: &[CertificateDer<'static>],
) -> Result<(), Problem> {
    let theirs = seen.now.0 / 1_000_000;
    let off = theirs - SystemClock.now().0 / 1_000_000;
    if off.abs() <= WRONG {
        return Ok(());
    }
    let way = if off > 0 { "ahead of" } else { "behind" };
    let expired = trust.holds_at(&web.target, chain, u64::try_from(theirs).unwrap_or(0)).is_err();
    let then = if expired { ", and by it the certificate is not valid" } else { "" };
    let what = format!("the server's clock is {} s {way} this machine's{then}", off.abs());
    let wrong = Problem::new(what, "one of the two clocks is not set by the network")
        .change("timedatectl set-ntp true (on the machine that is wrong)");
    Err(if expired || off.abs() > USELESS { wrong } else { wrong.warning() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::check::target::Target;
    use crate::config::{Options, read};
    use protocol::Timestamp;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    use std::sync::Arc;

    const DAY: i64 = 86_400;

    /// The result for a server's clock that is ahead by this many seconds, with a certificate valid for thirty days.
    fn told(ahead: i64) -> String {
        let folder = tempfile::tempdir().unwrap();
        let (mut of_authority, key) = (CertificateParams::new([]).unwrap(), KeyPair::generate().unwrap());
        of_authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, of_authority.self_signed(&key).unwrap().pem()).unwrap();
        let authority = Issuer::new(of_authority, key);
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_before = time::OffsetDateTime::now_utc() - time::Duration::days(1);
        params.not_after = time::OffsetDateTime::now_utc() + time::Duration::days(30);
        let certificate = params.signed_by(&KeyPair::generate().unwrap(), &authority).unwrap();

        let trust = Trust::of_this_machine(Some(&file)).unwrap();
        let config = read(&Options::default(), [].into()).unwrap();
        let target = Target::read("https://localhost", &config, Arc::clone(&trust.client)).unwrap();
        let web = Web::new(target, &config).unwrap();
        let seen = Connection {
            host: "localhost".into(),
            public_url: None,
            port: None,
            client: None,
            forwarded_for: None,
            trusted: false,
            understood: true,
            now: Timestamp(SystemClock.now().0 + ahead * 1_000_000),
        };
        format!("{:?}", clock(&web, &seen, &trust, &[certificate.der().clone()]))
    }

    #[test]
    fn r3_a_wrong_clock_is_reported_against_ours_and_the_certificate() {
        assert_eq!(told(0), "Ok(())");
        assert_eq!(told(-20), "Ok(())");
        let a_little = told(60);
        assert!(
            a_little.contains("ahead of this machine's") && a_little.contains("warning: true"),
            "{a_little}"
        );
        let much = told(-600);
        assert!(much.contains("600 s behind") && much.contains("warning: false"), "{much}");
        assert!(much.contains("timedatectl") && !much.contains("certificate"), "{much}");
        let expired = told(40 * DAY);
        assert!(expired.contains("by it the certificate is not valid"), "{expired}");
    }
}
