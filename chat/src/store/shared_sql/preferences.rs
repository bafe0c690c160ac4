//! Changes of a person's preferences.

use super::invitations::addable_by_number;
use super::{Connection, accounts, counters};
use crate::preferences;
use crate::store::Outcome;
use crate::store::error::{Result, StoreError};
use protocol::{ErrorBody, Preferences, PreferencesChange, UserId};

/// See [`crate::store::Write::UpdatePreferences`].
pub(super) async fn update(c: &mut Connection, user: UserId, change: &PreferencesChange) -> Result<Outcome> {
    let before = accounts::by_id(c, user).await?.ok_or_else(StoreError::not_found)?.preferences;
    let preferences = preferences::changed(&before, change).map_err(ErrorBody::from)?;
    if preferences == before {
        return Ok(Outcome::PreferencesUpdated { preferences, user_rev: None });
    }
    write(c, user, &preferences).await?;
    let user_rev = counters::next_of_person(c, user).await?;
    Ok(Outcome::PreferencesUpdated { preferences, user_rev: Some(user_rev) })
}

async fn write(c: &mut Connection, user: UserId, preferences: &Preferences) -> Result<()> {
    let Preferences {
        theme,
        language,
        time_zone,
        device_time_zone,
        notify_direct,
        notify_mention,
        notify_group,
        notify_added,
        sound,
        push_content,
        quiet_from,
        quiet_to,
        show_typing,
        send_read_receipts,
        addable_by,
    } = preferences;
    sqlx::query(
        "UPDATE account SET theme = $2, language = $3, time_zone = $4, device_time_zone = $5, \
            notify_direct = $6, notify_mention = $7, notify_group = $8, notify_added = $9, sound = $10, \
            push_content = $11, quiet_from = $12, quiet_to = $13, show_typing = $14, send_read_receipts = $15, \
            addable_by = $16 \
         WHERE id = $1",
    )
    .bind(user.0)
    .bind(theme)
    .bind(language)
    .bind(time_zone)
    .bind(device_time_zone)
    .bind(i64::from(*notify_direct))
    .bind(i64::from(*notify_mention))
    .bind(i64::from(*notify_group))
    .bind(i64::from(*notify_added))
    .bind(i64::from(*sound))
    .bind(i64::from(*push_content))
    .bind(quiet_from.map(i64::from))
    .bind(quiet_to.map(i64::from))
    .bind(i64::from(*show_typing))
    .bind(i64::from(*send_read_receipts))
    .bind(addable_by_number(*addable_by))
    .execute(c)
    .await?;
    Ok(())
}
