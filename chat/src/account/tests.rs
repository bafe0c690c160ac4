//! Tests of accounts and sign-ins over a real database, with a manual clock.

use super::*;
use crate::store::{AccountStore as _, Sqlite};
use crate::{ImageOrigins, ManualClock};

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const START: Timestamp = Timestamp(1_800_000_000_000_000);
const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
const PASSWORD: &str = "correct horse";

struct World {
    accounts: Accounts,
    store: Arc<Sqlite>,
    clock: Arc<ManualClock>,
    _folder: tempfile::TempDir,
}

async fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Sqlite::open(folder.path().join("rapport.db")).await.unwrap());
    let clock = Arc::new(ManualClock::at(START));
    let accounts = Accounts::new(store.clone(), clock.clone(), &Limits::default(), SECRET);
    World { accounts, store, clock, _folder: folder }
}

impl World {
    async fn registers(&self, username: &str) -> Account {
        let registration =
            Registration { username: username.into(), password: PASSWORD.into(), ..Registration::default() };
        self.accounts.register(registration).await.unwrap()
    }

    async fn pair(&self, username: &str) -> TokenPair {
        let account = self.accounts.sign_in(username, PASSWORD).await.unwrap();
        self.accounts.issue(&account, "a test").await.unwrap()
    }
}

fn code<T>(result: Result<T, impl Into<Error>>) -> ErrorCode {
    match result.map_err(Into::into) {
        Err(Error::Refused(body)) => body.code,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("was not refused"),
    }
}

#[tokio::test]
async fn the_first_account_is_the_administrator_and_a_name_is_taken_once() {
    let world = world().await;
    assert!(world.registers("anna").await.is_admin);
    assert!(!world.registers("ben").await.is_admin);
    let again =
        Registration { username: "ANNA".into(), password: PASSWORD.into(), ..Registration::default() };
    assert_eq!(code(world.accounts.register(again).await), ErrorCode::Conflict);
}

#[tokio::test]
async fn a5_an_unknown_name_and_a_wrong_password_look_the_same() {
    let world = world().await;
    world.registers("anna").await;
    assert!(world.accounts.sign_in("Anna", PASSWORD).await.is_ok(), "case does not count");
    let refused = async |name: &str, password: &str| {
        Error::from(world.accounts.sign_in(name, password).await.unwrap_err()).into_body()
    };
    let wrong = refused("anna", "wrong horse").await;
    let unknown = refused("nobody", PASSWORD).await;
    let no_name = refused("no name", PASSWORD).await;
    assert_eq!(wrong.code, ErrorCode::NotAuthenticated);
    assert_eq!(wrong, unknown);
    assert_eq!(wrong, no_name);
}

#[tokio::test]
async fn a_token_ends_with_its_hour_its_grant_and_its_account() {
    let world = world().await;
    let anna = world.registers("anna").await.person;
    let pair = world.pair("anna").await;
    let who = world.accounts.by_token(&pair.access).await.unwrap();
    assert_eq!(who.person, anna);
    assert_eq!(who.expires_at, Some(Timestamp(START.0 + 3_600 * SECOND)));

    world.accounts.sign_out(&who).await.unwrap();
    assert_eq!(code(world.accounts.by_token(&pair.access).await), ErrorCode::NotAuthenticated);
    assert_eq!(code(world.accounts.refresh(&pair.refresh).await), ErrorCode::NotAuthenticated);

    let pair = world.pair("anna").await;
    world.accounts.suspend("anna", true).await.unwrap();
    assert_eq!(code(world.accounts.by_token(&pair.access).await), ErrorCode::NotAuthenticated);
    let suspended = world.accounts.sign_in("anna", PASSWORD).await;
    assert!(matches!(suspended, Err(SignInError::Suspended)), "{suspended:?}");
    assert_eq!(code(suspended), ErrorCode::NotAuthenticated);
    let wrong = world.accounts.sign_in("anna", "wrong horse").await;
    assert!(matches!(wrong, Err(SignInError::Wrong)), "told only with the right password: {wrong:?}");
    world.accounts.suspend("anna", false).await.unwrap();
    assert_eq!(
        code(world.accounts.by_token(&pair.access).await),
        ErrorCode::NotAuthenticated,
        "ended for good"
    );

    let pair = world.pair("anna").await;
    world.clock.advance(3_600 * SECOND);
    assert_eq!(code(world.accounts.by_token(&pair.access).await), ErrorCode::NotAuthenticated);
    assert!(world.accounts.refresh(&pair.refresh).await.is_ok());
}

#[tokio::test]
async fn a_token_for_measuring_lives_as_long_as_it_was_asked_to() {
    let world = world().await;
    let account = world.registers("anna").await;
    let token = world.accounts.issue_for(&account, "a test", 86_400).await.unwrap();
    world.clock.advance(DAY - 1);
    let who = world.accounts.by_token(&token).await.unwrap();
    assert_eq!((who.person, who.expires_at), (account.person, Some(Timestamp(START.0 + DAY))));
    world.clock.advance(1);
    assert_eq!(code(world.accounts.by_token(&token).await), ErrorCode::NotAuthenticated);
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_its_second_use_ends_the_grant() {
    let world = world().await;
    world.registers("anna").await;
    let first = world.pair("anna").await;
    let other = world.pair("anna").await;
    world.clock.advance(29 * DAY);
    let second = world.accounts.refresh(&first.refresh).await.unwrap();
    assert_ne!(second.refresh, first.refresh);
    world.clock.advance(29 * DAY);
    let third = world.accounts.refresh(&second.refresh).await.unwrap();
    assert!(world.accounts.by_token(&third.access).await.is_ok());

    assert_eq!(code(world.accounts.refresh(&second.refresh).await), ErrorCode::NotAuthenticated);
    assert_eq!(code(world.accounts.by_token(&third.access).await), ErrorCode::NotAuthenticated);
    assert_eq!(code(world.accounts.refresh(&third.refresh).await), ErrorCode::NotAuthenticated);
    assert_eq!(
        code(world.accounts.refresh(&other.refresh).await),
        ErrorCode::NotAuthenticated,
        "thirty days on"
    );
}

#[tokio::test]
async fn v9_a_password_is_one_however_it_is_composed_and_old_hashes_are_renewed() {
    let world = world().await;
    let (composed, decomposed) = ("Z\u{fc}richsee 1", "Zu\u{308}richsee\u{a0}1");
    let register = |username: &str, password: &str| {
        let (username, password) = (username.to_owned(), password.to_owned());
        world.accounts.register(Registration { username, password, ..Registration::default() })
    };
    let lets_in = async |name: &str, password: &str| world.accounts.sign_in(name, password).await.is_ok();
    register("anna", decomposed).await.unwrap();
    assert!(lets_in("anna", composed).await && lets_in("anna", decomposed).await);
    assert!(!lets_in("anna", "Zurichsee 1").await);

    // The hash of an older version, of the password as it was typed.
    let ben = register("ben", "something else").await.unwrap().person.id;
    let hash = world.accounts.hasher.hash("Zu\u{308}richsee 1").await.unwrap();
    world.store.set_password(ben, &hash, None, START).await.unwrap();
    assert!(lets_in("ben", composed).await);
    let renewed = world.store.account(ben).await.unwrap().unwrap().password_hash;
    assert_ne!(renewed, hash);
    let found = world.accounts.hasher.verify(composed, Some(&renewed)).await.unwrap();
    assert_eq!(found, PasswordMatch::Same);
    assert!(lets_in("ben", decomposed).await);
    assert_eq!(world.store.account(ben).await.unwrap().unwrap().password_hash, renewed, "renewed once");

    let refused = register("cleo", "bell\u{7} and whistle").await.unwrap_err().into_body();
    assert_eq!((refused.code, refused.message.contains("control characters")), (ErrorCode::Invalid, true));
}

#[tokio::test]
async fn v10_a_refresh_is_repeated_for_thirty_seconds_until_its_tokens_are_used() {
    let world = world().await;
    world.registers("anna").await;
    let refresh = async |token: &TokenPair| world.accounts.refresh(&token.refresh).await;
    let me = async |token: &TokenPair| world.accounts.by_token(&token.access).await;
    let first = world.pair("anna").await;
    let lost = refresh(&first).await.unwrap();
    for _ in 0..3 {
        world.clock.advance(9 * SECOND);
        refresh(&first).await.unwrap();
    }
    let second = refresh(&first).await.unwrap();
    // All of them are one refresh: the tokens of the lost answer are as good.
    assert!(me(&lost).await.is_ok());
    assert_eq!(code(refresh(&first).await), ErrorCode::NotAuthenticated, "the tokens are in use");
    assert_eq!(code(me(&second).await), ErrorCode::NotAuthenticated, "the grant is over");

    // The refresh token was used.
    let first = world.pair("anna").await;
    let second = refresh(&first).await.unwrap();
    let third = refresh(&second).await.unwrap();
    refresh(&second).await.unwrap();
    assert_eq!(code(refresh(&first).await), ErrorCode::NotAuthenticated);
    assert_eq!(code(me(&third).await), ErrorCode::NotAuthenticated);

    // The time has passed.
    let first = world.pair("anna").await;
    let second = refresh(&first).await.unwrap();
    world.clock.advance(30 * SECOND);
    assert_eq!(code(refresh(&first).await), ErrorCode::NotAuthenticated);
    assert_eq!(code(me(&second).await), ErrorCode::NotAuthenticated);
}

#[tokio::test]
async fn a_change_of_password_ends_every_other_sign_in() {
    let world = world().await;
    let anna = world.registers("anna").await;
    let kept = crate::store::StoredSignIn {
        id: "browser".into(),
        user: Some(anna.person.id),
        data: "{}".into(),
        expires_at: Timestamp(START.0 + DAY),
        device: "Firefox on Linux".into(),
        began_at: START,
        used_at: START,
        address: String::new(),
    };
    world.store.create_sign_in(kept).await.unwrap();
    let pair = world.pair("anna").await;
    let here = world.accounts.by_session("browser", anna.person.id, anna.ver).await.unwrap().unwrap();

    assert_eq!(
        code(world.accounts.change_password(&here, "wrong horse", "new password").await),
        ErrorCode::Forbidden
    );
    assert_eq!(code(world.accounts.change_password(&here, PASSWORD, "short").await), ErrorCode::Invalid);
    assert!(world.accounts.by_token(&pair.access).await.is_ok(), "a refused change changes nothing");

    let changed = world.accounts.change_password(&here, PASSWORD, "new password").await.unwrap();
    assert!(changed.ver > anna.ver);
    assert_eq!(code(world.accounts.by_token(&pair.access).await), ErrorCode::NotAuthenticated);
    assert!(world.accounts.by_session("browser", anna.person.id, anna.ver).await.unwrap().is_none());
    assert!(world.accounts.by_session("browser", anna.person.id, changed.ver).await.unwrap().is_some());
    assert_eq!(code(world.accounts.sign_in("anna", PASSWORD).await), ErrorCode::NotAuthenticated);
    assert!(world.accounts.sign_in("anna", "new password").await.is_ok());

    world.accounts.sign_out_everywhere(anna.person.id).await.unwrap();
    assert!(world.accounts.by_session("browser", anna.person.id, changed.ver).await.unwrap().is_none());
}

#[tokio::test]
async fn a_session_is_nobody_elses() {
    let world = world().await;
    let (anna, ben) = (world.registers("anna").await, world.registers("ben").await);
    let session = crate::store::StoredSignIn {
        id: "browser".into(),
        user: Some(anna.person.id),
        data: "{}".into(),
        expires_at: Timestamp(START.0 + DAY),
        device: "Firefox on Linux".into(),
        began_at: START,
        used_at: START,
        address: String::new(),
    };
    world.store.create_sign_in(session).await.unwrap();
    assert!(world.accounts.by_session("browser", ben.person.id, ben.ver).await.unwrap().is_none());
    assert!(world.accounts.by_session("browser", anna.person.id, anna.ver).await.unwrap().is_some());
    world.clock.advance(DAY);
    assert!(world.accounts.by_session("browser", anna.person.id, anna.ver).await.unwrap().is_none());
}

#[tokio::test]
async fn one_sees_and_ends_ones_own_sign_ins_and_nobody_elses() {
    let world = world().await;
    let (anna, ben) = (world.registers("anna").await, world.registers("ben").await);
    let first = world.accounts.issue(&anna, "Firefox on Linux").await.unwrap();
    world.clock.advance(2 * DAY);
    let second = world.accounts.issue(&anna, "curl").await.unwrap();
    let bens = world.accounts.issue(&ben, "").await.unwrap();
    let who = world.accounts.by_token(&second.access).await.unwrap();
    let ben = world.accounts.by_token(&bens.access).await.unwrap();
    world.accounts.refresh(&first.refresh).await.unwrap();
    world.clock.advance(SECOND);
    let shown = world.accounts.sign_ins(&who).await.unwrap();
    let now = Timestamp(START.0 + 2 * DAY);
    let told: Vec<_> = shown.iter().map(|s| (s.device.as_str(), s.began_at, s.used_at, s.own)).collect();
    assert_eq!(told, [("curl", now, now, true), ("Firefox on Linux", START, now, false)]);
    for secret in [&first.access, &first.refresh, &second.access, &who.sign_in] {
        assert!(shown.iter().all(|sign_in| !secret.contains(&sign_in.id)), "the id opens nothing");
    }
    let others = &shown[1].id;
    assert_eq!(code(world.accounts.end_sign_in(&ben, others).await), ErrorCode::NotFound);
    for nothing in ["", "x", &who.sign_in, &others.to_uppercase()] {
        assert_eq!(code(world.accounts.end_sign_in(&who, nothing).await), ErrorCode::NotFound, "{nothing}");
    }
    assert_eq!(world.accounts.sign_ins(&who).await.unwrap(), shown);
    world.accounts.end_sign_in(&who, others).await.unwrap();
    assert_eq!(code(world.accounts.by_token(&first.access).await), ErrorCode::NotAuthenticated);
    assert!(world.accounts.by_token(&second.access).await.is_ok());
    assert_eq!(code(world.accounts.end_sign_in(&who, others).await), ErrorCode::NotFound);
    assert_eq!(world.accounts.sign_ins(&who).await.unwrap(), shown[..1]);
    assert_eq!(world.accounts.sign_ins(&ben).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a3_one_ends_all_sign_ins_but_the_own_and_is_told_from_where_they_came() {
    let world = world().await;
    let (anna, ben) = (world.registers("anna").await, world.registers("ben").await);
    let address = "2001:db8::7".parse().ok();
    let own = crate::audit::with_client_address(address, world.accounts.issue(&anna, "Firefox on Linux"))
        .await
        .unwrap();
    let other = world.accounts.issue(&anna, "curl").await.unwrap();
    let bens = world.accounts.issue(&ben, "curl").await.unwrap();
    let who = world.accounts.by_token(&own.access).await.unwrap();
    let shown = world.accounts.sign_ins(&who).await.unwrap();
    let told: Vec<_> = shown.iter().map(|sign_in| sign_in.address.as_str()).collect();
    assert_eq!(told, ["2001:db8::7", ""]);
    world.accounts.end_other_sign_ins(&who).await.unwrap();
    assert_eq!(code(world.accounts.by_token(&other.access).await), ErrorCode::NotAuthenticated);
    assert!(world.accounts.by_token(&own.access).await.is_ok());
    assert!(world.accounts.refresh(&own.refresh).await.is_ok());
    assert!(world.accounts.by_token(&bens.access).await.is_ok(), "nobody else's");
    assert_eq!(world.accounts.sign_ins(&who).await.unwrap().len(), 1);
}

#[tokio::test]
async fn of_thousands_of_sign_ins_the_own_and_the_last_used_are_shown_and_each_can_be_ended() {
    let world = world().await;
    let anna = world.registers("anna").await;
    let own = world.accounts.issue(&anna, "own").await.unwrap();
    let who = world.accounts.by_token(&own.access).await.unwrap();
    for n in 0..150 {
        world.clock.advance(SECOND);
        world.accounts.issue(&anna, &n.to_string()).await.unwrap();
    }
    let shown = world.accounts.sign_ins(&who).await.unwrap();
    let devices: Vec<_> = shown.iter().map(|sign_in| sign_in.device.as_str()).collect();
    assert_eq!((devices.len(), devices[0], devices[1], devices[99]), (100, "own", "149", "51"));
}

fn of_shop(subject: &str, name: &str) -> ExternalPerson {
    ExternalPerson {
        issuer: "https://shop.example".into(),
        subject: subject.into(),
        name: Some(name.into()),
        ..ExternalPerson::default()
    }
}

/// A token that was not used before.
fn token(number: u8) -> HandOver {
    HandOver { hash: [number; 32], expires_at: Timestamp(START.0 + DAY) }
}

#[tokio::test]
async fn x2_a_person_of_a_product_is_made_at_first_sight_and_keeps_apart_from_local_ones() {
    let world = world().await;
    let ana = world.registers("ana.silva").await;
    let made = world.accounts.sign_in_external(&of_shop("7", "Ana Silva"), token(1)).await.unwrap();
    assert_ne!(made.person.id, ana.person.id);
    assert_eq!(
        (made.person.username.as_str(), made.person.first_name.as_str()),
        ("ana.silva-2", "Ana Silva")
    );
    assert!(!made.is_admin);
    let other = world.accounts.sign_in_external(&of_shop("8", "Ana Silva"), token(2)).await.unwrap();
    assert_eq!(other.person.username, "ana.silva-3");

    // Found again, under the new name.
    let again = world.accounts.sign_in_external(&of_shop("7", "Ana Souza"), token(3)).await.unwrap();
    assert_eq!(again.person.id, made.person.id);
    assert_eq!(
        (again.person.username.as_str(), again.person.first_name.as_str()),
        ("ana.silva-2", "Ana Souza")
    );
    let nameless = ExternalPerson { name: None, ..of_shop("7", "") };
    let again = world.accounts.sign_in_external(&nameless, token(4)).await.unwrap();
    assert_eq!(again.person.first_name, "Ana Souza");

    // There is no password, and none of an empty hash.
    for password in ["", PASSWORD] {
        assert!(world.accounts.sign_in("ana.silva-2", password).await.is_err());
    }
    let pair = world.accounts.issue(&made, "Firefox on Linux").await.unwrap();
    let who = world.accounts.by_token(&pair.access).await.unwrap();
    assert_eq!(code(world.accounts.change_password(&who, "", "a new password").await), ErrorCode::Forbidden);
}

#[tokio::test]
async fn x2_the_picture_of_a_person_follows_their_tokens() {
    let world = world().await;
    let image_origins = ImageOrigins::parse(&["https://img.example".to_owned()]).unwrap();
    let pictured = |picture: Option<&str>| ExternalPerson {
        picture: picture.map(str::to_owned),
        image_origins: image_origins.clone(),
        ..of_shop("7", "Ana")
    };
    // At the first sign-in, anew, at another origin, at an origin with this in its name, and without one.
    for (n, picture, shown) in [
        (1, Some("https://img.example/1.png"), Some("https://img.example/1.png")),
        (2, Some("https://IMG.example:443/2.png"), Some("https://img.example/2.png")),
        (3, Some("https://other.example/3.png"), None),
        (4, Some("https://img.example/4.png"), Some("https://img.example/4.png")),
        (5, Some("https://img.example.other.example/5.png"), None),
        (6, Some("https://img.example/6.png"), Some("https://img.example/6.png")),
        (7, None, None),
    ] {
        let person = world.accounts.sign_in_external(&pictured(picture), token(n)).await.unwrap().person;
        assert_eq!((person.picture.as_deref(), person.first_name.as_str()), (shown, "Ana"), "{picture:?}");
        assert_eq!(world.accounts.lookup("ana").await.unwrap().person, person);
    }
}

#[tokio::test]
async fn x2_a_token_that_was_used_or_is_of_a_suspended_person_opens_nothing() {
    let world = world().await;
    world.registers("operator").await;
    let ana = of_shop("7", "Ana");
    world.accounts.sign_in_external(&ana, token(1)).await.unwrap();
    assert!(matches!(
        world.accounts.sign_in_external(&ana, token(1)).await,
        Err(SingleSignOnError::Replayed)
    ));
    world.accounts.suspend("ana", true).await.unwrap();
    assert!(matches!(
        world.accounts.sign_in_external(&of_shop("7", "Another name"), token(2)).await,
        Err(SingleSignOnError::Suspended)
    ));
    assert_eq!(world.accounts.lookup("ana").await.unwrap().person.first_name, "Ana");
    world.accounts.suspend("ana", false).await.unwrap();
    assert!(world.accounts.sign_in_external(&ana, token(2)).await.is_ok(), "the token is not used up");
    assert!(world.accounts.sign_in_external(&ana, token(3)).await.is_ok());
}

#[tokio::test]
async fn x2_values_that_break_a_rule_change_nothing() {
    let world = world().await;
    let ana = || of_shop("7", "Ana");
    for (what, person) in [
        ("no subject", of_shop("", "Ana")),
        ("a long subject", of_shop(&"7".repeat(256), "Ana")),
        ("a line break", of_shop("7\n8", "Ana")),
        ("a long name", of_shop("7", &"a".repeat(81))),
        ("a name that turns the text", of_shop("7", "\u{202e}Ana")),
        ("a picture over http", ExternalPerson { picture: Some("http://x.example/".into()), ..ana() }),
        ("a script", ExternalPerson { picture: Some("javascript:alert(1)".into()), ..ana() }),
        ("a long role", ExternalPerson { role: Some("r".repeat(65)), ..ana() }),
    ] {
        let refused = world.accounts.sign_in_external(&person, token(1)).await;
        assert_eq!(code(refused), ErrorCode::Invalid, "{what}");
    }
    assert!(!world.store.has_accounts().await.unwrap());
    assert!(world.accounts.sign_in_external(&ana(), token(1)).await.is_ok(), "the token is not used up");
}
