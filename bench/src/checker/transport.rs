//! The transport of a client: a socket, or long polls. Both carry the same frames.

use crate::BoxError;
use crate::api::{Api, Socket};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use protocol::{ClientFrame, PollAnswer, PollRequest, ServerFrame, SyncRequest};
use std::collections::VecDeque;
use std::time::Duration;

/// The timeout of connecting and of sending.
const OPEN_TIMEOUT: Duration = Duration::from_secs(3);

/// A connection to one node.
pub(super) enum Transport {
    Socket(Box<Socket>),
    Polls(Box<Polls>),
}

/// Long polls: the held request, and the requests that submit frames.
pub(super) struct Polls {
    api: Api,
    request: PollRequest,
    held: Option<BoxFuture<'static, Result<PollAnswer, BoxError>>>,
    submissions: FuturesUnordered<BoxFuture<'static, Result<Vec<ServerFrame>, BoxError>>>,
    received: VecDeque<ServerFrame>,
}

impl Transport {
    /// Connects and asks for what is missing: by the first poll, or by a `sync` over the socket.
    pub(super) async fn open(api: &Api, socket: bool, sync: SyncRequest) -> Result<Self, BoxError> {
        let opening = async {
            if socket {
                let mut socket = api.connect().await?;
                socket.send(&ClientFrame::Sync(sync)).await?;
                return Ok(Self::Socket(Box::new(socket)));
            }
            let request = PollRequest { mailbox: None, batch: 0, wait: true, sync };
            let answer = api.poll(&request).await?;
            let mut polls = Polls {
                api: api.clone(),
                request,
                held: None,
                submissions: FuturesUnordered::new(),
                received: VecDeque::new(),
            };
            polls.take_answer(answer);
            Ok(Self::Polls(Box::new(polls)))
        };
        tokio::time::timeout(OPEN_TIMEOUT, opening).await?
    }

    /// Sends a frame.
    pub(super) async fn send(&mut self, frame: &ClientFrame) -> Result<(), BoxError> {
        match self {
            Self::Socket(socket) => tokio::time::timeout(OPEN_TIMEOUT, socket.send(frame)).await?,
            Self::Polls(polls) => {
                let (api, frame) = (polls.api.clone(), frame.clone());
                polls.submissions.push(Box::pin(async move { api.submit(&[frame]).await }));
                Ok(())
            }
        }
    }

    /// The next frame. `sync`: the state of the client, for a poll that starts a new mailbox. Cancel safe.
    pub(super) async fn receive(&mut self, sync: &SyncRequest) -> Result<ServerFrame, BoxError> {
        match self {
            Self::Socket(socket) => socket.next().await,
            Self::Polls(polls) => polls.receive(sync).await,
        }
    }
}

impl Polls {
    async fn receive(&mut self, sync: &SyncRequest) -> Result<ServerFrame, BoxError> {
        loop {
            if let Some(frame) = self.received.pop_front() {
                return Ok(frame);
            }
            let held = self.held.get_or_insert_with(|| {
                self.request.sync = sync.clone();
                let (api, request) = (self.api.clone(), self.request.clone());
                Box::pin(async move { api.poll(&request).await })
            });
            tokio::select! {
                answer = held => {
                    self.held = None;
                    self.take_answer(answer?);
                }
                Some(answers) = self.submissions.next() => self.received.extend(answers?),
            }
        }
    }

    fn take_answer(&mut self, answer: PollAnswer) {
        self.request.mailbox = Some(answer.mailbox);
        self.request.batch = answer.batch;
        self.received.extend(answer.frames);
    }
}
