//! Encoding of pushes for other nodes: compact headers, frames unchanged.
//!
//! A message is the two bytes of [`MARK`], the sender's number, and a sequence of pushes. Numbers are variable-length with
//! seven bits per byte. A message that does not decode to its last byte is ignored.

use crate::bus::{Audience, BusEvent, Push, Quota, TokensSpent, Topic, Typist};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use protocol::{ConversationId, UserId};

/// Magic byte and version of the encoding.
const MARK: [u8; 2] = [b'R', 1];

/// Length of a message without pushes, in bytes.
pub(super) const EMPTY: usize = MARK.len() + 8;

const HAS_REV: u8 = 1;
const HAS_EXCEPT: u8 = 2;
const HAS_ABOUT: u8 = 4;
/// The place of the number of the audience in the flags.
const AUDIENCE_SHIFT: u8 = 3;

/// Starts a message from this node.
pub(super) fn begin(node: u64) -> BytesMut {
    let mut out = BytesMut::with_capacity(512);
    out.put_slice(&MARK);
    out.put_u64(node);
    out
}

/// Appends a push; false if its event does not leave the node.
pub(super) fn add(out: &mut BytesMut, push: &Push) -> bool {
    let kind = match &push.event {
        BusEvent::Frame(_) => 0,
        BusEvent::MemberJoined(..) => 1,
        BusEvent::MemberLeft(_) => 2,
        BusEvent::OtherMemberLeft(_) => 3,
        BusEvent::SignInEnded(_) => 4,
        BusEvent::Typing(_) => 5,
        BusEvent::Presence(_) => 6,
        BusEvent::PushesLost => 7,
        BusEvent::TokensSpent(_) => 8,
        BusEvent::PreferencesChanged(_) => 9,
        BusEvent::OtherMemberJoined(_) => 10,
        BusEvent::ConversationClosed => 11,
        BusEvent::ResyncRequired(_) => return false,
    };
    let (tag, id) = match push.topic {
        Topic::Conversation(id) => (0, id.0),
        Topic::Opened(id) => (1, id.0),
        Topic::Person(id) => (2, id.0),
        Topic::Presence(id) => (3, id.0),
        Topic::Nodes => (4, 0),
    };
    let audience: u8 = match push.audience {
        Audience::All => 0,
        Audience::SeesTyping => 1,
        Audience::SeesReads => 2,
        Audience::HidesReads => 3,
    };
    let mut flags = audience << AUDIENCE_SHIFT;
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
    match &push.event {
        BusEvent::Frame(bytes) | BusEvent::Presence(bytes) | BusEvent::PreferencesChanged(bytes) => {
            text(out, bytes);
        }
        BusEvent::MemberJoined(id, rev) => {
            number(out, id.0);
            number(out, *rev);
        }
        BusEvent::MemberLeft(id) => number(out, id.0),
        BusEvent::OtherMemberLeft(user) | BusEvent::OtherMemberJoined(user) => number(out, user.0),
        BusEvent::SignInEnded(sign_in) => {
            out.put_u8(u8::from(sign_in.is_some()));
            text(out, sign_in.as_deref().unwrap_or_default().as_bytes());
        }
        BusEvent::Typing(typist) => {
            out.put_u64(typist.node);
            number(out, typist.user.0);
            out.put_u8(u8::from(typist.is_typing));
            text(out, typist.username.as_bytes());
        }
        BusEvent::TokensSpent(spent) => {
            out.put_u8(match spent.quota {
                Quota::Sends => 0,
                Quota::SignIns => 1,
                Quota::SignInsByName => 2,
                Quota::Registrations => 3,
                Quota::Operations => 4,
                Quota::SignInsByAddress => 5,
                Quota::PasswordChanges => 6,
                Quota::KeyRequests => 7,
            });
            number(out, spent.key);
            number(out, spent.tokens);
        }
        BusEvent::ConversationClosed | BusEvent::PushesLost | BusEvent::ResyncRequired(_) => {}
    }
    true
}

/// The node that sent a message; `None` if the message has another format.
pub(super) fn sender(message: &[u8]) -> Option<u64> {
    let rest = message.strip_prefix(&MARK)?;
    Some(u64::from_be_bytes(rest.get(..8)?.try_into().ok()?))
}

/// Decodes the pushes of a message; `None` if any of them is invalid.
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
    let audience = match flags >> AUDIENCE_SHIFT {
        0 => Audience::All,
        1 => Audience::SeesTyping,
        2 => Audience::SeesReads,
        3 => Audience::HidesReads,
        _ => return None,
    };
    let event = match kind {
        0 => BusEvent::Frame(bytes(from)?),
        1 => BusEvent::MemberJoined(ConversationId(read(from)?), read(from)?),
        2 => BusEvent::MemberLeft(ConversationId(read(from)?)),
        3 => BusEvent::OtherMemberLeft(UserId(read(from)?)),
        4 => {
            let one = byte(from)? == 1;
            let sign_in = string(from)?;
            BusEvent::SignInEnded(one.then_some(sign_in))
        }
        5 => {
            let node = (from.len() >= 8).then(|| from.get_u64())?;
            let (user, is_typing) = (UserId(read(from)?), byte(from)? == 1);
            BusEvent::Typing(Typist { node, user, is_typing, username: string(from)? })
        }
        6 => BusEvent::Presence(bytes(from)?),
        7 => BusEvent::PushesLost,
        8 => {
            let quota = match byte(from)? {
                0 => Quota::Sends,
                1 => Quota::SignIns,
                2 => Quota::SignInsByName,
                3 => Quota::Registrations,
                4 => Quota::Operations,
                5 => Quota::SignInsByAddress,
                6 => Quota::PasswordChanges,
                7 => Quota::KeyRequests,
                _ => return None,
            };
            BusEvent::TokensSpent(TokensSpent { quota, key: read(from)?, tokens: read(from)? })
        }
        9 => BusEvent::PreferencesChanged(bytes(from)?),
        10 => BusEvent::OtherMemberJoined(UserId(read(from)?)),
        11 => BusEvent::ConversationClosed,
        _ => return None,
    };
    let (except, about) = (except.map(UserId), about.map(ConversationId));
    Some(Push { topic, rev, except, about, audience, event })
}

fn number(out: &mut BytesMut, value: i64) {
    // Zigzag, so that small negative numbers are short too.
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

    fn quota() -> impl Strategy<Value = Quota> {
        prop_oneof![
            Just(Quota::Sends),
            Just(Quota::SignIns),
            Just(Quota::SignInsByName),
            Just(Quota::Registrations),
            Just(Quota::Operations),
            Just(Quota::SignInsByAddress),
            Just(Quota::PasswordChanges),
            Just(Quota::KeyRequests),
        ]
    }

    fn audience() -> impl Strategy<Value = Audience> {
        prop_oneof![
            Just(Audience::All),
            Just(Audience::SeesTyping),
            Just(Audience::SeesReads),
            Just(Audience::HidesReads),
        ]
    }

    fn event() -> impl Strategy<Value = BusEvent> {
        let bytes = || vec(any::<u8>(), 0..300).prop_map(Bytes::from);
        prop_oneof![
            bytes().prop_map(BusEvent::Frame),
            (any::<i64>(), any::<i64>())
                .prop_map(|(id, rev)| BusEvent::MemberJoined(ConversationId(id), rev)),
            any::<i64>().prop_map(|id| BusEvent::MemberLeft(ConversationId(id))),
            any::<i64>().prop_map(|id| BusEvent::OtherMemberLeft(UserId(id))),
            any::<i64>().prop_map(|id| BusEvent::OtherMemberJoined(UserId(id))),
            of(".{0,40}").prop_map(BusEvent::SignInEnded),
            (any::<u64>(), any::<i64>(), ".{0,40}", any::<bool>()).prop_map(
                |(node, user, username, is_typing)| {
                    BusEvent::Typing(Typist { node, user: UserId(user), username, is_typing })
                }
            ),
            bytes().prop_map(BusEvent::Presence),
            bytes().prop_map(BusEvent::PreferencesChanged),
            Just(BusEvent::PushesLost),
            Just(BusEvent::ConversationClosed),
            (quota(), any::<i64>(), any::<i64>())
                .prop_map(|(quota, key, tokens)| BusEvent::TokensSpent(TokensSpent { quota, key, tokens })),
        ]
    }

    prop_compose! {
        fn some()(
            topic in topic(), event in event(), rev in of(any::<i64>()), except in of(any::<i64>()),
            about in of(any::<i64>()), audience in audience(),
        ) -> Push {
            let (except, about) = (except.map(UserId), about.map(ConversationId));
            Push { topic, rev, except, about, audience, event }
        }
    }

    fn written(node: u64, pushes: &[Push]) -> Bytes {
        let mut out = begin(node);
        assert!(pushes.iter().all(|push| add(&mut out, push)));
        out.freeze()
    }

    proptest! {
        #[test]
        fn pushes_survive_encoding(node in any::<u64>(), all in vec(some(), 0..5)) {
            let message = written(node, &all);
            prop_assert_eq!(sender(&message), Some(node));
            prop_assert_eq!(pushes(message), Some(all));
        }

        #[test]
        fn truncated_or_foreign_messages_are_rejected(all in vec(some(), 1..4), at in any::<prop::sample::Index>()) {
            let message = written(7, &all);
            let cut = at.index(message.len());
            let read = pushes(message.slice(..cut));
            // Cut at the end of a push, it is a valid message with fewer pushes.
            prop_assert!(read.is_none_or(|read| read.len() < all.len()));
            let mut other = message.to_vec();
            other[1] = 2;
            prop_assert_eq!(pushes(Bytes::from(other)), None);
        }

        #[test]
        fn noise_is_rejected(noise in vec(any::<u8>(), 0..200)) {
            let mut after = written(1, &[]).to_vec();
            after.extend(&noise);
            let _ = pushes(Bytes::from(after));
            prop_assert!(noise.starts_with(&MARK) || pushes(Bytes::from(noise)).is_none());
        }
    }

    #[test]
    fn local_events_are_not_encoded() {
        let push = Push::event(Topic::Person(UserId(1)), BusEvent::ResyncRequired(3));
        let mut out = begin(1);
        assert!(!add(&mut out, &push) && out == begin(1));
    }
}
