//! A client in this process: a session of the domain as a browser has one, with two queues in place of a socket.

use chat::Chat;
use chat::account::Identity;
use chat::session::{self, Incoming, Outgoing, ReadFault, Scope};
use futures::channel::mpsc;
use futures::{SinkExt as _, StreamExt as _};
use protocol::{ClientFrame, Person, ServerFrame};
use tokio_util::sync::CancellationToken;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::demo::line";

/// Frames that wait for the companion.
const ROOM: usize = 64;

/// Both ends of the connection. Dropped, it is hung up.
pub(super) struct Line {
    to: mpsc::UnboundedSender<Result<Incoming, ReadFault>>,
    from: mpsc::Receiver<Outgoing>,
}

impl Line {
    /// Connects this person.
    pub(super) fn open(chat: &Chat, person: &Person, stop: &CancellationToken) -> Self {
        let (to, incoming) = mpsc::unbounded();
        let (outgoing, from) = mpsc::channel(ROOM);
        let who = Identity {
            person: person.clone(),
            sign_in: "demonstration".into(),
            expires_at: None,
            is_admin: false,
            preferences: protocol::Preferences::default(),
        };
        let outgoing = outgoing.sink_map_err(drop);
        tokio::spawn(session::run(
            chat.clone(),
            who.into(),
            Scope::All,
            incoming,
            outgoing,
            None,
            stop.clone(),
        ));
        Self { to, from }
    }

    /// Says something. Nobody hears it when the line is down, which the next [`Self::next`] tells.
    pub(super) fn say(&self, frame: &ClientFrame) {
        if let Ok(text) = serde_json::to_string(frame) {
            let _ = self.to.unbounded_send(Ok(Incoming::Text(text)));
        }
    }

    /// The next frame; none when the line is down.
    pub(super) async fn next(&mut self) -> Option<ServerFrame> {
        loop {
            match self.from.next().await? {
                Outgoing::Text(text) => match serde_json::from_slice(&text) {
                    Ok(ServerFrame::Unreadable(frame)) => {
                        tracing::warn!(target: LOG_TARGET, error = %frame, "the companion does not understand a frame");
                    }
                    Ok(frame) => return Some(frame),
                    Err(error) => {
                        tracing::warn!(target: LOG_TARGET, %error, "the companion does not understand a frame")
                    }
                },
                Outgoing::Ping => {
                    let _ = self.to.unbounded_send(Ok(Incoming::Alive));
                }
                Outgoing::Close(_) => return None,
            }
        }
    }
}
