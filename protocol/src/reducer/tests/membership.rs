//! C5, C2: the person's own state of conversations, and the filters of the list.

use super::fixtures::*;
use crate::limits::MUTED_FOREVER;
use crate::reducer::{Need, State, Touched};
use crate::{
    ClientFrame, Conversation, ConversationId, ConversationUpdated, ListFilter, ListPage, ListPosition,
    MembershipUpdated, PersonalState, ServerFrame, Subject, SyncAnswer, Timestamp,
};

fn talk(number: i64, unread: u32) -> Conversation {
    Conversation { id: ConversationId(number), created_at: Timestamp(number), unread, ..entry(0) }
}

fn own(number: i64, user_rev: i64, state: PersonalState) -> ServerFrame {
    ServerFrame::MembershipUpdated(MembershipUpdated::new(ConversationId(number), user_rev, state))
}

fn none() -> PersonalState {
    PersonalState::default()
}

fn begun(list: Vec<Conversation>) -> State {
    let mut state = State::new(person(1));
    assert_eq!(state.apply(synced(list), 0), vec![]);
    let _ = state.take_touched();
    state
}

fn ids(state: &State) -> Vec<i64> {
    state.list().iter().map(|conversation| conversation.id.0).collect()
}

#[test]
fn c5_pinned_conversations_stand_first_and_archived_ones_are_left_out() {
    let mut state = begun(vec![talk(9, 0), talk(8, 0), talk(7, 0)]);
    state.apply(own(7, 2, PersonalState { pinned: Some(2), ..none() }), 0);
    state.apply(own(8, 3, PersonalState { pinned: Some(1), ..none() }), 0);
    assert_eq!(ids(&state), [8, 7, 9]);
    assert!(state.take_touched().list);
    state.apply(own(8, 4, PersonalState { archived: true, ..none() }), 0);
    assert_eq!(ids(&state), [7, 9]);
    let _ = state.take_touched();
    // A repeat touches nothing, and a draft only what shows it.
    assert_eq!(state.apply(own(8, 4, PersonalState { archived: true, ..none() }), 0), vec![]);
    assert_eq!(state.take_touched(), Touched::default());
    state.apply(own(9, 5, PersonalState { draft: Some("so far".into()), ..none() }), 0);
    let touched = state.take_touched();
    let parts = touched.rooms.get(&ConversationId(9)).copied().unwrap_or_default();
    assert_eq!((touched.list, parts.own, parts.summary, parts.rows), (false, true, false, false));
}

#[test]
fn c5_an_older_state_that_comes_late_is_dropped_and_the_list_is_requested() {
    let mut state = begun(vec![talk(9, 0)]);
    let needs = state.apply(own(9, 3, PersonalState { pinned: Some(1), ..none() }), 0);
    assert!(matches!(needs[..], [Need::Ask(ClientFrame::Sync(_))]), "a gap: {needs:?}");
    state.apply(own(9, 2, PersonalState { archived: true, ..none() }), 0);
    assert_eq!(
        state.rooms[&ConversationId(9)].summary.personal(),
        PersonalState { pinned: Some(1), ..none() }
    );
}

#[test]
fn c5_what_is_muted_counts_nowhere_until_the_muting_ends() {
    let muted = Conversation { muted_until: Some(Timestamp(500)), ..talk(9, 3) };
    let forever = Conversation { muted_until: Some(Timestamp(MUTED_FOREVER)), ..talk(8, 5) };
    let marked = Conversation { marked_unread: true, ..talk(7, 0) };
    let mut state = begun(vec![muted, forever, marked]);
    assert_eq!(state.unread(), 1, "a mark counts 1");
    state.set_clock(Timestamp(500));
    assert_eq!(state.unread(), 4);
    let touched = state.take_touched();
    assert!(touched.rooms.get(&ConversationId(9)).is_some_and(|parts| parts.own));
    assert!(!touched.rooms.contains_key(&ConversationId(8)));
    state.apply(own(9, 2, PersonalState { archived: true, ..none() }), 0);
    assert_eq!(state.unread(), 1);
}

#[test]
fn c5_a_message_in_the_archive_requests_nothing_and_is_known_when_the_conversation_returns() {
    let mut state = State::new(person(1));
    let ServerFrame::Synced(answer) = synced(vec![talk(9, 0)]) else { unreachable!("as it is made") };
    state.apply(ServerFrame::Synced(SyncAnswer { archived: vec![ROOM], ..answer }), 0);
    assert_eq!(state.apply(new_message(message(1, 2)), 0), vec![]);
    // It returns as of before a message that came ahead of it: only the list tells what is missing.
    let back = ConversationUpdated { conversation: talk(7, 0), user_rev: 2 };
    let needs = state.apply(ServerFrame::ConversationUpdated(back), 0);
    assert!(matches!(needs[..], [Need::Ask(ClientFrame::Sync(_))]), "{needs:?}");
    assert_eq!(ids(&state), [9, 7]);
}

fn list_frame(after: Option<ListPosition>, filter: Option<ListFilter>, kind: Option<&str>) -> Need {
    Need::Ask(ClientFrame::List { after, filter, subject_kind: kind.map(str::to_owned) })
}

#[test]
fn c4_the_list_is_filtered_by_kind_within_a_state() {
    let about = |number: i64, kind: &str, closed: Option<&str>| {
        let (kind, title) = (kind.to_owned(), "A bicycle".to_owned());
        let (kind_name, closed) = (kind.clone(), closed.map(str::to_owned));
        let (id, url, image, fields) = (number.to_string(), None, None, Vec::new());
        let closed_by = closed.as_ref().map(|_| crate::ClosedBy::Product);
        let subject = Subject { kind, id, kind_name, title, url, image, fields, closed, closed_by };
        Conversation { subject: Some(Box::new(subject)), ..talk(number, 0) }
    };
    let pinned = Conversation { pinned: Some(1), ..about(7, "listing", None) };
    let mut state = begun(vec![talk(9, 0), about(8, "listing", Some("Sold")), pinned, about(6, "job", None)]);
    let listing = Some("listing".to_owned());
    assert_eq!(state.set_subject_kind(listing.clone()), vec![list_frame(None, None, Some("listing"))]);
    assert_eq!(ids(&state), [8, 7], "a pin counts nothing");
    assert!(state.take_touched().list);
    // A page of the list is none of the kind; that of the kind completes it.
    let page = |subject_kind: Option<String>, conversations| {
        let (user_rev, filter, after, next, unread_after) = (1, None, None, None, 0);
        ServerFrame::List(ListPage {
            user_rev,
            filter,
            subject_kind,
            after,
            conversations,
            next,
            unread_after,
        })
    };
    state.apply(page(Some("job".to_owned()), vec![about(4, "job", None)]), 0);
    assert!(!state.list_is_complete() && !state.rooms.contains_key(&ConversationId(4)));
    state.apply(page(listing, vec![about(5, "listing", None)]), 0);
    assert_eq!((ids(&state), state.list_is_complete()), (vec![8, 7, 5], true));
    assert_eq!(
        state.set_filter(Some(ListFilter::Open)),
        vec![list_frame(None, Some(ListFilter::Open), Some("listing"))]
    );
    assert_eq!(ids(&state), [7, 5]);
    // The open conversation stays among the unread ones of its own kind alone.
    state.set_filter(Some(ListFilter::Unread));
    state.open(ConversationId(6));
    assert_eq!(ids(&state), [0; 0]);
    state.open(ConversationId(5));
    assert_eq!(ids(&state), [5]);
    state.set_filter(None);
    assert_eq!(state.set_subject_kind(None), vec![]);
    assert_eq!(ids(&state), [7, 9, 8, 6, 5]);
}

#[test]
fn c2_a_filter_requests_its_own_pages() {
    let mut state = begun(vec![talk(9, 0), talk(8, 2)]);
    let filter = Some(ListFilter::Archived);
    assert_eq!(state.set_filter(filter), vec![list_frame(None, filter, None)]);
    assert_eq!((ids(&state), state.list_is_complete()), (vec![], false));
    assert_eq!(state.set_filter(filter), vec![], "once");
    let next = crate::ListPosition { as_of: Timestamp(6), active_at: Timestamp(6), id: ConversationId(6) };
    let archived = |number| Conversation { archived: true, ..talk(number, 1) };
    let page = |after, conversations, next| {
        let (user_rev, subject_kind, unread_after) = (1, None, 0);
        ServerFrame::List(ListPage {
            user_rev,
            filter,
            subject_kind,
            after,
            conversations,
            next,
            unread_after,
        })
    };
    state.apply(page(None, vec![archived(6)], Some(next)), 0);
    assert_eq!((ids(&state), state.list_is_complete(), state.unread()), (vec![6], false, 2));
    assert_eq!(state.load_list(), vec![list_frame(Some(next), filter, None)]);
    state.apply(page(Some(next), vec![archived(5)], None), 0);
    assert_eq!((ids(&state), state.list_is_complete()), (vec![6, 5], true));
    assert_eq!(state.set_filter(None), vec![]);
    assert_eq!(ids(&state), [9, 8]);
    // An answer that comes after the filter was left is dropped.
    state.apply(page(None, vec![archived(4)], None), 0);
    assert!(!state.rooms.contains_key(&ConversationId(4)));
    // The unread ones, with the open one while it is read.
    state.set_filter(Some(ListFilter::Unread));
    assert_eq!(ids(&state), [8]);
    state.open(ConversationId(9));
    assert_eq!(ids(&state), [9, 8]);
}
