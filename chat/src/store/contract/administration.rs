//! Pages of all people and all groups.

use super::external::account;
use super::world::World;
use crate::store::{ExternalIdentity, ExternalSignIn, GroupChange, ManagedPerson};
use protocol::{ConversationId, Role, UserId};

pub(crate) async fn x1_all_people_are_read_by_pages(world: &World) {
    let (store, (ana, bo, cy)) = (&world.store, world.three().await);
    store.suspend(bo, true, world.now()).await.unwrap();
    let ids = |people: &[ManagedPerson]| people.iter().map(|person| person.user.id).collect::<Vec<_>>();
    let first = store.managed_people(UserId(0), 2).await.unwrap();
    assert_eq!(ids(&first), [ana, bo]);
    assert_eq!((first[0].is_admin, first[1].is_admin), (true, false));
    assert_eq!((first[0].user.suspended, first[1].user.suspended), (false, true));
    assert!(first[0].created_at.0 > 0 && first[0].identity.is_none());
    assert_eq!(ids(&store.managed_people(bo, 2).await.unwrap()), [cy]);
    assert_eq!(store.managed_people(cy, 2).await.unwrap(), []);
    assert_eq!(store.managed_person(bo).await.unwrap().as_ref(), Some(&first[1]));
    assert_eq!(store.managed_person(UserId(4_711)).await.unwrap(), None);
    // Somebody of single sign-on, with their identity.
    let (issuer, subject) = ("https://shop.example".to_owned(), "7".to_owned());
    let identity =
        ExternalIdentity { issuer: issuer.clone(), subject: subject.clone(), picture: None, role: None };
    let made = store.create_external_account(&identity, account("dee"), None, world.now()).await.unwrap();
    let ExternalSignIn::Known(made) = made else { panic!("{made:?}") };
    let found = store.managed_person(made.person.id).await.unwrap().unwrap();
    assert_eq!((found.user, found.identity), (made.person, Some((issuer, subject))));
}

pub(crate) async fn x1_all_groups_are_read_by_pages(world: &World) {
    let (store, (ana, bo, cy)) = (&world.store, world.three().await);
    let direct = world.conversation(&[ana, bo]).await;
    let one = world.group(&[ana, bo, cy]).await;
    let two = world.group(&[bo, cy]).await;
    world.change_group(ana, one, GroupChange::Remove(cy)).await.unwrap();
    world.send(bo, one, "Hello").await;
    let page = store.managed_groups(ConversationId(0), 1).await.unwrap();
    let [group] = page.as_slice() else { panic!("{page:?}") };
    assert_eq!((group.id, group.member_count), (one, 2));
    assert!(group.active_at > group.created_at);
    let rest = store.managed_groups(one, 10).await.unwrap();
    assert_eq!(rest.iter().map(|group| group.id).collect::<Vec<_>>(), [two]);
    let (found, members) = store.managed_group(one).await.unwrap().unwrap();
    assert_eq!(&found, group);
    let members: Vec<_> = members.into_iter().map(|(user, role)| (user.id, role)).collect();
    assert_eq!(members, [(ana, Role::Owner), (bo, Role::Member)]);
    // Neither a pair nor what is not there.
    for id in [direct, ConversationId(4_711)] {
        assert!(store.managed_group(id).await.unwrap().is_none());
    }
}
