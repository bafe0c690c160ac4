//! Changes of groups, as clients request them and as system messages tell them.

use protocol::{GroupEventKind, History, Message, MessageType, Role, UserId};
use serde::Serialize;

/// A change of a group by one of its members. The checker adds one person at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Change {
    /// Adds a person.
    Add {
        /// The person.
        user: UserId,
    },
    /// Removes a member; the acting person itself leaves.
    Remove {
        /// The member.
        user: UserId,
    },
    /// Sets the role of a member.
    SetRole {
        /// The member.
        user: UserId,
        /// The role.
        role: Role,
    },
    /// Sets the title, which is unique within the run.
    Rename {
        /// The title.
        title: String,
    },
    /// Sets the history that newcomers see.
    SetHistory {
        /// The history.
        history: History,
    },
}

impl Change {
    /// The change that a system message tells, with the person who made it; `None`: a text, or a change that the checker never
    /// requests.
    #[must_use]
    pub fn of_line(line: &Message) -> Option<(UserId, Self)> {
        if line.message_type != MessageType::System {
            return None;
        }
        let event = line.event.as_ref()?;
        let concerned = match event.members.as_slice() {
            [person] if event.others == 0 => Some(person.id),
            _ => None,
        };
        let change = match event.kind {
            GroupEventKind::Added => Self::Add { user: concerned? },
            GroupEventKind::Removed => Self::Remove { user: concerned? },
            GroupEventKind::Left => Self::Remove { user: line.sender.id },
            GroupEventKind::RoleChanged => Self::SetRole { user: concerned?, role: event.role? },
            GroupEventKind::Renamed => Self::Rename { title: event.title.clone()? },
            GroupEventKind::HistoryChanged => Self::SetHistory { history: event.history? },
            GroupEventKind::Joined
            | GroupEventKind::PictureChanged
            | GroupEventKind::SubjectUpdated
            | GroupEventKind::Closed
            | GroupEventKind::Reopened
            | GroupEventKind::Other => return None,
        };
        Some((line.sender.id, change))
    }
}
