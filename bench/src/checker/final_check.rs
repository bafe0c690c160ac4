//! The final check, after all faults ended and nobody writes: the screens must converge to the database, which is then read
//! by a fresh sign-in at each node.

use super::client::Client;
use super::invariants::{Created, Final, Replays, Screen, screens};
use super::views;
use crate::BoxError;
use crate::api::Api;
use protocol::reducer::Row;
use protocol::{ConversationId, Message, Person};
use std::time::{Duration, Instant};

/// The timeout of one request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// The time between two reads of the database.
const POLL_INTERVAL: Duration = Duration::from_millis(300);

/// Signs `reader` in at each of these nodes, as soon as it answers.
pub(super) async fn sign_in_at_each_node(
    nodes: &[String],
    reader: &Person,
    timeout: Duration,
) -> Result<Vec<Api>, BoxError> {
    let http = reqwest::Client::builder().timeout(REQUEST_TIMEOUT).build()?;
    let begun = Instant::now();
    let mut found = Vec::new();
    for node in nodes {
        found.push(loop {
            match Api::sign_in(&http, node, reader.clone()).await {
                Ok(api) => break api,
                Err(error) if begun.elapsed() > timeout => {
                    return Err(format!("{node} does not answer after everything is mended: {error}").into());
                }
                Err(_) => tokio::time::sleep(POLL_INTERVAL).await,
            }
        });
    }
    Ok(found)
}

/// All conversations of the reader with their messages, by node.
async fn read_all(readers: &[Api]) -> Result<Vec<Vec<Final>>, BoxError> {
    let mut found = Vec::new();
    for api in readers {
        let mut finals = Vec::new();
        for entry in api.conversations().await? {
            let messages = api.history(entry.id).await?;
            let (conversation, counter, members) = (entry.id, entry.rev, entry.members);
            let (title, history) = (entry.title, entry.history);
            finals.push(Final { conversation, counter, members, title, history, messages });
        }
        finals.sort_by_key(|end| end.conversation);
        found.push(finals);
    }
    Ok(found)
}

/// Waits until every screen shows what the database holds, at most `timeout`. Clients only process frames meanwhile: what
/// they do not catch up with by themselves stays missing. Returns the final state by node, and the screens.
pub(super) async fn wait_until_settled(
    clients: &mut [Client],
    readers: &[Api],
    created: &[Created],
    timeout: Duration,
) -> Result<(Vec<Vec<Final>>, Vec<Screen>), BoxError> {
    let begun = Instant::now();
    let mut before: Option<Vec<i64>> = None;
    loop {
        let until = Instant::now() + POLL_INTERVAL;
        futures::future::join_all(clients.iter_mut().map(|client| client.until(until, |_| None::<()>))).await;
        let finals = match read_all(readers).await {
            Ok(finals) => finals,
            Err(_) if begun.elapsed() < timeout => continue,
            Err(error) => return Err(error),
        };
        let shown: Vec<Screen> = clients.iter().flat_map(screens_of).collect();
        let counters: Vec<i64> = finals.iter().flatten().map(|end| end.counter).collect();
        let quiet = before.as_ref() == Some(&counters);
        before = Some(counters);
        let same = finals
            .iter()
            .all(|finals| screens::check(&Replays::of(created, finals), finals, &shown).is_empty());
        if quiet && same || begun.elapsed() > timeout {
            return Ok((finals, shown));
        }
    }
}

/// The screens of a client, one for each conversation.
fn screens_of(client: &Client) -> Vec<Screen> {
    let screen = |&conversation: &ConversationId| {
        let room = client.state.rooms.get(&conversation);
        let (mut rows, mut pending): (Vec<Message>, usize) = (Vec::new(), 0);
        for row in client.state.rows(conversation) {
            match row {
                Row::Message(message) => rows.push((*message).clone()),
                Row::Pending(_) => pending += 1,
            }
        }
        Screen {
            process: client.n,
            user: client.state.me.id,
            conversation,
            listed: room.is_some(),
            last: room.and_then(|room| room.summary.last_message.clone()),
            members: room.map(|room| views::there(&room.summary.members)).unwrap_or_default(),
            title: room.and_then(|room| room.summary.title.clone()),
            history: room.map(|room| room.summary.history).unwrap_or_default(),
            rows,
            pending,
        }
    };
    client.context.conversations.iter().map(screen).collect()
}
