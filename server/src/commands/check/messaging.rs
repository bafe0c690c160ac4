//! Steps of messaging over WebSockets.

use super::report::Problem;
use super::socket::Socket;
use super::test_users::TestUser;
use super::web::Web;
use protocol::{
    ClientFrame, Conversation, ConversationId, MessageId, MessageRead, NewMessage, ServerFrame, Typing,
    limits,
};
use serde_json::json;

pub(super) async fn room(web: &Web, anna: &TestUser, ben: &TestUser) -> Result<ConversationId, Problem> {
    let body = json!({ "participants": [ben.username] });
    let room: Conversation = web.post("/api/conversations", &anna.token, &body).await?;
    Ok(room.id)
}

/// Opens a socket for each of the two users: that of all conversations, whose wire format is the same on every server.
pub(super) async fn sockets(web: &Web, anna: &TestUser, ben: &TestUser) -> Result<(Socket, Socket), Problem> {
    let annas = Socket::with_token(web, "/ws/", &anna.token).await?;
    Ok((annas, Socket::with_token(web, "/ws/", &ben.token).await?))
}

pub(super) async fn message(
    room: ConversationId,
    from: &mut Socket,
    to: &mut Socket,
) -> Result<MessageId, Problem> {
    let content = "Is this line free?".to_owned();
    let said = content.clone();
    let conversation_id = Some(room);
    from.send(&ClientFrame::ChatMessage { conversation_id, content, client_id: None, reply_to: None })
        .await?;
    let arrives = |frame: &ServerFrame| match frame {
        ServerFrame::NewMessage(NewMessage { message, .. }) if message.content == said => Some(message.id),
        _ => None,
    };
    to.wait("the message", arrives).await
}

pub(super) async fn typing(
    room: ConversationId,
    from: &mut Socket,
    to: &mut Socket,
    who: &TestUser,
) -> Result<(), Problem> {
    from.send(&ClientFrame::Typing { conversation_id: Some(room), is_typing: true }).await?;
    let typing = |frame: &ServerFrame| {
        matches!(frame, ServerFrame::Typing(Typing { is_typing: true, user_id, .. }) if *user_id == who.id)
            .then_some(())
    };
    to.wait("the typing indicator", typing).await
}

pub(super) async fn reading(
    room: ConversationId,
    from: &mut Socket,
    to: &mut Socket,
    message: MessageId,
) -> Result<(), Problem> {
    from.send(&ClientFrame::MarkRead { conversation_id: Some(room), message_id: Some(message) }).await?;
    let read = |frame: &ServerFrame| {
        matches!(frame, ServerFrame::MessageRead(MessageRead { message_id, .. }) if *message_id == message)
            .then_some(())
    };
    to.wait("the read receipt", read).await
}

/// Sends a frame of the maximum size: a ping with padding.
pub(super) async fn large(line: &mut Socket) -> Result<(), Problem> {
    let (before, after) = (r#"{"type":"ping","room":""#, r#""}"#);
    let filling = "x".repeat(limits::MAX_FRAME - before.len() - after.len());
    line.say(format!("{before}{filling}{after}")).await?;
    line.wait("the pong", |frame| matches!(frame, ServerFrame::Pong).then_some(())).await
}
