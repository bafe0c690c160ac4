//! Unsent and unacknowledged messages.

use super::fixtures::*;
use crate::reducer::{PendingState, State};
use crate::{
    Ack, ConversationRemoved, ConversationUpdated, ErrorBody, ErrorCode, Message, PageAnswer, ServerFrame,
};

#[test]
fn one_in_flight_in_order_and_none_lost() {
    let mut state = loaded(1, 1);
    for number in [11, 12, 13] {
        state.compose(ROOM, id(number), format!("{number}"), None);
    }
    state.compose(ROOM, id(12), "again".into(), None);
    assert_eq!(sent(&mut state, 0), ["11"]);
    assert_eq!(sent(&mut state, 0), [""; 0]);
    // Lost with the link: the same one again, with the same id.
    state.link_lost();
    assert_eq!(sent(&mut state, 0), ["11"]);
    // Too fast: it keeps its place, and nothing overtakes it.
    refuse(&mut state, 11, ErrorBody::rate_limited(1.5), 100);
    assert_eq!(state.next_deadline(), Some(1_600));
    assert_eq!(sent(&mut state, 1_599), [""; 0]);
    assert_eq!(sent(&mut state, 1_600), ["11"]);
    refuse(&mut state, 11, ErrorBody::new(ErrorCode::Unavailable), 2_000);
    assert_eq!(sent(&mut state, 4_000), ["11"]);
    // Refused for good: the next ones go on, and it waits for its writer.
    refuse(&mut state, 11, ErrorBody::new(ErrorCode::MessageTooLong), 5_000);
    assert!(matches!(state.rooms[&ROOM].outbox[0].state, PendingState::Refused(_)));
    assert_eq!(sent(&mut state, 5_000), ["12"]);
    let mine = Message { client_id: id(12), content: "12".into(), ..message(2, 1) };
    state.apply(ServerFrame::Ack(Ack { client_id: id(12), message: mine.clone() }), 0);
    state.apply(new_message(mine), 0);
    assert_eq!(shown(&state), ["message 1", "12", "(11)", "(13)"]);
    state.try_again(ROOM, id(11));
    assert_eq!(sent(&mut state, 5_000), ["11"]);
    state.discard(ROOM, id(11));
    assert_eq!(sent(&mut state, 5_000), ["13"]);
    assert_eq!(state.unsent().len(), 1);
}

#[test]
fn an_acknowledged_row_never_blinks_away() {
    let mut state = loaded(1, 1);
    state.compose(ROOM, id(12), "mine".into(), None);
    state.compose(ROOM, id(13), "next".into(), None);
    assert_eq!(sent(&mut state, 0), ["mine"]);
    let mine = Message { client_id: id(12), content: "mine".into(), ..message(3, 1) };
    let ack = ServerFrame::Ack(Ack { client_id: id(12), message: mine.clone() });
    assert_eq!(state.apply(ack, 0), ask_changes(1));
    assert_eq!(shown(&state), ["message 1", "(mine)", "(next)"]);
    // The server has it, so the next one may go, and a lost link does not send it again.
    state.link_lost();
    assert_eq!(sent(&mut state, 0), ["next"]);
    state.needs();
    state.apply(changes(1, vec![message(2, 2), mine], 3), 0);
    assert_eq!(shown(&state), ["message 1", "message 2", "mine", "(next)"]);
}

#[test]
fn an_unsent_message_survives_its_conversation() {
    let mut state = loaded(1, 1);
    state.compose(ROOM, id(12), "mine".into(), None);
    state.apply(
        ServerFrame::ConversationRemoved(ConversationRemoved { conversation_id: ROOM, user_rev: 2 }),
        0,
    );
    assert_eq!(shown(&state), ["(mine)"]);
    assert_eq!(sent(&mut state, 0), ["mine"]);
    refuse(&mut state, 12, ErrorBody::new(ErrorCode::NotFound), 0);
    state.apply(
        ServerFrame::ConversationUpdated(ConversationUpdated { conversation: entry(1), user_rev: 3 }),
        0,
    );
    assert!(matches!(state.rooms[&ROOM].outbox[0].state, PendingState::Refused(_)));
}

#[test]
fn a_message_for_a_room_not_in_the_list_goes_out() {
    let mut state = State::new(person(1));
    state.compose(ROOM, id(12), "mine".into(), None);
    assert_eq!(shown(&state), ["(mine)"]);
    assert_eq!(sent(&mut state, 0), ["mine"]);
    state.apply(ServerFrame::Ack(Ack { client_id: id(12), message: message(1, 1) }), 0);
    assert_eq!(state.unsent(), vec![]);
}

#[test]
fn an_unsent_row_becomes_a_message_of_an_older_page() {
    let mut state = loaded(4, 6);
    state.compose(ROOM, id(2), "message 2".into(), None);
    state.load_older(ROOM);
    let mut older = page(1..=3, 7, true);
    older.messages[1] = message(2, 1);
    // Newer than what is loaded: something else is still missing.
    state.apply(
        ServerFrame::Page(PageAnswer { conversation_id: ROOM, before: Some(4), after: None, page: older }),
        0,
    );
    assert_eq!(shown(&state).len(), 6);
    assert_eq!(state.unsent(), vec![]);
}
