//! Changes the title, the picture and the history of a group.

use super::rows::history_number;
use super::{Connection, Facts, counters, system_message};
use crate::policy;
use crate::store::error::Result;
use crate::store::{GroupChanged, GroupUpdate};
use protocol::{GroupEvent, GroupEventKind, Message, Timestamp};

/// Makes the changes that are none to the current state a change each.
pub(super) async fn all(
    c: &mut Connection,
    mut facts: Facts,
    update: &GroupUpdate,
    now: Timestamp,
) -> Result<GroupChanged> {
    policy::may_update(facts.kind, facts.role, update.history.is_some())?;
    let mut messages = Vec::new();
    if let Some(title) = update.title.clone().filter(|title| *title != facts.title) {
        facts.title.clone_from(&title);
        let event = GroupEvent { title, ..GroupEvent::new(GroupEventKind::Renamed) };
        messages.push(change(c, &facts, event, now).await?);
    }
    let hue = update.hue.or(facts.hue);
    let emoji = update.emoji.clone().unwrap_or_else(|| facts.emoji.clone());
    if (hue, &emoji) != (facts.hue, &facts.emoji) {
        facts.hue = hue;
        facts.emoji.clone_from(&emoji);
        let event = GroupEvent { hue, emoji, ..GroupEvent::new(GroupEventKind::PictureChanged) };
        messages.push(change(c, &facts, event, now).await?);
    }
    if let Some(history) = update.history.filter(|history| *history != facts.history) {
        facts.history = history;
        let history = Some(history);
        let event = GroupEvent { history, ..GroupEvent::new(GroupEventKind::HistoryChanged) };
        messages.push(change(c, &facts, event, now).await?);
    }
    Ok(GroupChanged { messages, ..GroupChanged::default() })
}

/// Writes the group as `facts` has it now, as one change.
async fn change(c: &mut Connection, facts: &Facts, event: GroupEvent, now: Timestamp) -> Result<Message> {
    let rev = counters::next_of_conversation(c, facts.id).await?;
    sqlx::query("UPDATE conversation SET title = $2, hue = $3, emoji = $4, history = $5 WHERE id = $1")
        .bind(facts.id.0)
        .bind(&facts.title)
        .bind(facts.hue.map(i64::from))
        .bind(&facts.emoji)
        .bind(history_number(facts.history))
        .execute(&mut *c)
        .await?;
    system_message::insert(c, facts.id, rev, facts.by.clone(), event, now).await
}
