//! What stands at each address.

// The component macro makes the properties of each component public.
#![allow(unreachable_pub)]

mod home;
mod inside;
mod not_found;
mod sheet;

pub(crate) use home::Home;
pub(crate) use inside::Inside;
pub(crate) use not_found::NotFound;
pub(crate) use sheet::Sheet;
