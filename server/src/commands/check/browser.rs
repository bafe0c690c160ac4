//! Steps of a browser: forms, cookies, and the `Origin` header.

use super::report::Problem;
use super::socket::Socket;
use super::test_users::TestUser;
use super::web::Web;
use crate::auth::web_session::{COOKIE, COOKIE_OVER_TLS};
use reqwest::{Method, StatusCode};

/// Signs in by the form, as a page of this origin does. Returns the cookie as `name=value`.
pub(super) async fn cookie(web: &Web, user: &TestUser) -> Result<String, Problem> {
    let request = web.request(Method::POST, "/sign-in").header("origin", web.origin.to_string());
    let fields = [("username", user.username.as_str()), ("password", user.password.as_str())];
    let answer = web.send(request.form(&fields)).await?;
    let status = answer.status();
    let location =
        answer.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or_default().to_owned();
    let cookies: Vec<String> = answer
        .headers()
        .get_all("set-cookie")
        .iter()
        .filter_map(|line| line.to_str().ok())
        .map(str::to_owned)
        .collect();
    let text = answer.text().await.unwrap_or_default();
    if status == 403 {
        return Err(foreign(web));
    }
    if status != 303 {
        return Err(web.refused(status, Some(&location), &text));
    }
    // A redirect to the form means that the sign-in was rejected.
    if location.starts_with("/sign-in") {
        return Err(Problem::new("the sign-in is rejected", "too many attempts: wait a minute"));
    }
    // The response also sets cookies for theme and language.
    let is_ours = |line: &&String| {
        let name = line.split('=').next().unwrap_or_default();
        name == COOKIE || name == COOKIE_OVER_TLS
    };
    let Some(line) = cookies.iter().find(is_ours) else {
        return Err(Problem::new(
            "the response sets no session cookie",
            "the proxy drops the Set-Cookie header",
        )
        .change("nginx: no proxy_hide_header Set-Cookie; and no proxy_ignore_headers Set-Cookie;"));
    };
    kept(web, line)?;
    Ok(line.split(';').next().unwrap_or_default().to_owned())
}

/// Checks that a browser would store the cookie and send it back.
fn kept(web: &Web, line: &str) -> Result<(), Problem> {
    let parts: Vec<_> = line.split(';').map(str::trim).collect();
    let has = |name: &str| parts.iter().any(|part| part.eq_ignore_ascii_case(name));
    let is_bound = parts.first().is_some_and(|pair| pair.starts_with("__Host-"));
    if has("secure") != web.origin.is_https() || is_bound != web.origin.is_https() {
        let (mine, other) = if web.origin.is_https() { ("https", "http") } else { ("http", "https") };
        return Err(Problem::new(
            format!("the cookie is for {other}, and browsers use {}", web.origin),
            format!("RAPPORT_PUBLIC_URL does not begin with {mine}://, or the proxy changes cookies"),
        )
        .change(format!("RAPPORT_PUBLIC_URL={}", web.origin))
        .change("nginx: no proxy_cookie_flags and no proxy_cookie_path"));
    }
    if !has("httponly")
        || !has("path=/")
        || parts.iter().any(|part| part.to_ascii_lowercase().starts_with("domain="))
    {
        return Err(Problem::new(
            format!("the cookie was changed in transit: {}", parts[1..].join("; ")),
            "the proxy changes cookies",
        )
        .change("nginx: no proxy_cookie_flags, proxy_cookie_path or proxy_cookie_domain"));
    }
    Ok(())
}

/// Opens a socket as a page does: authenticated by the cookie, which requires an allowed origin.
pub(super) async fn socket(web: &Web, cookie: &str) -> Result<(), Problem> {
    let origin = web.origin.to_string();
    let opened = Socket::open(web, "/ws/", &[("cookie", cookie), ("origin", &origin)]).await;
    opened
        .map(drop)
        .map_err(|wrong| if wrong.is_status(StatusCode::FORBIDDEN) { foreign(web) } else { wrong })
}

/// The server rejects the origin of the page.
fn foreign(web: &Web) -> Problem {
    Problem::new(
        format!("requests from pages of {} are rejected as cross-site", web.origin),
        "RAPPORT_PUBLIC_URL differs from the address that browsers use, or the proxy changes the Origin header",
    )
    .change(format!("RAPPORT_PUBLIC_URL={}", web.origin))
    .change("nginx: no proxy_set_header Origin")
}
