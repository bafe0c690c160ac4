//! The upgrade, and the two halves of the line as the session wants them.

use crate::auth;
use crate::auth::client_addr::ClientAddr;
use crate::http::error::HttpError;
use crate::http::extract::{ConversationPath, QueryParams};
use crate::http::middleware::request_id;
use crate::net::connection::DirectWriter;
use crate::ops::metrics;
use crate::state::AppState;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chat::account::Identity;
use chat::audit::{self, Act, Ended, Note};
use chat::session::{self, Incoming, Outgoing, ReadFault, Scope};
use futures::stream::{SplitSink, SplitStream};
use futures::{Sink, SinkExt as _, Stream, StreamExt as _};
use protocol::{CloseCode, ErrorCode, limits};
use serde::Deserialize;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite;
use tower_sessions::Session;
use tracing::Instrument as _;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::socket";

/// Each socket keeps it. What people type fits; a longer frame makes room for itself, and the line reads ahead of that.
const READ_BUFFER: usize = 192;
/// Written as soon as this much waits.
const WRITE_BUFFER: usize = 16 * 1024;
/// The longest answer (a long list, a page of the longest messages) is one frame and must fit.
const MAX_WRITE_BUFFER: usize = 32 * 1024 * 1024;
/// How long the other side may take to answer a goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

#[derive(Debug, Deserialize)]
pub(crate) struct TokenQuery {
    token: Option<String>,
}

/// `/ws/`: everything that the person is a member of.
pub(crate) async fn everything(upgrade: Upgrade) -> Result<Response, HttpError> {
    upgrade.take(Scope::All).await
}

/// `/ws/chat/{id}/`: one conversation. An id that is none is a conversation that is not there: 4003, after the upgrade.
pub(crate) async fn one(
    id: Result<ConversationPath, HttpError>,
    upgrade: Upgrade,
) -> Result<Response, HttpError> {
    let id = id.map_or(protocol::ConversationId(0), |ConversationPath(id)| id);
    upgrade.take(Scope::One(id)).await
}

/// All that an upgrade needs of its request.
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
    async fn take(self, scope: Scope) -> Result<Response, HttpError> {
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
        let identity = if let Some(token) = auth::bearer_token(&headers) {
            auth::user_by_token(&state, token).await
        } else if let Some(token) = query.token {
            auth::user_by_token(&state, &token).await
        } else if auth::has_session_cookie(&state, &headers) {
            // A browser sends the cookie for any page that asks: only here it matters whose page that is.
            let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
            if !origin.is_some_and(|origin| state.origins.may_open_socket(origin)) {
                let why = "This page may not open a socket here (RAPPORT_ALLOWED_ORIGINS)";
                Note::new(Act::CrossSite, Ended::Refused).tell();
                return Err(HttpError::new(ErrorCode::Forbidden, why));
            }
            auth::user_by_cookie(&state, session.as_deref()).await
        } else {
            Ok(None)
        };
        // Accepted, then closed: a browser is not told why an upgrade was refused.
        let identity = match identity {
            Ok(identity) => identity.map(Arc::new).ok_or(CloseCode::NotAuthenticated),
            Err(error) if error.0.code == ErrorCode::Unavailable => Err(CloseCode::Unavailable),
            Err(error) => return Err(error),
        };
        if state.stop.is_cancelled() {
            return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
        }
        let path: Box<str> = uri.path().into();
        let tracked = state.sockets.token();
        // The request is answered by the upgrade; what follows is the socket's own.
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
                // Here and not in the task, which would keep room for what it was given whole.
                let (mut outgoing, mut incoming) = Line { socket, ours: None, theirs: None }.split();
                let talking = async move {
                    let user = || identity.as_ref().ok().map(|identity| identity.person.id.0);
                    let began = Instant::now();
                    tracing::info!(target: LOG_TARGET, user = user(), "WebSocket CONNECT {path}");
                    talk(&state, &identity, scope, (&mut outgoing, &mut incoming), &direct_writer).await;
                    drop(direct_writer);
                    let line = outgoing.reunite(incoming).ok();
                    let code = line.and_then(|line| line.ours.or(line.theirs)).unwrap_or(1006);
                    metrics::names::closed(code);
                    let seconds = began.elapsed().as_secs();
                    tracing::info!(target: LOG_TARGET, user = user(), code, seconds, "WebSocket DISCONNECT {path} {code}");
                    drop(tracked);
                };
                // The task of the upgrade is larger than what goes on from here, and would stay as long.
                let talking = audit::asked_from(address.0, talking).instrument(span);
                // A task's own memory begins where a cache line does, for which the allocator takes one more.
                tokio::spawn(Box::pin(talking));
                std::future::ready(())
            });
        Ok(response)
    }
}

/// Runs the session, to the last word of either side.
async fn talk(
    state: &AppState,
    identity: &Result<Arc<Identity>, CloseCode>,
    scope: Scope,
    (outgoing, incoming): (&mut SplitSink<Line, Outgoing>, &mut SplitStream<Line>),
    direct_writer: &Option<axum::Extension<DirectWriter>>,
) {
    match identity {
        Ok(identity) => {
            let _visit = state.demo.as_ref().and_then(|demo| demo.visitors().opens(identity.person.id));
            let shortcut = direct_writer.as_ref().map(|direct_writer| direct_writer.0.0.clone());
            let (chat, identity, stop) = (state.chat.clone(), identity.clone(), state.stop.clone());
            session::run(chat, identity, scope, &mut *incoming, outgoing, shortcut, stop).await;
        }
        Err(code) => {
            let _ = outgoing.send(Outgoing::Close(*code)).await;
        }
    }
    // The goodbye must arrive: what the other side still says is read until it hangs up too.
    let answered = async { while let Some(Ok(_)) = incoming.next().await {} };
    let _ = Box::pin(tokio::time::timeout(GOODBYE, answered)).await;
}

/// A socket as the session wants it. Notes the codes that it is closed with.
struct Line {
    socket: WebSocket,
    ours: Option<u16>,
    theirs: Option<u16>,
}

impl Stream for Line {
    type Item = Result<Incoming, ReadFault>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let message = ready!(self.socket.poll_next_unpin(cx));
        Poll::Ready(message.map(|message| match message {
            Ok(Message::Text(text)) => Ok(Incoming::Text(text.as_str().to_owned())),
            Ok(Message::Binary(_)) => Ok(Incoming::Binary),
            Ok(Message::Ping(_) | Message::Pong(_)) => Ok(Incoming::Alive),
            Ok(Message::Close(frame)) => {
                self.theirs.get_or_insert(frame.map_or(1005, |frame| frame.code));
                Ok(Incoming::Close)
            }
            Err(error) => Err(fault(error)),
        }))
    }
}

impl Sink<Outgoing> for Line {
    type Error = axum::Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        self.socket.poll_ready_unpin(cx)
    }

    fn start_send(mut self: Pin<&mut Self>, frame: Outgoing) -> Result<(), axum::Error> {
        let message = match frame {
            Outgoing::Text(bytes) => Message::Text(Utf8Bytes::try_from(bytes).map_err(axum::Error::new)?),
            Outgoing::Ping => Message::Ping(bytes::Bytes::new()),
            Outgoing::Close(code) => {
                self.ours.get_or_insert(code.code());
                let reason = Utf8Bytes::from_static(code.reason());
                Message::Close(Some(CloseFrame { code: code.code(), reason }))
            }
        };
        self.socket.start_send_unpin(message)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        self.socket.poll_flush_unpin(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        self.socket.poll_close_unpin(cx)
    }
}

fn fault(error: axum::Error) -> ReadFault {
    use tungstenite::error::{CapacityError, Error};
    match error.into_inner().downcast::<Error>().map(|error| *error) {
        Ok(Error::Capacity(CapacityError::MessageTooLong { .. })) => ReadFault::TooBig,
        Ok(Error::Utf8(_)) => ReadFault::BadUtf8,
        _ => ReadFault::Broken,
    }
}
