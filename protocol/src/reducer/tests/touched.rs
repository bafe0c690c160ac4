//! The parts that single frames and calls touch.

use super::fixtures::*;
use crate::reducer::{RoomTouched, State, Touched};
use crate::{
    Ack, Changes, Conversation, ConversationId, ConversationRemoved, ErrorBody, ErrorCode, Member, Message,
    MessageDeleted, MessageDelivered, PageAnswer, Person, Role, ServerFrame, Side, Status, SyncAnswer,
    Typing, TypingNow, UserId, UserUpdated,
};

const NONE: RoomTouched =
    RoomTouched { summary: false, own: false, receipts: false, typing: false, ephemeral: false, rows: false };
const SUMMARY: RoomTouched = RoomTouched { summary: true, ..NONE };
const RECEIPTS: RoomTouched = RoomTouched { receipts: true, ..NONE };
const TYPING: RoomTouched = RoomTouched { typing: true, ..NONE };
const EPHEMERAL: RoomTouched = RoomTouched { ephemeral: true, ..NONE };
const ROWS: RoomTouched = RoomTouched { rows: true, ..NONE };

/// A change of these parts of the room and of nothing else.
fn room(parts: RoomTouched) -> Touched {
    Touched { rooms: [(ROOM, parts)].into_iter().collect(), ..Touched::default() }
}

/// The parts that a change touches.
fn touched<T>(state: &mut State, change: impl FnOnce(&mut State) -> T) -> Touched {
    state.take_touched();
    change(state);
    state.take_touched()
}

fn applied(state: &mut State, frame: ServerFrame) -> Touched {
    touched(state, |state| state.apply(frame, 0))
}

/// In the list with another conversation, whose newest message is of the time `other`.
fn beside(rev: i64, other: i64) -> State {
    let last = Message { conversation_id: ConversationId(8), ..message(other, 2) };
    let other = Conversation { id: ConversationId(8), last_message: Some(last), ..entry(other) };
    let mut state = State::new(person(1));
    state.apply(synced(vec![entry(rev), other]), 0);
    state
}

fn answer(change: impl FnOnce(&mut SyncAnswer)) -> ServerFrame {
    let ServerFrame::Synced(mut answer) = synced(vec![entry(2)]) else { unreachable!("as it is made") };
    change(&mut answer);
    ServerFrame::Synced(answer)
}

#[test]
fn a_typing_frame_touches_who_types_and_a_repeat_nothing() {
    let mut state = loaded(1, 2);
    assert_eq!(applied(&mut state, typing(2, true)), room(TYPING));
    assert_eq!(touched(&mut state, |state| state.apply(typing(2, true), 3_000)), Touched::default());
    let ServerFrame::Typing(frame) = typing(2, true) else { unreachable!("as it is made") };
    let renamed = ServerFrame::Typing(Typing { username: "ben".into(), ..frame });
    assert_eq!(touched(&mut state, |state| state.apply(renamed, 3_000)), room(TYPING));
    assert_eq!(applied(&mut state, typing(3, false)), Touched::default());
    assert_eq!(applied(&mut state, typing(1, true)), Touched::default(), "oneself");
    assert_eq!(touched(&mut state, |state| state.tick(8_999)), Touched::default());
    assert_eq!(touched(&mut state, |state| state.tick(9_000)), room(TYPING));
    state.apply(typing(2, true), 9_000);
    assert_eq!(touched(&mut state, State::link_lost), room(TYPING));
    assert_eq!(touched(&mut state, State::link_lost), Touched::default());
}

#[test]
fn a_receipt_touches_receipts_and_ones_own_the_summary_too() {
    let mut state = loaded(1, 3);
    assert_eq!(applied(&mut state, read(2, 2)), room(RECEIPTS));
    assert_eq!(applied(&mut state, read(2, 2)), Touched::default());
    assert_eq!(applied(&mut state, read(2, 1)), Touched::default());
    let delivered = ServerFrame::MessageDelivered(MessageDelivered {
        conversation_id: ROOM,
        message_id: message(3, 2).id,
        user_id: UserId(3),
        seq: 3,
    });
    assert_eq!(applied(&mut state, delivered.clone()), room(RECEIPTS));
    assert_eq!(applied(&mut state, delivered), Touched::default());
    assert_eq!(applied(&mut state, read(1, 3)), room(RoomTouched { receipts: true, ..SUMMARY }));
}

#[test]
fn a_message_off_screen_touches_its_summary_and_the_list_if_it_moves() {
    let mut state = beside(2, 9);
    assert_eq!(applied(&mut state, new_message(message(3, 2))), room(SUMMARY));
    let mut state = beside(2, 3);
    assert_eq!(applied(&mut state, new_message(message(3, 2))), room(SUMMARY), "the id decides");
    assert_eq!(applied(&mut state, new_message(message(4, 2))), Touched { list: true, ..room(SUMMARY) });
    assert_eq!(applied(&mut state, new_message(message(5, 2))), room(SUMMARY), "it is the first already");
    assert_eq!(applied(&mut state, new_message(message(5, 2))), Touched::default(), "doubled");
    state.apply(typing(2, true), 0);
    let sent = applied(&mut state, new_message(message(6, 2)));
    assert_eq!(sent, room(RoomTouched { typing: true, ..SUMMARY }), "who wrote it no longer types");
}

#[test]
fn a_message_on_screen_touches_the_rows_too() {
    let mut state = loaded(1, 3);
    assert_eq!(applied(&mut state, new_message(message(4, 2))), room(RoomTouched { rows: true, ..SUMMARY }));
    // Behind a hole it waits, and shows nothing.
    assert_eq!(applied(&mut state, new_message(message(6, 2))), Touched::default());
    // Out of sight, below a window of the past.
    let mut state = loaded(200, 300);
    assert_eq!(
        touched(&mut state, |state| state.jump_to(ROOM, Side::Before(50))),
        room(ROWS),
        "it is on its way"
    );
    let page =
        PageAnswer { conversation_id: ROOM, before: Some(50), after: None, page: page(1..=49, 300, true) };
    assert_eq!(applied(&mut state, ServerFrame::Page(page)), room(ROWS));
    assert_eq!(applied(&mut state, new_message(message(301, 2))), room(SUMMARY));
    let composed = touched(&mut state, |state| state.compose(ROOM, id(77), "mine".into(), None));
    assert_eq!(composed, Touched { unsent: true, ..Touched::default() });
    assert_eq!(touched(&mut state, |state| state.show_latest(ROOM)), room(ROWS));
}

#[test]
fn an_answer_that_says_what_is_known_touches_nothing() {
    let filled = || {
        answer(|answer| {
            answer.presence = vec![here(2, Status::Online), here(3, Status::Away)];
            let username = "person2".into();
            answer.typing = vec![TypingNow { conversation_id: ROOM, user_id: UserId(2), username }];
        })
    };
    let mut state = loaded(1, 2);
    let first = applied(&mut state, filled());
    let presence = [(UserId(2), ()), (UserId(3), ())].into_iter().collect();
    assert_eq!(first, Touched { presence, ..room(TYPING) });
    assert_eq!(applied(&mut state, filled()), Touched::default());
    assert_eq!(applied(&mut state, changes(2, vec![], 2)), Touched::default());
    assert_eq!(applied(&mut state, reset(page(1..=2, 2, true))), Touched::default());
    let other = answer(|answer| answer.presence = vec![here(3, Status::Online)]);
    assert_eq!(
        applied(&mut state, other),
        Touched { presence: [(UserId(2), ()), (UserId(3), ())].into_iter().collect(), ..room(TYPING) }
    );
}

#[test]
fn presence_touches_the_person_and_an_ephemeral_line_the_open_conversation() {
    let mut state = loaded(1, 2);
    let status = |who, status| ServerFrame::UserStatus(here(who, status));
    let presence = [(UserId(2), ())].into_iter().collect();
    assert_eq!(applied(&mut state, status(2, Status::Online)), Touched { presence, ..room(EPHEMERAL) });
    assert_eq!(applied(&mut state, status(2, Status::Online)), Touched::default());
    let presence = Touched { presence: [(UserId(2), ())].into_iter().collect(), ..Touched::default() };
    assert_eq!(applied(&mut state, status(2, Status::Away)), presence);
    assert_eq!(touched(&mut state, |state| state.tick(4_000)), room(EPHEMERAL));
    state.apply(status(2, Status::Offline), 5_000);
    assert_eq!(touched(&mut state, |state| state.close(ROOM)), room(RoomTouched { rows: true, ..EPHEMERAL }));
    assert_eq!(touched(&mut state, |state| state.close(ROOM)), Touched::default());
}

#[test]
fn a_name_touches_what_bears_it() {
    let named = |id: i64, name: &str| {
        let user = Person { first_name: name.into(), ..person(id) };
        ServerFrame::UserUpdated(UserUpdated { user })
    };
    let mut state = loaded(1, 2);
    assert_eq!(applied(&mut state, named(2, "Bo")), room(RoomTouched { rows: true, ..SUMMARY }));
    assert_eq!(applied(&mut state, named(2, "Bo")), Touched::default());
    assert_eq!(applied(&mut state, named(3, "Cy")), room(SUMMARY), "who wrote nothing");
    assert_eq!(applied(&mut state, named(9, "A stranger")), Touched::default());
    assert_eq!(applied(&mut state, named(1, "Me")), Touched { me: true, ..room(SUMMARY) });
}

#[test]
fn an_unsent_message_touches_rows_from_composing_to_acknowledgement() {
    let unsent = |parts| Touched { unsent: true, ..room(parts) };
    let mut state = loaded(1, 2);
    let compose = |state: &mut State| state.compose(ROOM, id(3), "mine".into(), None);
    assert_eq!(touched(&mut state, compose), unsent(ROWS));
    assert_eq!(touched(&mut state, compose), Touched::default(), "it is there");
    assert_eq!(touched(&mut state, |state| state.next_to_send(0)), unsent(ROWS));
    assert_eq!(touched(&mut state, |state| state.next_to_send(0)), Touched::default());
    assert_eq!(touched(&mut state, State::link_lost), unsent(ROWS));
    let refused = ServerFrame::Error(ErrorBody::new(ErrorCode::MessageTooLong).about(Some(id(3))));
    assert_eq!(applied(&mut state, refused.clone()), unsent(ROWS));
    assert_eq!(applied(&mut state, refused), Touched::default());
    assert_eq!(touched(&mut state, |state| state.try_again(ROOM, id(3))), unsent(ROWS));
    assert_eq!(touched(&mut state, |state| state.try_again(ROOM, id(3))), Touched::default());
    let mine = Message { content: "mine".into(), ..message(3, 1) };
    let ack = ServerFrame::Ack(Ack { client_id: id(3), message: mine.clone() });
    assert_eq!(applied(&mut state, ack), unsent(RoomTouched { rows: true, ..SUMMARY }));
    assert_eq!(applied(&mut state, new_message(mine)), Touched::default());
    state.compose(ROOM, id(4), "another".into(), None);
    assert_eq!(touched(&mut state, |state| state.discard(ROOM, id(4))), unsent(ROWS));
    assert_eq!(touched(&mut state, |state| state.discard(ROOM, id(4))), Touched::default());
}

#[test]
fn an_unsent_message_outside_the_list_touches_the_rows_of_its_conversation() {
    let mut state = State::new(person(1));
    let unsent = Touched { unsent: true, ..room(ROWS) };
    let composed = touched(&mut state, |state| state.compose(ROOM, id(3), "mine".into(), None));
    assert_eq!(composed, unsent);
    assert_eq!(touched(&mut state, |state| state.next_to_send(0)), unsent);
    assert_eq!(touched(&mut state, State::link_lost), unsent);
    let entered = applied(&mut state, synced(vec![entry(2)]));
    let known = RoomTouched { own: true, receipts: true, ..SUMMARY };
    assert_eq!(entered, Touched { list: true, ..room(known) }, "its rows are the same");
    let removed =
        ServerFrame::ConversationRemoved(ConversationRemoved { conversation_id: ROOM, user_rev: 2 });
    assert_eq!(applied(&mut state, removed), Touched { list: true, ..room(known) });
    assert_eq!(touched(&mut state, |state| state.discard(ROOM, id(3))), unsent);
}

#[test]
fn a_timeline_touches_rows_when_it_comes_and_goes() {
    let mut state = listed(60);
    assert_eq!(touched(&mut state, |state| state.open(ROOM)), Touched::default());
    assert_eq!(applied(&mut state, reset(page(11..=60, 60, false))), room(ROWS));
    assert_eq!(touched(&mut state, |state| state.load_older(ROOM)), room(ROWS), "it is on its way");
    assert_eq!(touched(&mut state, |state| state.load_older(ROOM)), Touched::default());
    let page =
        PageAnswer { conversation_id: ROOM, before: Some(11), after: None, page: page(1..=10, 60, true) };
    assert_eq!(applied(&mut state, ServerFrame::Page(page)), room(ROWS));
    assert_eq!(
        touched(&mut state, |state| state.load_older(ROOM)),
        Touched::default(),
        "there is nothing older"
    );
    assert_eq!(touched(&mut state, |state| state.set_viewport(ROOM, Some((5, 15)))), Touched::default());
    let hidden = ServerFrame::MessageDeleted(MessageDeleted {
        conversation_id: ROOM,
        message_id: message(5, 2).id,
        rev: None,
        user_rev: Some(2),
        message: None,
    });
    assert_eq!(applied(&mut state, hidden), room(RoomTouched { rows: true, ..SUMMARY }), "it was unread");
    assert_eq!(touched(&mut state, |state| state.close(ROOM)), room(ROWS));
}

#[test]
fn a_conversation_that_comes_back_in_the_same_answer_is_compared_with_what_it_was() {
    let mut state = listed(5);
    // An answer of a server that was put back from a backup: everything is loaded anew.
    state.apply(read(2, 3), 0);
    let unasked = applied(&mut state, answer(|answer| answer.user_rev = 0));
    assert_eq!(unasked, Touched::default(), "it may have been read before");
    let less = applied(&mut state, answer(|answer| answer.user_rev = 0));
    assert_eq!(less, room(RoomTouched { receipts: true, ..SUMMARY }));
    assert_eq!(unread(&state), 2);
    let same = touched(&mut state, |state| {
        state.apply(answer(|answer| answer.user_rev = -1), 0);
        state.apply(answer(|answer| answer.user_rev = -1), 0);
    });
    assert_eq!(same, Touched::default(), "it left and is as it was");
}

#[test]
fn messages_that_are_let_go_of_touch_the_rows() {
    let mut state = loaded(1, 200);
    state.set_viewport(ROOM, Some((100, 205)));
    (201..=310).for_each(|seq| drop(state.apply(new_message(message(seq, 2)), 0)));
    assert_eq!(state.rows(ROOM).len(), 310, "all of it is near");
    assert_eq!(touched(&mut state, |state| state.set_viewport(ROOM, Some((101, 205)))), Touched::default());
    assert_eq!(touched(&mut state, |state| state.set_viewport(ROOM, None)), room(ROWS));
    assert_eq!(state.rows(ROOM).len(), 200);
}

#[test]
fn an_acknowledged_row_touches_the_rows_when_it_goes() {
    let mut state = loaded(1, 1);
    state.compose(ROOM, id(12), "mine".into(), None);
    // Behind a hole: its row waits for the message, which turns out to be hidden.
    let mine = Message { client_id: id(12), ..message(3, 1) };
    let acked = applied(&mut state, ServerFrame::Ack(Ack { client_id: id(12), message: mine }));
    assert_eq!(acked, Touched { unsent: true, ..room(ROWS) });
    let filled = applied(&mut state, changes(1, vec![], 3));
    assert_eq!(filled, room(RoomTouched { rows: true, ..SUMMARY }));
    assert_eq!(shown(&state), ["message 1"]);
}

#[test]
fn members_touch_summary_and_receipts() {
    let told = |members| {
        let ServerFrame::Changes(answer) = changes(2, vec![], 2) else { unreachable!("as it is made") };
        ServerFrame::Changes(Changes { members, ..answer })
    };
    let both = room(RoomTouched { receipts: true, ..SUMMARY });
    let mut state = loaded(1, 2);
    assert_eq!(applied(&mut state, told(vec![member(2)])), Touched::default());
    // Who left before this client came.
    let gone = Member { left: true, ..member(9) };
    assert_eq!(applied(&mut state, told(vec![gone.clone()])), both);
    assert_eq!(applied(&mut state, told(vec![gone])), Touched::default());
    let named = Member { role: Role::Owner, ..member(2) };
    assert_eq!(applied(&mut state, told(vec![named.clone()])), room(SUMMARY));
    assert_eq!(applied(&mut state, told(vec![Member { read_seq: 2, ..named }])), room(RECEIPTS));
    // The number of members alone.
    state.apply(synced(vec![Conversation { member_count: 5, rev: 2, ..entry(2) }]), 0);
    assert_eq!(applied(&mut state, told(vec![member(3)])), both);
}

#[test]
fn what_was_touched_before_a_conversation_left_is_told_with_it() {
    let mut state = listed(2);
    let all = touched(&mut state, |state| {
        state.compose(ROOM, id(12), "mine".into(), None);
        state.apply(typing(2, true), 0);
        let removed = ConversationRemoved { conversation_id: ROOM, user_rev: 2 };
        state.apply(ServerFrame::ConversationRemoved(removed), 0);
    });
    let parts =
        RoomTouched { ephemeral: false, summary: true, own: true, receipts: true, typing: true, rows: true };
    assert_eq!(all, Touched { list: true, unsent: true, ..room(parts) });
}
