//! Plain forms, for browsers with and without JavaScript: each is answered by a redirect. What went wrong stands in
//! its address as a code, and nothing that anybody typed does.

use crate::extract::{Fields, In};
use crate::peer::ClientAddress;
use crate::refusal::Refusal;
use crate::refused_form;
use crate::sessions;
use crate::state::Node;
use crate::who::Anyone;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use chat::account::Registration;
use protocol::{ClientId, ConversationId, ErrorBody, ErrorCode, UserId};
use tower_sessions::Session;

/// `username`, `password`, `next`.
pub(crate) async fn sign_in(
    State(node): State<Node>,
    ClientAddress(address): ClientAddress,
    session: Session,
    fields: Fields,
) -> Response {
    let next = local(fields.get("next"));
    let name = fields.get("username").trim();
    let signed_in = async {
        node.throttle.sign_in(address, name).map_err(Refusal)?;
        let account = node.chat.accounts().sign_in(name, fields.get("password")).await?;
        Ok::<_, Refusal>(sessions::sign_in(&session, &account).await?)
    };
    match signed_in.await {
        Ok(()) => see(next),
        Err(refusal) => back("/sign-in", next, &refusal),
    }
}

/// `username`, `password`, `first_name`, `last_name`, `next`; signed in at once.
pub(crate) async fn register(
    State(node): State<Node>,
    ClientAddress(address): ClientAddress,
    session: Session,
    fields: Fields,
) -> Response {
    let next = local(fields.get("next"));
    let registration = Registration {
        username: fields.get("username").trim().to_owned(),
        password: fields.get("password").to_owned(),
        first_name: fields.get("first_name").to_owned(),
        last_name: fields.get("last_name").to_owned(),
    };
    let registered = async {
        node.throttle.registration(address).map_err(Refusal)?;
        let account = node.chat.accounts().register(registration).await?;
        Ok::<_, Refusal>(sessions::sign_in(&session, &account).await?)
    };
    match registered.await {
        Ok(()) => see(next),
        Err(refusal) => back("/register", next, &refusal),
    }
}

/// Ends this browser's sign-in.
pub(crate) async fn sign_out(session: Session) -> Result<Response, Refusal> {
    sessions::sign_out(&session).await?;
    Ok(see("/sign-in"))
}

/// Ends all sign-ins of the person.
pub(crate) async fn sign_out_everywhere(
    State(node): State<Node>,
    Anyone(who): Anyone,
    session: Session,
) -> Result<Response, Refusal> {
    if let Some(who) = who {
        node.chat.accounts().sign_out_everywhere(who.person.id).await?;
    }
    sessions::sign_out(&session).await?;
    Ok(see("/sign-in"))
}

/// `current`, `new`.
pub(crate) async fn password(
    State(node): State<Node>,
    ClientAddress(address): ClientAddress,
    Anyone(who): Anyone,
    session: Session,
    fields: Fields,
) -> Response {
    let Some(who) = who else { return see("/sign-in?next=/account") };
    let changed = async {
        node.throttle.sign_in(address, &who.person.username).map_err(Refusal)?;
        let accounts = node.chat.accounts();
        let account = accounts.change_password(&who, fields.get("current"), fields.get("new")).await?;
        Ok::<_, Refusal>(sessions::renew(&session, &account).await?)
    };
    match changed.await {
        Ok(()) => see("/account?done=1"),
        Err(refusal) => back("/account", "/", &refusal),
    }
}

/// `participants` (once or several times, names with commas between), `title`.
pub(crate) async fn conversation(State(node): State<Node>, Anyone(who): Anyone, fields: Fields) -> Response {
    let Some(who) = who else { return see("/sign-in?next=/new") };
    let names = fields.all("participants").flat_map(|list| list.split([',', ' ']));
    let names: Vec<String> = names.filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let title = Some(fields.get("title").trim()).filter(|title| !title.is_empty());
    match node.chat.open_conversation(&who.person, &names, title).await {
        Ok((conversation, _)) => see(&format!("/c/{}", conversation.id)),
        Err(error) => back("/new", "/", &error.into()),
    }
}

/// `content`, `client_id`, `reply_to`, `me` (as whom: another tab may have changed the sign-in of this browser). A text
/// that is refused stands in the form again.
pub(crate) async fn message(
    State(node): State<Node>,
    ClientAddress(address): ClientAddress,
    In(id): In,
    Anyone(who): Anyone,
    session: Session,
    fields: Fields,
) -> Response {
    let content = fields.get("content");
    let me: Option<UserId> = optional(fields.get("me")).unwrap_or_default();
    let client_id: Option<ClientId> = optional(fields.get("client_id")).unwrap_or_default();
    let Some(who) = who else {
        if let (Some(me), Ok(())) = (me, node.throttle.unsigned(address)) {
            let _ = refused_form::keep_for_nobody(&session, me, id, content, client_id).await;
        }
        return sign_in_first(id);
    };
    let sent = async {
        if me.is_some_and(|me| me != who.person.id) {
            return Err(Refusal::from(ErrorCode::NotAuthenticated));
        }
        let client_id = optional(fields.get("client_id"))?;
        let reply_to = optional(fields.get("reply_to"))?;
        Ok(node.chat.send(&who.person, id, content, client_id, reply_to).await?)
    };
    let sent = sent.await.map(drop);
    if let Err(Refusal(ErrorBody { code, .. })) = &sent
        && !matches!(code, ErrorCode::NotFound | ErrorCode::EmptyMessage)
    {
        let me = me.unwrap_or(who.person.id);
        let _ = refused_form::keep(&session, me, id, content, client_id, *code).await;
    }
    room(id, sent)
}

/// Read up to the newest.
pub(crate) async fn read(State(node): State<Node>, In(id): In, Anyone(who): Anyone) -> Response {
    let Some(who) = who else { return sign_in_first(id) };
    room(id, node.chat.mark_read(&who.person, id, None).await.map_err(Refusal::from))
}

fn room(id: ConversationId, done: Result<(), Refusal>) -> Response {
    match done {
        Ok(()) => see(&format!("/c/{id}")),
        // Not there for this person: said as it is, the same as for one that is not there at all.
        Err(refusal) if refusal.0.code == ErrorCode::NotFound => refusal.into_response(),
        Err(refusal) => back(&format!("/c/{id}"), "/", &refusal),
    }
}

fn sign_in_first(id: ConversationId) -> Response {
    see(&format!("/sign-in?next=/c/{id}"))
}

fn optional<T: std::str::FromStr>(text: &str) -> Result<Option<T>, Refusal> {
    match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Refusal::from(ErrorCode::Malformed)),
    }
}

fn see(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// Back to the form, with the code of what went wrong.
fn back(form: &str, next: &str, Refusal(ErrorBody { code, .. }): &Refusal) -> Response {
    let code = serde_json::to_value(code).unwrap_or_default();
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("error", code.as_str().unwrap_or("internal"));
    if next != "/" {
        query.append_pair("next", next);
    }
    see(&format!("{form}?{}", query.finish()))
}

/// Where to go next, if that is here: `//evil.example` and `/\evil.example` are not.
fn local(next: &str) -> &str {
    let here = next.starts_with('/')
        && !next[1..].starts_with(['/', '\\'])
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        && next.len() <= 512;
    if here { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a7_only_what_is_here_is_gone_to() {
        for good in ["/", "/c/1", "/c/1?before=5#m7", "/account"] {
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
