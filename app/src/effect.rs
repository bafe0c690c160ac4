//! Effects of one concrete type.

use leptos::prelude::Effect;

/// An effect, as [`Effect::new`]. Boxed, all of them share one copy of the code that runs an effect.
pub(crate) fn effect(run: impl FnMut() + 'static) {
    let run: Box<dyn FnMut()> = Box::new(run);
    Effect::new(run);
}
