//! The configuration of a demonstration. It rejects settings that name real data or make it reachable from outside.

use crate::config::{self, Config, ConfigError, Listen, Options};
use std::collections::HashMap;

/// Why a demonstration cannot start, as a message for the operator.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoConfigError {
    /// A setting names real data.
    #[error(
        "{0} is set, but a demonstration uses a temporary folder, which is removed when it stops: start it without {0}"
    )]
    Real(&'static str),
    /// The address is reachable from other machines.
    #[error(
        "{0} is reachable from other machines, and everybody who reaches a demonstration may sign in as any user: use 127.0.0.1, or add --demo-public"
    )]
    Outside(Listen),
    /// The configuration is invalid.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// Reads the configuration of a demonstration from flags and environment, without a file. The flag tells whether the address
/// is the default, so that any port will do.
///
/// # Errors
/// The setting that a demonstration does not accept.
pub(crate) fn configure(
    options: &Options,
    environment: HashMap<String, String>,
    public: bool,
) -> Result<(Config, bool), DemoConfigError> {
    let said = |name: &str| environment.get(name).is_some_and(|value| !value.is_empty());
    for (flag, given, variable) in [
        ("--data", options.data.is_some(), "RAPPORT_DATA"),
        ("--database-url", options.database_url.is_some(), "RAPPORT_DATABASE_URL"),
        ("--config", options.config.is_some(), "RAPPORT_CONFIG"),
    ] {
        if given {
            return Err(DemoConfigError::Real(flag));
        }
        if said(variable) {
            return Err(DemoConfigError::Real(variable));
        }
    }
    let any_port = options.listen.is_none() && !said("RAPPORT_LISTEN");
    // The file of this folder is that of a real deployment.
    let options = Options { config: Some("/dev/null".into()), ..options.clone() };
    let config = config::read(&options, environment)?;
    let here = matches!(&config.listen, Listen::Tcp(address) if address.ip().is_loopback());
    if !here && !public {
        return Err(DemoConfigError::Outside(config.listen));
    }
    Ok((config, any_port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configured(settings: &[(&str, &str)], public: bool) -> Result<(Config, bool), DemoConfigError> {
        let environment = settings.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        configure(&Options::default(), environment, public)
    }

    #[test]
    fn settings_of_real_data_and_public_addresses_are_rejected() {
        let (config, any_port) = configured(&[("RAPPORT_DATA", "")], false).unwrap();
        assert_eq!((config.listen.to_string(), any_port), ("127.0.0.1:3000".into(), true));
        for (name, value) in [
            ("RAPPORT_DATA", "/var/lib/rapport"),
            ("RAPPORT_DATABASE_URL", "sqlite:/var/lib/rapport.db"),
            ("RAPPORT_CONFIG", "/etc/rapport.toml"),
        ] {
            let refused = configured(&[(name, value)], true).unwrap_err().to_string();
            assert!(refused.contains(name), "{refused}");
        }
        for address in ["0.0.0.0:3000", "192.168.1.7:3000", "unix:/tmp/rapport.sock", "[::]:3000"] {
            let refused = configured(&[("RAPPORT_LISTEN", address)], false).unwrap_err().to_string();
            assert!(refused.contains("--demo-public") && refused.contains(address), "{refused}");
            assert!(!configured(&[("RAPPORT_LISTEN", address)], true).unwrap().1);
        }
        assert!(configured(&[("RAPPORT_LISTEN", "[::1]:4000")], false).is_ok());
        let flagged = Options { data: Some("data".into()), ..Options::default() };
        let refused = configure(&flagged, HashMap::new(), false).unwrap_err().to_string();
        assert!(refused.contains("--data"), "{refused}");
    }
}
