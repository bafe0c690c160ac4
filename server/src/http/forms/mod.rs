//! Plain forms, for browsers with and without JavaScript: each is answered by a redirect. How it went is left in the
//! session for the page that comes next; nothing that anybody typed stands in an address.

mod entry;
mod settings;
mod talk;

pub(crate) use entry::{register, sign_in, sign_out, sign_out_everywhere};
pub(crate) use settings::{appearance, end_other_sign_ins, end_sign_in, password, profile};
pub(crate) use talk::{conversation, message, read};

use crate::http::extract::FormFields;
use app::server_pages::{Flash, Form};
use axum::response::{IntoResponse, Redirect, Response};
use chat::account::Identity;
use protocol::{ErrorCode, Person};

fn see(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// Whether the page with this form was made for somebody else than is signed in by now, as its field `me` says: another
/// tab may have changed that. A program leaves the field out.
fn is_anothers(fields: &FormFields, user: &Person) -> bool {
    let me = fields.get("me");
    !me.is_empty() && me != user.id.to_string()
}

/// What is said to whoever is signed in by now. Nothing was done, and nothing of what was typed is shown.
fn anothers(fields: &FormFields, user: &Identity, form: Form, page: &str) -> Option<Flash> {
    is_anothers(fields, &user.person).then(|| Flash::refused(form, page, ErrorCode::NotAuthenticated.into()))
}

/// The path, with where to go afterwards.
fn with_next(path: &str, next: &str) -> String {
    if next == "/" {
        return path.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    format!("{path}?{query}")
}

/// Where to go next, if that is here: `//evil.example` and `/\evil.example` are not.
pub(crate) fn local(next: &str) -> &str {
    let here = next.starts_with('/')
        && !next[1..].starts_with(['/', '\\'])
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && next.len() <= 512;
    if here { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn a7_only_what_is_here_is_gone_to() {
        for good in ["/", "/c/1", "/c/1?before=5#m7", "/settings"] {
            assert_eq!(local(good), good);
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "evil.example",
            "/\t/evil.example",
            "/c/1\r\nSet-Cookie: x=1",
            "javascript:alert(1)",
            " /",
            "/\u{2028}",
        ] {
            assert_eq!(local(bad), "/", "{bad:?}");
        }
    }
}
