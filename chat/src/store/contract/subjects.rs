//! Conversations about subjects.

use super::world::{World, new_message, refusal, sent};
use crate::Result;
use crate::store::{GroupChange, NewSubject, Outcome, SubjectCard, SubjectKey, SubjectWrite, Write};
use protocol::{ConversationId, ErrorCode, ListFilter, NotificationLevel, UserId};

fn key(id: &str) -> SubjectKey {
    SubjectKey { kind: "listing".to_owned(), id: id.to_owned() }
}

fn card(title: &str) -> SubjectCard {
    SubjectCard {
        kind_name: "Listing".to_owned(),
        title: title.to_owned(),
        url: Some("https://shop.example/42".to_owned()),
        image: None,
        fields: Vec::new(),
    }
}

pub(super) fn open(id: &str, has_one: bool, people: &[(UserId, &str)]) -> Write {
    let participants = people.iter().map(|(user, role)| (*user, (*role).to_owned())).collect();
    Write::Subject(SubjectWrite::Open(NewSubject {
        key: key(id),
        has_one,
        card: card("A bicycle"),
        participants,
    }))
}

#[track_caller]
fn opened(outcome: Result<Outcome>) -> (ConversationId, bool, Vec<UserId>) {
    match outcome {
        Ok(Outcome::ConversationCreated { id, created, newly_listed, .. }) => {
            (id, created, newly_listed.into_iter().map(|listed| listed.user).collect())
        }
        other => panic!("not opened: {other:?}"),
    }
}

pub(crate) async fn c4_a_subject_has_one_conversation_for_each_set_of_people(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let write = open("42", false, &[(bo, "seller"), (ana, "buyer")]);
    let (id, created, listed) = opened(world.write(write).await);
    assert_eq!((created, listed), (true, vec![ana, bo]));
    let seen = world.store.conversation(bo, id).await.unwrap();
    let roles: Vec<_> =
        seen.members.iter().map(|member| (member.user.id, member.subject_role.clone())).collect();
    assert_eq!(roles, [(ana, Some("buyer".to_owned())), (bo, Some("seller".to_owned()))]);
    assert_eq!((seen.rev, seen.notify), (0, NotificationLevel::All));
    assert_eq!(seen.subject.as_deref(), Some(&card("A bicycle").subject(key("42"), None, None)));
    // As the list has it.
    let list = world.store.conversations(bo).await.unwrap();
    assert_eq!((list[0].subject.clone(), list[0].members.clone()), (seen.subject, seen.members));
    let before = world.dump(&[ana, bo, cy], &[id]).await;
    let again = world.write(open("42", false, &[(ana, "buyer"), (bo, "seller")])).await;
    assert_eq!(opened(again), (id, false, vec![]));
    assert_eq!(
        refusal(world.write(open("42", false, &[(ana, "seller"), (bo, "buyer")])).await),
        ErrorCode::Conflict
    );
    assert_eq!(
        refusal(world.write(open("42", false, &[(ana, "buyer"), (UserId(4_711), "seller")])).await),
        ErrorCode::NotFound
    );
    assert_eq!(world.dump(&[ana, bo, cy], &[id]).await, before);
    let (other, created, _) = opened(world.write(open("42", false, &[(cy, "buyer"), (bo, "seller")])).await);
    assert!(created && other != id);
    let all = world.store.subject_conversations(&key("42"), ConversationId(0), 10).await.unwrap();
    assert_eq!(all.iter().map(|one| one.id).collect::<Vec<_>>(), [id, other]);
    let people: Vec<_> =
        all[1].participants.iter().map(|(person, role)| (person.id, role.as_str())).collect();
    assert_eq!(people, [(bo, "seller"), (cy, "buyer")]);
    for (person, subject, newest) in
        [(ana, "42", Some(id)), (bo, "42", Some(other)), (cy, "42", Some(other)), (ana, "43", None)]
    {
        let own = world.store.own_subject_conversation(person, &key(subject)).await.unwrap();
        assert_eq!(own, newest, "{person:?} {subject}");
    }
    let after = world.store.subject_conversations(&key("42"), id, 10).await.unwrap();
    assert_eq!(after.iter().map(|one| one.id).collect::<Vec<_>>(), [other]);
    assert_eq!(world.store.subject_conversations(&key("43"), ConversationId(0), 10).await.unwrap(), []);
}

pub(crate) async fn c4_fifty_requests_at_once_open_one_conversation_of_a_subject(world: &World) {
    let (ana, bo, cy) = world.three().await;
    // Half of them for other people: the constraint of the database decides, since they lock no common row.
    let (di, ed) = (world.person("di").await, world.person("ed").await);
    let writes = (0..50).map(|n| {
        let people = if n % 2 == 0 { [(ana, "a"), (bo, "b")] } else { [(cy, "a"), (di, "b")] };
        let (store, write, now) = (world.store.clone(), open("1", true, &people), world.now());
        tokio::spawn(async move { store.commit(&[write], now).await.unwrap().remove(0) })
    });
    let (mut ids, mut created, mut conflicts) = (std::collections::BTreeSet::new(), 0, 0);
    for write in writes.collect::<Vec<_>>() {
        match write.await.unwrap() {
            Ok(Outcome::ConversationCreated { id, created: is_new, .. }) => {
                ids.insert(id);
                created += usize::from(is_new);
            }
            other => {
                assert_eq!(refusal(other), ErrorCode::Conflict);
                conflicts += 1;
            }
        }
    }
    assert_eq!((ids.len(), created, conflicts), (1, 1, 25));
    let one = world.write(open("1", true, &[(di, "a"), (ed, "b")])).await;
    assert_eq!(refusal(one), ErrorCode::Conflict);
}

pub(crate) async fn c4_a_kind_that_gets_many_conversations_keeps_the_one_of_its_people(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let (one, ..) = opened(world.write(open("42", true, &[(ana, "buyer"), (bo, "seller")])).await);
    let again = world.write(open("42", false, &[(bo, "seller"), (ana, "buyer")])).await;
    assert_eq!(opened(again), (one, false, vec![]));
    let swapped = world.write(open("42", false, &[(ana, "seller"), (bo, "buyer")])).await;
    assert_eq!(refusal(swapped), ErrorCode::Conflict);
    let others = || open("42", false, &[(cy, "buyer"), (bo, "seller")]);
    let (other, created, _) = opened(world.write(others()).await);
    assert!(created && other != one, "not the one of the first people");
    assert_eq!(opened(world.write(others()).await), (other, false, vec![]));
}

pub(crate) async fn c4_a_closed_conversation_takes_no_change_of_members(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let (id, ..) = opened(world.write(open("42", false, &[(ana, "buyer"), (bo, "seller")])).await);
    let said = world.send(ana, id, "Still there?").await;
    let changed = async |write: SubjectWrite| match world.write(Write::Subject(write)).await {
        Ok(Outcome::GroupChanged(changed)) => changed.messages,
        other => panic!("not changed: {other:?}"),
    };
    let close = |reason: &str| SubjectWrite::Close { conversation: id, reason: reason.to_owned() };
    let closed = changed(close("Sold")).await;
    assert_eq!((closed.len(), closed[0].rev), (1, 2));
    let event = closed[0].event.as_ref().unwrap();
    assert_eq!(event.subject.as_ref().unwrap().closed.as_deref(), Some("Sold"));
    assert_eq!(changed(close("Sold")).await, [], "it is so already");
    assert_eq!(changed(close("Gone")).await[0].rev, 3);

    let before = world.dump(&[ana, bo], &[id]).await;
    assert_eq!(refusal(world.write(Write::Send(new_message(bo, id, "Yes"))).await), ErrorCode::Closed);
    assert_eq!(refusal(world.delete(ana, id, said.id).await), ErrorCode::Closed);
    assert_eq!(refusal(world.store.shows_typing(ana, id).await), ErrorCode::Closed);
    assert_eq!(
        refusal(
            world
                .store
                .shows_typing(cy, id)
                .await
                .and_then(|shown| shown.ok_or_else(crate::Error::not_found))
        ),
        ErrorCode::NotFound
    );
    assert_eq!(world.dump(&[ana, bo], &[id]).await, before);
    for (filter, found) in [(ListFilter::Open, 0), (ListFilter::Closed, 1)] {
        for kind in [None, Some("listing"), Some("job")] {
            let found = if kind == Some("job") { 0 } else { found };
            let (page, _) = world.store.conversation_page(bo, Some(filter), kind, None, 10).await.unwrap();
            assert_eq!(page.len(), found, "{filter:?} {kind:?}");
            let kind = kind.map(str::to_owned);
            let page = world.store.list_page(bo, Some(filter), kind.clone(), None).await.unwrap();
            assert_eq!(
                (page.conversations.len(), page.filter, page.subject_kind),
                (found, Some(filter), kind)
            );
        }
    }

    // A description does not reopen it.
    let update = SubjectWrite::Update { conversation: id, card: card("Another") };
    let updated = changed(update.clone()).await;
    assert_eq!((updated[0].rev, changed(update).await.len()), (4, 0));
    let subject = world.store.conversation(bo, id).await.unwrap().subject.unwrap();
    assert_eq!((subject.title.as_str(), subject.closed.as_deref()), ("Another", Some("Gone")));
    assert_eq!(changed(SubjectWrite::Reopen { conversation: id }).await[0].rev, 5);
    assert!(!sent(world.write(Write::Send(new_message(bo, id, "Yes"))).await).1);
    // The changes are what a fresh load has.
    let missed = world.store.changes(bo, id, 1).await.unwrap();
    let last = missed.rows.iter().rev().find_map(|row| row.event.as_ref()).unwrap();
    assert_eq!(last.subject, world.store.conversation(bo, id).await.unwrap().subject);

    let other = world.conversation(&[ana, bo]).await;
    let none = SubjectWrite::Reopen { conversation: other };
    assert_eq!(refusal(world.write(Write::Subject(none)).await), ErrorCode::NotFound);
    for change in [GroupChange::Remove(ana), GroupChange::Add(vec![cy])] {
        assert_eq!(refusal(world.change_group(ana, id, change).await), ErrorCode::Forbidden);
    }
}
