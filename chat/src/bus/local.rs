//! One node: what is published arrives here.

/// The in-process bus.
pub struct Local {}
