//! The operations of a client, each recorded in the history.

use super::change::Change;
use super::client::{Client, Sent};
use super::group_operations::Way;
use super::history::{Kind, Shown, What};
use super::request::{GIVE_UP_AFTER, Outcome, REQUEST_TIMEOUT, UNKNOWN_AFTER};
use super::script::{Operation, Step};
use crate::BoxError;
use crate::api::{Api, SendResponse};
use protocol::{ClientFrame, ClientId, ConversationId, Message, UserId};
use std::time::Instant;

impl Client {
    /// Performs one step of the script.
    pub(super) async fn perform(&mut self, step: Step) {
        let at = step.conversation % self.context.conversations.len();
        let Some(conversation) = self.context.conversations.get(at).copied() else { return };
        match step.operation {
            Operation::Send { by_request, twice, gives_up } => {
                self.send(conversation, by_request, twice, gives_up, step).await;
            }
            Operation::Repeat => self.repeat(step).await,
            Operation::Conflict => self.conflict(step).await,
            Operation::Delete => self.delete(step).await,
            Operation::Read { older } => self.read(conversation, older, step).await,
            Operation::LoadOlder => self.load_older(conversation).await,
            Operation::MarkRead => self.mark_read(conversation, step).await,
            Operation::MarkAllRead => {
                self.queue(ClientFrame::MarkRead { conversation_id: Some(conversation), message_id: None });
            }
            Operation::Sync => self.queue(ClientFrame::Sync(self.state.sync_request())),
            Operation::Reconnect { socket } => {
                self.disconnect();
                (self.node, self.socket) = (step.node % self.context.endpoints.len(), socket);
            }
            Operation::Away(lasts) => {
                self.disconnect();
                self.context.progress.left(self.n);
                tokio::time::sleep(lasts).await;
            }
            Operation::Leave => self.leave_club(self.state.me.id, step).await,
            Operation::Remove => self.leave_club(self.context.victim, step).await,
            Operation::Change { kind, by_request, gives_up } => {
                self.change_group(kind, Way { by_request, gives_up }, step).await;
            }
            Operation::RepeatChange => self.repeat_change(step).await,
            Operation::ConflictingChange => self.conflicting_change(step).await,
        }
    }

    /// Ends a membership of the club.
    async fn leave_club(&mut self, user: UserId, step: Step) {
        self.change(self.context.club, Change::Remove { user }, Way::BY_FRAME, step).await;
    }

    async fn send(
        &mut self,
        conversation: ConversationId,
        by_request: bool,
        twice: bool,
        gives_up: bool,
        step: Step,
    ) {
        let (message, body) = (ClientId::mint(), format!("{}.{}", self.n, self.now()));
        let body = format!("{body}.{}", self.sent.len());
        let what = |seq| What::Send { conversation, message, body: body.clone(), seq };
        let began = self.context.history.invoke(self.n, what(None));
        let deadline = Instant::now() + if gives_up { GIVE_UP_AFTER } else { UNKNOWN_AFTER };
        let disconnects = self.disconnects;
        (self.awaited, self.result) = (Some(message), None);
        let mut unsure = false;
        let mut answer = None;
        if !by_request || twice {
            self.state.compose(conversation, message, body.clone(), None);
        }
        if by_request || twice {
            let response = self.request(step.node, deadline, |api| {
                send_by_request(api, conversation, message, body.clone())
            });
            let (outcome, found) = response.await;
            unsure |= matches!(outcome, Outcome::Unknown);
            answer = found.map(Ok).or(matches!(outcome, Outcome::Refused).then_some(Err(())));
        }
        if answer.is_none() && (!by_request || twice) {
            answer = self.until(deadline, |client| client.result.take()).await;
            unsure |= self.disconnects != disconnects;
        }
        let mine = self.state.me.id;
        match answer {
            Some(Ok(found)) if found.client_id == message && found.sender.id == mine => {
                self.context.history.done(Kind::Ok, self.n, began, what(Some(found.seq)));
                self.sent.push(Sent { conversation, client_id: message, id: found.id, body, deleted: false });
            }
            // Only sure if no connection broke meanwhile: the frame may have arrived over it.
            Some(Err(())) if !unsure && !twice => {
                self.context.history.done(Kind::Fail, self.n, began, what(None))
            }
            _ => self.context.history.done(Kind::Info, self.n, began, what(None)),
        }
        self.state.discard(conversation, message);
    }

    /// One of the latest acknowledged messages; `deleted`: deleted ones count, too.
    fn one_of_mine(&self, pick: usize, deleted: bool) -> Option<(usize, Sent)> {
        let recent = self.sent.len().saturating_sub(30);
        let mut mine = self.sent.iter().enumerate().skip(recent).filter(|(_, sent)| deleted || !sent.deleted);
        let count = mine.clone().count().max(1);
        mine.nth(pick % count).map(|(at, sent)| (at, sent.clone()))
    }

    async fn repeat(&mut self, step: Step) {
        let Some((_, sent)) = self.one_of_mine(step.pick, false) else { return };
        let (conversation, message) = (sent.conversation, sent.client_id);
        let what = |seq| What::Repeat { conversation, message, seq };
        let began = self.context.history.invoke(self.n, what(None));
        let deadline = Instant::now() + UNKNOWN_AFTER;
        let response = self.request(step.node, deadline, |api| {
            send_by_request(api, conversation, message, sent.body.clone())
        });
        let (outcome, found) = response.await;
        self.context.history.done(outcome.kind(), self.n, began, what(found.map(|message| message.seq)));
    }

    async fn conflict(&mut self, step: Step) {
        let Some((_, sent)) = self.one_of_mine(step.pick, true) else { return };
        let body = format!("{}.other.{}", sent.body, self.now());
        let what = || What::Conflict { body: body.clone() };
        let began = self.context.history.invoke(self.n, what());
        let (deadline, conversation, message) =
            (Instant::now() + UNKNOWN_AFTER, sent.conversation, sent.client_id);
        let response = self
            .request(step.node, deadline, |api| send_by_request(api, conversation, message, body.clone()));
        // The first message is stored, so this one can never be, whatever the answer.
        let (outcome, _) = response.await;
        let kind = if matches!(outcome, Outcome::Done) { Kind::Ok } else { Kind::Fail };
        self.context.history.done(kind, self.n, began, what());
    }

    async fn delete(&mut self, step: Step) {
        let Some((at, sent)) = self.one_of_mine(step.pick, false) else { return };
        let what = || What::Delete { conversation: sent.conversation, message: sent.client_id };
        let began = self.context.history.invoke(self.n, what());
        self.sent.iter_mut().skip(at).take(1).for_each(|sent| sent.deleted = true);
        let (conversation, id) = (sent.conversation, sent.id);
        let asked = self.request(step.node, Instant::now() + UNKNOWN_AFTER, |api| async move {
            Ok((api.delete(conversation, id).await?.is_done(), None::<()>))
        });
        let (outcome, _) = asked.await;
        self.context.history.done(outcome.kind(), self.n, began, what());
    }

    async fn read(&mut self, conversation: ConversationId, older: bool, step: Step) {
        let newest = self.state.rows(conversation).len();
        let before = (older && newest > 1).then(|| i64::try_from(1 + step.pick % newest).unwrap_or(1));
        let what = |shown| What::Read { conversation, before, shown };
        let began = self.context.history.invoke(self.n, what(Vec::new()));
        let Some(api) = self.endpoint(step.node) else { return };
        let asked =
            async move { tokio::time::timeout(REQUEST_TIMEOUT, api.page(conversation, before)).await };
        match self.meanwhile(asked).await {
            Ok(Ok(page)) => {
                let row = |message: Message| Shown {
                    message: message.client_id,
                    seq: message.seq,
                    deleted: message.deleted_at.is_some(),
                };
                let shown = page.messages.into_iter().map(row).collect();
                self.context.history.done(Kind::Ok, self.n, began, what(shown));
            }
            _ => self.context.history.done(Kind::Info, self.n, began, what(Vec::new())),
        }
    }

    async fn load_older(&mut self, conversation: ConversationId) {
        for protocol::reducer::Need::Ask(frame) in self.state.load_older(conversation) {
            self.queue(frame);
        }
        self.until(Instant::now() + REQUEST_TIMEOUT, |client| {
            let reading =
                client.state.rooms.get(&conversation).is_some_and(protocol::reducer::Room::is_reading);
            (!reading).then_some(())
        })
        .await;
    }

    async fn mark_read(&mut self, conversation: ConversationId, step: Step) {
        let rows = self.state.rows(conversation);
        let messages: Vec<_> = rows
            .iter()
            .filter_map(|row| match row {
                protocol::reducer::Row::Message(message) => Some((message.id, message.seq)),
                protocol::reducer::Row::Pending(_) => None,
            })
            .collect();
        if let Some(&(id, seq)) = messages.get(step.pick % messages.len().max(1)) {
            let what = || What::Mark { conversation, seq };
            let began = self.context.history.invoke(self.n, what());
            let asked = self.request(step.node, Instant::now() + UNKNOWN_AFTER, |api| async move {
                Ok((api.mark_read(conversation, id).await?.is_done(), None::<()>))
            });
            let (outcome, _) = asked.await;
            self.context.history.done(outcome.kind(), self.n, began, what());
        }
        let what = |seq| What::Cursor { conversation, seq };
        let began = self.context.history.invoke(self.n, what(None));
        let Some(api) = self.endpoint(step.node + 1) else { return };
        let list = self
            .meanwhile(async move { tokio::time::timeout(REQUEST_TIMEOUT, api.conversations()).await })
            .await;
        let entry =
            list.ok().and_then(Result::ok).unwrap_or_default().into_iter().find(|c| c.id == conversation);
        let seq = entry.map(|entry| entry.read_seq);
        let kind = if seq.is_some() { Kind::Ok } else { Kind::Info };
        self.context.history.done(kind, self.n, began, what(seq));
    }
}

/// Sends a message over HTTP.
async fn send_by_request(
    api: Api,
    conversation: ConversationId,
    id: ClientId,
    body: String,
) -> Result<(bool, Option<Message>), BoxError> {
    match api.send_message(conversation, id, &body).await? {
        SendResponse::Sent(message) => Ok((true, Some(*message))),
        SendResponse::Refused(_) => Ok((false, None)),
    }
}
