//! The members who invite, and what remains of that when they may not any more.

use super::invitations::has_ended;
use super::world::World;
use crate::policy::{INVITATION_LIFETIME, MAX_INVITATIONS_BY_ONE};
use crate::store::{Admission, GroupChange, NewConversation, Outcome, TokenHash, Write};
use protocol::limits::MAX_INVITATIONS;
use protocol::{AddableBy, ConversationId, InvitationId, Role, UserId};

/// A group of which the second person is a moderator, with a link and an invitation of the third person by that moderator.
async fn with_open_doors(world: &World, people: [UserId; 3]) -> (ConversationId, InvitationId) {
    let [owner, moderator, invited] = people;
    let id = world.group(&[owner, moderator]).await;
    let promote = GroupChange::SetRole(moderator, Role::Moderator);
    world.change_group(owner, id, promote).await.unwrap();
    world.links(moderator, id, &format!("by {moderator} to {id}"), None).await;
    let added = world.change_group(moderator, id, GroupChange::Add(vec![invited])).await.unwrap();
    (id, added.invited[0].invitation.id)
}

async fn joins(world: &World, user: UserId, by: UserId, id: ConversationId) -> bool {
    let token = TokenHash::of(&format!("by {by} to {id}"));
    let preview = world.store.link_preview(user, token, world.now()).await;
    let joined = world.join(user, id, Admission::Link(token)).await;
    assert_eq!(preview.is_ok(), joined.is_ok());
    if joined.is_err() {
        has_ended(joined);
        return false;
    }
    true
}

pub(crate) async fn c3_what_a_member_opened_ends_with_the_permission(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let (dee, eve) = (world.person("dee").await, world.person("eve").await);
    world.lets_add(cy, AddableBy::Nobody).await;
    for (by, change) in [
        (ana, GroupChange::Remove(bo)),
        (bo, GroupChange::Remove(bo)),
        (ana, GroupChange::SetRole(bo, Role::Member)),
    ] {
        let (id, invitation) = with_open_doors(world, [ana, bo, cy]).await;
        world.links(ana, id, &format!("by {ana} to {id}"), None).await;
        let rev = world.user_rev(cy).await;
        let changed = world.change_group(by, id, change.clone()).await.unwrap();
        let ended: Vec<_> = changed.ended.iter().map(|one| (one.user, one.invitation)).collect();
        assert_eq!(ended, [(cy, invitation)], "{change:?}");
        assert_eq!(changed.ended[0].user_rev, rev + 1);
        assert_eq!(world.invitations(cy).await, []);
        has_ended(world.join(cy, id, Admission::Invitation(invitation)).await);
        assert!(!joins(world, dee, bo, id).await, "{change:?}");
        assert_eq!(world.store.links(ana, id, world.now()).await.unwrap().len(), 1, "that of the owner");
        assert!(joins(world, eve, ana, id).await);
    }
}

pub(crate) async fn c3_what_a_moderator_opened_stays_with_other_changes(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let dee = world.person("dee").await;
    world.lets_add(cy, AddableBy::Nobody).await;
    let (id, invitation) = with_open_doors(world, [ana, bo, cy]).await;
    let (other, _) = with_open_doors(world, [ana, bo, cy]).await;
    // A higher role and back again, and another group.
    for role in [Role::Owner, Role::Moderator] {
        let changed = world.change_group(ana, id, GroupChange::SetRole(bo, role)).await.unwrap();
        assert_eq!(changed.ended, []);
    }
    world.remove(bo, other, bo).await.unwrap();
    assert!(joins(world, dee, bo, id).await);
    world.join(cy, id, Admission::Invitation(invitation)).await.unwrap().expect("is new");
}

pub(crate) async fn c3_what_a_suspended_person_opened_ends(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let dee = world.person("dee").await;
    world.lets_add(cy, AddableBy::Nobody).await;
    let mut doors = Vec::new();
    for _ in 0..2 {
        doors.push(with_open_doors(world, [ana, bo, cy]).await);
    }
    let rev = world.user_rev(cy).await;
    world.store.suspend(bo, true, world.now()).await.unwrap();
    assert!(world.user_rev(cy).await > rev, "the clients of the invited person load their list again");
    assert_eq!(world.invitations(cy).await, []);
    // Nor is a door open again when the suspension is lifted.
    for suspended in [true, false] {
        world.store.suspend(bo, suspended, world.now()).await.unwrap();
        for (id, invitation) in &doors {
            has_ended(world.join(cy, *id, Admission::Invitation(*invitation)).await);
            assert!(!joins(world, dee, bo, *id).await);
        }
    }
}

/// Has the first person create so many groups with the others, and returns the number of people who were invited.
async fn creates(world: &World, count: usize, participants: &[UserId]) -> usize {
    let new = NewConversation {
        creator: participants[0],
        participants: participants.to_vec(),
        title: Some("Club".to_owned()),
        client_id: None,
        invites: true,
    };
    let outcomes = world.batch(vec![Write::CreateConversation(new); count]).await;
    let invited = outcomes.into_iter().map(|outcome| match outcome {
        Ok(Outcome::ConversationCreated { created: true, invited, .. }) => invited.len(),
        other => panic!("not created: {other:?}"),
    });
    invited.sum()
}

pub(crate) async fn c3_one_member_has_a_bounded_number_of_invitations_to_a_person(world: &World) {
    let (ana, bo, cy) = world.three().await;
    world.lets_add(bo, AddableBy::Nobody).await;
    assert_eq!(creates(world, MAX_INVITATIONS_BY_ONE + 5, &[ana, bo]).await, MAX_INVITATIONS_BY_ONE);
    // Those of others go on, and the others of a request are added.
    assert_eq!(world.invites(&[cy, bo]).await.1.len(), 1);
    let (id, invited) = world.invites(&[ana, bo, cy]).await;
    assert_eq!((invited.len(), world.store.conversation(cy, id).await.unwrap().member_count), (0, 2));
    // What has expired counts no longer, whether it was swept or not.
    world.wait(INVITATION_LIFETIME);
    assert_eq!(world.invites(&[ana, bo]).await.1.len(), 1);
}

pub(crate) async fn c3_who_has_many_invitations_to_answer_gets_no_more(world: &World) {
    let (ana, bo, cy) = world.three().await;
    world.lets_add(bo, AddableBy::Nobody).await;
    for n in 0..MAX_INVITATIONS / MAX_INVITATIONS_BY_ONE {
        let inviter = world.person(&format!("inviter{n}")).await;
        assert_eq!(creates(world, MAX_INVITATIONS_BY_ONE, &[inviter, bo]).await, MAX_INVITATIONS_BY_ONE);
    }
    let (id, invited) = world.invites(&[ana, bo, cy]).await;
    assert_eq!((invited.len(), world.store.conversation(cy, id).await.unwrap().member_count), (0, 2));
    let added = world.change_group(ana, id, GroupChange::Add(vec![bo])).await.unwrap();
    assert!(added.invited.is_empty() && added.messages.is_empty());
    assert_eq!(world.invitations(bo).await.len(), MAX_INVITATIONS);
}
