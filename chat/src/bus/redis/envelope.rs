//! How pushes are written for other nodes: what they are about in a few bytes, frames as they are.
//!
//! A message is the two bytes of [`MARK`], the sender's number, and pushes one after the other. Numbers take a byte for
//! each seven bits. What does not read to its last byte is not ours.

use crate::bus::{Body, Push, Topic, Typist};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use protocol::{ConversationId, UserId};

/// A letter of ours, and the version of what follows.
const MARK: [u8; 2] = [b'R', 1];

/// How long a message without a push is.
pub(super) const EMPTY: usize = MARK.len() + 8;

const HAS_REV: u8 = 1;
const HAS_EXCEPT: u8 = 2;
const HAS_ABOUT: u8 = 4;

/// A message from this node, still empty.
pub(super) fn begin(node: u64) -> BytesMut {
    let mut out = BytesMut::with_capacity(512);
    out.put_slice(&MARK);
    out.put_u64(node);
    out
}

/// Adds a push; false: it is of a kind that stays on its node.
pub(super) fn add(out: &mut BytesMut, push: &Push) -> bool {
    let kind = match &push.body {
        Body::Frame(_) => 0,
        Body::Entered(..) => 1,
        Body::Left(_) => 2,
        Body::Parted(_) => 3,
        Body::Revoked(_) => 4,
        Body::Typing(_) => 5,
        Body::News(_) => 6,
        Body::Lost => 7,
        Body::Behind(_) => return false,
    };
    let (tag, id) = match push.topic {
        Topic::Conversation(id) => (0, id.0),
        Topic::Opened(id) => (1, id.0),
        Topic::Person(id) => (2, id.0),
        Topic::Presence(id) => (3, id.0),
        Topic::Nodes => (4, 0),
    };
    let mut flags = 0;
    for (there, flag) in [
        (push.rev.is_some(), HAS_REV),
        (push.except.is_some(), HAS_EXCEPT),
        (push.about.is_some(), HAS_ABOUT),
    ] {
        flags |= if there { flag } else { 0 };
    }
    out.put_slice(&[tag, kind, flags]);
    number(out, id);
    let optional = [push.rev, push.except.map(|user| user.0), push.about.map(|id| id.0)];
    optional.into_iter().flatten().for_each(|value| number(out, value));
    match &push.body {
        Body::Frame(bytes) | Body::News(bytes) => text(out, bytes),
        Body::Entered(id, rev) => {
            number(out, id.0);
            number(out, *rev);
        }
        Body::Left(id) => number(out, id.0),
        Body::Parted(user) => number(out, user.0),
        Body::Revoked(sign_in) => {
            out.put_u8(u8::from(sign_in.is_some()));
            text(out, sign_in.as_deref().unwrap_or_default().as_bytes());
        }
        Body::Typing(typist) => {
            out.put_u64(typist.node);
            number(out, typist.user.0);
            out.put_u8(u8::from(typist.is_typing));
            text(out, typist.username.as_bytes());
        }
        Body::Lost | Body::Behind(_) => {}
    }
    true
}

/// Whose message it is, when it is one of ours.
pub(super) fn sender(message: &[u8]) -> Option<u64> {
    let rest = message.strip_prefix(&MARK)?;
    Some(u64::from_be_bytes(rest.get(..8)?.try_into().ok()?))
}

/// The pushes of a message; none of them where one cannot be read.
pub(super) fn pushes(mut message: Bytes) -> Option<Vec<Push>> {
    sender(&message)?;
    message.advance(MARK.len() + 8);
    let mut all = Vec::new();
    while !message.is_empty() {
        all.push(push(&mut message)?);
    }
    Some(all)
}

fn push(from: &mut Bytes) -> Option<Push> {
    let (tag, kind, flags) = (byte(from)?, byte(from)?, byte(from)?);
    let id = read(from)?;
    let topic = match tag {
        0 => Topic::Conversation(ConversationId(id)),
        1 => Topic::Opened(ConversationId(id)),
        2 => Topic::Person(UserId(id)),
        3 => Topic::Presence(UserId(id)),
        4 => Topic::Nodes,
        _ => return None,
    };
    let mut optional = |flag| if flags & flag == 0 { Some(None) } else { read(from).map(Some) };
    let (rev, except, about) = (optional(HAS_REV)?, optional(HAS_EXCEPT)?, optional(HAS_ABOUT)?);
    let body = match kind {
        0 => Body::Frame(bytes(from)?),
        1 => Body::Entered(ConversationId(read(from)?), read(from)?),
        2 => Body::Left(ConversationId(read(from)?)),
        3 => Body::Parted(UserId(read(from)?)),
        4 => {
            let one = byte(from)? == 1;
            let sign_in = string(from)?;
            Body::Revoked(one.then_some(sign_in))
        }
        5 => {
            let node = (from.len() >= 8).then(|| from.get_u64())?;
            let (user, is_typing) = (UserId(read(from)?), byte(from)? == 1);
            Body::Typing(Typist { node, user, is_typing, username: string(from)? })
        }
        6 => Body::News(bytes(from)?),
        7 => Body::Lost,
        _ => return None,
    };
    Some(Push { topic, rev, except: except.map(UserId), about: about.map(ConversationId), body })
}

fn number(out: &mut BytesMut, value: i64) {
    // Small negative ones are short, too.
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while rest >= 0x80 {
        out.put_u8((rest as u8) | 0x80);
        rest >>= 7;
    }
    out.put_u8(rest as u8);
}

fn read(from: &mut Bytes) -> Option<i64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = byte(from)?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
        }
    }
    None
}

fn text(out: &mut BytesMut, bytes: &[u8]) {
    number(out, i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    out.put_slice(bytes);
}

fn bytes(from: &mut Bytes) -> Option<Bytes> {
    let length = usize::try_from(read(from)?).ok()?;
    (length <= from.len()).then(|| from.split_to(length))
}

fn string(from: &mut Bytes) -> Option<String> {
    String::from_utf8(bytes(from)?.to_vec()).ok()
}

fn byte(from: &mut Bytes) -> Option<u8> {
    (!from.is_empty()).then(|| from.get_u8())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::option::of;
    use proptest::prelude::*;

    fn topic() -> impl Strategy<Value = Topic> {
        prop_oneof![
            any::<i64>().prop_map(|id| Topic::Conversation(ConversationId(id))),
            any::<i64>().prop_map(|id| Topic::Opened(ConversationId(id))),
            any::<i64>().prop_map(|id| Topic::Person(UserId(id))),
            any::<i64>().prop_map(|id| Topic::Presence(UserId(id))),
            Just(Topic::Nodes),
        ]
    }

    fn body() -> impl Strategy<Value = Body> {
        let bytes = || vec(any::<u8>(), 0..300).prop_map(Bytes::from);
        prop_oneof![
            bytes().prop_map(Body::Frame),
            (any::<i64>(), any::<i64>()).prop_map(|(id, rev)| Body::Entered(ConversationId(id), rev)),
            any::<i64>().prop_map(|id| Body::Left(ConversationId(id))),
            any::<i64>().prop_map(|id| Body::Parted(UserId(id))),
            of(".{0,40}").prop_map(Body::Revoked),
            (any::<u64>(), any::<i64>(), ".{0,40}", any::<bool>()).prop_map(
                |(node, user, username, is_typing)| {
                    Body::Typing(Typist { node, user: UserId(user), username, is_typing })
                }
            ),
            bytes().prop_map(Body::News),
            Just(Body::Lost),
        ]
    }

    prop_compose! {
        fn some()(
            topic in topic(), body in body(), rev in of(any::<i64>()), except in of(any::<i64>()),
            about in of(any::<i64>()),
        ) -> Push {
            Push { topic, rev, except: except.map(UserId), about: about.map(ConversationId), body }
        }
    }

    fn written(node: u64, pushes: &[Push]) -> Bytes {
        let mut out = begin(node);
        assert!(pushes.iter().all(|push| add(&mut out, push)));
        out.freeze()
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(node in any::<u64>(), all in vec(some(), 0..5)) {
            let message = written(node, &all);
            prop_assert_eq!(sender(&message), Some(node));
            prop_assert_eq!(pushes(message), Some(all));
        }

        #[test]
        fn what_is_cut_off_or_foreign_is_not_read(all in vec(some(), 1..4), at in any::<prop::sample::Index>()) {
            let message = written(7, &all);
            let cut = at.index(message.len());
            let read = pushes(message.slice(..cut));
            // At the end of a push it is a message, of fewer.
            prop_assert!(read.is_none_or(|read| read.len() < all.len()));
            let mut other = message.to_vec();
            other[1] = 2;
            prop_assert_eq!(pushes(Bytes::from(other)), None);
        }

        #[test]
        fn noise_is_refused_and_harms_nobody(noise in vec(any::<u8>(), 0..200)) {
            let mut after = written(1, &[]).to_vec();
            after.extend(&noise);
            let _ = pushes(Bytes::from(after));
            prop_assert!(noise.starts_with(&MARK) || pushes(Bytes::from(noise)).is_none());
        }
    }

    #[test]
    fn what_concerns_one_node_stays_there() {
        let push = Push::word(Topic::Person(UserId(1)), Body::Behind(3));
        let mut out = begin(1);
        assert!(!add(&mut out, &push) && out == begin(1));
    }
}
