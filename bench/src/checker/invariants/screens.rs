//! The screen of each client is what the database holds for its person.

use super::replay::Replays;
use super::{Final, Screen};
use crate::checker::views::there;

/// Describes each difference.
#[must_use]
pub fn check(replays: &Replays, finals: &[Final], screens: &[Screen]) -> Vec<String> {
    screens.iter().filter_map(|screen| differs(replays, finals, screen)).collect()
}

fn differs(replays: &Replays, finals: &[Final], screen: &Screen) -> Option<String> {
    let Screen { process, user, conversation, listed, last, members, title, history, rows, pending } = screen;
    let which = format!("client {process} in conversation {conversation}");
    let Some(end) = finals.iter().find(|end| end.conversation == *conversation) else {
        return Some(format!("{which}: nobody tells of that conversation"));
    };
    let current = there(&end.members);
    if !current.contains_key(user) {
        return (*listed || !rows.is_empty()).then(|| format!("{which}: still shown after the removal"));
    }
    let from = replays.stays(*conversation, *user).last().map_or(0, |stay| stay.from);
    let before = end.messages.partition_point(|message| message.seq <= from);
    let stored = end.messages.get(before..).unwrap_or_default();
    let tail = stored.get(stored.len().saturating_sub(rows.len())..).unwrap_or_default();
    if !listed {
        Some(format!("{which}: not in the list"))
    } else if rows.as_slice() != tail || rows.is_empty() && !stored.is_empty() {
        let first = rows.iter().zip(tail).find(|(row, held)| row != held);
        let at = first.map_or(0, |(_, held)| held.seq);
        let (rows, held) = (rows.len(), stored.len());
        Some(format!(
            "{which}: its screen of {rows} is not the end of the {held} stored, first at place {at}"
        ))
    } else if *pending > 0 {
        Some(format!("{which}: {pending} messages still wait"))
    } else if last.as_ref() != stored.last() {
        Some(format!("{which}: the list shows another newest message"))
    } else if *members != current {
        Some(format!("{which}: other members than the database, {members:?} instead of {current:?}"))
    } else if (title, history) != (&end.title, &end.history) {
        Some(format!("{which}: another title or history than the database"))
    } else {
        None
    }
}
