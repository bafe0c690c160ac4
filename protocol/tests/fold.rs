//! Property tests of the client against a model of the server: whatever the network does to frames and answers, the client
//! finally shows exactly what a fresh one would load, and the server stores each sent message once and in order.
//!
//! Each run draws the same cases. `PROPTEST_RNG_SEED` sets another seed and `PROPTEST_CASES` another number of cases:
//! `PROPTEST_RNG_SEED=$RANDOM PROPTEST_CASES=20000 cargo test --release -p protocol --test fold`.

#[path = "fold/checks.rs"]
mod checks;
#[path = "fold/model.rs"]
mod model;
#[path = "fold/run.rs"]
mod run;
#[path = "fold/steps.rs"]
mod steps;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use run::{Step, World};
use steps::{step, window};

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
        world.filters_are_fresh();
        world.sent_once_in_order();
    }

    /// Messages are sent between the read of the page and the subscription.
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

    /// A reader pages up and down a long history while messages arrive.
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

/// The restored message is before the reloaded page, so that only the list can count it.
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

/// The answer to an earlier `sync` arrives after that to a later one, and its older list replaces an entry whose first page
/// was requested already.
#[test]
fn a_page_that_is_on_its_way_is_not_requested_again() {
    let mut world = World::new();
    for step in [
        Step::Read1(0),
        Step::Append(2, 0),
        Step::Deliver(0),
        Step::Open(2),
        Step::Read1(0),
        Step::Answer(3),
        Step::Answer(0),
    ] {
        world.step(&step);
    }
    world.settle();
    world.is_as_fresh();
}

/// A message is created and deleted while the page that will show it still catches up.
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
