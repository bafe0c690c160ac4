//! Settings, from the environment.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::path::PathBuf;
use url::Url;

/// The configuration of the market.
pub(crate) struct Config {
    /// The origin of the market for browsers, such as `http://localhost:4000`; also the issuer of its tokens.
    pub(crate) url: String,
    /// The origin of Rapport, for browsers and for the market.
    pub(crate) rapport_url: String,
    /// The audience of the tokens: Rapport's public URL, unless its settings say otherwise.
    pub(crate) audience: String,
    /// The service key, of the scope `subjects`.
    pub(crate) service_key: String,
    /// The key that signs tokens of people (HS256).
    pub(crate) sso_key: String,
    /// The key of the webhooks' signatures: the bytes behind `whsec_`.
    pub(crate) webhook_key: Vec<u8>,
    /// The folder that e-mails are written to.
    pub(crate) mail: PathBuf,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("{0} is not set")]
    Missing(&'static str),
    #[error("{0} is not an http or https origin, such as https://shop.example")]
    NoOrigin(&'static str),
    #[error("MARKET_WEBHOOK_SECRET is not of the form whsec_…")]
    WebhookSecret,
}

impl Config {
    /// Reads the settings; `port` is that of the market, for its default origin.
    pub(crate) fn read(port: u16, variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let required =
            |name| variable(name).filter(|value| !value.is_empty()).ok_or(ConfigError::Missing(name));
        let origin = |name, default: String| {
            origin(&variable(name).unwrap_or(default)).ok_or(ConfigError::NoOrigin(name))
        };
        let secret = required("MARKET_WEBHOOK_SECRET")?;
        let webhook_key = secret.strip_prefix("whsec_").and_then(|key| STANDARD.decode(key).ok());
        let rapport_url = origin("MARKET_RAPPORT_URL", "http://localhost:3000".to_owned())?;
        Ok(Self {
            url: origin("MARKET_URL", format!("http://localhost:{port}"))?,
            audience: variable("MARKET_SSO_AUDIENCE").unwrap_or_else(|| rapport_url.clone()),
            rapport_url,
            service_key: required("MARKET_SERVICE_KEY")?,
            sso_key: required("MARKET_SSO_KEY")?,
            webhook_key: webhook_key.filter(|key| !key.is_empty()).ok_or(ConfigError::WebhookSecret)?,
            mail: required("MARKET_MAIL")?.into(),
        })
    }
}

/// The origin of a URL; `None` if it has none of http or https.
fn origin(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(changed: (&str, &str)) -> Result<Config, ConfigError> {
        let settings = [
            ("MARKET_SERVICE_KEY", "rk_1"),
            ("MARKET_SSO_KEY", "0123456789abcdef0123456789abcdef"),
            ("MARKET_WEBHOOK_SECRET", "whsec_aGVsbG8="),
            ("MARKET_MAIL", "mail"),
        ];
        Config::read(4000, |name| {
            if name == changed.0 {
                return Some(changed.1.to_owned());
            }
            settings.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn x2_settings_have_defaults_and_name_what_is_wrong() {
        let config = read(("MARKET_URL", "https://Shop.example/")).expect("settings");
        assert_eq!(config.url, "https://shop.example");
        assert_eq!(config.rapport_url, "http://localhost:3000");
        assert_eq!(config.webhook_key, b"hello");
        for (name, value, message) in [
            ("MARKET_SSO_KEY", "", "MARKET_SSO_KEY is not set"),
            ("MARKET_RAPPORT_URL", "chat.example", "MARKET_RAPPORT_URL is not an http"),
            ("MARKET_URL", "javascript:alert(1)", "MARKET_URL is not an http"),
            ("MARKET_WEBHOOK_SECRET", "aGVsbG8=", "whsec_"),
            ("MARKET_WEBHOOK_SECRET", "whsec_", "whsec_"),
        ] {
            let error = read((name, value)).err().expect("an error").to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
