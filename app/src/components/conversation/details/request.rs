//! A change of a group that the server decides on. Its refusal stands beside the control.

use crate::client::{Client, use_client};
use crate::components::view_fn::view_fn;
use crate::i18n::reason;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::{ClientFrame, Done, ErrorBody, ServerFrame, UserId};

/// A request of one control.
#[derive(Clone, Copy)]
pub(super) struct GroupRequest {
    client: Client,
    busy: RwSignal<bool>,
    refused: RwSignal<Option<String>>,
    /// People whom the last request invited in place of adding them.
    pub(super) invited: RwSignal<Vec<UserId>>,
}

impl GroupRequest {
    pub(super) fn new() -> Self {
        Self {
            client: use_client(),
            busy: RwSignal::new(false),
            refused: RwSignal::new(None),
            invited: RwSignal::new(Vec::new()),
        }
    }

    /// Sends the frame, unless a request is under way; `done` runs after it was carried out.
    pub(super) fn send(self, frame: ClientFrame, done: impl FnOnce() + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        spawn_local(async move {
            match self.answer(frame).await {
                Ok(answer) => {
                    // Nobody waits for it once the view is gone.
                    let invited = match answer {
                        Some(ServerFrame::Done(Done { invited, .. })) => invited,
                        _ => Vec::new(),
                    };
                    if self.invited.try_set(invited).is_none() {
                        done();
                    }
                }
                Err(error) => self.refuse(&error),
            }
        });
    }

    /// Sends a frame whose effect may take this view away; `left` runs after it was carried out, also then.
    pub(super) fn send_and_leave(self, frame: ClientFrame, left: impl FnOnce() + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        spawn_local(async move {
            match self.answer(frame).await {
                Ok(_) => left(),
                Err(error) => self.refuse(&error),
            }
        });
    }

    async fn answer(self, frame: ClientFrame) -> Result<Option<ServerFrame>, ErrorBody> {
        self.busy.set(true);
        self.refused.set(None);
        let answer = self.client.request(frame).await;
        let _ = self.busy.try_set(false);
        answer
    }

    fn refuse(self, error: &ErrorBody) {
        let _ = self.refused.try_set(Some(reason(error)));
    }
}

/// Reason why the last request was refused.
#[component]
pub(super) fn Refusal(request: GroupRequest) -> impl IntoView {
    let refused = move || {
        let words = request.refused.get()?;
        Some(view! { <p class="notice bad" role="alert">{words}</p> })
    };
    view_fn(refused).into_any()
}
