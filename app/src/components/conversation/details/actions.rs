//! The actions for one member of a group. They are forms, and open in place, so that they work without scripts.

use super::request::{GroupRequest, Refusal};
use crate::client::use_client;
use crate::components::PersonField;
use crate::components::conversation::members::Members;
use crate::components::focus::focus_when_there;
use crate::components::view_fn::{handler, view_fn};
use crate::i18n::t;
use leptos::prelude::*;
use protocol::{ClientFrame, ClientId, ConversationId, Role, UserId};

/// Something that may be done with a member.
#[derive(Clone, Copy, PartialEq)]
enum Action {
    Become(Role),
    Remove,
}

/// The actions that are the reader's: `mine` is their own role, `role` that of the member.
fn allowed(mine: Role, role: Role, own: bool, has_other_owner: bool) -> Vec<Action> {
    let mut actions = Vec::new();
    match mine {
        // The only owner first hands over.
        Role::Owner if own && !has_other_owner => {}
        Role::Owner => {
            for other in [Role::Owner, Role::Moderator, Role::Member] {
                if other != role {
                    actions.push(Action::Become(other));
                }
            }
        }
        Role::Moderator | Role::Member => {}
    }
    // One leaves by a control of its own.
    if !own && mine > Role::Member && mine >= role {
        actions.push(Action::Remove);
    }
    actions
}

/// The button that shows the actions for a member, if the reader may do anything.
#[component]
pub(super) fn Actions(members: Members, user: UserId, name: Signal<String>) -> impl IntoView {
    let client = use_client();
    let request = GroupRequest::new();
    let me = client.me();
    let actions = Memo::new(move |_| match (members.role(me), members.role(user)) {
        (Some(mine), Some(role)) => allowed(mine, role, user == me, members.has_other_owner(user)),
        _ => Vec::new(),
    });
    let view = move || {
        let actions = actions.get();
        (!actions.is_empty()).then(|| {
            let each = |action| view! { <ActionForm id=members.id user name action request /> };
            view! {
                <details class="member-actions" name="member-actions">
                    <summary class="icon-button" aria-label=Signal::derive(move || t!("group.actions", name = name.get()))>
                        <span class="icon icon-more" aria-hidden="true"></span>
                    </summary>
                    <div class="member-menu">
                        {actions.into_iter().map(each).collect_view()}
                        <Refusal request />
                    </div>
                </details>
            }
        })
    };
    view_fn(view).into_any()
}

/// One action; one that is hard to undo asks first.
#[component]
fn ActionForm(
    id: ConversationId,
    user: UserId,
    name: Signal<String>,
    action: Action,
    request: GroupRequest,
) -> impl IntoView {
    let client = use_client();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        request.send(frame(id, user, action), close_actions);
    };
    let (path, role) = match action {
        Action::Become(Role::Owner) => ("members/role", Some("owner")),
        Action::Become(Role::Moderator) => ("members/role", Some("moderator")),
        Action::Become(Role::Member) => ("members/role", Some("member")),
        Action::Remove => ("members/remove", None),
    };
    let form = move |class: &'static str, label: String| {
        view! {
            <form method="post" action=format!("/c/{id}/{path}") on:submit=handler(submit)>
                <PersonField me=client.me() />
                <input type="hidden" name="member" value=user.to_string() />
                {role.map(|role| view! { <input type="hidden" name="role" value=role /> })}
                <button class=class>{label}</button>
            </form>
        }
    };
    let ask = move |label: String, question: Signal<String>, class: &'static str, confirm: String| {
        view! {
            <details class="question" name="member-question">
                <summary>{label}</summary>
                <p class="quiet">{question}</p>
                {form(class, confirm)}
            </details>
        }
        .into_any()
    };
    match action {
        Action::Become(Role::Owner) => {
            let question = Signal::derive(move || t!("group.make_owner_ask", name = name.get()));
            ask(t!("group.make_owner"), question, "button", t!("group.make_owner_yes"))
        }
        Action::Become(Role::Moderator) => form("menu-item", t!("group.make_moderator")).into_any(),
        Action::Become(Role::Member) => form("menu-item", t!("group.make_member")).into_any(),
        Action::Remove => {
            let question = Signal::derive(move || t!("group.remove_ask", name = name.get()));
            ask(t!("group.remove"), question, "button danger", t!("group.remove_yes"))
        }
    }
}

fn frame(id: ConversationId, user_id: UserId, action: Action) -> ClientFrame {
    let (conversation_id, client_id) = (Some(id), Some(ClientId::mint()));
    match action {
        Action::Become(role) => ClientFrame::SetRole { conversation_id, user_id, role, client_id },
        Action::Remove => ClientFrame::RemoveMember { conversation_id, user_id, client_id },
    }
}

/// Closes the actions after they were done. The focus goes to the list, whose row may be gone.
fn close_actions() {
    for opened in [".member-actions[open]", ".member-menu .question[open]"] {
        if let Ok(Some(element)) = document().query_selector(opened) {
            let _ = element.remove_attribute("open");
        }
    }
    focus_when_there(".members-head");
}

/// Leaving the group, with a question before it.
#[component]
pub(super) fn Leave(id: ConversationId) -> impl IntoView {
    let client = use_client();
    let location = crate::routing::use_location();
    let request = GroupRequest::new();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        request.send_and_leave(frame(id, client.me(), Action::Remove), move || location.navigate("/"));
    };
    view! {
        <details class="question leave">
            <summary>{t!("group.leave")}</summary>
            <p class="quiet">{t!("group.leave_ask")}</p>
            <form method="post" action=format!("/c/{id}/members/remove") on:submit=handler(submit)>
                <PersonField me=client.me() />
                <input type="hidden" name="member" value=client.me().to_string() />
                <button class="button danger">{t!("group.leave_yes")}</button>
            </form>
            <Refusal request />
        </details>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c3_actions_follow_the_roles() {
        use Action::{Become, Remove};
        use Role::{Member, Moderator, Owner};
        let others = |mine, role| allowed(mine, role, false, true);
        assert!(others(Owner, Member) == [Become(Owner), Become(Moderator), Remove]);
        assert!(others(Owner, Owner) == [Become(Moderator), Become(Member), Remove]);
        assert!(others(Moderator, Member) == [Remove]);
        assert!(others(Moderator, Moderator) == [Remove]);
        assert!(others(Moderator, Owner).is_empty() && others(Member, Member).is_empty());
        assert!(allowed(Owner, Owner, true, false).is_empty());
        assert!(allowed(Owner, Owner, true, true) == [Become(Moderator), Become(Member)]);
        assert!(allowed(Moderator, Moderator, true, true).is_empty());
    }
}
