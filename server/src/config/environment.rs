//! Environment variables that set keys of the configuration.

use std::collections::HashMap;
use std::fmt;

const PREFIX: &str = "RAPPORT_";
/// Precedes the keys of `[rapport.limits]`.
const LIMITS_PREFIX: &str = "RAPPORT_LIMITS__";
/// Precedes the name and a key of a product of single sign-on: `RAPPORT_SSO__SHOP__KEY`.
const SSO_PREFIX: &str = "RAPPORT_SSO__";
/// Keys of `[rapport.sso.<name>]`.
const SSO: [&str; 8] =
    ["issuer", "audience", "key", "key_file", "jwks_file", "jwks_url", "origins", "image_origins"];
/// Precedes the keys of `[rapport.subjects.<kind>]`, which follow the kind and `__`.
const SUBJECTS_PREFIX: &str = "RAPPORT_SUBJECTS__";
/// Keys of `[rapport.subjects.<kind>]`.
const SUBJECT_KEYS: [&str; 7] =
    ["name", "roles", "per_subject", "image_origins", "closed_by", "moderators", "moderator_roles"];
/// The configuration file, which is no key of its own.
const CONFIG: &str = "RAPPORT_CONFIG";
/// The access token of `rapport tail`, which is no key either.
const TOKEN: &str = "RAPPORT_TOKEN";
/// Keys of `[rapport]`.
const KEYS: [&str; 19] = [
    "listen",
    "metrics_listen",
    "data",
    "database_url",
    "redis_url",
    "public_url",
    "allowed_origins",
    "embed_origins",
    "wire",
    "wire_by_origin",
    "trusted_proxies",
    "secret",
    "secret_file",
    "log",
    "log_format",
    "audit_file",
    "push_contact",
    "allow_private_push",
    "allow_private_webhooks",
];
/// Keys of `[rapport.limits]`.
const LIMITS: [&str; 13] = [
    "sends_per_second",
    "send_burst",
    "operations_per_second",
    "operation_burst",
    "key_requests_per_second",
    "key_request_burst",
    "sockets_per_person",
    "connections_per_address",
    "registrations_per_hour",
    "sign_ins_per_minute",
    "queue",
    "hashing_permits",
    "addable_by",
];
/// Similarity, from 0 to 1, from which on a name is taken for a misspelled one.
const SIMILAR: f64 = 0.6;

/// A variable with our prefix that sets no key. It is reported and ignored, because orchestrators and other programs set
/// variables, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownVariable {
    name: String,
    nearest: Option<String>,
}

impl fmt::Display for UnknownVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the environment variable {} is not a setting and is ignored", self.name)?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean {nearest}?"),
            None => Ok(()),
        }
    }
}

/// All variables that are read.
fn known() -> impl Iterator<Item = String> {
    let keys = KEYS.iter().map(|key| format!("{PREFIX}{}", key.to_uppercase()));
    let limits = LIMITS.iter().map(|key| format!("{LIMITS_PREFIX}{}", key.to_uppercase()));
    keys.chain(limits).chain([CONFIG.to_owned(), TOKEN.to_owned()])
}

/// Splits the environment into the variables that set keys and the unknown ones with our prefix, in the order of names.
pub(super) fn split(environment: HashMap<String, String>) -> (HashMap<String, String>, Vec<UnknownVariable>) {
    let ours = environment
        .into_iter()
        .filter(|(name, _)| name.starts_with(PREFIX) && ![CONFIG, TOKEN].contains(&name.as_str()));
    let (set, others): (HashMap<_, _>, HashMap<_, _>) = ours.partition(|(name, _)| {
        is_sso(name) || is_of_subject(name) || known().any(|known| known.eq_ignore_ascii_case(name))
    });
    let mut unknown: Vec<_> = others
        .into_iter()
        .filter(|(name, value)| !is_service_link(name, value))
        .map(|(name, _)| UnknownVariable { nearest: nearest(&name), name })
        .collect();
    unknown.sort_by(|one, other| one.name.cmp(&other.name));
    (set, unknown)
}

/// Whether the variable sets a key of a product of single sign-on, whose names are the operator's.
fn is_sso(name: &str) -> bool {
    let key = name.strip_prefix(SSO_PREFIX).and_then(|rest| rest.split_once("__"));
    key.is_some_and(|(product, key)| {
        !product.is_empty() && SSO.iter().any(|known| known.eq_ignore_ascii_case(key))
    })
}

/// Whether the variable sets a key of a kind of subjects.
fn is_of_subject(name: &str) -> bool {
    let (kind, key) = match name.strip_prefix(SUBJECTS_PREFIX).and_then(|rest| rest.split_once("__")) {
        Some(parts) => parts,
        None => return false,
    };
    !kind.is_empty() && SUBJECT_KEYS.iter().any(|known| known.eq_ignore_ascii_case(key))
}

/// The known name that resembles this one most. Of a product or a kind of subjects, the key is compared alone.
fn nearest(name: &str) -> Option<String> {
    for (prefix, keys) in [(SSO_PREFIX, &SSO[..]), (SUBJECTS_PREFIX, &SUBJECT_KEYS[..])] {
        if let Some((of, key)) = name.strip_prefix(prefix).and_then(|rest| rest.split_once("__")) {
            let key = key.to_lowercase();
            let rated = keys.iter().map(|known| (strsim::normalized_damerau_levenshtein(known, &key), known));
            let (_, known) = best(rated)?;
            return Some(format!("{prefix}{of}__{}", known.to_uppercase()));
        }
    }
    let similarity = |known: &String| {
        let (known, name) = (known.trim_start_matches(PREFIX), name.trim_start_matches(PREFIX));
        strsim::normalized_damerau_levenshtein(known, name)
    };
    best(known().map(|known| (similarity(&known), known))).map(|(_, known)| known)
}

/// The most similar of the rated names, if it is similar enough.
fn best<T>(rated: impl Iterator<Item = (f64, T)>) -> Option<(f64, T)> {
    rated.filter(|(rate, _)| *rate >= SIMILAR).max_by(|one, other| one.0.total_cmp(&other.0))
}

/// Whether Kubernetes or Docker sets the variable, to announce a service whose name begins with "rapport":
/// `RAPPORT_SERVICE_HOST`, `RAPPORT_SERVICE_PORT_HTTP`, `RAPPORT_PORT=tcp://…`, `RAPPORT_PORT_3000_TCP_ADDR`.
fn is_service_link(name: &str, value: &str) -> bool {
    let address = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    let port = name.split("_PORT_").skip(1).any(|rest| {
        let (number, rest) = rest.split_once('_').unwrap_or((rest, ""));
        number.parse::<u16>().is_ok() && ["TCP", "UDP", "SCTP"].iter().any(|kind| rest.starts_with(kind))
    });
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || port
        || (name.ends_with("_PORT") && address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(variables: &[(&str, &str)]) -> Vec<String> {
        let environment = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        split(environment).1.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn v20_an_unknown_variable_is_reported_with_the_nearest_known_one() {
        let reported = unknown(&[
            ("RAPPORT_LISTNE", "127.0.0.1:1"),
            ("RAPPORT_LIMITS__SENDS", "5"),
            ("RAPPORT_LIMIT__QUEUE", "5"),
            ("RAPPORT_IMAGE_TAG", "latest"),
            ("RAPPORT_PORT", "3000"),
            ("RAPPORT_SSO__SHOP__ISSUR", "https://shop.example"),
            ("RAPPORT_SUBJECTS__LISTING__COLOUR", "red"),
            ("RAPPORT_SUBJECTS__LISTING__ROLS", "buyer"),
        ]);
        let ignored = "is not a setting and is ignored";
        assert_eq!(
            reported,
            [
                format!("the environment variable RAPPORT_IMAGE_TAG {ignored}"),
                format!(
                    "the environment variable RAPPORT_LIMITS__SENDS {ignored}; did you mean RAPPORT_LIMITS__SEND_BURST?"
                ),
                format!(
                    "the environment variable RAPPORT_LIMIT__QUEUE {ignored}; did you mean RAPPORT_LIMITS__QUEUE?"
                ),
                format!("the environment variable RAPPORT_LISTNE {ignored}; did you mean RAPPORT_LISTEN?"),
                format!("the environment variable RAPPORT_PORT {ignored}"),
                format!(
                    "the environment variable RAPPORT_SSO__SHOP__ISSUR {ignored}; did you mean RAPPORT_SSO__SHOP__ISSUER?"
                ),
                format!("the environment variable RAPPORT_SUBJECTS__LISTING__COLOUR {ignored}"),
                format!(
                    "the environment variable RAPPORT_SUBJECTS__LISTING__ROLS {ignored}; did you mean RAPPORT_SUBJECTS__LISTING__ROLES?"
                ),
            ]
        );
    }

    #[test]
    fn v20_links_of_orchestrators_are_passed_over() {
        let links = [
            ("RAPPORT_SERVICE_HOST", "10.0.0.1"),
            ("RAPPORT_SERVICE_PORT", "3000"),
            ("RAPPORT_SERVICE_PORT_HTTP", "3000"),
            ("RAPPORT_PORT", "tcp://10.0.0.1:3000"),
            ("RAPPORT_PORT_3000_TCP", "tcp://10.0.0.1:3000"),
            ("RAPPORT_PORT_3000_TCP_PROTO", "tcp"),
            ("RAPPORT_REDIS_PORT_6379_TCP_ADDR", "10.0.0.2"),
            ("RAPPORT_REDIS_PORT", "tcp://10.0.0.2:6379"),
        ];
        assert_eq!(unknown(&links), [""; 0]);
    }

    #[test]
    fn variables_of_others_are_no_concern() {
        assert_eq!(
            unknown(&[
                ("PATH", "/bin"),
                ("RAPPORT_SSO__SHOP__KEY_FILE", "x"),
                ("RAPPORTX", "1"),
                ("RAPPORT_CONFIG", "x"),
                ("RAPPORT_TOKEN", "x"),
                ("RAPPORT_LOG", "info")
            ]),
            [""; 0]
        );
    }
}
