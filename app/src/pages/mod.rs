//! What stands at each address.

// The component macro makes the properties of each component public.
#![allow(unreachable_pub)]

mod home;
mod inside;
mod new;
mod not_found;
mod settings;
mod talk;

pub(crate) use home::Home;
pub(crate) use inside::Inside;
pub(crate) use new::New;
pub(crate) use not_found::NotFound;
pub(crate) use settings::Settings;
pub(crate) use talk::Talk;
