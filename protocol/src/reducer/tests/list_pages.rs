//! V23: the list of conversations in pages.

use super::fixtures::*;
use crate::reducer::{Need, State};
use crate::{
    ClientFrame, Conversation, ConversationId, ErrorBody, ListPage, ListPosition, Message, ServerFrame,
    SyncAnswer, Timestamp,
};

/// A conversation that was created at its number, with unread messages.
fn talk(number: i64, unread: u32) -> Conversation {
    Conversation { id: ConversationId(number), created_at: Timestamp(number), unread, ..entry(0) }
}

fn behind(number: i64) -> ListPosition {
    ListPosition { as_of: Timestamp(9), active_at: Timestamp(number), id: ConversationId(number) }
}

fn first(list: Vec<Conversation>, next: Option<i64>, unread_after: u32) -> ServerFrame {
    let ServerFrame::Synced(answer) = synced(list) else { unreachable!("as it is made") };
    ServerFrame::Synced(SyncAnswer { next: next.map(behind), unread_after, ..answer })
}

fn page(after: i64, conversations: Vec<Conversation>, next: Option<i64>, unread_after: u32) -> ListPage {
    let (after, next) = (Some(behind(after)), next.map(behind));
    ListPage { user_rev: 1, filter: None, subject_kind: None, after, conversations, next, unread_after }
}

fn asks(after: i64) -> Vec<Need> {
    vec![Need::Ask(ClientFrame::List { after: Some(behind(after)), filter: None, subject_kind: None })]
}

fn ids(state: &State) -> Vec<i64> {
    state.list().iter().map(|conversation| conversation.id.0).collect()
}

fn begun() -> State {
    let mut state = State::new(person(1));
    assert_eq!(state.apply(first(vec![talk(9, 1), talk(8, 0)], Some(8), 7), 0), vec![]);
    state
}

#[test]
fn v23_pages_are_loaded_when_wanted_and_the_unread_ones_behind_count() {
    let mut state = begun();
    assert_eq!((ids(&state), state.list_is_complete(), state.unread()), (vec![9, 8], false, 8));
    let _ = state.take_touched();
    assert_eq!(state.load_list(), asks(8));
    assert_eq!(state.load_list(), vec![], "once");
    let next = page(8, vec![talk(7, 3), talk(6, 0)], Some(6), 4);
    assert_eq!(state.apply(ServerFrame::List(next.clone()), 0), vec![]);
    assert_eq!((ids(&state), state.unread()), (vec![9, 8, 7, 6], 8));
    assert!(state.take_touched().list);
    assert_eq!(state.apply(ServerFrame::List(next), 0), vec![], "a repeat changes nothing");
    assert_eq!(state.unread(), 8);
    assert_eq!(state.load_list(), asks(6));
    assert_eq!(state.apply(ServerFrame::List(page(6, vec![talk(5, 4)], None, 0)), 0), vec![]);
    assert_eq!((ids(&state), state.list_is_complete(), state.unread()), (vec![9, 8, 7, 6, 5], true, 8));
    assert_eq!(state.load_list(), vec![]);
}

#[test]
fn v23_after_a_sync_the_loaded_rows_are_confirmed_and_those_that_are_gone_are_dropped() {
    let mut state = begun();
    state.load_list();
    state.apply(ServerFrame::List(page(8, vec![talk(7, 3), talk(6, 0)], Some(6), 4)), 0);
    // A gap in the person's counter: a sync is requested, and both rows stay until a page tells.
    state.list_wanted = true;
    assert!(matches!(state.needs()[..], [Need::Ask(ClientFrame::Sync(_))]));
    assert_eq!(state.apply(first(vec![talk(9, 1), talk(8, 0)], Some(8), 6), 0), asks(8));
    assert_eq!((ids(&state), state.unread()), (vec![9, 8, 7, 6], 7));
    // Conversation 7 is gone: the page passes its place. 6 is further back, and its page is requested.
    assert_eq!(state.apply(ServerFrame::List(page(8, vec![], Some(7), 3)), 0), asks(7));
    assert_eq!((ids(&state), state.unread()), (vec![9, 8, 6], 4));
    assert_eq!(state.apply(ServerFrame::List(page(7, vec![talk(6, 2)], Some(6), 1)), 0), vec![]);
    assert_eq!((ids(&state), state.unread()), (vec![9, 8, 6], 4));
}

#[test]
fn v23_a_row_that_moved_since_the_request_is_not_taken_for_gone() {
    let mut state = begun();
    state.load_list();
    state.apply(ServerFrame::List(page(8, vec![talk(7, 0)], Some(7), 0)), 0);
    state.list_wanted = true;
    assert!(matches!(state.needs()[..], [Need::Ask(ClientFrame::Sync(_))]));
    // The answer was read before this message, which brings the conversation up.
    let message = Message { conversation_id: ConversationId(7), timestamp: Timestamp(20), ..message(1, 2) };
    assert_eq!(state.apply(new_message(message), 0), vec![]);
    assert_eq!(state.apply(first(vec![talk(9, 1), talk(8, 0)], Some(8), 0), 0), asks(8));
    assert_eq!(ids(&state), [7, 9, 8]);
    assert_eq!(state.apply(ServerFrame::List(page(8, vec![talk(7, 0)], Some(7), 0)), 0), vec![]);
    assert_eq!(ids(&state), [7, 9, 8]);
}

#[test]
fn v23_a_message_in_a_conversation_behind_the_list_brings_its_row() {
    let mut state = begun();
    let message = Message { conversation_id: ConversationId(2), timestamp: Timestamp(20), ..message(1, 2) };
    let needs = state.apply(new_message(message), 0);
    assert!(matches!(needs[..], [Need::Ask(ClientFrame::Sync(_))]), "{needs:?}");
}

#[test]
fn v23_a_refused_page_is_requested_again() {
    let mut state = begun();
    assert_eq!(state.load_list(), asks(8));
    assert_eq!(state.apply(ServerFrame::Error(ErrorBody::rate_limited(2.0)), 0), vec![]);
    assert_eq!(state.next_deadline(), Some(2_000));
    state.tick(2_000);
    assert_eq!(state.needs(), asks(8));
    state.link_lost();
    assert_eq!(state.needs(), asks(8), "over another connection, too");
}
