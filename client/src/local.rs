//! The part of the connection's task that works without a connection: it takes requests, and gives events.

use crate::event::Item;
use crate::outbox::{Outbox, Submission};
use crate::tracker::Tracker;
use protocol::ClientFrame;
use std::collections::VecDeque;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Notices that wait for a connection.
const MOST_NOTICES: usize = 256;

/// A request of the handle.
#[derive(Debug)]
pub(crate) enum Command {
    /// Sends a message.
    Send(Submission),
    /// Sends a frame that has no answer: typing, a read mark.
    Notice(ClientFrame),
}

/// The part of a driver that works without a connection.
pub(crate) struct Local<'a> {
    pub(crate) tracker: &'a mut Tracker,
    pub(crate) outbox: &'a mut Outbox,
    pub(crate) notices: &'a mut VecDeque<ClientFrame>,
    pub(crate) commands: &'a mut Option<mpsc::Receiver<Command>>,
    pub(crate) items: &'a mut Option<mpsc::Sender<Item>>,
}

impl Local<'_> {
    /// Takes one command, or gives one item. False if nobody uses the client any more.
    ///
    /// Cancel-safe: a command that was taken is in the outbox.
    pub(crate) async fn serve(&mut self) -> bool {
        if self.items.is_none() {
            self.tracker.items().clear();
            if self.commands.is_none() && self.outbox.is_empty() {
                return false;
            }
        }
        let Self { tracker, outbox, notices, commands, items } = self;
        let command = async {
            match commands.as_mut() {
                Some(commands) => commands.recv().await,
                None => std::future::pending().await,
            }
        };
        let has_items = !tracker.items().is_empty();
        let given = async {
            match items.as_ref() {
                Some(items) if has_items => match items.reserve().await {
                    Ok(permit) => {
                        if let Some(item) = tracker.items().pop_front() {
                            permit.send(item);
                        }
                        true
                    }
                    Err(_) => false,
                },
                Some(items) => {
                    items.closed().await;
                    false
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            command = command => match command {
                Some(Command::Send(submission)) => outbox.push(submission, Instant::now()),
                Some(Command::Notice(notice)) => add_notice(notices, notice),
                None => **commands = None,
            },
            is_read = given => if !is_read {
                **items = None;
            },
        }
        true
    }
}

/// Adds a notice in place of an earlier one of its kind. A read mark never goes back.
fn add_notice(notices: &mut VecDeque<ClientFrame>, notice: ClientFrame) {
    if notices.iter().any(|known| is_behind(&notice, known)) {
        return;
    }
    notices.retain(|known| !replaces(&notice, known));
    if notices.len() < MOST_NOTICES {
        notices.push_back(notice);
    }
}

fn replaces(new: &ClientFrame, known: &ClientFrame) -> bool {
    use ClientFrame::{MarkRead, Typing};
    match (new, known) {
        (MarkRead { conversation_id: new, .. }, MarkRead { conversation_id: known, .. })
        | (Typing { conversation_id: new, .. }, Typing { conversation_id: known, .. }) => new == known,
        _ => false,
    }
}

/// Whether a read mark is behind one that waits already. Without a message it is the newest of the conversation.
fn is_behind(new: &ClientFrame, known: &ClientFrame) -> bool {
    use ClientFrame::MarkRead;
    match (new, known) {
        (
            MarkRead { conversation_id: new, message_id: Some(mark) },
            MarkRead { conversation_id: known, message_id: waiting },
        ) => new == known && waiting.is_none_or(|waiting| waiting > *mark),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{ConversationId, MessageId};

    #[test]
    fn x3_a_read_mark_that_waits_never_goes_back() {
        let mark = |conversation, message: Option<i64>| ClientFrame::MarkRead {
            conversation_id: Some(ConversationId(conversation)),
            message_id: message.map(MessageId),
        };
        let mut notices = VecDeque::new();
        for (conversation, message) in [(1, 4), (1, 10), (2, 3), (1, 5)] {
            add_notice(&mut notices, mark(conversation, Some(message)));
        }
        assert_eq!(notices, [mark(1, Some(10)), mark(2, Some(3))]);
        for message in [None, Some(20)] {
            add_notice(&mut notices, mark(1, message));
        }
        assert_eq!(notices, [mark(2, Some(3)), mark(1, None)]);
    }
}
