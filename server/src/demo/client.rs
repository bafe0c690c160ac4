//! A client in this process: a connection of the domain over two channels in place of a socket.

use chat::account::Identity;
use chat::connection::{self, Incoming, Outgoing, ReadFault, Scope};
use chat::{ChatService, contain};
use futures::channel::mpsc;
use futures::{SinkExt as _, StreamExt as _};
use protocol::{ClientFrame, Person, ServerFrame};
use tokio_util::sync::CancellationToken;

/// The log target, which filters in `RAPPORT_LOG` name; it does not follow the module's path.
const LOG_TARGET: &str = "server::demo::line";

/// Capacity of the channel to the companion, in frames.
const ROOM: usize = 64;

/// The client end of a connection, which is closed on drop.
pub(super) struct DemoClient {
    to: mpsc::UnboundedSender<Result<Incoming, ReadFault>>,
    from: mpsc::Receiver<Outgoing>,
}

impl DemoClient {
    /// Connects as this person.
    pub(super) fn open(chat: &ChatService, person: &Person, stop: &CancellationToken) -> Self {
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
        let connection =
            connection::run(chat.clone(), who.into(), Scope::All, incoming, outgoing, None, stop.clone());
        tokio::spawn(contain("connection of a simulated user", connection));
        Self { to, from }
    }

    /// Sends a frame. It is lost if the connection is closed, which the next [`Self::next`] reports.
    pub(super) fn say(&self, frame: &ClientFrame) {
        match serde_json::to_string(frame) {
            Ok(text) => {
                let _ = self.to.unbounded_send(Ok(Incoming::Text(text)));
            }
            Err(error) => tracing::error!(target: LOG_TARGET, %error, "a frame cannot be encoded"),
        }
    }

    /// The next frame; `None` once the connection is closed.
    pub(super) async fn next(&mut self) -> Option<ServerFrame> {
        loop {
            match self.from.next().await? {
                Outgoing::Text(text) => match serde_json::from_slice(&text) {
                    Ok(ServerFrame::Unreadable(frame)) => {
                        tracing::warn!(target: LOG_TARGET, error = %frame, "a frame cannot be decoded");
                    }
                    Ok(frame) => return Some(frame),
                    Err(error) => {
                        tracing::warn!(target: LOG_TARGET, %error, "a frame cannot be decoded")
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
