//! Frames and the requests that they cause, one by one.

mod fixtures;
mod groups;
mod list_pages;
mod membership;
mod notifications;
mod outbox;
mod people;
mod preferences;
mod rollback;
mod touched;

use super::{Need, State};
use crate::{
    Changes, ClientFrame, ConversationRemoved, ErrorBody, ErrorCode, Message, MessageDeleted,
    MessageRestored, MessageUpdated, Page, PageAnswer, ServerFrame, Timestamp,
};
use fixtures::*;

#[test]
fn f9_a_hole_is_asked_for_once_and_shows_nothing_out_of_order() {
    let mut state = loaded(1, 2);
    assert_eq!(state.apply(new_message(message(5, 2)), 0), ask_changes(2));
    assert_eq!(state.apply(new_message(message(4, 2)), 0), vec![]);
    assert_eq!(shown(&state), ["message 1", "message 2"]);
    // The answer was read before 5: what is still missing is asked for again.
    assert_eq!(state.apply(changes(2, vec![message(3, 2)], 3), 0), ask_changes(3));
    assert_eq!(state.apply(changes(3, vec![message(4, 2), message(5, 2)], 5), 0), vec![]);
    assert_eq!(state.apply(new_message(message(5, 2)), 0), vec![]);
    assert_eq!(shown(&state), ["message 1", "message 2", "message 3", "message 4", "message 5"]);
    assert_eq!(unread(&state), 5);
}

#[test]
fn f9_changes_from_past_the_cursor_do_not_bridge_a_hole() {
    let mut state = loaded(1, 2);
    assert_eq!(state.apply(changes(4, vec![message(5, 2)], 5), 0), ask_changes(2));
    assert_eq!(shown(&state), ["message 1", "message 2"]);
    assert_eq!(state.rooms[&ROOM].timeline.as_ref().map(|timeline| timeline.cursor), Some(2));
}

#[test]
fn a_room_off_screen_counts_in_place_and_asks_for_the_list_at_a_hole() {
    let mut state = listed(2);
    assert_eq!(state.apply(new_message(message(3, 2)), 0), vec![]);
    assert_eq!(unread(&state), 3);
    let request = ask_list(&state);
    assert_eq!(state.apply(new_message(message(5, 2)), 0), request);
    assert_eq!(state.apply(new_message(message(6, 2)), 0), vec![]);
    assert_eq!(unread(&state), 3);
    // Read before 6 was there.
    assert_eq!(state.apply(synced(vec![entry(5)]), 0), request);
    assert_eq!(state.apply(synced(vec![entry(6)]), 0), vec![]);
    assert_eq!(unread(&state), 6);
}

#[test]
fn a_message_from_nowhere_asks_for_the_list() {
    let mut state = State::new(person(1));
    let request = ask_list(&state);
    assert_eq!(state.apply(new_message(message(1, 2)), 0), request);
    assert_eq!(state.apply(new_message(message(2, 2)), 0), vec![]);
}

#[test]
fn what_was_lost_with_the_link_is_asked_for_again() {
    let mut state = loaded(1, 2);
    assert_eq!(state.apply(new_message(message(5, 2)), 0), ask_changes(2));
    state.link_lost();
    assert_eq!(state.needs(), ask_changes(2));
    assert_eq!(state.sync_request().open.0[&ROOM], 2);
}

#[test]
fn an_older_page_waits_for_the_changes_since() {
    let mut state = loaded(4, 6);
    let ask =
        vec![Need::Ask(ClientFrame::Page { conversation_id: Some(ROOM), before: Some(4), after: None })];
    assert_eq!(state.load_older(ROOM), ask);
    assert_eq!(state.load_older(ROOM), vec![]);
    // Message 2 is deleted while the page, read before that, is on its way.
    let tombstone =
        Message { rev: 7, content: String::new(), deleted_at: Some(Timestamp(9)), ..message(2, 2) };
    let deleted = ServerFrame::MessageDeleted(MessageDeleted {
        conversation_id: ROOM,
        message_id: tombstone.id,
        rev: Some(7),
        user_rev: None,
        message: Some(tombstone.clone()),
    });
    state.apply(deleted, 0);
    let frame = ServerFrame::Page(PageAnswer {
        conversation_id: ROOM,
        before: Some(4),
        after: None,
        page: page(1..=3, 6, true),
    });
    assert_eq!(state.apply(frame.clone(), 0), ask_changes(6));
    assert_eq!(shown(&state), ["message 4", "message 5", "message 6"]);
    state.apply(changes(6, vec![tombstone], 7), 0);
    assert_eq!(shown(&state), ["message 1", "", "message 3", "message 4", "message 5", "message 6"]);
    // Once more: nobody asked.
    state.apply(frame, 0);
    assert_eq!(shown(&state)[1], "");
    assert_eq!(state.load_older(ROOM), vec![]);
}

#[test]
fn a_hidden_message_stays_hidden_whatever_arrives_late() {
    let mut state = loaded(1, 3);
    let hide = ServerFrame::MessageDeleted(MessageDeleted {
        conversation_id: ROOM,
        message_id: message(3, 2).id,
        rev: None,
        user_rev: Some(2),
        message: None,
    });
    assert_eq!(state.apply(hide, 0), vec![]);
    assert_eq!((unread(&state), shown(&state).len()), (2, 2));
    assert_eq!(state.list()[0].last_message.as_ref().map(|last| last.seq), Some(2));
    state.apply(reset(page(1..=3, 3, true)), 0);
    let tombstone = Message { rev: 4, deleted_at: Some(Timestamp(9)), ..message(3, 2) };
    state.apply(
        ServerFrame::MessageUpdated(MessageUpdated { conversation_id: ROOM, rev: 4, message: tombstone }),
        0,
    );
    assert_eq!(shown(&state), ["message 1", "message 2"]);
    assert_eq!((state.user_rev, unread(&state)), (2, 2));
}

#[test]
fn a_hole_in_ones_own_counter_asks_for_a_sync_from_before_it() {
    let mut state = listed(2);
    let removed =
        ServerFrame::ConversationRemoved(ConversationRemoved { conversation_id: ROOM, user_rev: 5 });
    let request = ask_list(&state);
    assert_eq!(request, vec![Need::Ask(ClientFrame::Sync(state.sync_request()))]);
    assert_eq!(state.apply(removed, 0), request);
    assert_eq!(state.user_rev, 1);
    assert!(state.list().is_empty());
    // An answer from before that does not bring it back.
    assert_eq!(state.apply(synced(vec![entry(2)]), 0), request);
    assert!(state.list().is_empty());
}

#[test]
fn a_refused_request_is_made_again_when_it_may() {
    let mut state = loaded(1, 2);
    assert_eq!(state.apply(new_message(message(5, 2)), 0), ask_changes(2));
    assert_eq!(state.apply(ServerFrame::Error(ErrorBody::new(ErrorCode::Unavailable)), 0), vec![]);
    assert_eq!(state.next_deadline(), Some(2_000));
    state.tick(1_999);
    assert_eq!(state.needs(), vec![]);
    state.tick(2_000);
    assert_eq!(state.needs(), ask_changes(2));
}

#[test]
fn t9_ten_thousand_messages_leave_a_window_at_the_newest() {
    let mut state = loaded(1, 10);
    // Work that grows with what came would make this some 10⁸ steps.
    for seq in 11..=20_000 {
        assert_eq!(state.apply(new_message(message(seq, 2)), 0), vec![]);
        assert!(state.rows(ROOM).len() <= 300);
    }
    assert_eq!(unread(&state), 100);
    assert_eq!(shown(&state).last().map(String::as_str), Some("message 20000"));
}

#[test]
fn t9_whoever_reads_further_up_keeps_what_they_see() {
    let mut state = loaded(1, 50);
    assert!(!state.set_viewport(ROOM, Some((20, 30))));
    for seq in 51..=5_000 {
        state.apply(new_message(message(seq, 2)), 0);
    }
    // All that is near stays, and so do the newest, apart from it; what lies between is read when it is wanted.
    let rows = shown(&state);
    assert_eq!((rows[0].as_str(), rows.last().map(String::as_str)), ("message 1", Some("message 130")));
    let ask =
        vec![Need::Ask(ClientFrame::Page { conversation_id: Some(ROOM), before: None, after: Some(130) })];
    assert_eq!(state.load_newer(ROOM), ask);
    assert_eq!(state.load_newer(ROOM), vec![]);
    let page = Page { at_start: false, ..page(131..=180, 5_000, false) };
    state.apply(
        ServerFrame::Page(PageAnswer { conversation_id: ROOM, before: None, after: Some(130), page }),
        0,
    );
    assert_eq!(shown(&state).last().map(String::as_str), Some("message 180"));
    state.show_latest(ROOM);
    assert_eq!(shown(&state).last().map(String::as_str), Some("message 5000"));
}

#[test]
fn a_list_read_before_what_is_shown_takes_nothing_back() {
    let mut state = listed(2);
    state.apply(new_message(message(3, 2)), 0);
    // Nobody asked for it, so it is asked for once: the server may have forgotten.
    assert_eq!(state.apply(synced(vec![entry(2)]), 0), ask_list(&state));
    assert_eq!((unread(&state), state.list()[0].rev), (3, 3));
    assert_eq!(state.apply(synced(vec![entry(3)]), 0), vec![]);
}

#[test]
fn a_row_older_than_what_is_held_changes_nothing() {
    let mut state = loaded(4, 6);
    state.load_older(ROOM);
    let edited = |rev| Message { rev, content: format!("as of {rev}"), ..message(2, 2) };
    let mut newer = page(1..=3, 8, true);
    newer.messages[1] = edited(8);
    state.apply(
        ServerFrame::Page(PageAnswer { conversation_id: ROOM, before: Some(4), after: None, page: newer }),
        0,
    );
    state.apply(changes(6, vec![edited(7)], 7), 0);
    assert_eq!(shown(&state)[1], "as of 8");
}

#[test]
fn more_is_asked_for_until_there_is_no_more() {
    let mut state = loaded(1, 2);
    assert_eq!(state.apply(new_message(message(4, 2)), 0), ask_changes(2));
    let ServerFrame::Changes(answer) = changes(2, vec![message(3, 2), message(4, 2)], 4) else { return };
    assert_eq!(state.apply(ServerFrame::Changes(Changes { more: true, ..answer }), 0), ask_changes(4));
    assert_eq!(state.apply(changes(4, vec![message(5, 2)], 5), 0), vec![]);
    assert_eq!(shown(&state).len(), 5);
}

#[test]
fn t10_what_was_hidden_comes_back_in_its_place() {
    let mut state = loaded(1, 3);
    let message_id = message(2, 2).id;
    let hidden = |user_rev| {
        ServerFrame::MessageDeleted(MessageDeleted {
            conversation_id: ROOM,
            message_id,
            rev: None,
            user_rev: Some(user_rev),
            message: None,
        })
    };
    let restored = |user_rev| {
        ServerFrame::MessageRestored(MessageRestored { conversation_id: ROOM, message_id, user_rev })
    };
    state.apply(hidden(2), 0);
    assert_eq!(shown(&state), ["message 1", "message 3"]);
    assert_eq!(state.apply(restored(3), 0), ask_changes(0), "no change of the conversation tells of it");
    assert_eq!(state.apply(reset(page(1..=3, 3, true)), 0), vec![]);
    assert_eq!(shown(&state).len(), 3);
    assert_eq!(unread(&state), 3);
    // Doubled, or late: it was hidden once more since.
    state.apply(hidden(4), 0);
    assert_eq!(state.apply(restored(3), 0), vec![]);
    assert_eq!(shown(&state), ["message 1", "message 3"]);
}
