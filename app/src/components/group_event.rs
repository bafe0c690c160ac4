//! Text of a group's system message in the reader's language.

use crate::client::Client;
use crate::i18n::t;
use protocol::{GroupEvent, GroupEventKind, History, Message, Person, Role, UserId};

/// Text of a system message; `None` where its `content` is the text, because it has no event or one of a newer server.
pub(crate) fn event_text(client: Client, message: &Message) -> Option<String> {
    let event = message.event.as_deref()?;
    let name = |person: &Person| {
        // By the name of today, where the person is known.
        let known = client.peek(|state| {
            let members = &state.rooms.get(&message.conversation_id)?.summary.members;
            members.iter().find(|member| member.user.id == person.id).map(|member| member.user.clone())
        });
        client.name_of(known.as_ref().unwrap_or(person))
    };
    text(event, &message.sender, client.me(), name)
}

/// Text of an event for the reader `me`. `name` is the name of a person as the reader sees it.
pub(crate) fn text(
    event: &GroupEvent,
    sender: &Person,
    me: UserId,
    name: impl Fn(&Person) -> String,
) -> Option<String> {
    let own = sender.id == me;
    let who = isolated(&name(sender));
    let whom = whom(event, me, &name);
    let about_me = matches!(event.members.as_slice(), [person] if person.id == me) && event.others == 0;
    Some(match event.kind {
        GroupEventKind::Added if own => t!("event.added_own", whom = whom),
        GroupEventKind::Added if about_me => t!("event.added_me", who = who),
        GroupEventKind::Added => t!("event.added", who = who, whom = whom),
        GroupEventKind::Joined if own => t!("event.joined_own"),
        GroupEventKind::Joined => t!("event.joined", who = who),
        GroupEventKind::Left if own => t!("event.left_own"),
        GroupEventKind::Left => t!("event.left", who = who),
        GroupEventKind::Removed if own => t!("event.removed_own", whom = whom),
        GroupEventKind::Removed if about_me => t!("event.removed_me", who = who),
        GroupEventKind::Removed => t!("event.removed", who = who, whom = whom),
        GroupEventKind::Renamed => renamed(own, &who, event.title.as_deref()),
        GroupEventKind::PictureChanged if own => t!("event.picture_own"),
        GroupEventKind::PictureChanged => t!("event.picture", who = who),
        GroupEventKind::RoleChanged => {
            let about_sender = event.members.iter().any(|person| person.id == sender.id);
            match event.role.unwrap_or_default() {
                role if about_sender => own_role(role, own, &who),
                role => given_role(role, own, about_me, &who, &whom),
            }
        }
        GroupEventKind::HistoryChanged => history(event.history.unwrap_or_default(), own, &who),
        GroupEventKind::SubjectUpdated => t!("event.subject_updated"),
        GroupEventKind::Closed | GroupEventKind::Reopened if event.moderator().is_some() => {
            moderated(event, me, &name)
        }
        GroupEventKind::Closed => {
            let reason = event.subject.as_ref().and_then(|subject| subject.closed.as_deref());
            let reason = isolated(reason.unwrap_or_default());
            match (event.by_sender, own) {
                (false, _) => t!("event.closed", reason = reason),
                (true, true) => t!("event.closed_own", reason = reason),
                (true, false) => t!("event.closed_by", who = who, reason = reason),
            }
        }
        GroupEventKind::Reopened => match (event.by_sender, own) {
            (false, _) => t!("event.reopened"),
            (true, true) => t!("event.reopened_own"),
            (true, false) => t!("event.reopened_by", who = who),
        },
        GroupEventKind::Other => return None,
    })
}

fn renamed(own: bool, who: &str, title: Option<&str>) -> String {
    match title.map(isolated) {
        Some(title) if own => t!("event.renamed_own", title = title),
        Some(title) => t!("event.renamed", who = who, title = title),
        None if own => t!("event.untitled_own"),
        None => t!("event.untitled", who = who),
    }
}

/// Text of a closing or reopening by a moderator.
fn moderated(event: &GroupEvent, me: UserId, name: &impl Fn(&Person) -> String) -> String {
    let own = event.moderator().is_some_and(|person| person.id == me);
    let who = event.moderator().map(|person| isolated(&name(person))).unwrap_or_default();
    let reason = event.subject.as_ref().and_then(|subject| subject.closed.as_deref());
    match (event.kind, reason.map(isolated)) {
        (GroupEventKind::Closed, Some(reason)) if own => t!("event.moderator_closed_own", reason = reason),
        (GroupEventKind::Closed, reason) => {
            t!("event.moderator_closed", who = who, reason = reason.unwrap_or_default())
        }
        _ if own => t!("event.moderator_reopened_own"),
        _ => t!("event.moderator_reopened", who = who),
    }
}

/// A role that the sender gave somebody else.
fn given_role(role: Role, own: bool, about_me: bool, who: &str, whom: &str) -> String {
    match role {
        Role::Owner if own => t!("event.owner_own", whom = whom),
        Role::Owner if about_me => t!("event.owner_me", who = who),
        Role::Owner => t!("event.owner", who = who, whom = whom),
        Role::Moderator if own => t!("event.moderator_own", whom = whom),
        Role::Moderator if about_me => t!("event.moderator_me", who = who),
        Role::Moderator => t!("event.moderator", who = who, whom = whom),
        Role::Member if own => t!("event.member_own", whom = whom),
        Role::Member if about_me => t!("event.member_me", who = who),
        Role::Member => t!("event.member", who = who, whom = whom),
    }
}

/// A role that the sender has now.
fn own_role(role: Role, own: bool, who: &str) -> String {
    match role {
        Role::Owner if own => t!("event.is_owner_own"),
        Role::Owner => t!("event.is_owner", who = who),
        Role::Moderator if own => t!("event.is_moderator_own"),
        Role::Moderator => t!("event.is_moderator", who = who),
        Role::Member if own => t!("event.is_member_own"),
        Role::Member => t!("event.is_member", who = who),
    }
}

fn history(history: History, own: bool, who: &str) -> String {
    match history {
        History::Whole if own => t!("event.history_whole_own"),
        History::Whole => t!("event.history_whole", who = who),
        History::FromJoining if own => t!("event.history_joining_own"),
        History::FromJoining => t!("event.history_joining", who = who),
    }
}

/// The people of an event: "you and Ben", "Ben, Cy and 4 others".
fn whom(event: &GroupEvent, me: UserId, name: &impl Fn(&Person) -> String) -> String {
    let mut names: Vec<String> = Vec::new();
    if event.members.iter().any(|person| person.id == me) {
        names.push(t!("event.you"));
    }
    // Three names at most are shown.
    let others = event.members.iter().filter(|person| person.id != me);
    names.extend(others.take(3).map(|person| isolated(&name(person))));
    let count = event.members.len().saturating_add(event.others as usize);
    match names.as_slice() {
        [] => String::new(),
        [a] => a.clone(),
        [a, b] => t!("event.two", a = a, b = b),
        [a, b, c] if count == 3 => t!("event.three", a = a, b = b, c = c),
        [a, b, ..] => t!("event.more", a = a, b = b, n = count - 2),
    }
}

/// The text in a direction of its own, so that it does not reorder the words around it.
fn isolated(text: &str) -> String {
    format!("\u{2068}{text}\u{2069}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: i64) -> Person {
        Person {
            id: UserId(id),
            username: format!("p{id}"),
            first_name: String::new(),
            last_name: String::new(),
            hue: None,
            suspended: false,
            bot: false,
            name_key: None,
            picture: None,
        }
    }

    /// The text for the reader 1, without the marks of direction.
    fn read(event: &GroupEvent, sender: i64) -> String {
        let words = text(event, &person(sender), UserId(1), Person::display_name).unwrap_or_default();
        words.replace(['\u{2068}', '\u{2069}'], "")
    }

    fn about(kind: GroupEventKind, ids: &[i64]) -> GroupEvent {
        GroupEvent::about(kind, ids.iter().map(|id| person(*id)).collect())
    }

    #[test]
    fn c3_names_who_did_what_to_whom() {
        use GroupEventKind::{Added, Left, Removed};
        assert_eq!(read(&about(Added, &[2]), 3), "p3 added p2");
        assert_eq!(read(&about(Added, &[2]), 1), "You added p2");
        assert_eq!(read(&about(Added, &[1]), 3), "p3 added you");
        assert_eq!(read(&about(Added, &[2, 1]), 3), "p3 added you and p2");
        assert_eq!(read(&about(Added, &[2, 4, 5]), 3), "p3 added p2, p4 and p5");
        assert_eq!(read(&about(Added, &[2, 4, 5, 6, 1]), 3), "p3 added you, p2 and 3 others");
        let many: Vec<i64> = (10..60).collect();
        assert_eq!(read(&about(Added, &many), 3), "p3 added p10, p11 and 48 others");
        assert_eq!(read(&about(Left, &[]), 2), "p2 left");
        assert_eq!(read(&about(Removed, &[2]), 3), "p3 removed p2");
    }

    #[test]
    fn c4_a_closing_names_the_person_who_did_it() {
        use GroupEventKind::{Closed, Reopened};
        let text = |kind, by_sender, sender| {
            let (url, image, fields) = (None, None, Vec::new());
            let (closed, closed_by) = (Some("Sold".to_owned()), None);
            let [kind_word, id, kind_name, title] =
                ["listing", "42", "Listing", "A bicycle"].map(str::to_owned);
            let subject = protocol::Subject {
                kind: kind_word,
                id,
                kind_name,
                title,
                url,
                image,
                fields,
                closed,
                closed_by,
            };
            let subject = Some(Box::new(subject));
            read(&GroupEvent { subject, by_sender, ..GroupEvent::new(kind) }, sender)
        };
        assert_eq!(text(Closed, true, 2), "p2 closed the conversation: Sold");
        assert_eq!(text(Closed, true, 1), "You closed the conversation: Sold");
        assert_eq!(text(Reopened, true, 2), "p2 reopened the conversation");
        assert_eq!(text(Reopened, true, 1), "You reopened the conversation");
        // By the product, in the name of somebody who did nothing.
        for sender in [1, 2] {
            assert_eq!(text(Closed, false, sender), "The conversation was closed: Sold");
            assert_eq!(text(Reopened, false, sender), "The conversation is open again");
        }
    }

    #[test]
    fn c3_roles_titles_and_history_have_words() {
        let role =
            |role, ids: &[i64]| GroupEvent { role: Some(role), ..about(GroupEventKind::RoleChanged, ids) };
        assert_eq!(read(&role(Role::Owner, &[1]), 2), "p2 made you an owner");
        assert_eq!(read(&role(Role::Moderator, &[2]), 1), "You made p2 a moderator");
        assert_eq!(read(&role(Role::Owner, &[2]), 2), "p2 is an owner now");
        assert_eq!(read(&role(Role::Member, &[2]), 3), "p3 made p2 a member without a role");
        let title = Some("Club".to_owned());
        assert_eq!(
            read(&GroupEvent { title, ..GroupEvent::new(GroupEventKind::Renamed) }, 2),
            "p2 named the group “Club”"
        );
        assert_eq!(read(&GroupEvent::new(GroupEventKind::Renamed), 1), "You removed the group’s name");
        let history = Some(History::FromJoining);
        let event = GroupEvent { history, ..GroupEvent::new(GroupEventKind::HistoryChanged) };
        assert_eq!(read(&event, 2), "p2 lets new members see only later messages");
        assert_eq!(
            text(&GroupEvent::new(GroupEventKind::Other), &person(2), UserId(1), Person::display_name),
            None
        );
    }

    #[test]
    fn c4_a_moderator_who_closes_is_named() {
        let closed = protocol::Subject {
            kind: "listing".into(),
            id: "42".into(),
            kind_name: "Listing".into(),
            title: "A bicycle".into(),
            url: None,
            image: None,
            fields: Vec::new(),
            closed: Some("Spam".into()),
            closed_by: Some(protocol::ClosedBy::Moderator),
        };
        let by = |kind, role, ids: &[i64]| GroupEvent {
            role,
            subject: Some(Box::new(closed.clone())),
            ..about(kind, ids)
        };
        let moderator = Some(Role::Moderator);
        use GroupEventKind::{Closed, Reopened};
        assert_eq!(read(&by(Closed, moderator, &[9]), 2), "The moderator p9 closed the conversation: Spam");
        assert_eq!(read(&by(Closed, moderator, &[1]), 2), "You closed the conversation as a moderator: Spam");
        assert_eq!(read(&by(Reopened, moderator, &[9]), 2), "The moderator p9 reopened the conversation");
        assert_eq!(read(&by(Reopened, moderator, &[1]), 2), "You reopened the conversation as a moderator");
        assert_eq!(read(&by(Closed, None, &[]), 2), "The conversation was closed: Spam", "by the product");
    }
}
