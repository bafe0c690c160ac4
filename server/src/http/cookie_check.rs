//! Detection of browsers that store no cookies: the sign-in and registration pages set one and say so in their form. A form that
//! comes back without it is refused with a reason, since the sign-in would be lost without a word.

use crate::config::AllowedOrigins;
use crate::http::extract::FormFields;
use time::Duration;
use tower_cookies::cookie::SameSite;
use tower_cookies::{Cookie, Cookies};

/// A page may stay open for long before its form is sent.
const LIFETIME: Duration = Duration::days(30);

fn name(origins: &AllowedOrigins) -> &'static str {
    if origins.is_https() { "__Host-rapport-check" } else { "rapport-check" }
}

/// Sets the cookie, unless the browser has it.
pub(crate) fn set(origins: &AllowedOrigins, cookies: &Cookies) {
    if cookies.get(name(origins)).is_some() {
        return;
    }
    let cookie = Cookie::build((name(origins), "1")).path("/").http_only(true).same_site(SameSite::Lax);
    cookies.add(cookie.secure(origins.is_https()).max_age(LIFETIME).build());
}

/// Whether the form is of a page that set the cookie, and came back without it. Programs omit the field.
pub(crate) fn is_lost(origins: &AllowedOrigins, cookies: &Cookies, fields: &FormFields) -> bool {
    fields.get("cookies") == "set" && cookies.get(name(origins)).is_none()
}
