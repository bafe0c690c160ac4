//! Steps of long polling: a response comes as soon as there is news, and not before.

use super::report::Problem;
use super::socket::{Socket, TIMEOUT};
use super::test_users::TestUser;
use super::web::Web;
use protocol::{ConversationId, NewMessage, PollAnswer, PollRequest, ServerFrame, SyncRequest, limits};
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// Time within which a response with news must come.
const PROMPT: Duration = Duration::from_secs(3);
/// Time that the server holds a poll, less a margin for the transport.
const HELD: Duration = Duration::from_millis(limits::POLL_HOLD_MS - 2_000);
/// Polls until the expected news, because earlier presence and receipts may come first.
const TRIES: usize = 6;
const NEWS: &str = "And this one?";

/// The id of the long-poll session, and the last batch that was received.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mailbox {
    id: Uuid,
    batch: u64,
}

async fn ask(web: &Web, who: &TestUser, mailbox: Option<Mailbox>) -> Result<PollAnswer, Problem> {
    let request = PollRequest {
        mailbox: mailbox.map(|mailbox| mailbox.id),
        batch: mailbox.map_or(0, |mailbox| mailbox.batch),
        wait: mailbox.is_some(),
        sync: SyncRequest { list: true, ..SyncRequest::default() },
    };
    web.post("/api/poll", &who.token, &request).await
}

/// Checks that a message is delivered to a held poll at once.
pub(super) async fn works(
    web: &Web,
    room: ConversationId,
    anna: &TestUser,
    ben: &TestUser,
) -> Result<Mailbox, Problem> {
    let first = ask(web, ben, None).await?;
    let mut mailbox = Mailbox { id: first.mailbox, batch: first.batch };
    let path = format!("/api/conversations/{room}/messages");
    let sending = async {
        // Time for the poll to begin. If it begins later, it returns the message at once.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let began = Instant::now();
        let sent: Result<protocol::Message, Problem> =
            web.post(&path, &anna.token, &json!({ "content": NEWS })).await;
        sent.map(|_| began)
    };
    let polling = async {
        for _ in 0..TRIES {
            let news = ask(web, ben, Some(mailbox)).await?;
            mailbox.batch = news.batch;
            let is_news = |frame: &ServerFrame| matches!(frame, ServerFrame::NewMessage(NewMessage { message, .. }) if message.content == NEWS);
            if news.frames.iter().any(is_news) {
                return Ok(Instant::now());
            }
        }
        Err(Problem::new(
            "the message was not delivered by polling",
            "a proxy answers instead of the server, or caches responses",
        )
        .change("nginx: proxy_cache off;"))
    };
    let (sent, arrived) = tokio::join!(sending, polling);
    let took = arrived?.saturating_duration_since(sent?);
    if took > PROMPT {
        return Err(Problem::new(
            format!("news took {} s to arrive", took.as_secs()),
            "the proxy holds responses back (buffering)",
        )
        .change("nginx: proxy_buffering off;"));
    }
    Ok(mailbox)
}

/// Checks that a held poll and a quiet socket are not ended early.
pub(super) async fn left_alone(
    web: &Web,
    who: &TestUser,
    mailbox: Option<Mailbox>,
    socket: Option<Socket>,
) -> (Option<Result<(), Problem>>, Option<Result<(), Problem>>) {
    let poll = async {
        match mailbox {
            Some(mailbox) => Some(is_held(web, who, mailbox).await),
            None => None,
        }
    };
    let quiet = async {
        match socket {
            Some(mut socket) => Some(socket.is_left_alone(HELD).await),
            None => None,
        }
    };
    tokio::join!(poll, quiet)
}

async fn is_held(web: &Web, who: &TestUser, mut mailbox: Mailbox) -> Result<(), Problem> {
    for _ in 0..TRIES {
        let began = Instant::now();
        let answer = ask(web, who, Some(mailbox)).await;
        let held = began.elapsed();
        match answer {
            Ok(_) if held >= HELD => return Ok(()),
            Ok(answer) if !answer.frames.is_empty() => mailbox.batch = answer.batch,
            Ok(_) | Err(_) => {
                return Err(Problem::new(
                    format!("the poll ended after {} s; the server holds it for 25 s", held.as_secs_f64().round()),
                    "the timeout of the proxy is shorter; without sockets, clients then poll at least every 5 s",
                )
                .change(TIMEOUT)
                .warning());
            }
        }
    }
    Ok(())
}
