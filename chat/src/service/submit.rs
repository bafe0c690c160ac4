//! Frames of clients without a socket.

use super::ChatService;
use crate::Result;
use crate::account::Identity;
use protocol::{ClientFrame, ErrorBody, ErrorCode, ServerFrame, limits};

impl ChatService {
    /// Handles the frames of a client without a socket, in their order, and returns the frames that answer them. The answers
    /// have at most [`limits::MAX_ANSWER`] bytes: a request whose answer does not fit is refused as `rate_limited` with
    /// `retry_after` 0, and is to be made again.
    ///
    /// # Errors
    /// [`ErrorCode::TooLarge`] for more than [`limits::MAX_FRAMES`] at once: none of them is handled.
    pub async fn submit(&self, who: &Identity, frames: Vec<ClientFrame>) -> Result<Vec<ServerFrame>> {
        if frames.len() > limits::MAX_FRAMES {
            let why = format!("At most {} frames in one request", limits::MAX_FRAMES);
            return Err(ErrorBody::because(ErrorCode::TooLarge, why).into());
        }
        let mut replies = Vec::new();
        let mut bytes = 0;
        for frame in frames {
            let reads = matches!(
                frame,
                ClientFrame::Sync(_)
                    | ClientFrame::List { .. }
                    | ClientFrame::Notifications { .. }
                    | ClientFrame::Changes { .. }
                    | ClientFrame::Page { .. }
                    | ClientFrame::ListInvitationLinks { .. }
            );
            if reads && bytes >= limits::MAX_ANSWER {
                replies.push(ServerFrame::Error(ErrorBody::rate_limited(0.0)));
                continue;
            }
            let answers = self.handle(0, who, None, frame).await;
            // Only the answer of a read can be large, and only it can be dropped: it changed nothing. So no other is measured.
            if !reads {
                replies.extend(answers);
                continue;
            }
            for reply in answers {
                let size = reply.encode().len();
                if bytes + size > limits::MAX_ANSWER {
                    bytes = limits::MAX_ANSWER;
                    replies.push(ServerFrame::Error(ErrorBody::rate_limited(0.0)));
                } else {
                    bytes += size;
                    replies.push(reply);
                }
            }
        }
        Ok(replies)
    }
}
