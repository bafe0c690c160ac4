//! What stands at each address.

// The component macro makes the properties of each component public.
#![allow(unreachable_pub)]

mod account;
mod home;
mod inside;
mod new;
mod not_found;
mod register;
mod sign_in;
mod talk;

pub(crate) use account::Account;
pub(crate) use home::Home;
pub(crate) use inside::Inside;
pub(crate) use new::New;
pub(crate) use not_found::NotFound;
pub(crate) use register::Register;
pub(crate) use sign_in::SignIn;
pub(crate) use talk::Talk;
