//! The sockets of each path.

use std::collections::HashMap;

/// The place of a socket among those of its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) room: usize,
    pub(crate) place: usize,
}

/// All paths so far, each with the keys of its sockets.
#[derive(Debug, Default)]
pub(crate) struct Rooms {
    by_path: HashMap<String, usize>,
    members: Vec<Vec<usize>>,
}

impl Rooms {
    /// Adds a socket.
    pub(crate) fn enter(&mut self, path: String, key: usize) -> Slot {
        let room = *self.by_path.entry(path).or_insert_with(|| {
            self.members.push(Vec::new());
            self.members.len() - 1
        });
        self.members[room].push(key);
        Slot { room, place: self.members[room].len() - 1 }
    }

    /// Removes a socket; returns the key of the socket that takes its place, if there is one.
    pub(crate) fn leave(&mut self, slot: Slot) -> Option<usize> {
        let members = &mut self.members[slot.room];
        members.swap_remove(slot.place);
        members.get(slot.place).copied()
    }

    /// The sockets of a path.
    pub(crate) fn members(&self, room: usize) -> &[usize] {
        &self.members[room]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_goes_gives_the_place_to_the_last() {
        let mut rooms = Rooms::default();
        let slots: Vec<_> = (10..13).map(|key| rooms.enter("/a".into(), key)).collect();
        let other = rooms.enter("/b".into(), 20);
        assert_eq!(rooms.leave(slots[0]), Some(12));
        assert_eq!(rooms.members(slots[0].room), [12, 11]);
        assert_eq!(rooms.leave(slots[1]), None);
        assert_eq!(rooms.leave(slots[0]), None);
        assert_eq!((rooms.members(slots[0].room), rooms.members(other.room)), (&[][..], &[20][..]));
        assert_eq!(rooms.enter("/a".into(), 30), slots[0], "the same path is the same room");
    }
}
