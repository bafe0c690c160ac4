//! Sign-ins of a person: listed for their owner, and ended one by one or all but the current one.

use super::{Accounts, Identity};
use crate::audit::{AuditAction, AuditEvent, AuditOutcome};
use crate::store::StoredSignIn;
use crate::{Error, Result};
use protocol::SignIn;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio::sync::Notify;

/// Maximum number of listed sign-ins: a program that never signs out may have left thousands.
const SHOWN: usize = 100;

impl Accounts {
    /// The person's sign-ins: the current one first, then by the time of last use.
    pub async fn sign_ins(&self, who: &Identity) -> Result<Vec<SignIn>> {
        let mut kept = self.store.sign_ins_of(who.person.id, self.clock.now()).await?;
        let own = |session: &StoredSignIn| session.id == who.sign_in;
        kept.sort_by_key(|session| std::cmp::Reverse((own(session), session.used_at)));
        kept.truncate(SHOWN);
        let shown = |session: StoredSignIn| SignIn {
            id: public_id(&session.id),
            own: own(&session),
            device: session.device,
            began_at: session.began_at,
            used_at: session.used_at,
            address: session.address,
        };
        Ok(kept.into_iter().map(shown).collect())
    }

    /// Ends the connections of a sign-in that was just ended, on this node at once. Other nodes end theirs within two seconds, as this one
    /// does without the call.
    pub fn sign_in_ended(&self) {
        self.ended.notify_one();
    }

    /// Notified when a sign-in was ended on this node.
    pub(crate) fn ended(&self) -> Arc<Notify> {
        Arc::clone(&self.ended)
    }

    /// Ends one of the person's sign-ins, by its public id; its sockets close within two seconds.
    ///
    /// # Errors
    /// Not found, also for sign-ins of other people.
    pub async fn end_sign_in(&self, who: &Identity, id: &str) -> Result<()> {
        let now = self.clock.now();
        let kept = self.store.sign_ins_of(who.person.id, now).await?;
        let meant = kept.iter().find(|session| public_id(&session.id) == id).ok_or_else(Error::not_found)?;
        self.store.end_sign_in(&meant.id, now).await?;
        self.sign_in_ended();
        AuditEvent::new(AuditAction::SignOut, AuditOutcome::Ok).by(who.person.id).emit();
        Ok(())
    }

    /// Ends all of the person's sign-ins except the current one; their sockets close within two seconds.
    pub async fn end_other_sign_ins(&self, who: &Identity) -> Result<()> {
        self.store.end_other_sign_ins(who.person.id, &who.sign_in, self.clock.now()).await?;
        self.sign_in_ended();
        AuditEvent::new(AuditAction::SignOutElsewhere, AuditOutcome::Ok).by(who.person.id).emit();
        Ok(())
    }
}

/// Public id of a sign-in, derived from its secret id, which it does not reveal.
fn public_id(secret_id: &str) -> String {
    let digest = Sha256::new().chain_update("shown as ").chain_update(secret_id).finalize();
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
