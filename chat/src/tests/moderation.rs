//! Moderation through the service: who may, what needs a reason, and when it ends.

use crate::bus::Local;
use crate::store::{
    AccountKind, AccountStore as _, ExternalIdentity, ExternalIdentityStore as _, HandOver,
    ModerationStore as _, NewAccount, Outcome, Sqlite, Store, StoredServiceKey, SubjectWrite, Write,
};
use crate::{
    ChatService, Clock as _, Error, Limits, ManualClock, ModerationRequest, ParticipantName, Result,
    SubjectKind, SubjectRequest, Supervisor,
};
use protocol::{AddableBy, ConversationId, ErrorCode, KeyScope, Person, Timestamp};
use std::sync::Arc;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// A node whose clock stands still, with the kinds `listing`, which anna and the role `support` moderate, and `job`, which nobody
/// does.
struct Court {
    chat: ChatService,
    store: Arc<Sqlite>,
    clock: Arc<ManualClock>,
    kinds: Vec<SubjectKind>,
    stop: CancellationToken,
    _dir: TempDir,
}

impl Court {
    async fn opens() -> Self {
        let dir = TempDir::new().expect("a directory");
        let store = Arc::new(Sqlite::open(dir.path().join("rapport.db")).await.expect("a database"));
        let clock = Arc::new(ManualClock::at(Timestamp(1_700_000_000_000_000)));
        let stop = CancellationToken::new();
        let supervisor = Supervisor::new(stop.clone());
        let secret = b"a secret of thirty-two bytes or so";
        let (bus, limits) = (Arc::new(Local::new()), Limits::default());
        let chat = ChatService::start(store.clone(), bus, clock.clone(), limits, secret, &supervisor)
            .await
            .expect("a node");
        let kind = |word: &str| {
            let roles = ["buyer".to_owned(), "seller".to_owned()];
            SubjectKind::new(word, word, &roles, false, &[]).expect("a kind")
        };
        let listing = kind("listing").moderated_by(&["Anna".to_owned()], &["support".to_owned()]);
        let kinds = vec![listing.expect("moderators"), kind("job")];
        Self { chat, store, clock, kinds, stop, _dir: dir }
    }

    fn account(name: &str) -> NewAccount {
        NewAccount {
            username: name.to_owned(),
            first_name: String::new(),
            last_name: String::new(),
            password_hash: "none".to_owned(),
            kind: AccountKind::Person,
            addable_by: AddableBy::Everyone,
            request_hash: None,
        }
    }

    async fn person(&self, name: &str) -> Person {
        self.store.create_account(Self::account(name), self.clock.now()).await.expect("registers").person
    }

    /// The conversation of ben and cleo about a subject of this kind.
    async fn conversation(&self, kind: &SubjectKind, id: &str) -> ConversationId {
        let key = StoredServiceKey {
            id: 1,
            name: "shop".to_owned(),
            scopes: vec![KeyScope::Subjects],
            created_at: Timestamp(0),
            last_used_at: None,
            revoked_at: None,
        };
        let named = |name: &str, role: &str| (ParticipantName::Username(name.to_owned()), role.to_owned());
        let participants = vec![named("ben", "buyer"), named("cleo", "seller")];
        let request =
            SubjectRequest { title: "A bicycle".to_owned(), participants, ..SubjectRequest::default() };
        self.chat.open_subject(&key, kind, id, request).await.expect("opens").0.id
    }

    async fn listed(&self, person: &Person, request: &ModerationRequest) -> Result<Vec<ConversationId>> {
        let by = self.chat.moderator(person, &self.kinds).await?;
        let page = self.chat.moderated_list(&by, request).await?;
        Ok(page.conversations.iter().map(|entry| entry.id).collect())
    }
}

impl Drop for Court {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[track_caller]
fn code<T: std::fmt::Debug>(result: Result<T>) -> ErrorCode {
    match result {
        Err(Error::Refused(body)) => body.code,
        other => panic!("not refused: {other:?}"),
    }
}

fn all() -> ModerationRequest {
    ModerationRequest { limit: 50, ..ModerationRequest::default() }
}

#[tokio::test]
async fn c4_only_the_moderators_of_a_kind_find_its_conversations() {
    let court = Court::opens().await;
    let (anna, ben) = (court.person("anna").await, court.person("ben").await);
    court.person("cleo").await;
    let listing = court.conversation(&court.kinds[0], "42").await;
    let job = court.conversation(&court.kinds[1], "42").await;
    // A participant is no moderator.
    assert_eq!(code(court.chat.moderator(&ben, &court.kinds).await), ErrorCode::NotFound);
    assert_eq!(code(court.chat.moderator(&anna, &court.kinds[1..]).await), ErrorCode::NotFound);
    assert_eq!(code(court.chat.moderator(&anna, &[]).await), ErrorCode::NotFound);
    assert_eq!(court.listed(&anna, &all()).await.unwrap(), [listing]);
    let of = |kind: &str| ModerationRequest { kind: Some(kind.to_owned()), ..all() };
    assert_eq!(court.listed(&anna, &of("listing")).await.unwrap(), [listing]);
    for kind in ["job", "nothing", "\0"] {
        assert_eq!(code(court.listed(&anna, &of(kind)).await), ErrorCode::NotFound, "{kind:?}");
    }
    let about = |subject: &str| ModerationRequest { subject: Some(subject.to_owned()), ..all() };
    assert_eq!(court.listed(&anna, &about(" 42 ")).await.unwrap(), [listing]);
    assert_eq!(court.listed(&anna, &about(" ")).await.unwrap(), [listing], "no search");
    for subject in ["43", "a b", "\0", "/"] {
        assert_eq!(court.listed(&anna, &about(subject)).await.unwrap(), [], "{subject:?}");
    }
    let by = court.chat.moderator(&anna, &court.kinds).await.unwrap();
    for id in [job, ConversationId(4_711)] {
        assert_eq!(code(court.chat.give_moderation_reason(&by, id, "Why").await), ErrorCode::NotFound);
        assert_eq!(code(court.chat.moderated_conversation(&by, id).await), ErrorCode::NotFound);
        assert_eq!(code(court.chat.moderated_page(&by, id, None, 50).await), ErrorCode::NotFound);
        assert_eq!(code(court.chat.close_as_moderator(&by, id, "Why").await), ErrorCode::NotFound);
        assert_eq!(code(court.chat.reopen_as_moderator(&by, id).await), ErrorCode::NotFound);
    }
}

#[tokio::test]
async fn c4_a_role_makes_a_moderator_until_a_token_without_it() {
    let court = Court::opens().await;
    let identity = |role: Option<&str>| ExternalIdentity {
        issuer: "https://shop.example".to_owned(),
        subject: "7".to_owned(),
        picture: None,
        role: role.map(str::to_owned),
    };
    let token = |byte| HandOver { hash: [byte; 32], expires_at: Timestamp(i64::MAX) };
    let now = court.clock.now();
    let made = court
        .store
        .create_external_account(&identity(Some("support")), Court::account("zoe"), Some(token(1)), now)
        .await;
    assert!(made.is_ok(), "{made:?}");
    let zoe = court.store.account_by_name("zoe").await.unwrap().unwrap().person;
    assert_eq!(court.listed(&zoe, &all()).await.unwrap(), []);
    court.store.external_account(&identity(Some("seller")), token(2)).await.unwrap();
    assert_eq!(code(court.listed(&zoe, &all()).await), ErrorCode::NotFound);
}

#[tokio::test]
async fn c4_a_reason_opens_a_conversation_for_a_day() {
    let court = Court::opens().await;
    let (anna, ben) = (court.person("anna").await, court.person("ben").await);
    court.person("cleo").await;
    let id = court.conversation(&court.kinds[0], "42").await;
    let other = court.conversation(&court.kinds[0], "43").await;
    court.chat.send(&ben, id, "Is it still there?", None, None).await.unwrap();
    let by = court.chat.moderator(&anna, &court.kinds).await.unwrap();
    assert_eq!(code(court.chat.moderated_conversation(&by, id).await), ErrorCode::Forbidden);
    assert_eq!(code(court.chat.moderated_page(&by, id, None, 50).await), ErrorCode::Forbidden);
    for reason in ["", "  ", "a\nb", &"x".repeat(281)] {
        let given = court.chat.give_moderation_reason(&by, id, reason).await;
        assert_eq!(code(given), ErrorCode::Invalid, "{reason:?}");
    }
    assert_eq!(court.store.moderation_access(anna.id, id).await.unwrap(), None);
    let (given, ends) = court.chat.give_moderation_reason(&by, id, " Ben complained ").await.unwrap();
    assert_eq!((given.reason.as_str(), ends.0 - given.given_at.0), ("Ben complained", DAY));
    let page = court.chat.moderated_page(&by, id, None, 50).await.unwrap();
    assert_eq!(page.messages[0].content, "Is it still there?");
    assert_eq!(court.chat.moderated_conversation(&by, id).await.unwrap().members.len(), 2);
    assert_eq!(code(court.chat.moderated_page(&by, other, None, 50).await), ErrorCode::Forbidden);

    court.clock.advance(DAY - 1);
    assert!(court.chat.moderated_page(&by, id, None, 50).await.is_ok());
    court.clock.advance(1);
    assert_eq!(code(court.chat.moderated_page(&by, id, None, 50).await), ErrorCode::Forbidden);
    assert_eq!(code(court.chat.moderated_conversation(&by, id).await), ErrorCode::Forbidden);
    court.chat.give_moderation_reason(&by, id, "Ben complained").await.unwrap();
    assert!(court.chat.moderated_page(&by, id, None, 50).await.is_ok());
}

#[tokio::test]
async fn c4_a_moderator_closes_without_a_look_and_the_participants_cannot_write() {
    let court = Court::opens().await;
    let (anna, ben) = (court.person("anna").await, court.person("ben").await);
    court.person("cleo").await;
    let id = court.conversation(&court.kinds[0], "42").await;
    let by = court.chat.moderator(&anna, &court.kinds).await.unwrap();
    assert_eq!(code(court.chat.close_as_moderator(&by, id, "").await), ErrorCode::Invalid);
    assert!(court.chat.close_as_moderator(&by, id, "Spam").await.unwrap());
    assert!(!court.chat.close_as_moderator(&by, id, "Spam").await.unwrap(), "it is so already");
    assert_eq!(code(court.chat.send(&ben, id, "But", None, None).await), ErrorCode::Closed);
    let page = court.chat.page(&ben, id, None, 50).await.unwrap();
    let event = page.messages[0].event.as_ref().unwrap();
    assert_eq!(event.moderator().map(|person| person.id), Some(anna.id));
    assert!(court.chat.reopen_as_moderator(&by, id).await.unwrap());
    assert!(!court.chat.reopen_as_moderator(&by, id).await.unwrap());
    court.chat.send(&ben, id, "Thank you", None, None).await.unwrap();
    // What the product closes says nothing of a moderator.
    let close = SubjectWrite::Close { conversation: id, reason: "Sold".to_owned() };
    let closed = court.store.commit(&[Write::Subject(close)], court.clock.now()).await.unwrap().remove(0);
    let Ok(Outcome::GroupChanged(changed)) = closed else { panic!("{closed:?}") };
    assert_eq!(changed.messages[0].event.as_ref().unwrap().moderator(), None);
}
