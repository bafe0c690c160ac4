//! Conversations about subjects of a product.

use super::{NOW, export, id, import, on_postgres, on_sqlite, refused, try_import};
use crate::store::contract::World;
use crate::store::{NewSubject, Outcome, SubjectCard, SubjectKey, SubjectWrite, Write};
use crate::{ManualClock, SubjectKind, transfer};
use protocol::{ConversationId, GroupEventKind, NotificationLevel, SubjectField, UserId};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The kinds of the installation.
pub(super) static KINDS: LazyLock<Vec<SubjectKind>> = LazyLock::new(|| {
    let kind = |word: &str, name: &str, has_one| {
        let roles = ["buyer".to_owned(), "seller".to_owned()];
        SubjectKind::new(word, name, &roles, has_one, &["https://img.example".to_owned()]).unwrap()
    };
    vec![kind("listing", "Listing", false), kind("job", "Job", true)]
});

fn key(kind: &str, id: &str) -> SubjectKey {
    SubjectKey { kind: kind.to_owned(), id: id.to_owned() }
}

fn card(kind_name: &str, title: &str) -> SubjectCard {
    SubjectCard {
        kind_name: kind_name.to_owned(),
        title: title.to_owned(),
        url: Some("https://shop.example/42".to_owned()),
        image: Some("https://img.example/42.jpg".to_owned()),
        fields: vec![SubjectField { name: "Price".to_owned(), value: "40 €".to_owned() }],
    }
}

/// Opens the conversation of a buyer and a seller.
async fn opened(world: &World, key: SubjectKey, card: SubjectCard, people: [UserId; 2]) -> ConversationId {
    let has_one = key.kind == "job";
    let participants = people.into_iter().zip(["buyer", "seller"]);
    let participants = participants.map(|(user, role)| (user, role.to_owned())).collect();
    let write = SubjectWrite::Open(NewSubject { key, has_one, card, participants });
    match world.write(Write::Subject(write)).await {
        Ok(Outcome::ConversationCreated { id, .. }) => id,
        other => panic!("not opened: {other:?}"),
    }
}

/// Lines of two people, and of a conversation about a subject with these changes.
fn file(changes: &Value) -> String {
    let mut line = json!({"type": "conversation", "key": "bike", "members": ["ana", "bob"],
        "subject": {"kind": "listing", "id": "42", "title": "A bicycle"},
        "subject_roles": {"ana": "buyer", "bob": "seller"}});
    for (field, value) in changes.as_object().unwrap() {
        line[field] = value.clone();
    }
    format!(
        "{{\"type\":\"user\",\"username\":\"ana\"}}\n{{\"type\":\"user\",\"username\":\"bob\"}}\n{line}\n"
    )
}

pub(super) async fn r7_subjects_are_kept_in_a_round_trip(world: &World) {
    let (ana, bo, cy) = (world.person("ana").await, world.person("bob").await, world.person("cyd").await);
    let listing = opened(world, key("listing", "42"), card("Listing", "A bicycle"), [ana, bo]).await;
    let job = opened(world, key("job", "7"), card("Job", "A fence"), [cy, bo]).await;
    world.send(ana, listing, "Is it yours?").await;
    world.send(bo, job, "When?").await;
    let write = |write| world.write(Write::Subject(write));
    let updated = card("Listing", "A red bicycle");
    write(SubjectWrite::Update { conversation: listing, card: updated }).await.unwrap();
    write(SubjectWrite::Close { conversation: job, reason: "Done".to_owned() }).await.unwrap();
    let exported = export(world).await;
    let line = |key: &str| -> Value {
        let found = exported.lines().find(|line| {
            line.starts_with("{\"type\":\"conversation\"") && line.contains(&format!("\"kind\":\"{key}\""))
        });
        serde_json::from_str(found.expect("a line")).unwrap()
    };
    let subject = json!({"kind": "listing", "id": "42", "title": "A red bicycle", "url": "https://shop.example/42",
        "image": "https://img.example/42.jpg", "fields": [{"name": "Price", "value": "40 €"}]});
    assert_eq!(line("listing")["subject"], subject);
    assert_eq!(line("listing")["subject_roles"], json!({"ana": "buyer", "bob": "seller"}));
    assert_eq!((&line("job")["subject"]["closed"], line("job").get("owners")), (&json!("Done"), None));
    // The same database knows its own lines again.
    let dump = world.dump(&[ana, bo, cy], &[listing, job]).await;
    assert_eq!(import(world, &exported).await.counts.repeated, exported.lines().count() as u64);
    assert_eq!(world.dump(&[ana, bo, cy], &[listing, job]).await, dump);
    // Empty ones become the same, on either database.
    let ((other, _folder), third) = (on_sqlite().await, on_postgres().await);
    for empty in [&other, &third] {
        import(empty, &exported).await;
        assert_eq!(export(empty).await, exported);
        let bob = id(empty, "bob").await;
        let list = empty.store.conversations(bob).await.unwrap();
        let closed: Vec<_> = list.iter().map(|one| one.closed()).collect();
        assert!(closed.contains(&Some("Done")) && closed.contains(&None), "{closed:?}");
        assert!(list.iter().all(|one| one.notify == NotificationLevel::All));
        let last = list.iter().find(|one| one.closed().is_some()).and_then(|one| one.last_message.clone());
        let event = last.and_then(|message| message.event).expect("an event");
        assert_eq!(event.kind, GroupEventKind::Closed);
        assert_eq!(event.subject.expect("the subject").kind_name, "Job");
        // The product finds them again.
        let people = [id(empty, "cyd").await, bob];
        let job = opened(empty, key("job", "7"), card("Job", "A fence"), people).await;
        assert!(list.iter().any(|one| one.id == job));
        let people = [id(empty, "ana").await, bob];
        let listing = opened(empty, key("listing", "42"), card("Listing", "A red bicycle"), people).await;
        assert!(list.iter().any(|one| one.id == listing));
    }
}

pub(super) async fn r7_a_subject_is_found_by_its_participants(world: &World) {
    let (ana, bo) = (world.person("ana").await, world.person("bob").await);
    let cy = world.person("cyd").await;
    let listing = opened(world, key("listing", "42"), card("Listing", "A bicycle"), [ana, bo]).await;
    let counts = import(world, &file(&json!({}))).await.counts;
    assert_eq!((counts.conversations, counts.repeated), (0, 3));
    let twice = file(&json!({"key": "again"})) + &file(&json!({"key": "and again"}));
    assert_eq!(import(world, &twice).await.counts.conversations, 0);
    let of_others = json!({"key": "other", "members": ["ana", "cyd"], "subject_roles": {"ana": "buyer", "cyd": "seller"}});
    assert_eq!(import(world, &file(&of_others)).await.counts.conversations, 1);
    let found = world.store.subject_conversations(&key("listing", "42"), ConversationId(0), 10).await;
    let found: Vec<_> = found.unwrap().into_iter().map(|one| one.id).collect();
    assert!(found.len() == 2 && found[0] == listing, "{found:?}");
    // Other roles, and other people where a subject has one conversation.
    opened(world, key("job", "7"), card("Job", "A fence"), [ana, bo]).await;
    let swapped = json!({"key": "swapped", "subject_roles": {"ana": "seller", "bob": "buyer"}});
    let mut strange = of_others.clone();
    strange["key"] = json!("strange");
    strange["subject"] = json!({"kind": "job", "id": "7", "title": "A fence"});
    let mut two = file(&strange);
    two.insert_str(
        0,
        &file(&json!({"key": "job", "subject": {"kind": "job", "id": "8", "title": "A gate"}})),
    );
    two = two.replace("\"id\":\"7\"", "\"id\":\"8\"");
    for (file, line) in [(file(&swapped), 3), (file(&strange), 3), (two, 6)] {
        let before = export(world).await;
        let (at, why) = refused(try_import(world, &file).await);
        assert_eq!(
            (at, why.as_str()),
            (line, "The conversation about this subject has other participants or roles")
        );
        assert_eq!(export(world).await, before);
    }
    assert_eq!(world.store.conversations(cy).await.unwrap().len(), 1);
}

pub(super) async fn r7_a_bad_subject_is_named_by_its_line(world: &World) {
    let subject = |field: &str, value: Value| {
        let mut subject = json!({"kind": "listing", "id": "42", "title": "A bicycle"});
        subject[field] = value;
        json!({ "subject": subject })
    };
    for (changes, why) in [
        (subject("kind", json!("boat")), "There is no kind of subjects named boat in the configuration"),
        (subject("id", json!("4/2")), "no space and no slash"),
        (subject("title", json!("")), "`title` is missing"),
        (subject("url", json!("javascript:x")), "`url` is no http or https URL"),
        (subject("image", json!("https://evil.example/x")), "image_origins"),
        (subject("closed", json!("")), "`reason` is one line"),
        (subject("price", json!(1)), "unknown field `price`"),
        (json!({"subject_roles": {"ana": "buyer"}}), "Each member of a conversation about a subject"),
        (
            json!({"subject_roles": {"ana": "buyer", "bob": "thief"}}),
            "thief is no role of listing: buyer, seller",
        ),
        (json!({"subject_roles": {"ana": "buyer", "bob": "seller", "cyd": "buyer"}}), "cyd is not among"),
        (json!({"subject": null}), "`subject_roles` without a `subject`"),
        (json!({"title": "Bikes"}), "neither title, picture, owners nor moderators"),
        (json!({"owners": ["ana"]}), "neither title, picture, owners nor moderators"),
        (json!({"kind": "direct"}), "A direct conversation has two members and no title"),
    ] {
        let (line, reason) = refused(try_import(world, &file(&changes)).await);
        assert!(line == 3 && reason.contains(why), "{line}: {reason}, not {why}");
        assert!(!world.store.has_accounts().await.unwrap(), "{changes}");
    }
    let event = json!({"type": "message", "conversation": "bike", "sender": "ana", "content": "closed", "system": true,
        "client_id": "01890000-0000-7000-8000-000000000001", "timestamp": "2024-02-01T10:00:00Z",
        "event": {"kind": "closed", "subject": {"kind": "boat", "id": "1", "title": "A boat"}}});
    let with_event = format!("{}{event}\n", file(&json!({})));
    let (line, reason) = refused(try_import(world, &with_event).await);
    assert!(line == 4 && reason.contains("named boat"), "{line}: {reason}");
    // Without configured kinds there are none.
    let clock = ManualClock::at(NOW);
    let result = transfer::import(&*world.store, &clock, &[], file(&json!({})).as_bytes(), |_| {}).await;
    assert_eq!(refused(result).0, 3);
    assert_eq!(import(world, &with_event.replace("boat", "listing")).await.counts.messages, 1);
}
