//! A market with its Rapport, and browsers without scripts.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chat::SystemClock;
use chat::service_keys::ServiceKeys;
use chat::store::Sqlite;
use hmac::{Hmac, Mac as _};
use protocol::KeyScope;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use server::Listener;
use server::config::{self, Options};
use sha2::Sha256;
use std::collections::HashMap;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

/// Longer than the 7.5 s before the event `message.unread`.
const PATIENCE: Duration = Duration::from_secs(40);
/// The origin of the market, as browsers would know it.
pub(crate) const MARKET: &str = "http://localhost:4000";
const SSO_KEY: &str = "market-0123456789abcdef0123456789abcdef";

/// The settings of Rapport that the market's README prints.
fn printed() -> HashMap<String, String> {
    let lines = include_str!("../../README.md").lines();
    let settings = lines.filter_map(|line| line.strip_prefix("export RAPPORT_")?.split_once('='));
    settings.map(|(name, value)| (format!("RAPPORT_{name}"), value.to_owned())).collect()
}

/// A market and a Rapport.
pub(crate) struct Site {
    pub(crate) rapport: String,
    pub(crate) http: Client,
    market: String,
    webhook_secret: String,
    folder: TempDir,
    stop: CancellationToken,
    _process: Child,
}

impl Site {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key_file = folder.path().join("market.key");
        std::fs::write(&key_file, SSO_KEY).unwrap();
        let own = [
            ("RAPPORT_LISTEN", "127.0.0.1:0"),
            ("RAPPORT_DATA", folder.path().to_str().unwrap()),
            ("RAPPORT_SSO__MARKET__KEY_FILE", key_file.to_str().unwrap()),
        ];
        let mut settings = printed();
        settings.extend(own.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let config = config::read(&Options::default(), settings).unwrap();
        let listener = Listener::bind(&config.listen).await.unwrap();
        let rapport = format!("http://127.0.0.1:{}", listener.port().unwrap());
        let stop = CancellationToken::new();
        tokio::spawn(server::run(config, listener, stop.clone()));
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        assert_eq!(http.get(format!("{rapport}/readyz")).send().await.unwrap().status(), 200);

        let store = Sqlite::open(folder.path().join("rapport.db")).await.unwrap();
        let keys = ServiceKeys::new(Arc::new(store), Arc::new(SystemClock), &[]);
        let (key, _) = keys.add("market", vec![KeyScope::Subjects, KeyScope::Webhooks]).await.unwrap();
        // A port that is free now: the endpoint has to be known before the market starts with its secret.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let market = format!("http://127.0.0.1:{port}");
        let endpoint = json!({"url": format!("{market}/webhooks/rapport"), "events": ["message.unread"]});
        let request = http.post(format!("{rapport}/api/webhooks")).bearer_auth(&key).json(&endpoint);
        let added = request.send().await.unwrap().json::<Value>().await.unwrap();
        let webhook_secret = added["secret"].as_str().unwrap().to_owned();
        let mut process = Command::new(env!("CARGO_BIN_EXE_market"))
            .env("MARKET_LISTEN", format!("127.0.0.1:{port}"))
            .env("MARKET_URL", MARKET)
            .env("MARKET_RAPPORT_URL", &rapport)
            .env("MARKET_SSO_AUDIENCE", "http://localhost:3000")
            .env("MARKET_SERVICE_KEY", key)
            .env("MARKET_SSO_KEY", SSO_KEY)
            .env("MARKET_WEBHOOK_SECRET", &webhook_secret)
            .env("MARKET_MAIL", folder.path().join("mail"))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("a line").unwrap();
        assert_eq!(line, Some(format!("The market is at {MARKET}")));
        Self { rapport, http, market, webhook_secret, folder, stop, _process: process }
    }

    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.market)
    }

    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser { site: self, cookie: String::new() }
    }

    /// Signs in to Rapport as the frame does, by the token in the page, which is then used up.
    pub(crate) async fn access(&self, page: &str) -> String {
        let (_, rest) = page.split_once("data-token=\"").expect("a token");
        let token = rest.split('"').next().unwrap();
        let answer =
            self.http.post(format!("{}/api/sso", self.rapport)).json(&json!({"token": token})).send().await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json::<Value>().await.unwrap()["access"].as_str().unwrap().to_owned()
    }

    /// The answer of Rapport's API to a person, which has to be a success.
    pub(crate) async fn api(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> Value {
        let request = self.http.request(method.parse().unwrap(), format!("{}/api/{path}", self.rapport));
        let request = request.bearer_auth(token);
        let request = body.map_or(request.try_clone().unwrap(), |body| request.json(&body));
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    /// A webhook with this id and body, signed `seconds` from now.
    pub(crate) fn webhook(&self, id: &str, seconds: i64, body: &Value) -> Webhook {
        let now = i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
        let (timestamp, body) = ((now + seconds).to_string(), body.to_string());
        let key = STANDARD.decode(self.webhook_secret.strip_prefix("whsec_").unwrap()).unwrap();
        let mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        let mac = mac.chain_update(format!("{id}.{timestamp}.{body}")).finalize().into_bytes();
        let signature = format!("v1,{}", STANDARD.encode(mac));
        Webhook { id: id.to_owned(), timestamp, signature, body }
    }

    /// The status of the market's answer to a webhook.
    pub(crate) async fn receives(&self, webhook: Webhook) -> StatusCode {
        let request = self.http.post(self.path("/webhooks/rapport")).body(webhook.body);
        let request = request.header("webhook-id", webhook.id).header("webhook-timestamp", webhook.timestamp);
        request.header("webhook-signature", webhook.signature).send().await.unwrap().status()
    }

    /// All e-mails.
    pub(crate) fn mails(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.folder.path().join("mail")).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        let mails = paths.filter(|path| path.extension().is_some_and(|extension| extension == "eml"));
        mails.map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }

    /// The first e-mail, when it is there.
    pub(crate) async fn mail(&self) -> String {
        let arrives = async {
            loop {
                if let Some(mail) = self.mails().pop() {
                    return mail;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, arrives).await.expect("an e-mail")
    }

    /// Stops Rapport, and waits until nobody answers there.
    pub(crate) async fn stop_rapport(&self) {
        self.stop.cancel();
        let ended = async {
            while self.http.get(format!("{}/healthz", self.rapport)).send().await.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, ended).await.expect("the end of Rapport");
    }

    pub(crate) async fn stop(self) {
        self.stop_rapport().await;
    }
}

/// A webhook with the headers of Standard Webhooks.
pub(crate) struct Webhook {
    pub(crate) id: String,
    pub(crate) timestamp: String,
    pub(crate) signature: String,
    pub(crate) body: String,
}

/// One visitor of the market, with a cookie.
pub(crate) struct Browser<'a> {
    site: &'a Site,
    cookie: String,
}

impl Browser<'_> {
    async fn send(&mut self, request: reqwest::RequestBuilder) -> reqwest::Response {
        let answer = request.header(COOKIE, &self.cookie).send().await.unwrap();
        if let Some(cookie) = answer.headers().get(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
            self.cookie = cookie.split(';').next().unwrap().to_owned();
        }
        answer
    }

    async fn answer(&mut self, path: &str) -> reqwest::Response {
        self.send(self.site.http.get(self.site.path(path))).await
    }

    /// A page, which has to be there.
    pub(crate) async fn get(&mut self, path: &str) -> String {
        let answer = self.answer(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.text().await.unwrap()
    }

    pub(crate) async fn status(&mut self, path: &str) -> StatusCode {
        self.answer(path).await.status()
    }

    /// The Content-Security-Policy of a page.
    pub(crate) async fn policy(&mut self, path: &str) -> String {
        self.answer(path).await.headers()["content-security-policy"].to_str().unwrap().to_owned()
    }

    /// Posts a form; gives the status and where it leads.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
        let answer = self.send(self.site.http.post(self.site.path(path)).form(fields)).await;
        let location = answer.headers().get(LOCATION).map(|location| location.to_str().unwrap().to_owned());
        (answer.status(), location.unwrap_or_default())
    }

    pub(crate) async fn sign_in(&mut self, person: &str) {
        let (status, _) = self.post("/sign-in", &[("person", person)]).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
    }
}
