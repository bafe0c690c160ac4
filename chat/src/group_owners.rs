//! Owners that an operator gives to groups. A group whose only owner is suspended has nobody else who could hand it over.

use crate::audit::{AuditAction, AuditEvent};
use crate::store::{Account, GroupChange, GroupWrite, Outcome, Store, Write};
use crate::{Clock, Error, Result};
use protocol::{ConversationId, ErrorBody, ErrorCode};
use std::sync::Arc;

/// The owners of groups, as operators manage them.
pub struct GroupOwners {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl GroupOwners {
    /// The owners of the groups in this store.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Makes a member of a group an owner, beside the owners that it has; `false` if the member is one already. The members are told
    /// by a line in the group. A server that runs beside this process shows it after at most two seconds.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] if there is no such person, or the person is no member; [`ErrorCode::Forbidden`] for a direct
    /// conversation, or one about a subject; [`ErrorCode::Suspended`] for a suspended person.
    pub async fn add(&self, group: ConversationId, username: &str) -> Result<bool> {
        let account = self.store.account_by_name(username).await?.ok_or_else(Error::not_found)?;
        let added = self.become_owner(group, &account).await;
        if let Some(event) = AuditEvent::of(AuditAction::SetRole, &added) {
            event.user(account.person.id).conversation(group).emit();
        }
        added
    }

    async fn become_owner(&self, group: ConversationId, account: &Account) -> Result<bool> {
        let (by, change) = (account.person.id, GroupChange::BecomeOwner);
        let write = Write::Group(GroupWrite { by, conversation: group, change, client_id: None });
        let outcome = self.store.commit(&[write], self.clock.now()).await?.pop();
        match outcome {
            Some(Ok(Outcome::GroupChanged(changed))) => {
                self.store.count_command_change().await?;
                Ok(!changed.messages.is_empty())
            }
            Some(Err(Error::Refused(body))) if body.code == ErrorCode::NotFound => {
                let why = format!("{} is no member of a conversation {group}", account.person.username);
                Err(ErrorBody::because(ErrorCode::NotFound, why).into())
            }
            Some(Err(error)) => Err(error),
            _ => Err(Error::Internal("another outcome than that of a group".into())),
        }
    }
}
