//! The people of a batch, by username.

use super::super::accounts::{fold, make};
use super::super::dialect::{among, texts};
use super::super::rows::get;
use super::Connection;
use crate::store::error::{Result, StoreError};
use crate::store::{AccountKind, ImportCounts, ImportRow, NewAccount, TransferPerson};
use protocol::{AddableBy, ErrorCode, Timestamp, UserId};
use std::collections::{BTreeSet, HashMap};

/// Ids by the username in lower case, with the index of the row that created the account; `None` if it existed.
pub(super) struct Names(HashMap<String, (UserId, Option<usize>)>);

impl Names {
    /// Reads the accounts that these rows name.
    pub(super) async fn load(c: &mut Connection, rows: &[ImportRow]) -> Result<Self> {
        let mut named = BTreeSet::new();
        for row in rows {
            match row {
                ImportRow::Person(person) => {
                    named.insert(fold(&person.username));
                }
                ImportRow::Conversation(conversation) => {
                    named.extend(conversation.members.iter().map(|member| fold(&member.username)));
                }
                ImportRow::Message { message, .. } => {
                    named.insert(fold(&message.sender));
                    named.extend(message.reply_to.iter().map(|(sender, _)| fold(sender)));
                    let concerned = message.event.iter().flat_map(|event| &event.members);
                    named.extend(concerned.map(|member| fold(member)));
                }
            }
        }
        let named: Vec<String> = named.into_iter().collect();
        let rows = sqlx::query(concat!(
            "SELECT username_folded, id FROM account WHERE username_folded ",
            among!("$1")
        ))
        .bind(texts(&named)?)
        .fetch_all(c)
        .await?;
        let known = rows.iter().map(|row| Ok((get(row, 0)?, (UserId(get(row, 1)?), None))));
        Ok(Self(known.collect::<Result<_>>()?))
    }

    /// Creates the accounts that do not exist. They have no password.
    pub(super) async fn create(
        &mut self,
        c: &mut Connection,
        rows: &[ImportRow],
        now: Timestamp,
        counts: &mut ImportCounts,
    ) -> Result<()> {
        for (index, row) in rows.iter().enumerate() {
            let ImportRow::Person(person) = row else { continue };
            let folded = fold(&person.username);
            if self.0.contains_key(&folded) {
                counts.repeated += 1;
                continue;
            }
            let id = create(c, person, now).await?;
            self.0.insert(folded, (id, Some(index)));
            counts.people += 1;
        }
        Ok(())
    }

    /// The person with this username, as the row with this index may name them: not one whose row comes later.
    pub(super) fn at(&self, username: &str, index: usize) -> Option<UserId> {
        let (id, created) = self.0.get(&fold(username))?;
        created.is_none_or(|created| created < index).then_some(*id)
    }
}

async fn create(c: &mut Connection, person: &TransferPerson, now: Timestamp) -> Result<UserId> {
    let new = NewAccount {
        username: person.username.clone(),
        first_name: person.first_name.clone(),
        last_name: person.last_name.clone(),
        password_hash: String::new(),
        kind: if person.bot { AccountKind::Bot } else { AccountKind::Person },
        addable_by: if person.bot { AddableBy::Nobody } else { AddableBy::default() },
        request_hash: None,
    };
    let made = make(c, &new, person.created_at.unwrap_or(now)).await.map_err(|error| match error {
        StoreError::Refused(why) if why.code == ErrorCode::Conflict => {
            StoreError::Collision("another server created an account of the same name".into())
        }
        error => error,
    });
    let id = made?.person.id;
    if person.hue.is_some() || person.picture.is_some() || person.suspended {
        sqlx::query("UPDATE account SET hue = $2, suspended = $3, picture = $4 WHERE id = $1")
            .bind(id.0)
            .bind(person.hue.map(i64::from))
            .bind(i64::from(person.suspended))
            .bind(&person.picture)
            .execute(c)
            .await?;
    }
    Ok(id)
}
