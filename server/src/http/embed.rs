//! Embedded pages: the frames that `embed.js` puts into pages of allowed origins. They have a cookie of their own, which browsers
//! keep apart for each site around the frame, and which only routes below `/embed` read.

use crate::auth::user_agent::UserAgent;
use crate::auth::{CurrentUser, MaybeUser, web_session};
use crate::error::HttpError;
use crate::http::extract::{FormFields, QueryParams};
use crate::http::iframe::{Embedded, FrameAncestors, start_again};
use crate::http::middleware::body::refuse_unwanted;
use crate::http::pages;
use crate::http::single_sign_on;
use crate::http::ws;
use crate::state::AppState;
use app::server_pages::EmbedStart;
use app::{EMBED_BASES, EMBEDDED_CONVERSATION, EMBEDDED_LIST, Language, Theme};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Router};
use chat::store::Store;
use protocol::{ConversationId, ErrorCode};
use serde::Deserialize;
use std::sync::Arc;
use tower_sessions::Session;

/// Paths of embedded pages, behind each of [`EMBED_BASES`].
const PAGES: [&str; 4] = ["/", "/c/{id}", "/notifications", "/invitations"];

/// The conversation about a subject, which the query names.
const SUBJECT: &str = "/embed/one/subject";

/// Methods and paths, for tests that must cover all of them.
pub(crate) const ROUTES: [(&str, &str); 6] = [
    ("GET", "/embed/start"),
    ("GET", "/embed/session"),
    ("POST", "/embed/session"),
    ("GET", "/embed/one/subject"),
    ("GET", "/embed/list/ws/"),
    ("GET", "/embed/one/ws/"),
];

/// The routes, with their session cookie.
pub(crate) fn routes(state: &AppState, store: Arc<dyn Store>) -> Router<AppState> {
    let routes = Router::new()
        .route("/embed/start", refuse_unwanted(get(start)))
        .route("/embed/session", refuse_unwanted(get(session).post(sign_in)))
        .route(SUBJECT, refuse_unwanted(get(subject)));
    let routes = EMBED_BASES.into_iter().fold(routes, |routes, base| {
        let pages = PAGES
            .iter()
            .fold(Router::new(), |pages, path| pages.route(path, refuse_unwanted(get(pages::page))));
        let pages = pages.route("/ws/", refuse_unwanted(get(ws::all_conversations)));
        let pages = pages::add_server_functions(pages);
        routes.nest(base, pages.layer(Extension(Embedded { base })))
    });
    routes.layer(web_session::embedded_layer(&state.origins, store))
}

/// What the frame shows, and how.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    /// Origin of the page around the frame.
    #[serde(default)]
    origin: String,
    /// The only conversation to show; without one the list is shown.
    conversation: Option<ConversationId>,
    /// Kind and id of the subject whose conversation is the only one to show, such as `listing/42`.
    subject: Option<String>,
    /// Theme and language that take precedence over the account's.
    theme: Option<String>,
    lang: Option<String>,
    /// Whether the frame tells its height.
    autosize: Option<String>,
}

impl Asked {
    /// Address of the embedded page, of parts that are known.
    fn target(&self) -> String {
        let path = match (self.conversation, &self.subject) {
            (Some(id), _) => format!("{EMBEDDED_CONVERSATION}/c/{id}"),
            (None, Some(_)) => SUBJECT.to_owned(),
            (None, None) => EMBEDDED_LIST.to_owned(),
        };
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("origin", &self.origin);
        if let Some(subject) = self.subject.as_ref().filter(|_| self.conversation.is_none()) {
            query.append_pair("subject", subject);
        }
        if let Some(theme) = &self.theme {
            query.append_pair("theme", Theme::of(theme).code());
        }
        if let Some(language) = self.lang.as_deref().and_then(Language::of) {
            query.append_pair("lang", language.code());
        }
        if self.autosize.is_some() {
            query.append_pair("autosize", "1");
        }
        format!("{path}?{}", query.finish())
    }
}

/// The first page of a frame, which takes a token from the page around it.
async fn start(
    State(state): State<AppState>,
    headers: HeaderMap,
    QueryParams(asked): QueryParams<Asked>,
) -> Result<Response, HttpError> {
    if !(asked.origin.is_empty() || state.allows_embedding(&asked.origin)) {
        let why = "Pages of this origin may not embed this server (RAPPORT_EMBED_ORIGINS)";
        return Err(HttpError::new(ErrorCode::Forbidden, why));
    }
    let ancestors = FrameAncestors::embedding(&state);
    let target = asked.target();
    let start = EmbedStart { origin: asked.origin, target };
    Ok(pages::embed_start_page(&state, &headers, &ancestors, start))
}

/// Redirects to the newest conversation of the person about a subject. Where there is none, the page says so, as for an unknown
/// conversation.
async fn subject(
    State(state): State<AppState>,
    MaybeUser(user): MaybeUser,
    uri: Uri,
    QueryParams(asked): QueryParams<Asked>,
) -> Result<Response, HttpError> {
    let Some(user) = user else { return Ok(start_again(EMBEDDED_CONVERSATION, &uri)) };
    let found = match asked.subject.as_deref().and_then(|subject| subject.split_once('/')) {
        Some((kind, id)) => state.chat.own_subject_conversation(&user.person, kind, id).await?,
        None => None,
    };
    let asked = Asked { conversation: Some(found.unwrap_or(ConversationId(0))), ..asked };
    Ok(Redirect::to(&asked.target()).into_response())
}

/// Says whether the frame is signed in.
async fn session(_: CurrentUser) -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Signs the frame in as the person of a token. Field: `token`. Frames of several tabs share the cookie, so a sign-in of the same
/// person goes on.
async fn sign_in(
    State(state): State<AppState>,
    UserAgent(device): UserAgent,
    session: Session,
    fields: FormFields,
) -> Result<StatusCode, HttpError> {
    let account = single_sign_on::account(&state, fields.get("token"), None).await?;
    let current = web_session::current_user(&session, &state.chat).await?;
    if current.is_none_or(|user| user.person.id != account.person.id) {
        web_session::sign_in(&session, &account, device).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}
