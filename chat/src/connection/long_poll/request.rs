//! A request in an existing long-poll session.

use super::session::PollSession;
use crate::ChatService;
use crate::account::Identity;
use crate::metrics;
use bytes::Bytes;
use protocol::{CloseCode, ServerFrame};

/// Maximum number of frames in one answer.
const MAX_BATCH: usize = 256;

impl PollSession {
    /// Waits for the next batch; `None` if `batch` is not the last one that was sent. `who` is the identity of this request,
    /// whose credential may expire before that of the session's next request.
    ///
    /// # Errors
    /// The sign-in has ended, or the credential expired while the request was held.
    pub(super) async fn next(
        &self,
        chat: &ChatService,
        who: &Identity,
        batch: u64,
        wait: bool,
    ) -> Result<Option<(u64, Vec<ServerFrame>)>, CloseCode> {
        let mut mine = 0;
        self.latest.send_modify(|latest| {
            *latest += 1;
            mine = *latest;
        });
        let mut latest = self.latest.subscribe();
        let mut state = self.state.lock().await;
        if *latest.borrow() != mine {
            return Ok(Some((batch, Vec::new())));
        }
        if state.batch != batch || self.subscriber.has_overflowed() {
            return Ok(None);
        }
        let end = async {
            tokio::select! {
                _ = latest.wait_for(|latest| *latest != mine) => {}
                () = tokio::time::sleep(chat.timings().poll_timeout) => {}
                () = chat.stop().cancelled() => {}
            }
        };
        let expiry = expiry(chat, who);
        tokio::pin!(end, expiry);
        let mut frames: Vec<Bytes> = Vec::new();
        while frames.is_empty() {
            let first = match state.subscription.try_recv() {
                Some(push) => push,
                None if !wait => break,
                None => tokio::select! {
                    biased;
                    () = self.subscriber.overflow() => return Ok(None),
                    () = &mut expiry => return Err(CloseCode::NotAuthenticated),
                    () = &mut end => break,
                    push = state.subscription.recv() => push,
                },
            };
            // Incremented before a push is taken: if the request is cancelled in between, the client's batch number does
            // not match any more, and it gets a new session instead of a gap.
            state.batch = batch + 1;
            let mut next = Some(first);
            while let Some(push) = next {
                state.subscription.process(&push, &mut frames).await?;
                next = if frames.len() < MAX_BATCH { state.subscription.try_recv() } else { None };
            }
        }
        if self.subscriber.has_overflowed() {
            return Ok(None);
        }
        metrics::DELIVERIES.increment(frames.len() as u64);
        Ok(Some((state.batch, readable(&frames))))
    }
}

/// Waits until the credential expires, by the clock of the service.
async fn expiry(chat: &ChatService, who: &Identity) {
    while let Some(left) = who.time_left(chat.now()) {
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left).await;
    }
    std::future::pending().await
}

/// Decodes the frames for the answer. Frames of a node of a newer version that cannot be decoded are dropped; the clients
/// of this node could not decode them either.
fn readable(frames: &[Bytes]) -> Vec<ServerFrame> {
    let decode = |frame: &Bytes| {
        let frame = serde_json::from_slice::<ServerFrame>(frame).map_err(|error| error.to_string())?;
        frame.readable().map_err(|unreadable| unreadable.to_string())
    };
    let decoded = frames.iter().filter_map(|frame| {
        decode(frame).inspect_err(|error| tracing::warn!(%error, "a frame is left out of a poll")).ok()
    });
    decoded.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_of_a_newer_node_does_not_spoil_the_batch() {
        let texts = [r#"{"type":"ping"}"#, r#"{"type":"dance"}"#, r#"{"type":"ack"}"#, r#"{"type":"pong"}"#];
        let frames = readable(&texts.map(|text| Bytes::from_static(text.as_bytes())));
        assert_eq!(frames, [ServerFrame::Ping, ServerFrame::Pong]);
        assert!(serde_json::to_string(&frames).is_ok());
    }
}
