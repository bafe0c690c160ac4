//! Single sign-on: the products whose tokens are accepted, `[rapport.sso.<name>]`.

use super::Origin;
use chat::ImageOrigins;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Least length of a shared key, in bytes: that of a SHA-256 (RFC 7518, 3.2).
const MIN_KEY: usize = 32;
/// Maximum number of shared keys of one product: the current one, and those around it.
const MAX_KEYS: usize = 16;
/// Maximum length of an issuer, in bytes.
const MAX_ISSUER: usize = 255;

/// A product whose tokens are accepted, before validation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSso {
    issuer: Option<String>,
    audience: Option<String>,
    key: Option<String>,
    key_file: Option<PathBuf>,
    jwks_file: Option<PathBuf>,
    jwks_url: Option<String>,
    #[serde(default, deserialize_with = "super::comma_list::list")]
    origins: Vec<String>,
    #[serde(default, deserialize_with = "super::comma_list::list")]
    image_origins: Vec<String>,
}

/// A product whose tokens are accepted.
#[derive(Clone, Debug)]
pub struct SsoConfig {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// The `aud` of its tokens.
    pub audience: String,
    /// The keys of its tokens.
    pub keys: SsoKeys,
    /// Origins whose pages may post tokens to `/sso`.
    pub origins: Vec<Origin>,
    /// Origins from which the pictures of its people are shown.
    pub image_origins: ImageOrigins,
}

/// The source of a product's keys.
#[derive(Clone, Debug)]
pub enum SsoKeys {
    /// Keys that the product and this server share (HS256).
    Shared(Vec<SharedKey>),
    /// A file with public keys (JWKS, RFC 7517).
    File(PathBuf),
    /// An https URL of public keys.
    Url(String),
}

/// A key that a product and this server share.
#[derive(Clone)]
pub struct SharedKey {
    /// The `kid` of its tokens; `None`: of tokens without one.
    pub kid: Option<String>,
    /// The bytes of the key.
    pub secret: Vec<u8>,
}

impl fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// Validates the products. `public_url` is the default audience.
///
/// # Errors
/// The key that is missing or wrong, without its value.
pub(super) fn check(
    products: BTreeMap<String, RawSso>,
    public_url: Option<&Origin>,
) -> Result<Vec<SsoConfig>, String> {
    let mut checked: Vec<SsoConfig> = Vec::new();
    for (name, raw) in products {
        let at = |key: &str, why: &str| format!("sso.{name}.{key}: {why}");
        let issuer = raw.issuer.unwrap_or_default();
        if !(1..=MAX_ISSUER).contains(&issuer.len()) {
            return Err(at("issuer", "1 to 255 bytes, as in the `iss` of the tokens"));
        }
        if checked.iter().any(|other| other.issuer == issuer) {
            return Err(at("issuer", "another product has the same one"));
        }
        let audience = raw.audience.or_else(|| public_url.map(ToString::to_string)).unwrap_or_default();
        if audience.is_empty() {
            return Err(at("audience", "it is missing, and so is public_url, which is its default"));
        }
        let keys = match (raw.key, raw.key_file, raw.jwks_file, raw.jwks_url) {
            (Some(text), None, None, None) => SsoKeys::Shared(shared(&text).map_err(|why| at("key", &why))?),
            (None, Some(path), None, None) => {
                let keys = read(&path).and_then(|text| shared(&text));
                SsoKeys::Shared(keys.map_err(|why| at("key_file", &why))?)
            }
            (None, None, Some(path), None) => {
                let keys = read(&path).and_then(|text| check_document(&text));
                keys.map_err(|why| at("jwks_file", &why))?;
                SsoKeys::File(path)
            }
            (None, None, None, Some(url)) => {
                check_url(&url).map_err(|why| at("jwks_url", why))?;
                SsoKeys::Url(url)
            }
            _ => return Err(at("key", "set one of key, key_file, jwks_file and jwks_url")),
        };
        let origin = |text: &String| {
            let parsed = Origin::parse(text.trim_end_matches('/'));
            parsed.ok_or_else(|| {
                at("origins", &format!("`{text}` is no origin, such as https://shop.example.org"))
            })
        };
        let origins = raw.origins.iter().map(origin).collect::<Result<_, _>>()?;
        let image_origins =
            ImageOrigins::parse(&raw.image_origins).map_err(|why| format!("sso.{name}.{why}"))?;
        checked.push(SsoConfig { issuer, audience, keys, origins, image_origins });
    }
    Ok(checked)
}

/// Reads shared keys: one a line, or separated by commas, with its `kid` and a space in front if it has one.
fn shared(text: &str) -> Result<Vec<SharedKey>, String> {
    let lines =
        text.split(['\n', ',']).map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let keys: Vec<_> = lines
        .map(|line| match line.split_once(char::is_whitespace) {
            Some((kid, secret)) => (Some(kid.to_owned()), secret.trim()),
            None => (None, line),
        })
        .map(|(kid, secret)| SharedKey { kid, secret: secret.as_bytes().to_vec() })
        .collect();
    if !(1..=MAX_KEYS).contains(&keys.len()) {
        return Err(format!("1 to {MAX_KEYS} keys"));
    }
    for (at, key) in keys.iter().enumerate() {
        if key.secret.len() < MIN_KEY {
            return Err(format!(
                "key {} has {} bytes, and needs {MIN_KEY} or more",
                at + 1,
                key.secret.len()
            ));
        }
        if key.secret.contains(&b' ') {
            return Err(format!("key {} has white space in it", at + 1));
        }
        if key.kid.is_some() && keys[..at].iter().any(|other| other.kid == key.kid) {
            return Err(format!("key {} has the kid of another one", at + 1));
        }
    }
    Ok(keys)
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Checks that this is a JWKS. Which of its keys can be used is decided when they are read, as they may change at any time.
fn check_document(text: &str) -> Result<(), String> {
    let document = serde_json::from_str::<serde_json::Value>(text).map_err(|error| error.to_string())?;
    let keys = document.get("keys").and_then(serde_json::Value::as_array);
    if keys.is_some_and(|keys| !keys.is_empty()) { Ok(()) } else { Err("a JWKS has a list of `keys`".into()) }
}

/// Public keys from the network decide who signs in, so they come over TLS, or from this machine.
fn check_url(url: &str) -> Result<(), &'static str> {
    let parsed = reqwest::Url::parse(url).map_err(|_| "not a URL")?;
    let local = matches!(parsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match parsed.scheme() {
        "https" => Ok(()),
        "http" if local => Ok(()),
        _ => Err("an https URL"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(toml: &str) -> Result<Vec<SsoConfig>, String> {
        check(toml::from_str(toml).unwrap(), Origin::parse("https://chat.example").as_ref())
    }

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn x2_a_product_needs_an_issuer_and_one_source_of_keys() {
        let good = raw(&format!(
            "[shop]\nissuer = 'https://shop.example'\nkey = '''\nnew {KEY}\n# the last one\nold {KEY}x'''\norigins = 'https://shop.example'"
        ))
        .unwrap();
        assert_eq!(good[0].audience, "https://chat.example");
        let SsoKeys::Shared(keys) = &good[0].keys else { panic!("{good:?}") };
        let told: Vec<_> = keys.iter().map(|key| (key.kid.as_deref(), key.secret.len())).collect();
        assert_eq!(told, [(Some("new"), 32), (Some("old"), 33)]);
        assert!(!format!("{good:?}").contains(KEY), "keys are not printed");

        for (toml, word) in [
            (format!("[a]\nkey = '{KEY}'"), "issuer"),
            (format!("[a]\nissuer = 'x'\nkey = '{KEY}'\n[b]\nissuer = 'x'\nkey = '{KEY}'"), "same"),
            ("[a]\nissuer = 'x'".into(), "one of"),
            (format!("[a]\nissuer = 'x'\nkey = '{KEY}'\njwks_url = 'https://x.example/'"), "one of"),
            ("[a]\nissuer = 'x'\nkey = 'hush'".into(), "needs 32"),
            ("[a]\nissuer = 'x'\nkey = ''".into(), "keys"),
            (format!("[a]\nissuer = 'x'\nkey = 'k {KEY},k {KEY}'"), "another one"),
            ("[a]\nissuer = 'x'\nkey_file = '/nowhere/key'".into(), "/nowhere/key"),
            ("[a]\nissuer = 'x'\njwks_file = '/nowhere/jwks'".into(), "/nowhere/jwks"),
            ("[a]\nissuer = 'x'\njwks_url = 'http://shop.example/jwks'".into(), "https"),
            (format!("[a]\nissuer = 'x'\nkey = '{KEY}'\norigins = ['*']"), "no origin"),
            (
                format!("[a]\nissuer = 'x'\nkey = '{KEY}'\nimage_origins = ['https://x.example/a']"),
                "image_origins",
            ),
        ] {
            let refused = raw(&toml).unwrap_err();
            assert!(refused.starts_with("sso.") && refused.contains(word), "{toml}: {refused}");
            assert!(!refused.contains("hush") && !refused.contains(KEY), "{refused}");
        }
    }
}
