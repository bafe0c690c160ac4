//! Preferences, and what they hide of others.

use super::fixtures::*;
use crate::reducer::{Need, Receipt, RoomTouched, State, Touched};
use crate::{
    ClientFrame, Member, Preferences, PreferencesUpdated, ServerFrame, SyncAnswer, TypingNow, UserId,
};

fn updated(user_rev: i64, preferences: Preferences) -> ServerFrame {
    ServerFrame::PreferencesUpdated(PreferencesUpdated { preferences, user_rev })
}

fn hiding_reads() -> Preferences {
    Preferences { send_read_receipts: false, ..Preferences::default() }
}

fn hiding_typing() -> Preferences {
    Preferences { show_typing: false, ..Preferences::default() }
}

fn answer(change: impl FnOnce(&mut SyncAnswer)) -> ServerFrame {
    let ServerFrame::Synced(mut answer) = synced(vec![entry(2)]) else { unreachable!("as it is made") };
    change(&mut answer);
    ServerFrame::Synced(answer)
}

/// With the own message 3, which both others read.
fn read_by_all() -> State {
    let mut state = loaded(1, 2);
    state.apply(new_message(message(3, 1)), 0);
    state.apply(read(2, 3), 0);
    state.apply(read(3, 3), 0);
    assert_eq!(state.receipt(ROOM, 3), Receipt::Read);
    state.take_touched();
    state
}

fn asks_for_the_list(needs: &[Need]) -> bool {
    needs.iter().any(|need| matches!(need, Need::Ask(ClientFrame::Sync(request)) if request.list))
}

#[test]
fn n2_preferences_come_by_frame_and_with_a_sync() {
    let mut state = loaded(1, 2);
    let dark = Preferences { theme: "dark".into(), ..Preferences::default() };
    state.take_touched();
    assert!(state.apply(updated(2, dark.clone()), 0).is_empty());
    assert_eq!(state.take_touched(), Touched { preferences: true, ..Touched::default() });
    assert_eq!((&state.preferences, state.user_rev), (&dark, 2));
    let light = Preferences { theme: "light".into(), ..Preferences::default() };
    state.apply(updated(2, light.clone()), 0);
    state.apply(answer(|answer| answer.preferences = Some(light.clone())), 0);
    assert_eq!(state.preferences, dark, "neither a repeat nor an answer from before changes it");
    state.apply(
        answer(|answer| {
            answer.user_rev = 3;
            answer.preferences = Some(light.clone());
        }),
        0,
    );
    assert_eq!(state.preferences, light);
    assert!(state.take_touched().preferences);
}

#[test]
fn n2_who_hides_reading_sees_others_messages_delivered_at_most() {
    let mut state = read_by_all();
    assert!(state.apply(updated(2, hiding_reads()), 0).is_empty());
    let receipts = RoomTouched { receipts: true, ..RoomTouched::default() };
    let touched =
        Touched { preferences: true, rooms: [(ROOM, receipts)].into_iter().collect(), ..Touched::default() };
    assert_eq!(state.take_touched(), touched);
    assert_eq!(state.receipt(ROOM, 3), Receipt::Delivered);
    // A frame that was on its way, and an answer from before.
    state.apply(read(2, 3), 0);
    let members = vec![Member { read_seq: 3, delivered_seq: 3, ..member(3) }];
    let ServerFrame::Changes(late) = changes(3, vec![], 3) else { unreachable!("as it is made") };
    state.apply(ServerFrame::Changes(crate::Changes { members, ..late }), 0);
    let others = &state.rooms[&ROOM].summary.members;
    assert!(others.iter().all(|member| member.user.id == UserId(1) || member.read_seq == 0), "{others:?}");
    assert_eq!(state.receipt(ROOM, 3), Receipt::Delivered);
}

#[test]
fn n2_reading_of_others_still_counts_as_delivery() {
    let mut state = loaded(1, 2);
    state.apply(updated(2, hiding_reads()), 0);
    state.apply(new_message(message(3, 1)), 0);
    state.apply(read(2, 3), 0);
    assert_eq!(state.receipt(ROOM, 3), Receipt::Sent, "one of two has it");
    state.apply(read(3, 3), 0);
    assert_eq!(state.receipt(ROOM, 3), Receipt::Delivered);
}

#[test]
fn n2_ones_own_reading_goes_on() {
    let mut state = loaded(1, 2);
    state.apply(updated(2, hiding_reads()), 0);
    assert_eq!(state.rooms[&ROOM].summary.unread, 2);
    let ServerFrame::MessageRead(frame) = read(1, 2) else { unreachable!("as it is made") };
    state.apply(ServerFrame::MessageRead(crate::MessageRead { user_rev: Some(3), ..frame }), 0);
    let summary = &state.rooms[&ROOM].summary;
    assert_eq!((summary.unread, summary.read_seq, state.user_rev), (0, 2, 3));
}

#[test]
fn n2_showing_again_asks_for_what_the_others_did_meanwhile() {
    let mut state = read_by_all();
    state.apply(updated(2, hiding_reads()), 0);
    let needs = state.apply(updated(3, Preferences::default()), 0);
    assert!(asks_for_the_list(&needs), "{needs:?}");
    let mut listed = entry(3);
    for member in &mut listed.members[1..] {
        (member.read_seq, member.delivered_seq) = (3, 3);
    }
    let needs = state.apply(
        answer(|answer| {
            answer.user_rev = 3;
            answer.list = Some(vec![listed]);
            answer.preferences = Some(Preferences::default());
        }),
        0,
    );
    assert!(!asks_for_the_list(&needs), "{needs:?}");
    assert_eq!(state.receipt(ROOM, 3), Receipt::Read);
}

#[test]
fn n2_who_hides_typing_does_not_see_others_type() {
    let mut state = loaded(1, 2);
    state.apply(typing(2, true), 0);
    assert!(state.apply(updated(2, hiding_typing()), 0).is_empty());
    assert!(state.rooms[&ROOM].typing.is_empty());
    state.apply(typing(2, true), 0);
    state.apply(
        answer(|answer| {
            answer.user_rev = 2;
            let username = "person2".into();
            answer.typing = vec![TypingNow { conversation_id: ROOM, user_id: UserId(2), username }];
        }),
        0,
    );
    assert!(state.rooms[&ROOM].typing.is_empty());
    assert!(asks_for_the_list(&state.apply(updated(3, Preferences::default()), 0)));
    state.apply(typing(2, true), 0);
    assert!(!state.rooms[&ROOM].typing.is_empty());
}
