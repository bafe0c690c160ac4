//! Frames that answer what a client sent.

use protocol::{Ack, ClientId, Done, Message, NewMessage, ServerFrame};

/// A frame that answers a request with an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Done,
    Refused,
    /// The server asks to try again; the request may have taken effect.
    Again,
}

impl Answer {
    /// The answer to the request with this id, if the frame is it.
    pub(super) fn of(frame: &ServerFrame, id: ClientId) -> Option<Self> {
        match frame {
            ServerFrame::Done(Done { client_id, .. }) if *client_id == id => Some(Self::Done),
            ServerFrame::Error(error) if error.client_id == Some(id) => {
                let again = matches!(error.code.status(), 408 | 429 | 500..);
                Some(if again { Self::Again } else { Self::Refused })
            }
            _ => None,
        }
    }
}

/// The result of a sent message, if the frame tells it: stored, or refused for good.
pub(super) fn result_of(frame: &ServerFrame, id: ClientId) -> Option<Result<Message, ()>> {
    let of = |messages: &[Message]| messages.iter().find(|message| message.client_id == id).cloned().map(Ok);
    match frame {
        ServerFrame::Ack(Ack { message, .. }) | ServerFrame::NewMessage(NewMessage { message, .. }) => {
            of(std::slice::from_ref(message))
        }
        ServerFrame::Changes(changes) => of(&changes.rows),
        ServerFrame::Synced(answer) => answer.open.iter().find_map(|changes| of(&changes.rows)),
        ServerFrame::Error(error) if error.client_id == Some(id) => {
            let again = matches!(error.code.status(), 429 | 500 | 503);
            (!again).then_some(Err(()))
        }
        _ => None,
    }
}
