//! Owners of groups whose accounts are suspended.

use super::world::{World, refusal};
use crate::store::{GroupChange, NewConversation, Write};
use protocol::{ErrorCode, Role};

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
