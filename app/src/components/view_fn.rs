//! Reactive children and event handlers of one concrete type each.

use leptos::prelude::*;

/// A reactive part of a view, as a type that all of them share.
///
/// Each closure is a type of its own, and Leptos compiles the code that builds, hydrates and rebuilds a reactive child
/// anew for each of them. Boxed, they share one copy, which is a large part of what a visitor downloads. Reactive texts
/// and attributes are `Signal`s for the same reason.
pub(super) fn view_fn<V: IntoView + 'static>(
    view: impl Fn() -> V + Send + 'static,
) -> Box<dyn FnMut() -> AnyView + Send> {
    Box::new(move || view().into_any())
}

/// An event handler, as a type that all handlers of this event share: for the same reason as [`view_fn`].
pub(super) fn handler<E: 'static>(handle: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(handle)
}
