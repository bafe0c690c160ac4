//! Receipts of a message: who has read it, who has it on a device, who has not, and since when.

use super::avatar::Avatar;
use crate::datetime::Zone;
use crate::i18n::t;
use leptos::prelude::*;
use protocol::reducer::namesakes;
use protocol::{Message, MessageReceipt, Timestamp, UserId};

/// Longest quotation of the message, in characters.
const QUOTED: usize = 200;

/// Time zone of the reader, and the time now.
#[derive(Clone, Copy)]
struct Clock {
    zone: Zone,
    now: Timestamp,
}

impl Clock {
    /// "Yesterday, 14:05".
    fn words(self, at: Timestamp) -> String {
        let (date, clock) = (self.zone.heading(at, self.now), self.zone.clock(at));
        t!("time.date_and_clock", date = date, clock = clock)
    }
}

/// The message, and everyone who was there when it was sent, by how far it is with them.
#[component]
pub(crate) fn Receipts(
    message: Message,
    receipts: Vec<MessageReceipt>,
    zone: Zone,
    now: Timestamp,
) -> impl IntoView {
    let clock = Clock { zone, now };
    let quoted: String = message.content.chars().take(QUOTED).collect();
    let quoted = if quoted.len() < message.content.len() { quoted + "…" } else { quoted };
    let (mut read, mut delivered, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
    for receipt in receipts {
        let group = match (receipt.read, receipt.delivered) {
            (true, _) => &mut read,
            (false, true) => &mut delivered,
            (false, false) => &mut waiting,
        };
        group.push(receipt);
    }
    let people = read.iter().chain(&delivered).chain(&waiting).map(|receipt: &MessageReceipt| &receipt.user);
    let keys = people.chain([&message.sender]).map(|person| (person.name_key(), person.id)).collect();
    let alike = namesakes(keys);
    read.sort_by_key(|receipt| receipt.read_at);
    delivered.sort_by_key(|receipt| receipt.delivered_at);
    let nobody = read.is_empty() && delivered.is_empty() && waiting.is_empty();
    let sent = t!("receipts.sent", when = clock.words(message.timestamp));
    let groups = [
        (t!("receipts.read"), "read", read),
        (t!("receipts.delivered"), "delivered", delivered),
        (t!("receipts.waiting"), "sent", waiting),
    ];
    let groups = groups.into_iter().filter(|(.., receipts)| !receipts.is_empty());
    let groups = groups.map(|(title, state, receipts)| {
        let rows = receipts.iter().map(|receipt| person(receipt, clock, &alike)).collect_view();
        view! {
            <section data-state=state>
                <h2 class="members-head">
                    <span class="ticks" aria-hidden="true"></span>
                    {title}
                </h2>
                <ul class="members">{rows}</ul>
            </section>
        }
    });
    let groups = groups.collect_view();
    let deleted = message.deleted_at.is_some();
    let quote = if deleted { t!("message.deleted") } else { quoted };
    view! {
        <blockquote class="quoted" class:gone=deleted dir="auto">
            {quote}
        </blockquote>
        <p class="quiet">{sent}</p>
        {groups}
        {nobody.then(|| view! { <p>{t!("receipts.nobody")}</p> })}
    }
    .into_any()
}

/// A recipient. `alike`: people whose names look like another's here.
fn person(receipt: &MessageReceipt, clock: Clock, alike: &[UserId]) -> AnyView {
    let (user, read) = (&receipt.user, receipt.read);
    let name = if alike.contains(&user.id) { user.full_name() } else { user.display_name() };
    let time = |at: Timestamp, words: String| {
        view! {
            <time class="quiet" datetime=at.to_string() title=clock.zone.full(at)>
                {words}
            </time>
        }
    };
    let delivered_at = receipt.delivered_at.map(|at| {
        let words = clock.words(at);
        time(at, if read { t!("receipts.delivered_at", when = words) } else { words })
    });
    let read_at = receipt.read_at.map(|at| time(at, clock.words(at)));
    let unknown = receipt.delivered && delivered_at.is_none() && read_at.is_none();
    let unknown = unknown.then(|| view! { <span class="quiet">{t!("receipts.long_ago")}</span> });
    view! {
        <li class="member">
            <Avatar picture=user name=user.display_name() />
            <div>
                <p class="one-line" dir="auto">
                    <bdi>{name}</bdi>
                </p>
                <p class="whens">{read_at} {delivered_at} {unknown}</p>
            </div>
        </li>
    }
    .into_any()
}
