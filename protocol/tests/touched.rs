//! Property test of the reducer's marks: over the scenarios of the fold, each step marks exactly the parts that differ
//! between the state before and after.
//!
//! `PROPTEST_RNG_SEED` and `PROPTEST_CASES` set another seed and number of cases.

#[allow(dead_code, reason = "the invariants of the fold have a test of their own")]
#[path = "fold/checks.rs"]
mod checks;
#[path = "fold/model.rs"]
mod model;
#[allow(dead_code, reason = "the invariants of the fold have a test of their own")]
#[path = "fold/run.rs"]
mod run;
#[path = "fold/steps.rs"]
mod steps;

use model::person;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use protocol::reducer::{Pending, PresenceNotice, RoomTouched, Row, State, Touched};
use protocol::{
    Conversation, ConversationId, ErrorBody, ErrorCode, Invitation, ListPosition, Notification, Person,
    PersonStatus, PersonalState, Preferences, ServerFrame, Status, SyncRequest, UserId, UserUpdated,
};
use run::{Step, World};
use std::collections::{BTreeMap, BTreeSet};
use steps::{step, window};

/// Something that happens to the client.
#[derive(Clone, Debug)]
enum Event {
    Step(Step),
    /// Somebody has another name.
    Rename(u16, u16),
    /// Somebody comes, goes or is away.
    Status(u16, usize),
    /// A message is refused, for good or for now.
    Refuse(u16),
    TryAgain(u16),
    Discard(u16),
    /// An answer to `sync` that is as new as the server, asked for or not.
    Synced(bool),
}

fn event() -> impl Strategy<Value = Event> {
    let any = any::<u16>();
    prop_oneof![
        60 => step().prop_map(Event::Step),
        30 => window().prop_map(Event::Step),
        2 => (any, 0u16..3).prop_map(|(who, name)| Event::Rename(who, name)),
        5 => (any, 0usize..3).prop_map(|(who, which)| Event::Status(who, which)),
        2 => any.prop_map(Event::Refuse),
        1 => any.prop_map(Event::TryAgain),
        1 => any.prop_map(Event::Discard),
        3 => prop::bool::ANY.prop_map(Event::Synced),
    ]
}

fn happens(world: &mut World, event: &Event) {
    let unsent = |world: &World, which: u16| {
        let unsent = world.client.unsent();
        unsent.get(usize::from(which) % unsent.len().max(1)).map(|(id, sent)| (*id, sent.client_id))
    };
    match *event {
        Event::Step(ref step) => world.step(step),
        Event::Rename(who, name) => {
            let user = Person {
                first_name: if name == 0 { String::new() } else { format!("Name {name}") },
                ..person(i64::from(who) % 4 + 1)
            };
            for talk in &mut world.server.talks {
                let members = talk.members.iter_mut().map(|member| &mut member.user);
                let senders = talk.messages.iter_mut().map(|message| &mut message.sender);
                members
                    .chain(senders)
                    .filter(|known| known.id == user.id)
                    .for_each(|known| *known = user.clone());
            }
            // Now and then the frame is lost.
            if name != 1 {
                let _ = world.client.apply(ServerFrame::UserUpdated(UserUpdated { user }), 0);
            }
        }
        Event::Status(who, which) => {
            let status = [Status::Online, Status::Away, Status::Offline][which];
            let frame = world.server.status(i64::from(who) % 4 + 1, status);
            let _ = world.client.apply(frame, 0);
        }
        Event::Refuse(which) => {
            if let Some((_, client_id)) = unsent(world, which) {
                let code =
                    if which.is_multiple_of(2) { ErrorCode::MessageTooLong } else { ErrorCode::Unavailable };
                let error = ErrorBody::new(code).about(Some(client_id));
                let _ = world.client.apply(ServerFrame::Error(error), 0);
            }
        }
        Event::TryAgain(which) => {
            if let Some((id, client_id)) = unsent(world, which) {
                world.client.try_again(id, client_id);
            }
        }
        Event::Discard(which) => {
            if let Some((id, client_id)) = unsent(world, which) {
                world.client.discard(id, client_id);
            }
        }
        Event::Synced(list) => {
            let request = SyncRequest { list, ..world.client.sync_request() };
            let answer = world.server.sync(&request);
            let _ = world.client.apply(ServerFrame::Synced(answer), 0);
        }
    }
}

/// All parts of the state that are told of.
#[derive(Debug, PartialEq)]
struct Seen {
    list: Vec<ConversationId>,
    list_end: (Option<ListPosition>, Option<ListPosition>, bool),
    notifications: (Vec<Notification>, u32),
    unread_behind: u32,
    me: Person,
    preferences: Preferences,
    names: Vec<UserId>,
    unsent: BTreeMap<ConversationId, Vec<Pending>>,
    presence: BTreeMap<UserId, PersonStatus>,
    invitations: Vec<Invitation>,
    rooms: BTreeMap<ConversationId, Parts>,
}

type Receipts = (i64, bool, i64, i64);

#[derive(Debug, Default, PartialEq)]
struct Parts {
    /// Without receipts and the personal state.
    summary: Option<Conversation>,
    own: Option<PersonalState>,
    /// The number of members, and of each: `joined_seq`, `left`, `read_seq`, `delivered_seq`.
    receipts: (i64, BTreeMap<UserId, Receipts>),
    typing: BTreeMap<UserId, String>,
    ephemeral: Vec<PresenceNotice>,
    rows: Vec<Row>,
    /// Whether the timeline is loaded; at its start; in the past; whether more is on its way, and from elsewhere.
    window: [bool; 5],
}

fn seen(state: &State) -> Seen {
    let mut unsent = BTreeMap::<_, Vec<_>>::new();
    for (id, pending) in state.unsent() {
        unsent.entry(id).or_default().push(pending);
    }
    let ids = state.rooms.keys().copied().chain((1..=3).map(ConversationId)).collect::<BTreeSet<_>>();
    Seen {
        list: state.list().iter().map(|summary| summary.id).collect(),
        list_end: (state.list_end(), state.rest_of_list(), state.list_is_complete()),
        notifications: (state.notifications().to_vec(), state.unread_notifications()),
        unread_behind: state.unread()
            - state.rooms.values().map(|room| state.unread_of(&room.summary)).sum::<u32>(),
        me: state.me.clone(),
        preferences: state.preferences.clone(),
        names: (0..10).map(UserId).filter(|user| state.is_namesake(*user)).collect(),
        unsent,
        presence: state.presence.clone().into_iter().collect(),
        invitations: state.invitations.clone(),
        rooms: ids.into_iter().map(|id| (id, parts(state, id))).collect(),
    }
}

fn parts(state: &State, id: ConversationId) -> Parts {
    let rows = state.rows(id);
    let Some(room) = state.rooms.get(&id) else { return Parts { rows, ..Parts::default() } };
    let mut summary = room.summary.clone();
    let own = Some(summary.personal());
    summary.set_personal(PersonalState::default());
    let mut receipts = BTreeMap::new();
    for member in &mut summary.members {
        let receipt = (member.joined_seq, member.left, member.read_seq, member.delivered_seq);
        receipts.insert(member.user.id, receipt);
        (member.read_seq, member.delivered_seq) = (0, 0);
    }
    let timeline = room.timeline.as_ref();
    Parts {
        receipts: (summary.member_count, receipts),
        summary: Some(summary),
        own,
        typing: room.typing.iter().map(|(user, (name, _))| (*user, name.clone())).collect(),
        ephemeral: room.ephemeral.clone(),
        rows,
        window: [
            timeline.is_some(),
            timeline.is_some_and(|timeline| timeline.shown().at_start),
            timeline.is_some_and(|timeline| timeline.past.is_some()),
            room.is_reading(),
            room.is_jumping(),
        ],
    }
}

/// The parts that differ.
fn difference(before: &Seen, after: &Seen) -> Touched {
    let people = before.presence.keys().chain(after.presence.keys());
    let ids: BTreeSet<_> = before.rooms.keys().chain(after.rooms.keys()).collect();
    let none = Parts::default();
    let rooms = ids.into_iter().map(|id| {
        let (before, after) = (before.rooms.get(id).unwrap_or(&none), after.rooms.get(id).unwrap_or(&none));
        let differs = RoomTouched {
            summary: before.summary != after.summary,
            own: before.own != after.own,
            receipts: before.receipts != after.receipts,
            typing: before.typing != after.typing,
            ephemeral: before.ephemeral != after.ephemeral,
            rows: before.rows != after.rows || before.window != after.window,
        };
        (*id, differs)
    });
    Touched {
        list: before.list != after.list
            || before.list_end != after.list_end
            || before.unread_behind != after.unread_behind,
        me: before.me != after.me,
        preferences: before.preferences != after.preferences,
        notifications: before.notifications != after.notifications,
        names: before.names != after.names,
        unsent: before.unsent != after.unsent,
        invitations: before.invitations != after.invitations,
        presence: people
            .filter(|user| before.presence.get(user) != after.presence.get(user))
            .map(|user| (*user, ()))
            .collect(),
        rooms: rooms.filter(|(_, differs)| *differs != RoomTouched::default()).collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_differs_is_touched_and_nothing_else(
        history in prop_oneof![3 => Just(0u16), 1 => 0u16..900],
        events in prop::collection::vec(event(), 1..160),
    ) {
        let mut world = World::new();
        // Answers that nobody asked for make it ask again.
        world.anew = true;
        if history > 0 {
            world.load_with(history);
        }
        world.client.take_touched();
        let mut before = seen(&world.client);
        for event in &events {
            happens(&mut world, event);
            let touched = world.client.take_touched();
            let after = seen(&world.client);
            let mut differs = difference(&before, &after);
            if matches!(event, Event::Synced(_) | Event::Step(Step::Answer(_))) {
                // What one answer hides, shows and brings anew may cancel out. To see that, the reducer would have to copy
                // the entry and the timeline of every conversation before it takes an answer.
                for (id, parts) in &touched.rooms {
                    let differs = differs.rooms.entry(*id).or_default();
                    differs.summary |= parts.summary;
                    differs.rows |= parts.rows;
                }
            }
            if matches!(event, Event::Step(Step::Filter(_) | Step::Kind(_))) {
                // Another filter may show the same rows.
                differs.list |= touched.list;
            }
            prop_assert_eq!(&touched, &differs, "{:?}", event);
            prop_assert_eq!(world.client.take_touched(), Touched::default());
            before = after;
        }
    }
}
