//! Who is there: users with their tokens, one large conversation and many of two.

use crate::BoxError;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What every subject writes when it has made its users.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Fixture {
    /// The conversation of many.
    pub room: Room,
    /// Conversations of two.
    pub pairs: Vec<Pair>,
    /// One token for each user.
    pub tokens: Vec<String>,
}

/// The conversation of many.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Room {
    /// Its id.
    pub id: i64,
    /// Its members, as indexes of tokens.
    pub members: Vec<usize>,
}

/// A conversation of two.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Pair {
    /// Its id.
    pub id: i64,
    /// One of them, as an index of tokens.
    pub a: usize,
    /// The other.
    pub b: usize,
}

/// How many there are to be.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Size {
    /// Users.
    pub users: usize,
    /// Members of the large conversation.
    pub room: usize,
    /// Conversations of two.
    pub pairs: usize,
    /// Messages in the large one, where the subject can be given any.
    pub messages: usize,
}

impl Fixture {
    /// Reads what a subject wrote, and refuses what does not fit.
    ///
    /// # Errors
    /// It is not there, unreadable, or smaller than was asked for.
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

    /// For a subject that knows nobody and lets everybody in.
    #[must_use]
    pub fn invented(size: Size) -> Self {
        // As long as a real one.
        let tokens = vec!["x".repeat(180); size.users.max(size.room).max(2)];
        let pairs = (0..size.pairs)
            .map(|n| Pair { id: 2 + n as i64, a: 2 * n % tokens.len(), b: (2 * n + 1) % tokens.len() })
            .collect();
        Self { room: Room { id: 1, members: (0..size.room).collect() }, pairs, tokens }
    }

    /// Where somebody's socket of a conversation is.
    #[must_use]
    pub fn socket_path(&self, conversation: i64, who: usize) -> String {
        format!("/ws/chat/{conversation}/?token={}", self.tokens[who])
    }

    /// The paths of so many sockets, spread over the people of the pairs.
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
