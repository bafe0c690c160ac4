//! The preferences of the person, and what they hide of others.

use super::State;
use super::room::Room;
use crate::{Member, Preferences, UserId};

impl State {
    /// Replaces the preferences. Whoever hides typing or reading from others does not see it of others: the state forgets it.
    pub(super) fn preferences_changed(&mut self, preferences: Preferences) {
        if preferences == self.preferences {
            return;
        }
        let before = std::mem::replace(&mut self.preferences, preferences);
        self.touched.preferences = true;
        if !self.preferences.show_typing {
            self.rooms.iter_mut().for_each(|(_, room)| room.typing_only(|_| false));
        }
        if !self.preferences.send_read_receipts {
            let me = self.me.id;
            self.rooms.iter_mut().for_each(|(_, room)| room.forget_reads(me));
        }
        // Only the server knows what the others did meanwhile.
        let shows_more = (self.preferences.show_typing && !before.show_typing)
            || (self.preferences.send_read_receipts && !before.send_read_receipts);
        self.list_wanted |= shows_more;
    }

    /// Removes what others read from members of an answer or a frame, which may be from before the change.
    pub(super) fn conceal_reads(&self, members: &mut [Member]) {
        if !self.preferences.send_read_receipts {
            let others = members.iter_mut().filter(|member| member.user.id != self.me.id);
            others.for_each(|member| member.read_seq = 0);
        }
    }
}

impl Room {
    /// Forgets what the others read.
    fn forget_reads(&mut self, me: UserId) {
        for member in &mut self.summary.members {
            if member.user.id != me && member.read_seq > 0 {
                member.read_seq = 0;
                self.touched.parts.receipts = true;
            }
        }
    }
}
