//! Random steps.

use crate::run::Step;
use proptest::prelude::*;
use protocol::ListFilter;

/// Any step.
pub(crate) fn step() -> impl Strategy<Value = Step> {
    let any = any::<u16>();
    prop_oneof![
        6 => (any, any).prop_map(|(room, who)| Step::Append(room, who)),
        1 => (any, 0u16..250).prop_map(|(room, count)| Step::Flood(room, count)),
        2 => (any, any).prop_map(|(room, which)| Step::DeleteForAll(room, which)),
        2 => (any, any).prop_map(|(room, which)| Step::Hide(room, which)),
        1 => (any, any).prop_map(|(room, which)| Step::Show(room, which)),
        1 => (any, any).prop_map(|(room, who)| Step::Member(room, who)),
        2 => (any, any).prop_map(|(room, what)| Step::Group(room, what)),
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
        3 => Just(Step::MoreList),
        5 => (any, any).prop_map(|(room, what)| Step::Own(room, what)),
        1 => prop::option::of(prop_oneof![Just(ListFilter::Unread), Just(ListFilter::Archived), Just(ListFilter::Open), Just(ListFilter::Closed)]).prop_map(Step::Filter),
        1 => prop::option::of(prop_oneof![Just("listing"), Just("job"), Just("other")]).prop_map(Step::Kind),
        1 => Just(Step::LinkLost),
        1 => Just(Step::Resume),
        1 => (any, any, any).prop_map(|(room, who, which)| Step::Delivered(room, who, which)),
        2 => (any, any, prop::bool::ANY).prop_map(|(room, who, is_typing)| Step::Typing(room, who, is_typing)),
        2 => (any, any).prop_map(|(who, which)| Step::Status(who, which)),
        1 => prop::array::uniform2(prop::bool::ANY).prop_map(|[typing, reading]| Step::Prefer(typing, reading)),
        1 => any.prop_map(Step::Invite),
        1 => any.prop_map(Step::AnswerInvitation),
        1 => (0u16..5_000).prop_map(Step::Wait),
    ]
}

/// Steps of a reader in the first room.
pub(crate) fn window() -> impl Strategy<Value = Step> {
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
