//! Conversations about subjects as moderators see them.

use super::subjects::open;
use super::world::{World, read, refusal};
use crate::store::{
    ExternalIdentity, ExternalSignIn, HandOver, ModerationFilter, ModerationPosition, NewAccount, Outcome,
    SubjectWrite, Write,
};
use protocol::{
    AddableBy, ClosedBy, ConversationId, ErrorCode, GroupEventKind, Message, PreferencesChange, Role,
    Timestamp, UserId,
};

const LISTING: [&str; 1] = ["listing"];
const ALL: ModerationFilter<'_> = ModerationFilter { kinds: &LISTING, closed: None, subject: None };

async fn opened(world: &World, id: &str, people: &[(UserId, &str)]) -> ConversationId {
    match world.write(open(id, false, people)).await {
        Ok(Outcome::ConversationCreated { id, .. }) => id,
        other => panic!("not opened: {other:?}"),
    }
}

async fn moderates(world: &World, id: ConversationId, by: UserId, reason: Option<&str>) -> Vec<Message> {
    let reason = reason.map(str::to_owned);
    let write = Write::Subject(SubjectWrite::Moderate { conversation: id, by, reason });
    match world.write(write).await {
        Ok(Outcome::GroupChanged(changed)) => changed.messages,
        other => panic!("not changed: {other:?}"),
    }
}

/// All conversations of the filter, in pages of this size.
async fn listed(world: &World, filter: ModerationFilter<'_>, limit: usize) -> Vec<ConversationId> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = world.store.moderated_list(filter, after, limit).await.unwrap();
        assert!(page.len() <= limit);
        all.extend(page.iter().map(|entry| entry.id));
        after = page.last().map(crate::store::ModeratedEntry::position);
        if page.len() < limit {
            return all;
        }
    }
}

pub(crate) async fn c4_a_moderators_list_has_the_newest_activity_first(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let mut ids = Vec::new();
    for (subject, buyer) in [("1", ana), ("1", cy), ("2", ana), ("3", cy), ("4", ana)] {
        ids.push(opened(world, subject, &[(buyer, "buyer"), (bo, "seller")]).await);
        // Over several hours, and several in the same one.
        world.wait(1_500_000_000);
    }
    let group = world.conversation(&[ana, bo, cy]).await;
    world.send(ana, group, "A group has no subject").await;
    world.send(bo, ids[1], "The newest").await;
    let order = [ids[1], ids[4], ids[3], ids[2], ids[0]];
    for limit in [1, 2, 3, 50] {
        assert_eq!(listed(world, ALL, limit).await, order, "pages of {limit}");
    }
    let page = world.store.moderated_list(ALL, None, 1).await.unwrap();
    assert_eq!((page[0].subject.id.as_str(), page[0].subject.kind.as_str()), ("1", "listing"));
    let roles: Vec<_> = page[0].participants.iter().map(|(user, role)| (user.id, role.as_str())).collect();
    assert_eq!(roles, [(bo, "seller"), (cy, "buyer")]);
    assert!(page[0].active_at > page[0].created_at);

    let of = |subject| ModerationFilter { subject: Some(subject), ..ALL };
    assert_eq!(listed(world, of("1"), 1).await, [ids[1], ids[0]]);
    assert_eq!(listed(world, of("5"), 1).await, []);
    assert_eq!(listed(world, ModerationFilter { kinds: &["job"], ..ALL }, 9).await, []);
    assert_eq!(listed(world, ModerationFilter { kinds: &["job", "listing"], ..ALL }, 2).await.len(), 5);

    moderates(world, ids[0], cy, Some("Spam")).await;
    moderates(world, ids[3], cy, Some("Spam")).await;
    let state = |closed| ModerationFilter { closed: Some(closed), ..ALL };
    assert_eq!(listed(world, state(true), 1).await, [ids[3], ids[0]]);
    assert_eq!(listed(world, state(false), 2).await, [ids[1], ids[4], ids[2]]);
    assert_eq!(listed(world, ALL, 2).await, [ids[3], ids[0], ids[1], ids[4], ids[2]]);
    let closed_of = |closed| ModerationFilter { closed: Some(closed), ..of("1") };
    assert_eq!(listed(world, closed_of(true), 9).await, [ids[0]]);
    assert_eq!(listed(world, closed_of(false), 9).await, [ids[1]]);
    // Before everything.
    let none = Some(ModerationPosition { active_at: Timestamp(i64::MIN), id: ConversationId(0) });
    assert_eq!(world.store.moderated_list(ALL, none, 9).await.unwrap(), []);
}

pub(crate) async fn c4_a_moderator_sees_the_whole_history_and_nothing_of_one_person(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = opened(world, "42", &[(ana, "buyer"), (bo, "seller")]).await;
    let said = [
        world.send(ana, id, "Is it still there?").await,
        world.send(bo, id, "Yes").await,
        world.send(bo, id, "Send the money to my cousin").await,
    ];
    // Hidden by one member, even one who moderates.
    for user in [ana, bo] {
        let hide = Write::Hide { user, conversation: id, message: said[1].id, hidden: true };
        world.write(hide).await.unwrap();
    }
    world.delete(bo, id, said[2].id).await.unwrap();
    let page = world.store.moderated_page(id, None, 50).await.unwrap();
    let shown: Vec<_> = page
        .messages
        .iter()
        .map(|message| (message.seq, message.content.as_str(), message.deleted_at))
        .collect();
    assert_eq!(shown[..2], [(1, "Is it still there?", None), (2, "Yes", None)]);
    assert_eq!((shown[2].0, shown[2].1), (3, ""), "a tombstone");
    assert!(shown[2].2.is_some() && page.at_start && page.at_end);
    // Pages back to the beginning.
    let page = world.store.moderated_page(id, Some(3), 1).await.unwrap();
    assert_eq!((page.messages[0].seq, page.at_start, page.at_end), (2, false, false));
    let page = world.store.moderated_page(id, Some(2), 1).await.unwrap();
    assert_eq!((page.messages[0].seq, page.at_start), (1, true));
    assert_eq!(world.store.moderated_page(id, Some(1), 1).await.unwrap().messages, []);
    assert_eq!(
        refusal(world.store.moderated_page(ConversationId(4_711), None, 1).await),
        ErrorCode::NotFound
    );

    world.write(read(ana, id, Some(said[1].id))).await.unwrap();
    let change = PreferencesChange { send_read_receipts: Some(false), ..PreferencesChange::default() };
    world.write(Write::UpdatePreferences { user: bo, change: Box::new(change) }).await.unwrap();
    let seen = world.store.moderated_conversation(id).await.unwrap();
    assert_eq!((seen.id, seen.subject.id.as_str()), (id, "42"));
    let [buyer, seller] = seen.members.as_slice() else { panic!("{seen:?}") };
    assert_eq!((buyer.user.id, buyer.role.as_str(), buyer.since), (ana, "buyer", seen.created_at));
    let position = buyer.read.unwrap();
    assert_eq!((position.seq, position.at), (2, Some(said[1].timestamp)));
    assert_eq!((seller.user.id, seller.read), (bo, None), "hidden from everybody");

    let group = world.conversation(&[ana, bo, cy]).await;
    for other in [group, ConversationId(4_711)] {
        assert_eq!(world.store.subject_of(other).await.unwrap(), None);
        assert_eq!(refusal(world.store.moderated_conversation(other).await), ErrorCode::NotFound);
    }
    assert_eq!(world.store.subject_of(id).await.unwrap().unwrap().id, "42");
}

pub(crate) async fn c4_a_moderator_closes_and_reopens_by_name(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = opened(world, "42", &[(ana, "buyer"), (bo, "seller")]).await;
    let closed = moderates(world, id, cy, Some("Asked for money outside")).await;
    let [message] = closed.as_slice() else { panic!("{closed:?}") };
    assert_eq!((message.rev, message.sender.id), (1, ana), "in the name of the first member");
    let event = message.event.as_ref().unwrap();
    assert_eq!((event.kind, event.role), (GroupEventKind::Closed, Some(Role::Moderator)));
    assert_eq!(event.members.iter().map(|person| person.id).collect::<Vec<_>>(), [cy]);
    let subject = event.subject.as_ref().unwrap();
    assert_eq!(subject.closed.as_deref(), Some("Asked for money outside"));
    assert_eq!(subject.closed_by, Some(ClosedBy::Moderator));
    assert_eq!(message.content, "can only read from now on, says the moderator cy: Asked for money outside");
    assert_eq!(moderates(world, id, cy, Some("Asked for money outside")).await, [], "it is so already");
    let reopened = moderates(world, id, cy, None).await;
    let event = reopened[0].event.as_ref().unwrap();
    assert_eq!((event.kind, event.members[0].id), (GroupEventKind::Reopened, cy));
    assert_eq!(reopened[0].content, "can write again, says the moderator cy");
    assert_eq!(moderates(world, id, cy, None).await, []);
    // The members read the same lines.
    let page = world.store.page(bo, id, None, 50).await.unwrap();
    assert_eq!(page.messages, [closed[0].clone(), reopened[0].clone()]);
    let nothing = SubjectWrite::Moderate { conversation: ConversationId(4_711), by: cy, reason: None };
    assert_eq!(refusal(world.write(Write::Subject(nothing)).await), ErrorCode::NotFound);
}

pub(crate) async fn c4_a_reason_is_kept_for_its_moderator_and_conversation(world: &World) {
    const DAY: i64 = 24 * 60 * 60 * 1_000_000;
    let (ana, bo, cy) = world.three().await;
    let id = opened(world, "42", &[(ana, "buyer"), (bo, "seller")]).await;
    let other = opened(world, "43", &[(ana, "buyer"), (bo, "seller")]).await;
    let store = &world.store;
    assert_eq!(store.moderation_access(cy, id).await.unwrap(), None);
    let now = world.now();
    let given = store.give_moderation_access(cy, id, "Ana complained", now).await.unwrap();
    assert_eq!((given.reason.as_str(), given.given_at), ("Ana complained", now));
    assert_eq!(store.moderation_access(cy, id).await.unwrap(), Some(given.clone()));
    assert_eq!(store.moderation_access(cy, other).await.unwrap(), None);
    assert_eq!(store.moderation_access(ana, id).await.unwrap(), None);
    // A repeat is the same one, until it has ended; another reason is another one.
    let later = Timestamp(now.0 + DAY - 1);
    assert_eq!(store.give_moderation_access(cy, id, "Ana complained", later).await.unwrap(), given);
    let again = store.give_moderation_access(cy, id, "Bo complained", later).await.unwrap();
    assert_eq!(again.given_at, later);
    assert_eq!(store.moderation_access(cy, id).await.unwrap(), Some(again));
    let renewed = Timestamp(later.0 + DAY);
    let again = store.give_moderation_access(cy, id, "Bo complained", renewed).await.unwrap();
    assert_eq!(again.given_at, renewed);
    // It goes with the conversation, and with the account.
    store.delete_account(ana).await.unwrap();
    assert_eq!(store.moderation_access(cy, id).await.unwrap(), None);
    store.delete_account(cy).await.unwrap();
}

pub(crate) async fn c4_a_role_in_the_product_is_the_one_of_the_last_token(world: &World) {
    let store = &world.store;
    let ana = world.person("ana").await;
    assert_eq!(store.role_in_product(ana).await.unwrap(), None);
    let identity = |role: Option<&str>| ExternalIdentity {
        issuer: "https://shop.example".to_owned(),
        subject: "7".to_owned(),
        picture: None,
        role: role.map(str::to_owned),
    };
    let token = |byte| HandOver { hash: [byte; 32], expires_at: Timestamp(i64::MAX) };
    let account = NewAccount {
        username: "bo".to_owned(),
        first_name: String::new(),
        last_name: String::new(),
        password_hash: String::new(),
        kind: crate::store::AccountKind::Person,
        addable_by: AddableBy::Everyone,
        request_hash: None,
    };
    let made =
        store.create_external_account(&identity(Some("support")), account, Some(token(1)), world.now()).await;
    let Ok(ExternalSignIn::Known(account)) = made else { panic!("{made:?}") };
    let bo = account.person.id;
    assert_eq!(store.role_in_product(bo).await.unwrap().as_deref(), Some("support"));
    for (byte, role) in [(2, Some("seller")), (3, None)] {
        store.external_account(&identity(role), token(byte)).await.unwrap();
        assert_eq!(store.role_in_product(bo).await.unwrap().as_deref(), role);
    }
}
