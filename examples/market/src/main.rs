//! Marketplace and job board with accounts of its own. It contains no chat code: conversations are Rapport's, embedded in its pages.

mod data;
mod layout;
mod pages;
mod rapport;
mod sign_in;
mod webhook;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{self, HeaderValue};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use axum_extra::extract::cookie::Key;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use jsonwebtoken::EncodingKey;
use std::{env, error::Error, path::PathBuf, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Mutex};
use tower_http::csrf::CsrfLayer;
use url::Url;

/// The market, as an argument of handlers.
type App = State<Arc<Market>>;

/// Settings, keys and data of the market.
struct Market {
    /// The origin of the market for browsers, such as `http://localhost:4000`; also the issuer of its tokens.
    url: String,
    /// The origin of Rapport, for browsers and for the market.
    rapport_url: String,
    /// The audience of the tokens: Rapport's public URL, unless its settings say otherwise.
    audience: String,
    /// A service key of the scope `subjects`.
    service_key: String,
    /// Signs the tokens of people (HS256).
    sso_key: EncodingKey,
    /// Signs webhooks, by the bytes behind `whsec_`.
    webhook_mac: Hmac<sha2::Sha256>,
    /// The folder that e-mails are written to.
    mail: PathBuf,
    /// Signs the session cookies. It is new at each start, which ends all sessions.
    cookie_key: Key,
    http: reqwest::Client,
    data: Mutex<data::Data>,
}

impl Market {
    /// Reads the settings; `port` is that of the market, for its default origin.
    fn from_environment(port: u16) -> Result<Self, Box<dyn Error>> {
        let rapport_url = origin("MARKET_RAPPORT_URL", "http://localhost:3000")?;
        let secret = required("MARKET_WEBHOOK_SECRET")?;
        let webhook_key = secret.strip_prefix("whsec_").and_then(|key| STANDARD.decode(key).ok());
        let webhook_key = webhook_key.filter(|key| !key.is_empty());
        let market = Self {
            url: origin("MARKET_URL", &format!("http://localhost:{port}"))?,
            audience: env::var("MARKET_SSO_AUDIENCE").unwrap_or_else(|_| rapport_url.clone()),
            rapport_url,
            service_key: required("MARKET_SERVICE_KEY")?,
            sso_key: EncodingKey::from_secret(required("MARKET_SSO_KEY")?.as_bytes()),
            webhook_mac: Hmac::new_from_slice(&webhook_key.ok_or("MARKET_WEBHOOK_SECRET is not whsec_…")?)?,
            mail: required("MARKET_MAIL")?.into(),
            cookie_key: Key::generate(),
            http: reqwest::Client::builder().timeout(Duration::from_secs(4)).build()?,
            data: Mutex::new(data::Data::new()),
        };
        std::fs::create_dir_all(&market.mail)?;
        Ok(market)
    }
}

fn required(name: &str) -> Result<String, String> {
    env::var(name).ok().filter(|value| !value.is_empty()).ok_or_else(|| format!("{name} is not set"))
}

fn origin(name: &str, default: &str) -> Result<String, String> {
    let url = Url::parse(&env::var(name).unwrap_or_else(|_| default.to_owned())).ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
    Ok(url.ok_or_else(|| format!("{name} is not an http or https URL"))?.origin().ascii_serialization())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let listen = env::var("MARKET_LISTEN").unwrap_or_else(|_| "127.0.0.1:4000".to_owned());
    let listener = TcpListener::bind(listen).await?;
    let market = Market::from_environment(listener.local_addr()?.port())?;
    println!("The market is at {}", market.url);
    Ok(axum::serve(listener, router(market)?).await?)
}

fn router(market: Market) -> Result<Router, Box<dyn Error>> {
    let rapport = &market.rapport_url;
    // Scripts and frames are Rapport's alone. A page is not kept, since its token is good once.
    let policy = format!(
        "default-src 'none'; script-src {rapport}; frame-src {rapport}; style-src 'self'; img-src 'self' data:; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    let headers = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy)?),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ];
    let style = ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("style.css"));
    Ok(Router::new()
        .route("/", get(pages::home))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/listings/{id}", get(pages::listing))
        .route("/listings/{id}/chat", post(pages::chat))
        .route("/jobs/{id}", get(pages::job))
        .route("/jobs/{id}/applications", post(pages::apply))
        .route("/jobs/{id}/accept", post(pages::accept))
        .route("/style.css", get(style))
        // Forms of other sites are refused.
        .layer(CsrfLayer::new().add_trusted_origin(&market.url)?)
        .route("/webhooks/rapport", post(webhook::receive))
        .fallback(async || layout::NOT_FOUND)
        // Webhooks contain a message of at most 5,000 characters.
        .layer(DefaultBodyLimit::max(256 * 1024))
        .layer(map_response(move |response: Response| std::future::ready((headers.clone(), response))))
        .with_state(Arc::new(market)))
}
