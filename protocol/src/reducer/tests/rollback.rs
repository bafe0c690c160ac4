//! F14: the server's database was put back from a backup, and this client knows more than it.

use super::fixtures::*;
use crate::reducer::{Need, State};
use crate::{Changes, Page, ServerFrame, SyncAnswer};

/// As a server answers whose database ends at message 3, and which knew this much of the person.
fn put_back(user_rev: i64, after: Option<i64>) -> ServerFrame {
    let ServerFrame::Synced(answer) = synced(vec![entry(3)]) else { unreachable!("as it is made") };
    let open = after.map(last_page).into_iter().collect();
    ServerFrame::Synced(SyncAnswer { user_rev, open, ..answer })
}

fn last_page(after: i64) -> Changes {
    let page = Page { at_end: true, ..page(1..=3, 3, true) };
    let (rows, members) = (vec![], vec![]);
    Changes { conversation_id: ROOM, after, rows, members, cursor: 3, more: false, reset: Some(page) }
}

fn goes_on(state: &mut State) {
    assert_eq!(shown(state), ["message 1", "message 2", "message 3"]);
    assert_eq!(unread(state), 3);
    assert_eq!(state.needs(), vec![], "asks no more");
    assert_eq!(state.apply(new_message(message(4, 2)), 0), vec![]);
    assert_eq!(shown(state).last().map(String::as_str), Some("message 4"));
    assert_eq!(unread(state), 4);
}

#[test]
fn f14_a_cursor_ahead_of_the_database_is_answered_by_the_last_page_and_asks_no_more() {
    let mut state = loaded(1, 5);
    assert_eq!(state.apply(read(3, 6), 0), ask_changes(5));
    let asks = state.apply(ServerFrame::Changes(last_page(5)), 0);
    let Some(Need::Ask(crate::ClientFrame::Sync(request))) = asks.first() else { panic!("{asks:?}") };
    assert_eq!((asks.len(), request.open.0[&ROOM]), (1, 0));
    assert_eq!(state.apply(put_back(1, Some(0)), 0), vec![]);
    goes_on(&mut state);
}

#[test]
fn f14_what_comes_with_the_greeting_is_enough_where_a_conversation_is_open() {
    let mut state = loaded(1, 5);
    state.compose(ROOM, id(77), "typed meanwhile".into(), None);
    // Polls begin so: nobody of this client asked.
    assert_eq!(state.apply(put_back(1, Some(5)), 0), ask_list(&state));
    assert_eq!(shown(&state).last().map(String::as_str), Some("(typed meanwhile)"), "what is unsent stays");
    state.discard(ROOM, id(77));
    assert_eq!(state.apply(put_back(1, Some(3)), 0), vec![]);
    goes_on(&mut state);
}

#[test]
fn f14_a_person_who_is_ahead_of_the_database_loads_everything_anew() {
    let mut state = loaded(1, 5);
    // It may have been read before: asked for, it proves something.
    assert_eq!(state.apply(put_back(0, Some(5)), 0), ask_list(&state));
    assert_eq!(state.apply(put_back(0, Some(0)), 0), vec![]);
    assert_eq!(state.user_rev, 0);
    goes_on(&mut state);
}

#[test]
fn f14_a_list_that_is_behind_is_believed_when_it_was_asked_for() {
    let mut state = listed(5);
    let request = ask_list(&state);
    assert_eq!(state.apply(put_back(1, None), 0), request);
    assert_eq!(unread(&state), 5, "it may have been read before");
    assert_eq!(state.apply(put_back(1, None), 0), vec![]);
    assert_eq!(unread(&state), 3);
}

#[test]
fn f9_a_list_that_was_overtaken_on_its_way_takes_nothing_back() {
    let mut state = listed(2);
    let request = ask_list(&state);
    assert_eq!(state.apply(new_message(message(4, 2)), 0), request);
    assert_eq!(state.apply(new_message(message(3, 2)), 0), vec![]);
    let ServerFrame::Synced(answer) = synced(vec![entry(2)]) else { unreachable!("as it is made") };
    assert_eq!(state.apply(ServerFrame::Synced(answer), 0), ask_list(&state));
    assert_eq!(unread(&state), 3);
}

#[test]
fn f9_a_list_that_was_asked_for_before_another_takes_nothing_away_that_is_loaded() {
    let mut state = loaded(1, 5);
    // Two are on their way by polls; the newer asking knows more than the older answer.
    assert_eq!(state.apply(put_back(1, None), 0), ask_list(&state));
    assert_eq!(state.apply(put_back(1, None), 0), vec![]);
    assert_eq!(shown(&state).len(), 5);
    assert_eq!(state.apply(new_message(message(6, 2)), 0), vec![]);
    assert_eq!(shown(&state).last().map(String::as_str), Some("message 6"));
}
