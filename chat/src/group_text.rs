//! English text of a group's system message, for programs that do not read its event. The interface has its own words.

use protocol::{GroupEvent, GroupEventKind, History, Role};

/// Number of people who are named one by one.
const NAMED: usize = 3;

/// The text, which continues the sender's name: "added Ben and Cy".
pub(crate) fn english(event: &GroupEvent) -> String {
    let people = people(event);
    match event.kind {
        GroupEventKind::Added => format!("added {people}"),
        GroupEventKind::Joined => "joined by an invitation".to_owned(),
        GroupEventKind::Left => "left".to_owned(),
        GroupEventKind::Removed => format!("removed {people}"),
        GroupEventKind::Renamed => match &event.title {
            Some(title) => format!("named the group \"{title}\""),
            None => "removed the group's name".to_owned(),
        },
        GroupEventKind::PictureChanged => "changed the group's picture".to_owned(),
        GroupEventKind::RoleChanged => match event.role.unwrap_or_default() {
            Role::Owner => format!("made {people} an owner"),
            Role::Moderator => format!("made {people} a moderator"),
            Role::Member => format!("made {people} a member without a role"),
        },
        GroupEventKind::HistoryChanged => match event.history.unwrap_or_default() {
            History::Whole => "lets new members see all messages".to_owned(),
            History::FromJoining => "lets new members see the messages from their joining on".to_owned(),
        },
        GroupEventKind::SubjectUpdated => "has a new description of the subject".to_owned(),
        GroupEventKind::Closed => {
            let what = if event.by_sender { "closed the conversation" } else { "can only read from now on" };
            let reason = event.subject.as_ref().and_then(|subject| subject.closed.as_ref());
            let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            format!("{what}{}{reason}", by_moderator(event))
        }
        GroupEventKind::Reopened if event.by_sender => "reopened the conversation".to_owned(),
        GroupEventKind::Reopened => format!("can write again{}", by_moderator(event)),
        GroupEventKind::Other => "changed the group".to_owned(),
    }
}

/// ", says the moderator Ben"; empty if the product closed or reopened the conversation.
fn by_moderator(event: &GroupEvent) -> String {
    event.moderator().map(|who| format!(", says the moderator {}", who.display_name())).unwrap_or_default()
}

/// "Ben", "Ben and Cy", "Ben, Cy and Di", "Ben, Cy, Di and 4 others".
fn people(event: &GroupEvent) -> String {
    let mut names: Vec<String> =
        event.members.iter().take(NAMED).map(|person| person.display_name()).collect();
    let more = (event.members.len() - names.len()).saturating_add(event.others as usize);
    if more > 0 {
        names.push(if more == 1 { "1 other".to_owned() } else { format!("{more} others") });
    }
    match names.split_last() {
        None => "nobody".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{Person, UserId};

    fn person(name: &str) -> Person {
        Person {
            id: UserId(1),
            username: name.to_lowercase(),
            first_name: name.to_owned(),
            last_name: String::new(),
            hue: None,
            suspended: false,
            bot: false,
            name_key: None,
            picture: None,
        }
    }

    #[test]
    fn c3_names_three_people_and_counts_the_others() {
        let names = ["Ben", "Cy", "Di", "Ed", "Fay"];
        let added = |count: usize, others| {
            let members = names[..count].iter().map(|name| person(name)).collect();
            english(&GroupEvent { others, ..GroupEvent::about(GroupEventKind::Added, members) })
        };
        assert_eq!(added(1, 0), "added Ben");
        assert_eq!(added(2, 0), "added Ben and Cy");
        assert_eq!(added(3, 0), "added Ben, Cy and Di");
        assert_eq!(added(4, 0), "added Ben, Cy, Di and 1 other");
        assert_eq!(added(5, 40), "added Ben, Cy, Di and 42 others");
    }

    #[test]
    fn c3_each_change_has_a_text() {
        let about = |kind| GroupEvent::about(kind, vec![person("Ben")]);
        let role = |role| english(&GroupEvent { role: Some(role), ..about(GroupEventKind::RoleChanged) });
        assert_eq!(role(Role::Owner), "made Ben an owner");
        assert_eq!(role(Role::Moderator), "made Ben a moderator");
        let title = Some("Club".to_owned());
        let renamed = GroupEvent { title, ..GroupEvent::new(GroupEventKind::Renamed) };
        assert_eq!(english(&renamed), "named the group \"Club\"");
        assert_eq!(english(&GroupEvent::new(GroupEventKind::Renamed)), "removed the group's name");
        assert_eq!(english(&GroupEvent::new(GroupEventKind::Left)), "left");
        for (by_sender, closed, reopened) in [
            (true, "closed the conversation", "reopened the conversation"),
            (false, "can only read from now on", "can write again"),
        ] {
            let text = |kind| english(&GroupEvent { by_sender, ..GroupEvent::new(kind) });
            assert_eq!(text(GroupEventKind::Closed), closed);
            assert_eq!(text(GroupEventKind::Reopened), reopened);
        }
    }
}
