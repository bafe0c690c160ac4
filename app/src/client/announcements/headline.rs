//! The words of news and notifications.

use crate::client::chat_client::Client;
use crate::client::store::RoomPart;
use crate::i18n::t;
use protocol::notify::Event;
use protocol::reducer::News;
use protocol::{ConversationId, Notification, NotificationKind, Person, Role};

/// Facts that the words depend on.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    event: Event,
    id: ConversationId,
    title: Option<&'a str>,
    actor: &'a Person,
    role: Option<Role>,
}

impl<'a> From<&'a News> for Subject<'a> {
    fn from(news: &'a News) -> Self {
        let News { event, conversation_id, title, actor, role, .. } = news;
        Self { event: *event, id: *conversation_id, title: title.as_deref(), actor, role: *role }
    }
}

impl<'a> From<&'a Notification> for Subject<'a> {
    fn from(item: &'a Notification) -> Self {
        let Notification { kind, conversation_id, title, actor, role, .. } = item;
        let event = Event::Notification(*kind);
        Self { event, id: *conversation_id, title: title.as_deref(), actor, role: *role }
    }
}

/// A name in a sentence, isolated from the direction of the words around it.
fn isolated(name: &str) -> String {
    format!("\u{2068}{name}\u{2069}")
}

/// The name of the conversation that something leads to. Tracked.
fn place_name(client: Client, id: ConversationId, title: Option<&str>) -> String {
    let listed = client.room(id, RoomPart::Summary, |room| client.name_of_conversation(&room.summary));
    listed.or_else(|| title.map(str::to_owned)).unwrap_or_else(|| t!("notification.a_group"))
}

/// Sentence about news, with the actor and the place: "Ana mentioned you in Bikes". Tracked.
pub(crate) fn headline(client: Client, subject: Subject<'_>) -> String {
    let Subject { event, id, title, actor, role } = subject;
    let who = isolated(&client.name_of(actor));
    let place = || isolated(&place_name(client, id, title));
    match event {
        Event::Notification(NotificationKind::Direct) => t!("notification.direct", who = who),
        Event::Notification(NotificationKind::Mention) => {
            t!("notification.mention", who = who, place = place())
        }
        Event::Notification(NotificationKind::Added) => t!("notification.added", who = who, place = place()),
        Event::Notification(NotificationKind::Role) if role == Some(Role::Owner) => {
            t!("notification.owner", who = who, place = place())
        }
        Event::Notification(NotificationKind::Role) => {
            t!("notification.moderator", who = who, place = place())
        }
        Event::GroupMessage => t!("notification.group", who = who, place = place()),
    }
}
