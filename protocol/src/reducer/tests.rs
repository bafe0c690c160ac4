//! The client's part of a conversation with the server, line by line.

mod fixtures;
mod rollback;
mod touched;

use super::{Need, PendingState, PresenceNotice, Receipt, State, Timeline};
use crate::{
    Ack, Changes, ClientFrame, Conversation, ConversationRemoved, ConversationUpdated, ErrorBody, ErrorCode,
    Member, Message, MessageDeleted, MessageDelivered, MessageRestored, MessageType, MessageUpdated,
    NewMessage, Page, PageAnswer, Person, ServerFrame, Status, Timestamp, UserId, UserUpdated,
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
fn t3_typing_runs_out_is_never_double_and_never_oneself() {
    let mut state = listed(0);
    let who = |state: &State| state.rooms[&ROOM].typing.keys().map(|user| user.0).collect::<Vec<_>>();
    state.apply(typing(1, true), 0);
    state.apply(typing(2, true), 0);
    state.apply(typing(2, true), 1_000);
    state.apply(typing(3, true), 2_000);
    assert_eq!(who(&state), [2, 3]);
    assert_eq!(state.next_deadline(), Some(7_000));
    assert!(!state.tick(6_999));
    assert!(state.tick(7_000));
    assert_eq!(who(&state), [3]);
    state.apply(new_message(message(1, 3)), 7_000);
    assert_eq!(who(&state), [0; 0]);
    state.apply(typing(2, true), 7_000);
    state.apply(typing(2, false), 7_000);
    state.apply(typing(3, true), 7_000);
    state.link_lost();
    assert_eq!(who(&state), [0; 0]);
    assert_eq!(state.next_deadline(), None);
}

#[test]
fn p1_who_comes_and_goes_is_an_ephemeral_line_in_the_open_conversation() {
    let lines = |state: &State| {
        let line = |ephemeral: &PresenceNotice| (ephemeral.name.clone(), ephemeral.came);
        state.rooms[&ROOM].ephemeral.iter().map(line).collect::<Vec<_>>()
    };
    let mut state = loaded(1, 2);
    // The first presence of a connection is a state and not a change: no notice that somebody came.
    let mut first = synced(vec![entry(2)]);
    if let ServerFrame::Synced(answer) = &mut first {
        answer.presence = vec![here(3, Status::Online)];
    }
    state.apply(first, 0);
    assert_eq!(lines(&state), []);
    state.apply(ServerFrame::UserStatus(here(2, Status::Online)), 0);
    assert_eq!(lines(&state), [("person2".into(), true)]);
    // Away and back is no coming and no going; one line a person.
    for status in [Status::Away, Status::Online, Status::Away] {
        state.apply(ServerFrame::UserStatus(here(2, status)), 1_000);
    }
    assert_eq!(lines(&state), [("person2".into(), true)]);
    state.apply(ServerFrame::UserStatus(here(3, Status::Offline)), 1_000);
    state.apply(ServerFrame::UserStatus(here(2, Status::Offline)), 2_000);
    assert_eq!(lines(&state), [("person3".into(), false), ("person2".into(), false)]);
    assert_eq!(state.next_deadline(), Some(5_000));
    assert!(!state.tick(4_999));
    assert!(state.tick(5_000));
    assert_eq!(lines(&state), [("person2".into(), false)]);
    assert!(state.tick(6_000));
    assert_eq!(state.next_deadline(), None);
    // Oneself, a stranger, and what is off screen.
    state.apply(ServerFrame::UserStatus(here(1, Status::Online)), 7_000);
    state.apply(ServerFrame::UserStatus(here(9, Status::Online)), 7_000);
    state.close(ROOM);
    state.apply(ServerFrame::UserStatus(here(2, Status::Online)), 7_000);
    assert_eq!(lines(&state), []);
}

#[test]
fn p1_a_large_conversation_has_no_ephemeral_lines() {
    let mut state = loaded(1, 2);
    state.apply(synced(vec![Conversation { member_count: 33, rev: 3, ..entry(3) }]), 0);
    state.apply(ServerFrame::UserStatus(here(2, Status::Online)), 0);
    assert_eq!(state.presence[&UserId(2)].status, Status::Online);
    assert!(state.rooms[&ROOM].ephemeral.is_empty());
}

#[test]
fn a_new_name_stands_wherever_the_person_does() {
    let everywhere = |state: &State, id: i64| {
        let room = &state.rooms[&ROOM];
        let members = room.summary.members.iter().map(|member| &member.user);
        let shown = room.timeline.iter().flat_map(Timeline::messages).map(|m| &m.sender);
        let all = members.chain(room.summary.last_message.iter().map(|m| &m.sender)).chain(shown);
        let mut names: Vec<_> = all.filter(|user| user.id == UserId(id)).map(Person::display_name).collect();
        names.dedup();
        names
    };
    let named = |id: i64, name: &str| Person { first_name: name.into(), hue: Some(4), ..person(id) };
    let mut state = loaded(1, 3);
    state.apply(ServerFrame::UserUpdated(UserUpdated { user: named(2, "Bo") }), 0);
    assert_eq!(everywhere(&state, 2), ["Bo"]);
    assert_eq!(everywhere(&state, 3), ["person3"]);
    state.apply(ServerFrame::UserUpdated(UserUpdated { user: named(1, "Me") }), 0);
    assert_eq!(state.me.display_name(), "Me");
    state.apply(ServerFrame::UserUpdated(UserUpdated { user: named(9, "A stranger") }), 0);
    // While the line was lost: the list tells, and the loaded messages follow.
    let mut list = entry(3);
    list.members[1].user = named(2, "Bob");
    list.last_message = Some(Message { sender: named(2, "Bob"), ..message(3, 2) });
    state.apply(synced(vec![list]), 0);
    assert_eq!(everywhere(&state, 2), ["Bob"]);
    assert_eq!(shown(&state).len(), 3);
}

#[test]
fn t5_reading_on_another_device_counts_down() {
    let mut state = listed(3);
    assert_eq!(state.apply(read(1, 3), 0), vec![]);
    assert_eq!((unread(&state), state.unread()), (0, 0));
    // Up to the middle, off screen: only the list knows how many are left.
    let mut state = listed(3);
    let request = ask_list(&state);
    assert_eq!(state.apply(read(1, 2), 0), request);
    // On screen it is counted.
    let mut state = loaded(1, 3);
    assert_eq!(state.apply(read(1, 2), 0), vec![]);
    assert_eq!(unread(&state), 1);
    let joined = Message { message_type: MessageType::System, ..message(4, 2) };
    state.apply(new_message(joined), 0);
    state.apply(new_message(message(5, 1)), 0);
    assert_eq!(unread(&state), 1);
}

#[test]
fn t5_a_deleted_message_is_no_longer_unread() {
    let tombstone = |rev| {
        let message =
            Message { rev, content: String::new(), deleted_at: Some(Timestamp(9)), ..message(2, 2) };
        let (message_id, rev) = (message.id, Some(rev));
        ServerFrame::MessageDeleted(MessageDeleted {
            conversation_id: ROOM,
            message_id,
            rev,
            user_rev: None,
            message: Some(message),
        })
    };
    let mut state = loaded(1, 3);
    assert_eq!(state.apply(tombstone(4), 0), vec![]);
    assert_eq!(unread(&state), 2);
    let mut state = listed(3);
    let request = ask_list(&state);
    assert_eq!(state.apply(tombstone(4), 0), request);
}

#[test]
fn receipts_are_as_far_as_the_slowest_of_those_who_were_there() {
    let mut state = listed(3);
    assert_eq!(state.receipt(ROOM, 3), Receipt::Sent);
    state.apply(read(2, 3), 0);
    assert_eq!(state.receipt(ROOM, 3), Receipt::Sent);
    let message_id = message(3, 2).id;
    let delivered = ServerFrame::MessageDelivered(MessageDelivered {
        conversation_id: ROOM,
        message_id,
        user_id: UserId(3),
        seq: 3,
    });
    state.apply(delivered, 0);
    assert_eq!(state.receipt(ROOM, 3), Receipt::Delivered);
    let newcomer = Member { rev: 4, joined_seq: 4, ..member(4) };
    let joined = Message { message_type: MessageType::System, ..message(4, 2) };
    let members = vec![newcomer];
    state.apply(
        ServerFrame::NewMessage(NewMessage { conversation_id: ROOM, rev: 4, message: joined, members }),
        0,
    );
    state.apply(read(3, 3), 0);
    assert_eq!(state.receipt(ROOM, 3), Receipt::Read);
    assert_eq!(state.receipt(ROOM, 4), Receipt::Sent);
    assert_eq!(state.rooms[&ROOM].summary.member_count, 4);
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
    // The answer is missing, so the page is requested once more: the server may have lost the request.
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
fn f15_receipts_of_an_overtaken_list_count() {
    let mut state = listed(2);
    state.apply(new_message(message(3, 2)), 0);
    let mut late = entry(2);
    late.members[1].read_seq = 2;
    state.apply(synced(vec![late]), 0);
    assert_eq!(state.rooms[&ROOM].summary.members[1].read_seq, 2);
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
