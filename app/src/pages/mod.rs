//! What stands at each address.

mod home;
mod inside;
mod not_found;
mod sheet;

pub(crate) use home::home;
pub(crate) use inside::inside;
pub(crate) use not_found::not_found;
pub(crate) use sheet::sheet;
