//! Who has a message, and since when: a page of its own, which a live conversation shows in a dialog.

use crate::components::avatar;
use crate::datetime::{ReaderZone, Zone};
use crate::i18n::t;
use leptos::prelude::*;
use protocol::{ConversationId, Message, MessageReceipt, Timestamp};

/// So much of the message is shown.
const QUOTED: usize = 200;

/// What `/c/{id}/receipts/{seq}` is made of.
#[derive(Clone, Debug)]
pub struct Receipts {
    /// Where it was said.
    pub conversation: ConversationId,
    /// What, and who has it; none where that is not there for this person.
    pub found: Option<(Message, Vec<MessageReceipt>)>,
    /// The server's clock.
    pub now: Timestamp,
}

/// The reader's clock.
#[derive(Clone, Copy)]
struct When {
    zone: Zone,
    now: Timestamp,
}

impl When {
    /// "Yesterday, 14:05".
    fn words(self, at: Timestamp) -> String {
        let (date, clock) = (self.zone.heading(at, self.now), self.zone.clock(at));
        t!("time.date_and_clock", date = date, clock = clock)
    }
}

/// The page, as HTML.
pub(super) fn receipts(receipts: Receipts) -> String {
    let Receipts { conversation, found, now } = receipts;
    let when =
        When { zone: Zone::Known(StoredValue::new(use_context::<ReaderZone>().unwrap_or_default())), now };
    let back = found.as_ref().map_or(0, |(message, _)| message.seq);
    let back =
        if back > 0 { format!("/c/{conversation}?at={back}#m{back}") } else { format!("/c/{conversation}") };
    if found.is_none() {
        crate::server_fns::answer_not_found();
    }
    let inside = match found {
        Some((message, receipts)) => view! { <Who message receipts when /> }.into_any(),
        None => view! { <p>{t!("receipts.not_here")}</p> }.into_any(),
    };
    view! {
        <header class="head">
            <a class="icon-button back" href=back.clone() aria-label=t!("receipts.back")>
                <span class="icon icon-back" aria-hidden="true"></span>
            </a>
            <div class="head-words">
                <h1 tabindex="-1">{t!("receipts.title")}</h1>
            </div>
        </header>
        <div class="sheet">
            <div class="receipts" id="receipts">
                // Seen in a dialog alone, where the head stays behind.
                <form class="dialog-head" method="dialog">
                    <h2>{t!("receipts.title")}</h2>
                    <button class="icon-button" aria-label=t!("receipts.close") title=t!("receipts.close")>
                        <span class="icon icon-close" aria-hidden="true"></span>
                    </button>
                </form>
                {inside}
            </div>
            <p><a class="button plain" href=back>{t!("receipts.back")}</a></p>
        </div>
    }
    .into_view()
    .to_html()
}

/// The message, and everybody who was there, by how far it is with them.
#[component]
fn Who(message: Message, receipts: Vec<MessageReceipt>, when: When) -> impl IntoView {
    let quoted: String = message.content.chars().take(QUOTED).collect();
    let quoted = if quoted.len() < message.content.len() { quoted + "…" } else { quoted };
    let (mut read, mut delivered, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
    for receipt in receipts {
        let pile = match (receipt.read, receipt.delivered) {
            (true, _) => &mut read,
            (false, true) => &mut delivered,
            (false, false) => &mut waiting,
        };
        pile.push(receipt);
    }
    // Who was first stands first.
    read.sort_by_key(|receipt| receipt.read_at);
    delivered.sort_by_key(|receipt| receipt.delivered_at);
    let nobody = read.is_empty() && delivered.is_empty() && waiting.is_empty();
    let sent = t!("receipts.sent", when = when.words(message.timestamp));
    let titled = [
        (t!("receipts.read"), "read", read),
        (t!("receipts.delivered"), "delivered", delivered),
        (t!("receipts.waiting"), "sent", waiting),
    ];
    let piles = titled.into_iter().filter(|(.., pile)| !pile.is_empty()).map(|(title, state, pile)| {
        let rows = pile.into_iter().map(|receipt| row(&receipt, when)).collect_view();
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
    let piles = piles.collect_view();
    let gone = message.deleted_at.is_some();
    let quote = if gone { t!("message.deleted") } else { quoted };
    view! {
        <blockquote class="quoted" class:gone=gone dir="auto">{quote}</blockquote>
        <p class="quiet">{sent}</p>
        {piles}
        {nobody.then(|| view! { <p>{t!("receipts.nobody")}</p> })}
    }
}

fn row(receipt: &MessageReceipt, when: When) -> AnyView {
    let (user, read) = (&receipt.user, receipt.read);
    let time = |at: Timestamp, words: String| {
        view! { <time class="quiet" datetime=at.to_string() title=when.zone.full(at)>{words}</time> }
    };
    let arrived = receipt.delivered_at.map(|at| {
        let words = when.words(at);
        time(at, if read { t!("receipts.delivered_at", when = words) } else { words })
    });
    let read_at = receipt.read_at.map(|at| time(at, when.words(at)));
    let unknown = (receipt.delivered && arrived.is_none() && read_at.is_none())
        .then(|| view! { <span class="quiet">{t!("receipts.long_ago")}</span> });
    view! {
        <li class="member">
            {avatar(user.face(), &user.display_name())}
            <div>
                <p class="one-line" dir="auto"><bdi>{user.display_name()}</bdi></p>
                <p class="whens">{read_at} {arrived} {unknown}</p>
            </div>
        </li>
    }
    .into_any()
}
