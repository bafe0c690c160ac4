//! The fixture: users with their tokens, one large conversation and many of two.

use crate::BoxError;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The fixture as each subject writes it. The names are those of the file.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Fixture {
    /// The large conversation.
    pub room: Room,
    /// Conversations of two.
    pub pairs: Vec<Pair>,
    /// One token for each user.
    pub tokens: Vec<String>,
}

/// The large conversation.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Room {
    /// The id of the conversation.
    pub id: i64,
    /// The members, as indexes into the tokens.
    pub members: Vec<usize>,
}

/// A conversation of two.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Pair {
    /// The id of the conversation.
    pub id: i64,
    /// One member, as an index into the tokens.
    pub a: usize,
    /// The other member.
    pub b: usize,
}

/// The requested size of a fixture.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Size {
    /// The number of users.
    pub users: usize,
    /// The number of members of the large conversation.
    pub room: usize,
    /// Conversations of two.
    pub pairs: usize,
    /// The number of messages in the large conversation, for subjects that can create them.
    pub messages: usize,
}

impl Fixture {
    /// Reads and checks the file that a subject wrote.
    ///
    /// # Errors
    /// The file is missing, unreadable, or smaller than requested.
    pub fn read(path: &Path, size: Size) -> Result<Self, BoxError> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let read: Self = serde_json::from_str(&text)?;
        let known = |index: &usize| *index < read.tokens.len();
        let fits = read.room.members.len() >= size.room
            && read.pairs.len() >= size.pairs
            && read.room.members.iter().all(known)
            && read.pairs.iter().all(|pair| known(&pair.a) && known(&pair.b));
        if fits { Ok(read) } else { Err(format!("{} is not what was asked for", path.display()).into()) }
    }

    /// A fixture for the limit, which accepts any token.
    #[must_use]
    pub fn invented(size: Size) -> Self {
        // As long as a real token.
        let tokens = vec!["x".repeat(180); size.users.max(size.room).max(2)];
        let pairs = (0..size.pairs)
            .map(|n| Pair { id: 2 + n as i64, a: 2 * n % tokens.len(), b: (2 * n + 1) % tokens.len() })
            .collect();
        Self { room: Room { id: 1, members: (0..size.room).collect() }, pairs, tokens }
    }

    /// The path of a member's socket of a conversation.
    #[must_use]
    pub fn socket_path(&self, conversation: i64, who: usize) -> String {
        format!("/ws/chat/{conversation}/?token={}", self.tokens[who])
    }

    /// The paths of `count` sockets, spread over the members of the pairs.
    #[must_use]
    pub fn pair_socket_paths(&self, count: usize) -> Vec<String> {
        let sides = self.pairs.len() * 2;
        (0..count)
            .map(|n| {
                let pair = &self.pairs[n % sides / 2];
                self.socket_path(pair.id, if n % 2 == 0 { pair.a } else { pair.b })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { users: 6, room: 4, pairs: 3, messages: 0 };

    #[test]
    fn is_read_as_it_was_written_and_refused_where_it_is_too_small() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fixture.json");
        assert!(Fixture::read(&path, SIZE).is_err());
        let made = Fixture::invented(SIZE);
        std::fs::write(&path, serde_json::to_string(&made).unwrap()).unwrap();
        assert_eq!(Fixture::read(&path, SIZE).unwrap().pairs.len(), 3);
        assert!(Fixture::read(&path, Size { room: 5, ..SIZE }).is_err());
        std::fs::write(&path, r#"{"room":{"id":1,"members":[0,7]},"pairs":[],"tokens":["x"]}"#).unwrap();
        assert!(
            Fixture::read(&path, Size { users: 1, room: 2, pairs: 0, messages: 0 }).is_err(),
            "nobody is number 7"
        );
    }

    #[test]
    fn both_of_every_pair_come_to_their_own_door() {
        let mut made = Fixture::invented(SIZE);
        made.tokens = (0..6).map(|n| format!("t{n}")).collect();
        let paths = made.pair_socket_paths(7);
        assert_eq!(paths[0], "/ws/chat/2/?token=t0");
        assert_eq!(paths[1], "/ws/chat/2/?token=t1");
        assert_eq!(paths[5], "/ws/chat/4/?token=t5");
        assert_eq!(paths[6], paths[0]);
    }
}
