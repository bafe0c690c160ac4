//! WebSocket upgrades.

mod stream;
mod wire;

use crate::auth;
use crate::auth::client_addr::ClientAddr;
use crate::config::Wire;
use crate::error::HttpError;
use crate::http::extract::{ConversationPath, QueryParams};
use crate::http::middleware::request_id;
use crate::net::connection::DirectWriter;
use crate::ops::metrics;
use crate::state::AppState;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chat::account::Identity;
use chat::audit::{self, AuditAction, AuditEvent, AuditOutcome};
use chat::connection::{self, Outgoing, Scope};
use chat::contain;
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt as _, StreamExt as _};
use protocol::{CloseCode, ErrorCode, limits};
use serde::Deserialize;
use std::sync::Arc;
use std::time::{Duration, Instant};
use stream::SocketStream;
use tower_sessions::Session;
use tracing::Instrument as _;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::socket";

/// Read buffer of a socket, in bytes. Each keeps its own; longer frames grow it, and the connection reads ahead.
const READ_BUFFER: usize = 192;
/// Bytes that are buffered before a write.
const WRITE_BUFFER: usize = 16 * 1024;
/// Maximum size of a frame that is sent: a long list, or a page of the longest messages.
const MAX_WRITE_BUFFER: usize = 32 * 1024 * 1024;
/// How long the client has to answer a close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Debug, Deserialize)]
pub(crate) struct TokenQuery {
    token: Option<String>,
}

/// `/ws/`: all conversations of the user.
pub(crate) async fn all_conversations(upgrade: Upgrade) -> Result<Response, HttpError> {
    upgrade.accept(Scope::All).await
}

/// `/ws/chat/{id}/`: one conversation. An invalid id is closed with 4003 after the upgrade, as an unknown one is.
pub(crate) async fn one_conversation(
    id: Result<ConversationPath, HttpError>,
    upgrade: Upgrade,
) -> Result<Response, HttpError> {
    let id = id.map_or(protocol::ConversationId(0), |ConversationPath(id)| id);
    upgrade.accept(Scope::One(id)).await
}

/// The parts of a request that an upgrade needs.
#[derive(axum::extract::FromRequestParts)]
#[from_request(state(AppState))]
pub(crate) struct Upgrade {
    #[from_request(via(State))]
    state: AppState,
    headers: HeaderMap,
    uri: OriginalUri,
    query: QueryParams<TokenQuery>,
    session: Option<axum::Extension<Session>>,
    id: Option<axum::Extension<request_id::RequestId>>,
    address: ClientAddr,
    direct_writer: Option<axum::Extension<DirectWriter>>,
    upgrade: WebSocketUpgrade,
}

impl Upgrade {
    async fn accept(self, scope: Scope) -> Result<Response, HttpError> {
        let Self {
            state,
            headers,
            uri,
            query: QueryParams(query),
            session,
            id,
            address,
            direct_writer,
            upgrade,
        } = self;
        let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
        let wire = match scope {
            Scope::All => Wire::Rapport,
            Scope::One(_) => state.wires.choose(origin),
        };
        let identity = if let Some(token) = auth::bearer_token(&headers) {
            auth::user_by_token(&state.chat, token).await
        } else if let Some(token) = query.token {
            auth::user_by_token(&state.chat, &token).await
        } else if auth::has_session_cookie(&state.origins, &headers) {
            // Browsers send the cookie for pages of any site, so the origin is checked (cross-site WebSocket hijacking).
            if !origin.is_some_and(|origin| state.origins.may_open_socket(origin)) {
                let why = "This page may not open a socket here (RAPPORT_ALLOWED_ORIGINS)";
                AuditEvent::new(AuditAction::CrossSite, AuditOutcome::Refused).emit();
                return Err(HttpError::new(ErrorCode::Forbidden, why));
            }
            auth::user_by_cookie(&state.chat, session.as_deref()).await
        } else {
            Ok(None)
        };
        // Accepted, then closed with a code: browsers do not expose the status of a rejected upgrade.
        let identity = match identity {
            Ok(identity) => identity.map(Arc::new).ok_or(CloseCode::NotAuthenticated),
            Err(error) if error.0.code == ErrorCode::Unavailable => Err(CloseCode::Unavailable),
            Err(error) => return Err(error),
        };
        if state.stop.is_cancelled() {
            return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
        }
        // It writes the text of frames as it is.
        let direct_writer = direct_writer.filter(|_| wire == Wire::Rapport);
        let path: Box<str> = uri.path().into();
        let tracked = state.sockets.token();
        // A root span: the upgrade ends the request.
        let span = tracing::error_span!(target: LOG_TARGET, parent: None, "socket",
            connection = %request_id::RequestId::generate(),
            request = id.map(|id| tracing::field::display(id.0)),
        );
        let response = upgrade
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(WRITE_BUFFER)
            .max_write_buffer_size(MAX_WRITE_BUFFER)
            .max_message_size(limits::MAX_FRAME)
            .max_frame_size(limits::MAX_FRAME)
            .on_upgrade(move |socket| {
                // Split before the task, whose future would otherwise reserve space for the whole socket.
                let (mut outgoing, mut incoming) = SocketStream::new(socket, wire).split();
                let connection = async move {
                    let user = || identity.as_ref().ok().map(|identity| identity.person.id.0);
                    let began = Instant::now();
                    tracing::info!(target: LOG_TARGET, user = user(), "WebSocket CONNECT {path}");
                    run_connection(&state, &identity, scope, (&mut outgoing, &mut incoming), &direct_writer).await;
                    drop(direct_writer);
                    let stream = outgoing.reunite(incoming).ok();
                    let code = stream.and_then(|stream| stream.close_code()).unwrap_or(CloseCode::ABNORMAL);
                    metrics::names::closed(code);
                    let seconds = began.elapsed().as_secs();
                    tracing::info!(target: LOG_TARGET, user = user(), code, seconds, "WebSocket DISCONNECT {path} {code}");
                    drop(tracked);
                };
                // A task of its own, because the future of the upgrade is larger and would live as long.
                let connection = audit::with_client_address(address.0, connection).instrument(span);
                // Boxed, because tasks are aligned to cache lines, for which the allocator takes the next size class.
                tokio::spawn(Box::pin(contain("socket", connection)));
                std::future::ready(())
            });
        Ok(response)
    }
}

/// Runs the connection until both sides have closed it.
async fn run_connection(
    state: &AppState,
    identity: &Result<Arc<Identity>, CloseCode>,
    scope: Scope,
    (outgoing, incoming): (&mut SplitSink<SocketStream, Outgoing>, &mut SplitStream<SocketStream>),
    direct_writer: &Option<axum::Extension<DirectWriter>>,
) {
    match identity {
        Ok(identity) => {
            let _visit = state.demo.as_ref().and_then(|demo| demo.visitors().opens(identity.person.id));
            let shortcut = direct_writer.as_ref().map(|direct_writer| direct_writer.0.0.clone());
            let (chat, identity, stop) = (state.chat.clone(), identity.clone(), state.stop.clone());
            connection::run(chat, identity, scope, &mut *incoming, outgoing, shortcut, stop).await;
        }
        Err(code) => {
            let _ = outgoing.send(Outgoing::Close(*code)).await;
        }
    }
    // Input is read until the client closes, so that the close frame arrives.
    let answered = async { while let Some(Ok(_)) = incoming.next().await {} };
    let _ = Box::pin(tokio::time::timeout(CLOSE_TIMEOUT, answered)).await;
}
