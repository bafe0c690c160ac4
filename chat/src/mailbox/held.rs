//! One poll of a mailbox that is there.

use super::Mailbox;
use crate::Chat;
use crate::connection::subscription::Subscription;
use crate::metric;
use bytes::Bytes;
use protocol::{CloseCode, ServerFrame};

/// What one poll at a time may touch.
pub(super) struct Inside {
    pub(super) subscription: Subscription,
    /// The number of the last batch that was given out.
    pub(super) batch: u64,
}

/// Frames in one answer.
const TOGETHER: usize = 256;

impl Mailbox {
    /// The next batch; `None` when `batch` is not the one that was given out last.
    pub(super) async fn next(
        &self,
        chat: &Chat,
        batch: u64,
        wait: bool,
    ) -> Result<Option<(u64, Vec<ServerFrame>)>, CloseCode> {
        let mut mine = 0;
        self.turn.send_modify(|turn| {
            *turn += 1;
            mine = *turn;
        });
        let mut turn = self.turn.subscribe();
        let mut inside = self.inside.lock().await;
        if *turn.borrow() != mine {
            return Ok(Some((batch, Vec::new())));
        }
        if inside.batch != batch || self.subscriber.has_overflowed() {
            return Ok(None);
        }
        let over = async {
            tokio::select! {
                _ = turn.wait_for(|turn| *turn != mine) => {}
                () = tokio::time::sleep(chat.pace().hold) => {}
                () = chat.stop().cancelled() => {}
            }
        };
        tokio::pin!(over);
        let mut frames: Vec<Bytes> = Vec::new();
        while frames.is_empty() {
            let first = match inside.subscription.try_recv() {
                Some(push) => push,
                None if !wait => break,
                None => tokio::select! {
                    biased;
                    () = self.subscriber.overflow() => return Ok(None),
                    () = &mut over => break,
                    push = inside.subscription.recv() => push,
                },
            };
            // Counted before anything is taken: if this poll is cut off in between, its client's number does not fit any
            // more, and it begins anew instead of missing something.
            inside.batch = batch + 1;
            let mut next = Some(first);
            while let Some(push) = next {
                inside.subscription.process(&push, &mut frames).await?;
                next = if frames.len() < TOGETHER { inside.subscription.try_recv() } else { None };
            }
        }
        if self.subscriber.has_overflowed() {
            return Ok(None);
        }
        metric::DELIVERIES.increment(frames.len() as u64);
        Ok(Some((inside.batch, readable(&frames))))
    }
}

/// The encoded frames, decoded for the answer. A node of a newer version may publish frames that this one cannot read
/// and so cannot write: they are left out, as its clients could not read them either.
fn readable(frames: &[Bytes]) -> Vec<ServerFrame> {
    let decoded = frames.iter().filter_map(|frame| serde_json::from_slice::<ServerFrame>(frame).ok());
    decoded.filter_map(|frame| frame.readable().ok()).collect()
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
