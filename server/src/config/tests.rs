use super::*;

fn environment(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
}

/// The repository's own file: the tests run beside `Cargo.toml`, not beside it.
fn shipped() -> Options {
    Options {
        config: Some(concat!(env!("CARGO_MANIFEST_DIR"), "/../Leptos.toml").into()),
        ..Options::default()
    }
}

#[test]
fn defaults_without_any_settings() {
    let config = read(&Options::default(), HashMap::new()).unwrap();
    assert_eq!(config.listen, Listen::Tcp(([127, 0, 0, 1], 3000).into()));
    assert_eq!(config.data, PathBuf::from("data"));
    assert_eq!(config.limits.send_burst, 20);
}

#[test]
fn flags_override_the_environment_which_overrides_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Leptos.toml");
    let text =
        "[rapport]\nlisten = '127.0.0.1:1'\ndata = '/file'\nlog = 'warn'\n[rapport.limits]\nqueue = 7\n";
    std::fs::write(&file, text).unwrap();
    let options = Options { config: Some(file), listen: Some("127.0.0.1:3".into()), ..Options::default() };
    let given = environment(&[
        ("RAPPORT_LISTEN", "127.0.0.1:2"),
        ("RAPPORT_DATA", "/environment"),
        ("RAPPORT_LIMITS__SENDS_PER_SECOND", "12.5"),
        ("RAPPORT_ALLOWED_ORIGINS", "https://a.example, http://b.example:8080"),
        ("RAPPORT_SECRET", "00000000000000000000000000000001"),
        ("UNRELATED", "x"),
    ]);
    let config = read(&options, given).unwrap();
    assert_eq!(config.listen, Listen::Tcp(([127, 0, 0, 1], 3).into()));
    assert_eq!(config.data, PathBuf::from("/environment"));
    assert_eq!(config.log, "warn");
    assert_eq!((config.limits.queue, config.limits.sends_per_second), (7, 12.5));
    assert_eq!(config.allowed_origins.len(), 2);
    assert_eq!(config.secret.as_deref(), Some("00000000000000000000000000000001"), "kept to the letter");
}

#[test]
fn v29_an_invalid_value_is_refused_by_the_name_of_its_key() {
    for (name, value, word) in [
        ("RAPPORT_LISTEN", "nowhere", "nowhere"),
        ("RAPPORT_LISTEN", "unix:", "path"),
        ("RAPPORT_METRICS_LISTEN", "nowhere", "metrics_listen"),
        ("RAPPORT_METRICS_LISTEN", "127.0.0.1:3000", "address of their own"),
        ("RAPPORT_METRICS_LISTEN", "0.0.0.0:3000", "address of their own"),
        ("RAPPORT_LIMITS__QUEUE", "many", "queue"),
        ("RAPPORT_LIMITS__QUEUE", "0", "queue"),
        ("RAPPORT_LIMITS__SENDS_PER_SECOND", "NaN", "sends_per_second"),
        ("RAPPORT_LIMITS__SENDS_PER_SECOND", "1e300", "at most 1000000"),
        ("RAPPORT_LIMITS__SEND_BURST", "4294967295", "from 1 to 1000000"),
        ("RAPPORT_LIMITS__HASHING_PERMITS", "18446744073709551615", "hashing_permits"),
        ("RAPPORT_LIMITS__HASHING_PERMITS", "1025", "from 1 to 1024"),
        ("RAPPORT_LIMITS__QUEUE", "9223372036854775807", "from 1 to 1000000"),
        ("RAPPORT_LIMITS__ADDABLE_BY", "friends", "friends"),
        ("RAPPORT_PUBLIC_URL", "chat.example", "public_url"),
        ("RAPPORT_PUBLIC_URL", "https://chat.example/path", "public_url"),
        ("RAPPORT_ALLOWED_ORIGINS", "*", "allowed_origins"),
        ("RAPPORT_EMBED_ORIGINS", "https://*.example", "embed_origins"),
        ("RAPPORT_WIRE", "002", "wire: `002`"),
        ("RAPPORT_WIRE_BY_ORIGIN", "https://shop.example", "wire_by_origin"),
        ("RAPPORT_WIRE_BY_ORIGIN", "https://shop.example=5", "`003`"),
        ("RAPPORT_WIRE_BY_ORIGIN", "shop.example=004", "no origin"),
        ("RAPPORT_WIRE_BY_ORIGIN", "http://a.example=004,http://a.example:80=003", "twice"),
        ("RAPPORT_TRUSTED_PROXIES", "nginx", "nginx"),
        ("RAPPORT_SECRET", "short", "32"),
        ("RAPPORT_SECRET_FILE", "/nowhere/secret", "/nowhere/secret"),
        ("RAPPORT_DATABASE_URL", "mysql://x", "postgres://"),
        ("RAPPORT_REDIS_URL", "http://redis", "redis://host"),
        ("RAPPORT_LOG", "a=b=c", "log"),
        ("RAPPORT_LOG_FORMAT", "xml", "`json`"),
        ("RAPPORT_SSO__SHOP__KEY", "short", "sso.shop.issuer"),
        ("RAPPORT_CONFIG", "/nowhere/Leptos.toml", "/nowhere/Leptos.toml"),
    ] {
        let error = read(&Options::default(), environment(&[(name, value)])).unwrap_err().to_string();
        assert!(error.contains(word), "{name}={value}: {error}");
    }
}

#[test]
fn v20_the_file_has_no_unknown_key_and_the_environment_has_all_known_ones() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Leptos.toml");
    let options = Options { config: Some(file.clone()), ..Options::default() };
    for (text, prefix) in
        [("[rapport]\nnothing = 1\n", "RAPPORT_"), ("[rapport.limits]\nnothing = 1\n", "RAPPORT_LIMITS__")]
    {
        std::fs::write(&file, text).unwrap();
        let refused = read(&options, HashMap::new()).unwrap_err().to_string();
        assert!(refused.contains("`nothing`"), "{refused}");
        // The keys of the file, by the error itself.
        let (_, expected) = refused.split_once("expected one of").unwrap();
        let keys: Vec<_> = expected
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|key| !["limits", "sso", "subjects"].contains(key))
            .collect();
        assert!(keys.len() > 5, "{refused}");
        let variables = keys.iter().map(|key| (format!("{prefix}{}", key.to_uppercase()), String::new()));
        assert_eq!(read(&Options::default(), variables.collect()).unwrap().unknown_variables, []);
    }
    let config = read(&Options::default(), environment(&[("RAPPORT_LISTNE", "127.0.0.1:1")])).unwrap();
    assert_eq!(config.unknown_variables.len(), 1);
}

#[test]
fn c4_kinds_of_subjects_come_from_the_environment_and_unknown_keys_are_reported() {
    let given = environment(&[
        ("RAPPORT_SUBJECTS__LISTING__NAME", "Listing"),
        ("RAPPORT_SUBJECTS__LISTING__ROLES", "buyer, seller"),
        ("RAPPORT_SUBJECTS__LISTING__PER_SUBJECT", "many"),
        ("RAPPORT_SUBJECTS__LISTING__CLOSED_BY", "seller"),
        ("RAPPORT_SUBJECTS__LISTING__COLOUR", "red"),
        ("RAPPORT_SUBJECTS__NAME", "Listing"),
    ]);
    let config = read(&Options::default(), given).unwrap();
    let kinds: Vec<_> = config.subject_kinds.iter().map(|kind| (kind.kind(), kind.name())).collect();
    assert_eq!(kinds, [("listing", "Listing")]);
    assert_eq!(config.subject_kinds[0].closed_by(), ["seller"]);
    assert_eq!(config.unknown_variables.len(), 2);
    let moderated = [
        ("RAPPORT_SUBJECTS__LISTING__NAME", "Listing"),
        ("RAPPORT_SUBJECTS__LISTING__ROLES", "buyer, seller"),
        ("RAPPORT_SUBJECTS__LISTING__PER_SUBJECT", "many"),
        ("RAPPORT_SUBJECTS__LISTING__MODERATORS", "anna, ben"),
        ("RAPPORT_SUBJECTS__LISTING__MODERATOR_ROLES", "support"),
    ];
    let config = read(&Options::default(), environment(&moderated)).unwrap();
    assert_eq!(config.unknown_variables, []);
    let wrong = [("RAPPORT_SUBJECTS__LISTING__MODERATORS", &*"x".repeat(65))];
    let wrong: Vec<_> = moderated.into_iter().filter(|(name, _)| *name != wrong[0].0).chain(wrong).collect();
    let refused = read(&Options::default(), environment(&wrong)).unwrap_err().to_string();
    assert!(refused.contains("subjects.listing: moderators"), "{refused}");
    let half = environment(&[("RAPPORT_SUBJECTS__LISTING__NAME", "Listing")]);
    assert!(read(&Options::default(), half).unwrap_err().to_string().contains("roles"));
}

#[test]
fn c4_a_role_that_closes_and_is_none_of_the_kind_is_an_error() {
    let given = environment(&[
        ("RAPPORT_SUBJECTS__LISTING__NAME", "Listing"),
        ("RAPPORT_SUBJECTS__LISTING__ROLES", "buyer, seller"),
        ("RAPPORT_SUBJECTS__LISTING__PER_SUBJECT", "many"),
        ("RAPPORT_SUBJECTS__LISTING__CLOSED_BY", "seller, agent"),
    ]);
    let refused = read(&Options::default(), given).unwrap_err().to_string();
    assert!(refused.contains("subjects.listing: closed_by: `agent` is none of the roles"), "{refused}");
}

#[test]
fn errors_do_not_contain_the_secret() {
    let error =
        read(&Options::default(), environment(&[("RAPPORT_SECRET", "hush")])).unwrap_err().to_string();
    assert!(!error.contains("hush"), "{error}");
    let address = [("RAPPORT_REDIS_URL", "redis://:hush@no host")];
    let error = read(&Options::default(), environment(&address)).unwrap_err().to_string();
    assert!(error.contains("redis_url") && !error.contains("hush"), "{error}");
}

#[test]
fn r4_the_secret_may_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "0123456789abcdef0123456789abcdef\n").unwrap();
    let named = ("RAPPORT_SECRET_FILE", file.to_str().unwrap());
    let config = read(&Options::default(), environment(&[named])).unwrap();
    assert_eq!(config.secret.as_deref(), Some("0123456789abcdef0123456789abcdef"));
    // The value takes precedence over the file.
    let outright = ("RAPPORT_SECRET", "ffffffffffffffffffffffffffffffff");
    assert_eq!(
        read(&Options::default(), environment(&[named, outright])).unwrap().secret.as_deref(),
        Some(outright.1)
    );
    std::fs::write(&file, "short\n").unwrap();
    assert!(read(&Options::default(), environment(&[named])).is_err());
}

#[test]
fn cargo_leptos_sets_the_address_unless_it_is_configured() {
    let watch = [("LEPTOS_WATCH", "true"), ("LEPTOS_SITE_ADDR", "127.0.0.1:4000")];
    let config = read(&Options::default(), environment(&watch)).unwrap();
    assert_eq!(config.listen, Listen::Tcp(([127, 0, 0, 1], 4000).into()));
    let config = read(&Options::default(), environment(&watch[1..])).unwrap();
    assert_eq!(config.listen, Listen::Tcp(([127, 0, 0, 1], 3000).into()));
}

#[test]
fn the_shipped_file_is_valid_and_has_the_defaults() {
    let (shipped, default) =
        (read(&shipped(), HashMap::new()).unwrap(), read(&Options::default(), HashMap::new()).unwrap());
    assert_eq!(format!("{shipped:?}"), format!("{default:?}"));
}

#[test]
fn the_shipped_file_agrees_with_the_manifest() {
    let parse = |path: &str| {
        let text = std::fs::read_to_string(format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        toml::from_str::<toml::Value>(&text).unwrap()["workspace"]["metadata"]["leptos"][0].clone()
    };
    let (file, manifest) = (parse("Leptos.toml"), parse("Cargo.toml"));
    for (key, value) in file.as_table().unwrap() {
        assert_eq!(manifest.get(key), Some(value), "{key}");
    }
    for key in ["output-name", "site-root", "site-pkg-dir", "site-addr", "reload-port", "hash-files"] {
        assert!(file.get(key).is_some(), "{key} is missing");
    }
}
