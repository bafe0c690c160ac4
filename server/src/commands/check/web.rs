//! HTTP requests whose failures are explained.

use super::report::Problem;
use super::target::{Target, Transport};
use crate::config::Origin;
use crate::config::{Config, Listen};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Timeout of a request; a held poll takes 25 s.
const PATIENCE: Duration = Duration::from_secs(35);
const CONNECT: Duration = Duration::from_secs(10);

/// An HTTP client of the server.
#[derive(Debug)]
pub(super) struct Web {
    http: reqwest::Client,
    pub(super) target: Target,
    /// Origin that browsers use, if it differs from the address that is checked.
    pub(super) origin: Origin,
    /// Address of the server for a proxy.
    upstream: String,
}

impl Web {
    pub(super) fn new(target: Target, config: &Config) -> Result<Self, Problem> {
        let http = reqwest::Client::builder().timeout(PATIENCE).connect_timeout(CONNECT);
        // Proxy settings of this machine are ignored: browsers elsewhere do not use them.
        let http = http.redirect(reqwest::redirect::Policy::none()).no_proxy();
        let http = http.use_preconfigured_tls((*target.tls).clone());
        let http = match &target.way {
            Transport::Tcp => http,
            Transport::Unix(path) => http.unix_socket(path.clone()),
        };
        let http = http
            .build()
            .map_err(|error| Problem::new(error.to_string(), "TLS cannot be set up on this machine"))?;
        let upstream = match &config.listen {
            Listen::Tcp(address) => format!("http://{address}"),
            Listen::Unix(path) => format!("http://unix:{}", path.display()),
        };
        Ok(Self { http, origin: target.origin.clone(), target, upstream })
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.target.base("http")))
    }

    /// Sends a request; error statuses are not errors here.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Response, Problem> {
        request.send().await.map_err(|error| lost(&error))
    }

    /// The body of a successful response.
    pub(super) async fn text(&self, request: RequestBuilder) -> Result<String, Problem> {
        let answer = self.send(request).await?;
        self.good(answer).await
    }

    pub(super) async fn get(&self, path: &str) -> Result<String, Problem> {
        self.text(self.request(Method::GET, path)).await
    }

    pub(super) async fn ask<T: DeserializeOwned>(&self, path: &str, token: &str) -> Result<T, Problem> {
        parsed(&self.text(self.request(Method::GET, path).bearer_auth(token)).await?)
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        token: &str,
        body: &impl Serialize,
    ) -> Result<T, Problem> {
        parsed(&self.text(self.request(Method::POST, path).bearer_auth(token).json(body)).await?)
    }

    async fn good(&self, answer: Response) -> Result<String, Problem> {
        let status = answer.status();
        let to = answer.headers().get("location").and_then(|to| to.to_str().ok()).map(str::to_owned);
        let text = answer.text().await.map_err(|error| lost(&error))?;
        if status.is_success() { Ok(text) } else { Err(self.refused(status, to.as_deref(), &text)) }
    }

    /// Explains an unsuccessful response.
    pub(super) fn refused(&self, status: StatusCode, to: Option<&str>, text: &str) -> Problem {
        self.explain(status, to, text).status(status)
    }

    fn explain(&self, status: StatusCode, to: Option<&str>, text: &str) -> Problem {
        let said: String = text.chars().take(200).filter(|letter| !letter.is_control()).collect();
        let what = format!("answered {status}: {said}");
        match status.as_u16() {
            300..=399 => {
                let to = to.unwrap_or("another address");
                Problem::new(format!("it redirects to {to}"), "browsers end at another address")
                    .change(format!("RAPPORT_PUBLIC_URL={}", to.trim_end_matches('/')))
                    .change("or check that address: rapport check URL")
            }
            401 => other_data(what),
            403 => Problem::new(what, "a proxy or firewall forbids it")
                .change("the access rules of the proxy (nginx: allow, deny, auth_basic)"),
            404 => Problem::new(what, "the proxy passes only some paths on, or another program answers")
                .change(format!("nginx: location / {{ proxy_pass {}; }}", self.upstream)),
            413 => Problem::new(what, "the proxy rejects bodies of this size")
                .change("nginx: client_max_body_size 1m;"),
            421 => self.other_name(&said),
            429 => Problem::new(what, "too many checks in a short time: wait a minute"),
            502..=504 => Problem::new(
                what,
                "the proxy cannot reach the server: it is not running, or listens elsewhere",
            )
            .change(format!("nginx: proxy_pass {};", self.upstream))
            .change(format!("RAPPORT_LISTEN={}", self.upstream.trim_start_matches("http://"))),
            _ => Problem::new(what, "the cause is in the server's log"),
        }
    }

    /// Explains a rejected host name, which the response contains.
    fn other_name(&self, said: &str) -> Problem {
        let asked = said.split('`').nth(1).unwrap_or("another name");
        let mine = self.target.authority();
        let what = format!("the server does not answer to `{asked}`");
        if asked.eq_ignore_ascii_case(&mine) {
            return Problem::new(
                what,
                "RAPPORT_PUBLIC_URL is missing, or differs from the address that browsers use",
            )
            .change(format!("RAPPORT_PUBLIC_URL={}", self.target.origin));
        }
        Problem::new(what, format!("browsers ask for `{mine}`, and the proxy does not pass that name on"))
            .change(self.pass_host())
    }

    /// The nginx line that passes the host on, with the port if it is not the default.
    pub(super) fn pass_host(&self) -> String {
        let variable =
            if self.target.authority() == self.target.origin.host() { "$host" } else { "$http_host" };
        format!("nginx: proxy_set_header Host {variable};")
    }
}

/// The server at this address uses other data than this data directory.
pub(super) fn other_data(what: impl Into<String>) -> Problem {
    Problem::new(what, "the server at this address has another secret or database than this data folder")
        .change("set RAPPORT_DATA (or --data) and RAPPORT_SECRET of this command to those of the server")
}

fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|error| {
        Problem::new(
            error.to_string(),
            "another program, or another version of Rapport, answers at this address",
        )
    })
}

/// Explains a request without a response.
pub(super) fn lost(error: &reqwest::Error) -> Problem {
    let mut what = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        what = format!("{what}: {cause}");
        source = cause.source();
    }
    if error.is_timeout() {
        return Problem::new(what, "a proxy or firewall drops the request or the response")
            .change("nginx: proxy_buffering off;");
    }
    Problem::new(what, "a proxy aborts the response").change("nginx: proxy_read_timeout 60s;")
}
