//! Test support: servers, users, browsers, sockets.

mod browser;
mod cable;
mod faulty;
pub(crate) mod guide;
pub(crate) mod nginx;
mod person;
mod program;
mod push_service;
mod signing;
mod socket;
mod trace;
mod webhook_endpoint;

pub(crate) use browser::Browser;
pub(crate) use cable::Cable;
pub(crate) use faulty::{Fault, Faulty};
pub(crate) use person::Person;
pub(crate) use program::{Ended, LISTEN, Program, asked_over};
pub(crate) use push_service::{Phone, PushService};
pub(crate) use signing::{Product, now_seconds};
pub(crate) use socket::Socket;
pub(crate) use trace::Trace;
pub(crate) use webhook_endpoint::{Hook, Reply, WebhookEndpoint};

use protocol::{Conversation, ConversationId, KeyScope};
use server::Listener;
use server::config::{self, Config, Options};
use std::collections::HashMap;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Timeout of every wait.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A server in this process, on a free port.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
    pub(crate) folder: tempfile::TempDir,
    stop: CancellationToken,
    running: JoinHandle<Result<(), server::ServerError>>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts with these further settings (`RAPPORT_…`).
    pub(crate) async fn start_with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = configured(folder.path(), settings);
        let listener = Listener::bind(&config.listen).await.unwrap();
        let url = format!("http://127.0.0.1:{}", listener.port().unwrap());
        let stop = CancellationToken::new();
        let running = tokio::spawn(server::run(config, listener, stop.clone()));
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { url, http, folder, stop, running }
    }

    /// `127.0.0.1:port`.
    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    pub(crate) fn ws(&self, path: &str) -> String {
        format!("ws://{}{path}", self.address())
    }

    /// Creates an account, and signs in by the API.
    pub(crate) async fn register(&self, name: &str) -> Person {
        Person::register(&self.http, &self.url, name).await
    }

    /// Creates the account, and signs a browser in by the forms.
    pub(crate) async fn browser(&self, name: &str) -> Browser {
        let mut browser = Browser::new(self);
        let answer = browser.submit("/register", &[("username", name), ("password", PASSWORD)]).await;
        assert_eq!(answer.status(), 303);
        assert_eq!(answer.headers()["location"], "/");
        browser
    }

    /// Waits until the server has created the installation, which commands need.
    pub(crate) async fn ready(&self) {
        assert_eq!(reqwest::get(format!("{}/readyz", self.url)).await.unwrap().status(), 200);
    }

    /// Makes a service key by the command line.
    pub(crate) async fn key(&self, name: &str, scopes: &[KeyScope]) -> String {
        self.ready().await;
        let mut arguments = vec!["key", "add", "--name", name];
        scopes.iter().for_each(|scope| arguments.extend(["--scope", scope.code()]));
        let ended = Program::run(self.folder.path(), self.folder.path(), &arguments, "").await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended.out.trim_end().to_owned()
    }

    /// Stops the server, and waits for its end.
    pub(crate) async fn stops(self) {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.running).await.unwrap().unwrap().unwrap();
    }

    /// Begins the shutdown.
    pub(crate) fn tell_to_stop(&self) {
        self.stop.cancel();
    }
}

pub(crate) fn configured(folder: &std::path::Path, settings: &[(&str, &str)]) -> Config {
    let mut environment: HashMap<String, String> = [
        ("RAPPORT_LISTEN", "127.0.0.1:0"),
        ("RAPPORT_LIMITS__REGISTRATIONS_PER_HOUR", "100000"),
        ("RAPPORT_LIMITS__SIGN_INS_PER_MINUTE", "100000"),
        // Groups of people who do not know each other. Tests of invitations set the preference of each person.
        ("RAPPORT_LIMITS__ADDABLE_BY", "everyone"),
        ("RAPPORT_DATA", folder.to_str().unwrap()),
    ]
    .into_iter()
    .chain(settings.iter().copied())
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    environment.retain(|_, value| !value.is_empty());
    config::read(&Options::default(), environment).unwrap()
}

/// Creates a conversation of these people, by the first one. All have it in their lists: the second person of a direct one
/// opens it as well.
pub(crate) async fn room(people: &[&Person], title: Option<&str>) -> ConversationId {
    let id = opened(people, title).await;
    if let ([one, other], None) = (people, title) {
        assert_eq!(opened(&[other, one], None).await, id);
    }
    id
}

/// Creates a conversation that only the first one has opened.
pub(crate) async fn opened(people: &[&Person], title: Option<&str>) -> ConversationId {
    let names: Vec<_> = people[1..].iter().map(|person| person.me.username.clone()).collect();
    let body = serde_json::json!({"participants": names, "title": title});
    let answer = people[0].post("/api/conversations", &body).await;
    assert!(answer.status().is_success(), "{}", answer.status());
    answer.json::<Conversation>().await.unwrap().id
}

/// Waits until the condition holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let holding = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, holding).await.unwrap_or_else(|_| panic!("waited in vain: {what}"));
}

/// The number of an environment variable (`TEST_…`), else the default.
pub(crate) fn setting(name: &str, usually: u64) -> u64 {
    std::env::var(name).map_or(usually, |text| text.parse().expect("a number"))
}
