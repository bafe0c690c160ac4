//! One message, or one on its way, as markup. What is pressed in it says what is to be done in `data-do`; the log
//! listens.

use super::avatar::avatar;
use super::emoji::is_few_emoji;
use super::menu::MENU;
use super::receipts::receipts_of;
use crate::client::Client;
use crate::i18n::{reason, t};
use crate::markup::{Markup, markup};
use crate::rows::{Entry, Progress};
use leptos::prelude::GetUntracked;
use protocol::reducer::{PendingState, Receipt, Row};
use protocol::{ConversationId, Message, MessageType};

/// Longer texts are folded: more lines of their own than this, or more characters.
const FOLD_LINES: usize = 20;
const FOLD_CHARS: usize = 2_000;

/// The link to a message, which works without a script as well.
pub(super) fn link_to(id: ConversationId, seq: i64) -> String {
    format!("/c/{id}?at={seq}#m{seq}")
}

/// How far a message is, in a word.
pub(super) fn progress_word(progress: Progress) -> Option<String> {
    Some(match progress {
        Progress::Theirs => return None,
        Progress::Pending => t!("message.sending"),
        Progress::Failed => t!("message.not_sent"),
        Progress::At(Receipt::Sent) => t!("message.sent"),
        Progress::At(Receipt::Delivered) => t!("message.delivered"),
        Progress::At(Receipt::Read) => t!("message.read"),
    })
}

/// For `data-state`.
fn state(progress: Progress) -> Option<&'static str> {
    match progress {
        Progress::Theirs => None,
        Progress::Pending => Some("pending"),
        Progress::Failed => Some("failed"),
        Progress::At(Receipt::Sent) => Some("sent"),
        Progress::At(Receipt::Delivered) => Some("delivered"),
        Progress::At(Receipt::Read) => Some("read"),
    }
}

/// What a row is, for styles.
fn class(client: Client, entry: &Entry) -> String {
    let message = entry.message();
    let text = match &entry.row {
        Row::Message(message) if message.deleted_at.is_some() => "",
        Row::Message(message) => &message.content,
        Row::Pending(pending) => &pending.content,
    };
    let mut class = String::from("message");
    for (is, name) in [
        (entry.key.0 == client.me(), " own"),
        (message.is_some_and(is_system), " system"),
        (entry.starts, " starts"),
        (entry.ends, " ends"),
        (is_few_emoji(text), " emoji"),
    ] {
        if is {
            class.push_str(name);
        }
    }
    class
}

fn is_system(message: &Message) -> bool {
    message.message_type == MessageType::System
}

/// A row of the log. It stays the same row while its message is sent, acknowledged, read, deleted. `direct`: between
/// two people, who know whose words these are.
pub(super) fn message_row(client: Client, id: ConversationId, direct: bool, entry: &Entry) -> Markup {
    let place = entry.seq().map(|seq| markup!(" id='m~' data-seq='~'", seq, seq));
    let state = state(entry.progress).map(|state| markup!(" data-state='~'", state));
    markup!(
        "<li class='~'~~ tabindex='-1' data-client-id='~'>~</li>",
        class(client, entry),
        place,
        state,
        entry.key.1.to_string(),
        inside(client, id, direct, entry)
    )
}

fn inside(client: Client, id: ConversationId, direct: bool, entry: &Entry) -> Markup {
    let own = entry.key.0 == client.me();
    let message = entry.message();
    let (text, refused) = match &entry.row {
        Row::Message(message) => (message.content.as_str(), None),
        Row::Pending(pending) => match &pending.state {
            PendingState::Refused(error) => (pending.content.as_str(), Some(reason(error))),
            _ => (pending.content.as_str(), None),
        },
    };
    let system = message.is_some_and(is_system);
    let deleted = message.is_some_and(|message| message.deleted_at.is_some());
    let author = message.filter(|_| !own).map(|message| message.sender.display_name());
    let at = message.map(|message| message.timestamp);
    let clock = at.map(|at| client.zone.get_untracked().clock(at));
    let divider = entry
        .unread
        .map(|unread| markup!("<p class='divider'><span>~</span></p>", t!("message.new", n = unread)));
    let named = author.as_ref().filter(|_| entry.starts && !system && !direct).map(|author| {
        let face = message.map_or(entry.key.0.0, |message| message.sender.face());
        markup!(
            "<span class='side-face'>~</span><bdi class='author' aria-hidden='true'>~</bdi>",
            avatar(face, author),
            *author
        )
    });
    let label = if system { String::new() } else { label(author, clock.as_ref(), entry.progress) };
    let said = if deleted { markup!("<p class='gone'>~</p>", t!("message.deleted")) } else { content(text) };
    let time = at.zip(entry.seq()).zip(clock).map(|((at, seq), clock)| {
        // A screen reader has both from elsewhere: the label and the menu.
        markup!(
            "<a class='time' href='~' tabindex='-1'><time datetime='~' title='~'>~</time></a>",
            link_to(id, seq),
            at.to_string(),
            client.zone.get_untracked().full(at),
            clock
        )
    });
    let receipts = entry.seq().filter(|_| own).map(|seq| markup!(" href='~'", receipts_of(id, seq)));
    let ticks = progress_word(entry.progress).map(|word| markup!(" title='~'", word));
    let actions = (message.is_some() && !deleted && !system).then(|| {
        markup!(
            "<button class='menu-button' type='button' popovertarget='~' data-do='menu' aria-label='~'>⋯</button>",
            MENU,
            t!("message.more")
        )
    });
    let failed = refused.map(|reason| {
        markup!(
            "<p class='failed'><span>~</span>\
             <button type='button' data-do='again'>~</button>\
             <button type='button' data-do='discard'>~</button></p>",
            reason,
            t!("message.try_again"),
            t!("message.delete")
        )
    });
    markup!(
        "~~<span class='visually-hidden'>~</span>\
         <div class='line'><div class='bubble' dir='auto'>~\
         <span class='meta' aria-hidden='true'>~<a class='ticks'~ rel='external' tabindex='-1'~></a></span></div>~</div>~",
        divider,
        named,
        label,
        said,
        time,
        receipts,
        ticks,
        actions,
        failed
    )
}

/// What a screen reader says before the text: "Ana, 14:05, read: ".
fn label(author: Option<String>, clock: Option<&String>, progress: Progress) -> String {
    let mut label = author.unwrap_or_else(|| t!("message.you"));
    for part in [clock.cloned(), progress_word(progress)].into_iter().flatten() {
        label.push_str(", ");
        label.push_str(&part);
    }
    label.push_str(": ");
    label
}

fn content(text: &str) -> Markup {
    if text.lines().count() <= FOLD_LINES && text.chars().count() <= FOLD_CHARS {
        return markup!("<p class='content'>~</p>", text);
    }
    // Unfolded by a box to tick, so that it needs no script.
    markup!(
        "<p class='content folded'>~</p><label class='unfold'><input type='checkbox'>~</label>",
        text,
        t!("message.show_more")
    )
}
