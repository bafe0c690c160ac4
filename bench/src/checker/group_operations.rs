//! The operations of a client that change groups, each recorded in the history.

use super::change::Change;
use super::client::{Client, Made};
use super::history::What;
use super::request::{GIVE_UP_AFTER, Outcome, REQUEST_TIMEOUT, UNKNOWN_AFTER};
use super::script::{ChangeKind, Step};
use crate::BoxError;
use crate::api::{Api, Response};
use protocol::{ClientFrame, ClientId, ConversationId, Person, Role, UserId};
use std::time::Instant;

/// The way of a request, and how long its answer is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) by_request: bool,
    pub(super) gives_up: bool,
}

impl Way {
    pub(super) const BY_FRAME: Self = Self { by_request: false, gives_up: false };
}

impl Client {
    /// Makes a change of this kind in one of the groups.
    pub(super) async fn change_group(&mut self, kind: ChangeKind, way: Way, step: Step) {
        let Some(group) = self.one_of_the_groups(step) else { return };
        let Some(target) = self.target(group, kind == ChangeKind::Add, step) else { return };
        let me = self.state.me.id;
        // The first person reads everything in the end, so it stays in all groups.
        let stays = self.is_first(me);
        let change = match kind {
            ChangeKind::Add => Change::Add { user: target },
            ChangeKind::Remove => Change::Remove { user: target },
            ChangeKind::Leave if stays => return,
            ChangeKind::Leave => Change::Remove { user: me },
            ChangeKind::SetRole(role) => Change::SetRole { user: target, role },
            ChangeKind::HandOver => Change::SetRole { user: target, role: Role::Owner },
            ChangeKind::Rename => Change::Rename { title: self.new_title() },
            ChangeKind::SetHistory(history) => Change::SetHistory { history },
        };
        if self.is_first(target) && change == (Change::Remove { user: target }) {
            return;
        }
        let outcome = self.change(group, change, way, step).await;
        if kind == ChangeKind::HandOver && outcome == Outcome::Done {
            let leaves = !stays && step.pick.is_multiple_of(2);
            let down = Change::SetRole { user: me, role: Role::Member };
            let change = if leaves { Change::Remove { user: me } } else { down };
            self.change(group, change, way, step).await;
        }
    }

    /// Requests a change of a group.
    pub(super) async fn change(
        &mut self,
        group: ConversationId,
        change: Change,
        way: Way,
        step: Step,
    ) -> Outcome {
        self.change_as(group, ClientId::mint(), change, way, step).await
    }

    async fn change_as(
        &mut self,
        group: ConversationId,
        id: ClientId,
        change: Change,
        way: Way,
        step: Step,
    ) -> Outcome {
        let what = || What::Change { conversation: group, request: id, change: change.clone() };
        let began = self.context.history.invoke(self.n, what());
        let deadline = Instant::now() + if way.gives_up { GIVE_UP_AFTER } else { UNKNOWN_AFTER };
        let outcome = if way.by_request {
            self.change_by_request(group, id, &change, deadline, step).await
        } else {
            self.request_by_frame(id, frame(group, id, &change), deadline).await
        };
        self.context.history.done(outcome.kind(), self.n, began, what());
        // Over HTTP a removal has no id.
        let has_id = !(way.by_request && matches!(change, Change::Remove { .. }));
        if outcome == Outcome::Done && has_id {
            self.made.push(Made { group, id, change });
        }
        outcome
    }

    async fn change_by_request(
        &mut self,
        group: ConversationId,
        id: ClientId,
        change: &Change,
        deadline: Instant,
        step: Step,
    ) -> Outcome {
        if let Change::Remove { user } = change {
            return self.remove_by_request(group, *user, deadline, step).await;
        }
        let people = self.context.people.clone();
        let asked = self.request(step.node, deadline, |api| {
            let (people, change) = (people.clone(), change.clone());
            async move {
                Ok(match ask(&api, &people, group, id, &change).await? {
                    Response::Done(_) => (true, None),
                    Response::Refused(status) => (false, Some(status)),
                })
            }
        });
        match asked.await {
            // The answer to these shows the group, which is not there for a person who was removed after the change.
            (Outcome::Refused, Some(404)) if !matches!(change, Change::SetRole { .. }) => Outcome::Unknown,
            (outcome, _) => outcome,
        }
    }

    /// Removes a member over HTTP, where the request has no id. It is not repeated, because a repeat could take effect again.
    async fn remove_by_request(
        &mut self,
        group: ConversationId,
        user: UserId,
        deadline: Instant,
        step: Step,
    ) -> Outcome {
        let Some(api) = self.endpoint(step.node) else { return Outcome::Refused };
        let within = REQUEST_TIMEOUT.min(deadline.saturating_duration_since(Instant::now()));
        let asked = async move { tokio::time::timeout(within, api.remove(group, user)).await };
        match self.meanwhile(asked).await {
            Ok(Ok(Response::Done(_))) => Outcome::Done,
            Ok(Ok(Response::Refused(_))) => Outcome::Refused,
            _ => Outcome::Unknown,
        }
    }

    /// Requests an acknowledged change again: it must be acknowledged, and must not take effect.
    pub(super) async fn repeat_change(&mut self, step: Step) {
        let Some(Made { group, id, change }) = self.one_made(step.pick) else { return };
        let what = || What::RepeatChange { conversation: group, request: id };
        let began = self.context.history.invoke(self.n, what());
        let deadline = Instant::now() + UNKNOWN_AFTER;
        let outcome = self.request_by_frame(id, frame(group, id, &change), deadline).await;
        self.context.history.done(outcome.kind(), self.n, began, what());
    }

    /// Requests another change under a used id, which must be refused.
    pub(super) async fn conflicting_change(&mut self, step: Step) {
        let Some(Made { group, id, .. }) = self.one_made(step.pick) else { return };
        let change = Change::Rename { title: self.new_title() };
        self.change_as(group, id, change, Way::BY_FRAME, step).await;
    }

    fn one_made(&self, pick: usize) -> Option<Made> {
        let recent = self.made.get(self.made.len().saturating_sub(30)..)?;
        recent.get(pick % recent.len().max(1)).cloned()
    }

    /// Mostly a group in which this client's person has a role.
    fn one_of_the_groups(&self, step: Step) -> Option<ConversationId> {
        let me = self.state.me.id;
        let groups = self.context.groups.iter().copied();
        let has_role = |id: &ConversationId| self.role(*id, me).is_some_and(|role| role > Role::Member);
        let mostly: Vec<_> =
            groups.clone().filter(|id| step.pick.is_multiple_of(4) || has_role(id)).collect();
        let all = if mostly.is_empty() { groups.collect() } else { mostly };
        all.get(step.conversation % all.len().max(1)).copied()
    }

    /// Mostly somebody who is no member, or somebody who is one, as far as this client knows.
    fn target(&self, group: ConversationId, is_new: bool, step: Step) -> Option<UserId> {
        let fits = |user: &UserId| step.node.is_multiple_of(8) || self.role(group, *user).is_none() == is_new;
        let people = || self.context.people.iter().map(|person| person.id);
        let mostly: Vec<_> = people().filter(fits).collect();
        let all = if mostly.is_empty() { people().collect() } else { mostly };
        all.get(step.pick % all.len().max(1)).copied()
    }

    /// The role of a member in the state of this client.
    fn role(&self, group: ConversationId, user: UserId) -> Option<Role> {
        let members = &self.state.rooms.get(&group)?.summary.members;
        members.iter().find(|member| member.user.id == user && !member.left).map(|member| member.role)
    }

    fn is_first(&self, user: UserId) -> bool {
        self.context.people.first().is_some_and(|first| first.id == user)
    }

    fn new_title(&mut self) -> String {
        self.titles += 1;
        format!("Title {} of {}", self.titles, self.n)
    }
}

/// The frame that requests a change.
fn frame(group: ConversationId, id: ClientId, change: &Change) -> ClientFrame {
    let (conversation_id, client_id) = (Some(group), Some(id));
    let update = |title, history| ClientFrame::UpdateConversation {
        conversation_id,
        title,
        hue: None,
        emoji: None,
        history,
        client_id,
    };
    match change {
        Change::Add { user } => ClientFrame::AddMembers { conversation_id, user_ids: vec![*user], client_id },
        Change::Remove { user } => ClientFrame::RemoveMember { conversation_id, user_id: *user, client_id },
        Change::SetRole { user, role } => {
            ClientFrame::SetRole { conversation_id, user_id: *user, role: *role, client_id }
        }
        Change::Rename { title } => update(Some(title.clone()), None),
        Change::SetHistory { history } => update(None, Some(*history)),
    }
}

/// Requests a change over HTTP, other than a removal.
async fn ask(
    api: &Api,
    people: &[Person],
    group: ConversationId,
    id: ClientId,
    change: &Change,
) -> Result<Response, BoxError> {
    match change {
        Change::Add { user } => {
            let person = people.iter().find(|person| person.id == *user).ok_or("there is no such person")?;
            api.add_member(group, &person.username, id).await
        }
        Change::Remove { user } => api.remove(group, *user).await,
        Change::SetRole { user, role } => api.set_role(group, *user, *role, id).await,
        Change::Rename { title } => api.rename(group, title, id).await,
        Change::SetHistory { history } => api.set_history(group, *history, id).await,
    }
}
