//! Invitations: people who only may be invited, and links.

use super::world::{World, new_message, refusal};
use crate::Error;
use crate::policy::INVITATION_LIFETIME;
use crate::store::{
    Admission, GroupChange, GroupChanged, GroupWrite, InvitationEnd, Invited, LinkKey, NewConversation,
    NewLink, NewlyListed, Outcome, TokenHash, Write,
};
use protocol::limits::MAX_LINKS;
use protocol::{
    AddableBy, ClientId, ConversationId, ErrorBody, ErrorCode, GroupEventKind, Invitation, InvitationId,
    InvitationLink, Member, Message, PreferencesChange, Role, SyncRequest, Timestamp, UserId,
};
use std::sync::Arc;

/// The joining of one person.
#[derive(Debug, PartialEq)]
pub(super) struct Joined {
    message: Message,
    member: Member,
    ended: Option<(InvitationId, i64)>,
    listed: NewlyListed,
}

const HOUR: i64 = 3_600_000_000;

impl World {
    pub(super) async fn lets_add(&self, user: UserId, addable_by: AddableBy) {
        let change = PreferencesChange { addable_by: Some(addable_by), ..PreferencesChange::default() };
        self.write(Write::UpdatePreferences { user, change: Box::new(change) }).await.unwrap();
    }

    /// A group that the first person creates with the others, who are asked.
    pub(super) async fn invites(&self, participants: &[UserId]) -> (ConversationId, Vec<Invited>) {
        let new = NewConversation {
            creator: participants[0],
            participants: participants.to_vec(),
            title: Some("Club".to_owned()),
            client_id: None,
            invites: true,
        };
        match self.write(Write::CreateConversation(new)).await.unwrap() {
            Outcome::ConversationCreated { id, invited, .. } => (id, invited),
            other => panic!("not created: {other:?}"),
        }
    }

    pub(super) async fn links(
        &self,
        by: UserId,
        conversation: ConversationId,
        token: &str,
        uses: Option<i64>,
    ) -> InvitationLink {
        match self.link(by, conversation, token, uses).await.unwrap() {
            Outcome::LinkCreated(link) => link,
            other => panic!("not created: {other:?}"),
        }
    }

    async fn link(
        &self,
        by: UserId,
        conversation: ConversationId,
        token: &str,
        uses: Option<i64>,
    ) -> crate::Result<Outcome> {
        let new = NewLink {
            by,
            conversation,
            token: TokenHash::of(token),
            token_start: token.chars().take(6).collect(),
            lifetime: HOUR,
            uses,
            client_id: None,
        };
        self.write(Write::CreateLink(new)).await
    }

    pub(super) async fn join(
        &self,
        user: UserId,
        conversation: ConversationId,
        by: Admission,
    ) -> crate::Result<Option<Joined>> {
        match self.write(Write::Join { user, conversation, by }).await? {
            Outcome::GroupChanged(mut changed) => Ok(changed.messages.pop().map(|message| Joined {
                message,
                member: changed.members.remove(0),
                ended: changed.ended.pop().map(|ended| (ended.invitation, ended.user_rev)),
                listed: changed.newly_listed.remove(0),
            })),
            other => panic!("not joined: {other:?}"),
        }
    }

    async fn joins(
        &self,
        user: UserId,
        conversation: ConversationId,
        token: &str,
    ) -> crate::Result<Option<Joined>> {
        self.join(user, conversation, Admission::Link(TokenHash::of(token))).await
    }

    /// The new counter of the person; `None` for a repeat.
    async fn ends(
        &self,
        user: UserId,
        invitation: InvitationId,
        end: InvitationEnd,
    ) -> crate::Result<Option<i64>> {
        match self.write(Write::EndInvitation { user, invitation, end }).await? {
            Outcome::InvitationEnded(ended) => Ok(ended.map(|(_, ended)| ended.user_rev)),
            other => panic!("not ended: {other:?}"),
        }
    }

    /// The invitations of a person, the same in a list and in a sync.
    pub(super) async fn invitations(&self, user: UserId) -> Vec<Invitation> {
        let listed = self.store.invitations(user).await.unwrap();
        let request = SyncRequest { user_rev: 1_000_000, list: true, ..SyncRequest::default() };
        assert_eq!(self.store.sync(user, &request).await.unwrap().invitations.as_ref(), Some(&listed));
        listed
    }
}

/// The refusal that is the same for every link and invitation that does not admit a person.
#[track_caller]
pub(super) fn has_ended<T: std::fmt::Debug>(result: crate::Result<T>) {
    match result {
        Err(Error::Refused(ErrorBody { code: ErrorCode::NotFound, message, .. })) => {
            assert_eq!(message, "This invitation does not exist or has ended");
        }
        other => panic!("not refused: {other:?}"),
    }
}

pub(crate) async fn c3_who_does_not_let_them_is_invited(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let dee = world.person("dee").await;
    world.lets_add(bo, AddableBy::Contacts).await;
    world.lets_add(cy, AddableBy::Nobody).await;
    let before = [world.user_rev(bo).await, world.user_rev(cy).await];
    let (id, invited) = world.invites(&[ana, bo, cy, dee]).await;
    let group = world.store.conversation(ana, id).await.unwrap();
    let members: Vec<_> = group.members.iter().map(|member| member.user.id).collect();
    assert_eq!((members, group.member_count), (vec![ana, dee], 2));
    let who: Vec<_> = invited.iter().map(|invited| (invited.user, invited.user_rev)).collect();
    assert_eq!(who, [(bo, before[0] + 1), (cy, before[1] + 1)]);
    for Invited { user, user_rev, invitation } in invited {
        assert_eq!(world.user_rev(user).await, user_rev);
        assert_eq!(world.invitations(user).await, std::slice::from_ref(&invitation));
        assert_eq!((invitation.conversation.id, invitation.conversation.member_count), (id, 2));
        assert_eq!((invitation.conversation.title.as_deref(), invitation.by.id), (Some("Club"), ana));
        assert_eq!(refusal(world.store.conversation(user, id).await), ErrorCode::NotFound);
    }
    // The installation itself asks nobody, and a direct conversation needs no permission.
    let group = world.group(&[ana, cy, dee]).await;
    assert_eq!(world.store.conversation(cy, group).await.unwrap().member_count, 3);
    world.conversation(&[ana, cy]).await;
    assert_eq!(world.invitations(cy).await.len(), 1);
}

pub(crate) async fn c3_contacts_are_those_whom_one_talks_with(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let (dee, eve) = (world.person("dee").await, world.person("eve").await);
    for user in [bo, cy, dee, eve] {
        world.lets_add(user, AddableBy::Contacts).await;
    }
    // Bo answered, Cy was written to, Dee wrote first, Eve shares a group.
    let with_bo = world.conversation(&[ana, bo]).await;
    world.send(ana, with_bo, "Hello").await;
    world.send(bo, with_bo, "Hello to you").await;
    world.send(ana, with_bo, "Fine").await;
    world.send(ana, with_bo, "Very fine").await;
    let with_cy = world.conversation(&[ana, cy]).await;
    world.send(ana, with_cy, "Hello").await;
    world.send(ana, with_cy, "Anybody there?").await;
    let with_dee = world.conversation(&[ana, dee]).await;
    world.send(dee, with_dee, "Hello").await;
    let shared = world.group(&[ana, eve]).await;
    let (_, invited) = world.invites(&[ana, bo, cy, dee, eve]).await;
    assert_eq!(invited.iter().map(|invited| invited.user).collect::<Vec<_>>(), [cy]);
    // A group that one of them has left is shared no longer; nor is a new direct conversation anything.
    world.remove(ana, shared, eve).await.unwrap();
    let (other, invited) = world.invites(&[ana, eve]).await;
    assert!(invited.is_empty(), "both are in the second group: {other:?}");
    world.remove(eve, other, eve).await.unwrap();
    let groups: Vec<_> = world.store.conversations(eve).await.unwrap().iter().map(|one| one.id).collect();
    for group in groups {
        world.remove(eve, group, eve).await.unwrap();
    }
    world.opened(&[ana, eve]).await;
    assert_eq!(world.invites(&[ana, eve]).await.1.len(), 1);
}

pub(crate) async fn c3_accepting_an_invitation_joins(world: &World) {
    let (ana, bo, cy) = world.three().await;
    world.lets_add(bo, AddableBy::Nobody).await;
    let (id, invited) = world.invites(&[ana, bo, cy]).await;
    let invitation = invited[0].invitation.id;
    let accept = |user| world.join(user, id, Admission::Invitation(invitation));
    let before = world.dump(&[ana, bo, cy], &[id]).await;
    has_ended(accept(cy).await);
    has_ended(world.join(bo, ConversationId(4711), Admission::Invitation(invitation)).await);
    has_ended(world.join(bo, id, Admission::Invitation(InvitationId(4711))).await);
    assert_eq!(world.dump(&[ana, bo, cy], &[id]).await, before);
    let rev = world.user_rev(bo).await;
    let joined = accept(bo).await.unwrap().expect("is new");
    assert_eq!(joined.ended, Some((invitation, rev + 1)));
    assert_eq!((joined.listed.user, joined.listed.user_rev), (bo, rev + 2));
    assert_eq!((joined.member.role, joined.member.joined_seq), (Role::Member, joined.message.rev));
    let event = joined.message.event.as_ref().expect("a typed event");
    assert_eq!((event.kind, joined.message.sender.id), (GroupEventKind::Joined, bo));
    assert_eq!(world.store.conversation(bo, id).await.unwrap(), joined.listed.conversation);
    assert_eq!(world.invitations(bo).await, []);
    // As any other member.
    assert!(world.write(Write::Send(new_message(bo, id, "Here I am"))).await.is_ok());
    let joined = world.dump(&[ana, bo, cy], &[id]).await;
    assert_eq!(accept(bo).await.unwrap(), None, "a repeat of a lost answer");
    assert_eq!(world.store.invitation_group(bo, invitation).await.unwrap(), Some(id));
    assert_eq!(world.store.invitation_group(cy, invitation).await.unwrap(), None);
    has_ended(accept(cy).await);
    assert_eq!(world.dump(&[ana, bo, cy], &[id]).await, joined);
    // Once left, the answer is spent.
    world.remove(bo, id, bo).await.unwrap();
    has_ended(accept(bo).await);
    assert_eq!(world.store.invitation_group(bo, invitation).await.unwrap(), None);
}

pub(crate) async fn c3_a_declined_invitation_rests(world: &World) {
    let (ana, bo, _) = world.three().await;
    world.lets_add(bo, AddableBy::Nobody).await;
    let (id, invited) = world.invites(&[ana, bo]).await;
    let invitation = invited[0].invitation.id;
    has_ended(world.ends(ana, invitation, InvitationEnd::Declined).await);
    let rev = world.user_rev(bo).await;
    let others = world.dump(&[ana], &[id]).await;
    assert_eq!(world.ends(bo, invitation, InvitationEnd::Declined).await.unwrap(), Some(rev + 1));
    assert_eq!(world.dump(&[ana], &[id]).await, others, "nobody is told");
    assert_eq!(world.invitations(bo).await, []);
    assert_eq!(world.ends(bo, invitation, InvitationEnd::Declined).await.unwrap(), None, "a repeat");
    has_ended(world.ends(ana, invitation, InvitationEnd::Declined).await);
    has_ended(world.ends(bo, invitation, InvitationEnd::Expired).await);
    assert_eq!(world.user_rev(bo).await, rev + 1);
    has_ended(world.join(bo, id, Admission::Invitation(invitation)).await);
}

pub(crate) async fn c3_who_is_added_to_a_group_and_who_is_invited(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let dee = world.person("dee").await;
    let id = world.group(&[ana, dee]).await;
    let promote = GroupChange::SetRole(dee, Role::Moderator);
    let promote = GroupWrite { by: ana, conversation: id, change: promote, client_id: None };
    world.write(Write::Group(promote)).await.unwrap();
    world.lets_add(bo, AddableBy::Nobody).await;
    let add = async |by, people: &[UserId]| {
        let change = GroupChange::Add(people.to_vec());
        match world.write(Write::Group(GroupWrite { by, conversation: id, change, client_id: None })).await {
            Ok(Outcome::GroupChanged(changed)) => changed,
            other => panic!("not added: {other:?}"),
        }
    };
    let first = add(ana, &[bo, cy]).await;
    assert_eq!(first.members.iter().map(|member| member.user.id).collect::<Vec<_>>(), [cy]);
    assert_eq!(first.invited.iter().map(|invited| invited.user).collect::<Vec<_>>(), [bo]);
    let invitation = first.invited[0].invitation.id;
    // An invitation that waits is not repeated.
    let nothing = |changed: &GroupChanged| changed.messages.is_empty() && changed.invited.is_empty();
    assert!(nothing(&add(ana, &[bo]).await) && nothing(&add(dee, &[bo]).await));
    // After it was declined: by another member, a day later.
    world.ends(bo, invitation, InvitationEnd::Declined).await.unwrap();
    assert!(nothing(&add(dee, &[bo]).await), "on the same day");
    world.wait(24 * HOUR);
    assert!(nothing(&add(ana, &[bo]).await), "the same member");
    let again = add(dee, &[bo]).await;
    assert_eq!((again.invited.len(), world.invitations(bo).await.len()), (1, 1));
    // Who is added after all has no invitation any more.
    world.lets_add(bo, AddableBy::Everyone).await;
    let added = add(ana, &[bo]).await;
    assert_eq!((added.members.len(), added.ended.len(), added.ended[0].user), (1, 1, bo));
    assert!(added.newly_listed[0].user_rev > added.ended[0].user_rev);
    assert_eq!(world.invitations(bo).await, []);
}

pub(crate) async fn c3_an_invitation_expires_after_thirty_days(world: &World) {
    let (ana, bo, _) = world.three().await;
    world.lets_add(bo, AddableBy::Nobody).await;
    let (id, invited) = world.invites(&[ana, bo]).await;
    let invitation = &invited[0].invitation;
    let expire = || world.ends(bo, invitation.id, InvitationEnd::Expired);
    assert_eq!(refusal(expire().await), ErrorCode::NotFound, "not yet");
    let limit = |at: i64| Timestamp(invitation.created_at.0 + at);
    assert_eq!(world.store.invitations_before(limit(-1)).await.unwrap(), []);
    assert_eq!(world.store.invitations_before(limit(0)).await.unwrap(), [(bo, invitation.id)]);
    world.wait(INVITATION_LIFETIME);
    has_ended(world.join(bo, id, Admission::Invitation(invitation.id)).await);
    let rev = world.user_rev(bo).await;
    assert_eq!(expire().await.unwrap(), Some(rev + 1));
    assert_eq!(world.invitations(bo).await, []);
}

pub(crate) async fn c3_a_link_admits_and_is_counted(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, cy]).await;
    let link = world.links(ana, id, "a link for two", Some(2)).await;
    assert_eq!((link.by.id, link.uses_left, link.token_start.as_str()), (ana, Some(2), "a link"));
    let token = TokenHash::of("a link for two");
    let preview = world.store.link_preview(bo, token, world.now()).await.unwrap();
    assert_eq!((preview.conversation.id, preview.conversation.member_count), (id, 2));
    assert_eq!((preview.by.id, preview.is_member), (ana, false));
    let joined = world.joins(bo, id, "a link for two").await.unwrap().expect("is new");
    assert_eq!((joined.member.user.id, joined.ended), (bo, None));
    // A member spends no use.
    assert_eq!(world.joins(bo, id, "a link for two").await.unwrap(), None);
    assert!(world.store.link_preview(bo, token, world.now()).await.unwrap().is_member);
    let left = |links: Vec<InvitationLink>| links.iter().map(|link| link.uses_left).collect::<Vec<_>>();
    assert_eq!(left(world.store.links(ana, id, world.now()).await.unwrap()), [Some(1)]);
    let dee = world.person("dee").await;
    has_ended(world.joins(dee, ConversationId(4711), "a link for two").await);
    has_ended(world.joins(dee, id, "another link").await);
    world.joins(dee, id, "a link for two").await.unwrap();
    let eve = world.person("eve").await;
    has_ended(world.joins(eve, id, "a link for two").await);
    has_ended(world.store.link_preview(eve, token, world.now()).await);
    assert_eq!(world.store.links(ana, id, world.now()).await.unwrap(), []);
    assert_eq!(world.joins(dee, id, "a link for two").await.unwrap(), None, "who joined by it is a member");
}

pub(crate) async fn c3_the_last_use_of_a_link_is_for_one_person(world: &World) {
    let ana = world.person("ana").await;
    let bo = world.person("bo").await;
    let id = world.group(&[ana, bo]).await;
    world.links(ana, id, "for one", Some(1)).await;
    let mut people = Vec::new();
    for n in 0..8 {
        people.push(world.person(&format!("person{n}")).await);
    }
    let tasks: Vec<_> = people
        .into_iter()
        .map(|user| {
            let by = Admission::Link(TokenHash::of("for one"));
            let (store, now) = (Arc::clone(&world.store), world.now());
            let write = Write::Join { user, conversation: id, by };
            tokio::spawn(async move { store.commit(&[write], now).await.unwrap().remove(0) })
        })
        .collect();
    let mut joined = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => joined += 1,
            refused => has_ended(refused),
        }
    }
    assert_eq!(joined, 1);
    assert_eq!(world.store.conversation(ana, id).await.unwrap().member_count, 3);
}

pub(crate) async fn c3_a_link_ends(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, cy]).await;
    let other = world.group(&[ana, cy]).await;
    let first = world.links(ana, id, "first", None).await;
    world.links(ana, id, "second", None).await;
    world.links(ana, id, "third", None).await;
    let revoke = |by, conversation, link| world.write(Write::RevokeLink { by, conversation, link });
    let before = world.store.links(ana, id, world.now()).await.unwrap();
    assert_eq!(before.len(), 3);
    assert_eq!(refusal(revoke(cy, id, LinkKey::Id(first.id)).await), ErrorCode::Forbidden);
    assert_eq!(refusal(revoke(bo, id, LinkKey::Id(first.id)).await), ErrorCode::NotFound);
    has_ended(revoke(ana, other, LinkKey::Id(first.id)).await);
    has_ended(revoke(ana, id, LinkKey::Token(TokenHash::of("no link"))).await);
    assert_eq!(world.store.links(ana, id, world.now()).await.unwrap(), before);
    revoke(ana, id, LinkKey::Id(first.id)).await.unwrap();
    revoke(ana, id, LinkKey::Token(TokenHash::of("second"))).await.unwrap();
    // A repeat of a lost answer.
    revoke(ana, id, LinkKey::Id(first.id)).await.unwrap();
    for token in ["first", "second"] {
        has_ended(world.joins(bo, id, token).await);
        has_ended(world.joins(cy, id, token).await);
    }
    world.wait(HOUR);
    has_ended(world.joins(bo, id, "third").await);
    assert_eq!(world.store.links(ana, id, world.now()).await.unwrap(), []);
    assert_eq!(world.store.sweep_links(world.now()).await.unwrap(), 3);
    has_ended(revoke(ana, id, LinkKey::Id(first.id)).await);
    assert_eq!(world.store.conversation(ana, id).await.unwrap().member_count, 2);
}

pub(crate) async fn c3_a_repeated_request_gives_the_same_link(world: &World) {
    let (ana, bo, _) = world.three().await;
    let id = world.group(&[ana, bo]).await;
    let client_id = Some(ClientId::mint());
    let request = |by, uses| NewLink {
        by,
        conversation: id,
        token: TokenHash::of("repeated"),
        token_start: "repeat".into(),
        lifetime: HOUR,
        uses,
        client_id,
    };
    let create = async |new| match world.write(Write::CreateLink(new)).await? {
        Outcome::LinkCreated(link) => Ok(link),
        other => panic!("not created: {other:?}"),
    };
    let link = create(request(ana, Some(3))).await.unwrap();
    world.wait(HOUR / 2);
    assert_eq!(create(request(ana, Some(3))).await.unwrap(), link);
    assert_eq!(world.store.links(ana, id, world.now()).await.unwrap(), std::slice::from_ref(&link));
    assert_eq!(refusal(create(request(ana, Some(4))).await), ErrorCode::IdConflict);
    assert_eq!(refusal(create(request(bo, Some(3))).await), ErrorCode::Forbidden);
    world.write(Write::RevokeLink { by: ana, conversation: id, link: LinkKey::Id(link.id) }).await.unwrap();
    has_ended(create(request(ana, Some(3))).await);
    assert_eq!(world.store.links(ana, id, world.now()).await.unwrap(), []);
}

pub(crate) async fn c3_a_removal_is_stronger_than_an_older_link(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo, cy]).await;
    world.links(ana, id, "old", None).await;
    world.remove(ana, id, bo).await.unwrap();
    world.remove(cy, id, cy).await.unwrap();
    has_ended(world.joins(bo, id, "old").await);
    has_ended(world.store.link_preview(bo, TokenHash::of("old"), world.now()).await);
    // Who left comes back.
    let joined = world.joins(cy, id, "old").await.unwrap().expect("is new");
    assert_eq!((joined.member.left, joined.member.joined_seq), (false, joined.message.rev));
    world.links(ana, id, "new", None).await;
    world.joins(bo, id, "new").await.unwrap().expect("is new");
    // From then on the removal counts no longer.
    world.remove(bo, id, bo).await.unwrap();
    world.joins(bo, id, "old").await.unwrap().expect("is new");
}

pub(crate) async fn c3_who_may_make_links(world: &World) {
    let (ana, bo, cy) = world.three().await;
    let id = world.group(&[ana, bo]).await;
    let direct = world.conversation(&[ana, bo]).await;
    assert_eq!(refusal(world.link(bo, id, "x", None).await), ErrorCode::Forbidden);
    assert_eq!(refusal(world.link(cy, id, "x", None).await), ErrorCode::NotFound);
    assert_eq!(refusal(world.link(ana, direct, "x", None).await), ErrorCode::Forbidden);
    assert_eq!(refusal(world.store.links(bo, id, world.now()).await), ErrorCode::Forbidden);
    assert_eq!(refusal(world.store.links(cy, id, world.now()).await), ErrorCode::NotFound);
    for n in 0..MAX_LINKS {
        world.links(ana, id, &format!("link {n}"), None).await;
    }
    assert_eq!(refusal(world.link(ana, id, "one too many", None).await), ErrorCode::Conflict);
}
