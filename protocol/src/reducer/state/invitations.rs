//! The person's invitations that wait for an answer.

use super::State;
use crate::{Invitation, InvitationId};

impl State {
    /// Adds an invitation, or replaces it.
    pub(in crate::reducer) fn invited(&mut self, invitation: Invitation) {
        let mut invitations: Vec<_> =
            self.invitations.iter().filter(|held| held.id != invitation.id).cloned().collect();
        let newer = |held: &Invitation| (held.created_at, held.id) > (invitation.created_at, invitation.id);
        let at = invitations.iter().take_while(|held| newer(held)).count();
        invitations.insert(at, invitation);
        self.set_invitations(invitations);
    }

    /// Removes an invitation.
    pub(in crate::reducer) fn no_longer_invited(&mut self, id: InvitationId) {
        let before = self.invitations.len();
        self.invitations.retain(|held| held.id != id);
        self.touched.invitations |= self.invitations.len() != before;
    }

    /// Replaces all invitations.
    pub(in crate::reducer) fn set_invitations(&mut self, invitations: Vec<Invitation>) {
        if invitations != self.invitations {
            self.invitations = invitations;
            self.touched.invitations = true;
        }
    }
}
