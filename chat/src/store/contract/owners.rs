//! Owners of groups whose accounts are suspended.

use super::world::{World, refusal};
use crate::store::{GroupChange, NewConversation, Write};
use protocol::{ErrorCode, GroupEventKind, Role};

pub(crate) async fn c3_a_suspended_person_gets_no_role(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo, cy]).await;
    world.change_group(ana, id, GroupChange::SetRole(cy, Role::Moderator)).await.unwrap();
    for person in [bo, cy] {
        world.store.suspend(person, true, world.now()).await.unwrap();
    }
    let before = world.dump(&[ana, bo, cy], &[id]).await;
    for (person, role) in [(bo, Role::Owner), (bo, Role::Moderator), (cy, Role::Owner)] {
        let set = world.change_group(ana, id, GroupChange::SetRole(person, role)).await;
        assert_eq!(refusal(set), ErrorCode::Suspended);
    }
    for invites in [false, true] {
        let new = NewConversation {
            creator: ana,
            participants: vec![ana, bo],
            title: Some("Club".to_owned()),
            client_id: None,
            invites,
        };
        assert_eq!(refusal(world.write(Write::CreateConversation(new)).await), ErrorCode::Suspended);
    }
    assert_eq!(world.dump(&[ana, bo, cy], &[id]).await, before);
    // A role is taken from a suspended person, and given when the suspension ends.
    world.change_group(ana, id, GroupChange::SetRole(cy, Role::Member)).await.unwrap();
    world.store.suspend(bo, false, world.now()).await.unwrap();
    world.change_group(ana, id, GroupChange::SetRole(bo, Role::Owner)).await.unwrap();
}

pub(crate) async fn c3_an_operator_gives_a_group_an_owner(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo]).await;
    let direct = world.conversation(&[ana, bo]).await;
    world.store.suspend(ana, true, world.now()).await.unwrap();
    let changed = world.change_group(bo, id, GroupChange::BecomeOwner).await.unwrap();
    let event = changed.messages[0].event.as_deref().unwrap();
    assert_eq!((event.kind, event.role), (GroupEventKind::RoleChanged, Some(Role::Owner)));
    assert_eq!((changed.messages[0].sender.id, changed.members[0].role), (bo, Role::Owner));
    // Now somebody can hand it over, and take the role of the suspended person.
    world.change_group(bo, id, GroupChange::SetRole(ana, Role::Member)).await.unwrap();
    let before = world.dump(&[ana, bo, cy], &[id, direct]).await;
    let again = world.change_group(bo, id, GroupChange::BecomeOwner).await.unwrap();
    assert!(again.messages.is_empty() && again.members.is_empty());
    for (by, conversation, code) in
        [(cy, id, ErrorCode::NotFound), (ana, id, ErrorCode::Suspended), (bo, direct, ErrorCode::Forbidden)]
    {
        let refused = world.change_group(by, conversation, GroupChange::BecomeOwner).await;
        assert_eq!(refusal(refused), code);
    }
    assert_eq!(world.dump(&[ana, bo, cy], &[id, direct]).await, before);
    assert_eq!(world.store.command_changes().await.unwrap(), 0);
    world.store.count_command_change().await.unwrap();
    assert_eq!(world.store.command_changes().await.unwrap(), 1);
}

pub(crate) async fn c3_a_suspended_owner_does_not_count(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo, cy]).await;
    world.change_group(ana, id, GroupChange::SetRole(bo, Role::Owner)).await.unwrap();
    world.store.suspend(bo, true, world.now()).await.unwrap();
    for refused in [GroupChange::Remove(ana), GroupChange::SetRole(ana, Role::Member)] {
        assert_eq!(refusal(world.change_group(ana, id, refused).await), ErrorCode::LastOwner);
    }
    world.change_group(ana, id, GroupChange::SetRole(cy, Role::Owner)).await.unwrap();
    world.change_group(ana, id, GroupChange::Remove(bo)).await.unwrap();
    world.change_group(ana, id, GroupChange::Remove(ana)).await.unwrap();
}
