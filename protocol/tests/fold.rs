//! The client against a server in small: whatever the network does to frames and answers, in the end the client shows
//! exactly what a fresh one would load, and the server holds what was sent, once and in order.
//!
//! Each run draws the same cases. `PROPTEST_RNG_SEED` draws others and `PROPTEST_CASES` another number of them:
//! `PROPTEST_RNG_SEED=$RANDOM PROPTEST_CASES=20000 cargo test --release -p protocol --test fold`.

#[path = "fold/model.rs"]
mod model;
#[path = "fold/run.rs"]
mod run;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use run::{Step, World};

fn step() -> impl Strategy<Value = Step> {
    let any = any::<u16>();
    prop_oneof![
        6 => (any, any).prop_map(|(room, who)| Step::Append(room, who)),
        1 => (any, 0u16..250).prop_map(|(room, count)| Step::Flood(room, count)),
        2 => (any, any).prop_map(|(room, which)| Step::DeleteForAll(room, which)),
        2 => (any, any).prop_map(|(room, which)| Step::Hide(room, which)),
        1 => (any, any).prop_map(|(room, which)| Step::Show(room, which)),
        1 => (any, any).prop_map(|(room, who)| Step::Member(room, who)),
        3 => (any, any, any).prop_map(|(room, who, which)| Step::Read(room, who, which)),
        1 => (any, any).prop_map(|(room, on)| Step::Mine(room, on % 3 != 0)),
        12 => any.prop_map(Step::Deliver),
        3 => any.prop_map(Step::Lose),
        3 => any.prop_map(Step::Double),
        12 => any.prop_map(Step::Read1),
        6 => any.prop_map(Step::Answer),
        4 => any.prop_map(Step::Compose),
        4 => Just(Step::Send),
        3 => any.prop_map(Step::Take),
        1 => Just(Step::Refuse),
        3 => any.prop_map(Step::Open),
        1 => any.prop_map(Step::Close),
        3 => any.prop_map(Step::Older),
        2 => any.prop_map(Step::Newer),
        1 => (any, any).prop_map(|(room, which)| Step::TurnTo(room, which)),
        1 => any.prop_map(Step::Latest),
        2 => (any, prop::option::of(any)).prop_map(|(room, which)| Step::Sees(room, which)),
        1 => Just(Step::LinkLost),
        1 => Just(Step::Resume),
    ]
}

/// What a reader does in the first room, and what comes of it.
fn window() -> impl Strategy<Value = Step> {
    let any = any::<u16>();
    prop_oneof![
        2 => (0u16..250).prop_map(|count| Step::Flood(0, count)),
        1 => any.prop_map(|which| Step::DeleteForAll(0, which)),
        1 => any.prop_map(|which| Step::Hide(0, which)),
        1 => any.prop_map(|which| Step::Show(0, which)),
        4 => Just(Step::Older(0)),
        4 => Just(Step::Newer(0)),
        2 => any.prop_map(|which| Step::TurnTo(0, which)),
        1 => Just(Step::Latest(0)),
        4 => prop::option::of(any).prop_map(|which| Step::Sees(0, which)),
        6 => any.prop_map(Step::Deliver),
        8 => any.prop_map(Step::Read1),
        8 => any.prop_map(Step::Answer),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn f9_pushes_out_of_order_doubled_some_lost(steps in prop::collection::vec(step(), 1..160)) {
        let mut world = World::new();
        for step in steps {
            world.step(&step);
            world.holds_at_all_times();
        }
        world.settle();
        world.is_as_fresh();
        world.sent_once_in_order();
    }

    /// The page was read before the subscription, with anything in between.
    #[test]
    fn f10_a_message_between_page_load_and_subscription(
        before in prop::collection::vec(step(), 0..30),
        between in 1u16..30,
        after in prop::collection::vec(step(), 0..30),
    ) {
        let mut world = World::new();
        before.iter().for_each(|step| world.step(step));
        world.step(&Step::LinkLost);
        for n in 0..between {
            world.step(&Step::Append(0, n));
            world.step(&Step::Lose(0));
        }
        after.iter().for_each(|step| world.step(step));
        world.settle();
        world.is_as_fresh();
        world.sent_once_in_order();
    }

    /// A long history, read up and down while it goes on.
    #[test]
    fn t9_a_window_onto_a_long_history(
        before in 0u16..900,
        steps in prop::collection::vec(prop_oneof![4 => step(), 6 => window()], 1..80),
    ) {
        let mut world = World::new();
        world.load_with(before);
        for step in steps {
            world.step(&step);
            world.holds_at_all_times();
        }
        world.settle();
        world.is_as_fresh();
        world.sent_once_in_order();
        world.step(&Step::Open(0));
        world.settle();
        world.reads_all_of(0);
        world.is_as_fresh();
    }

    #[test]
    fn f15_read_cursors_5_9_7(order in Just([5i64, 9, 7]).prop_shuffle(), who in 0u16..3) {
        let mut world = World::new();
        world.load_with(10);
        for seq in order {
            world.read_frame(who, seq);
        }
        world.read_is(who, 9);
    }
}

/// What came back lies before the page that is loaded anew, so that only the list can count it.
#[test]
fn a_message_shown_again_is_unread_again() {
    let mut world = World::new();
    let all = |number| [Step::Read1(number), Step::Answer(number)];
    let begin = [Step::Open(0), Step::Append(0, 1), Step::Deliver(0)];
    let hide = [Step::Flood(0, 106), Step::Hide(0, 0)];
    for step in
        begin.into_iter().chain(all(0)).chain(all(0)).chain(hide).chain(all(0)).chain([Step::Show(0, 0)])
    {
        world.step(&step);
    }
    world.settle();
    world.is_as_fresh();
}

/// A message was born and deleted while the page that is to show it was still being mended.
#[test]
fn a_message_deleted_before_its_birth_was_caught_up_with_stays_deleted() {
    let mut world = World::new();
    for step in [
        Step::Open(0),
        Step::Read1(0),
        Step::Append(0, 0),
        Step::Read1(0),
        Step::Answer(0),
        Step::Read1(0),
        Step::Append(0, 0),
        Step::Deliver(0),
        Step::Answer(0),
        Step::Deliver(0),
        Step::Answer(0),
        Step::Read1(0),
        Step::DeleteForAll(0, 0),
        Step::Deliver(0),
        Step::Answer(0),
    ] {
        world.step(&step);
    }
    world.settle();
    world.is_as_fresh();
}
