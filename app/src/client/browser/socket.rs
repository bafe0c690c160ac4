//! One WebSocket.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{CloseEvent, MessageEvent, WebSocket};

/// What it tells.
pub(super) enum Heard {
    /// A text frame.
    Text(String),
    /// It is closed, or never opened; with the server's code where there is one.
    Closed(Option<u16>),
}

/// Closes and falls silent when dropped.
pub(super) struct Socket {
    socket: WebSocket,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _close: Closure<dyn FnMut(CloseEvent)>,
}

impl Socket {
    /// Opens `/ws/` of this page's server. `None` when the browser refuses at once.
    pub(super) fn open(hear: impl Fn(Heard) + Clone + 'static) -> Option<Self> {
        let location = leptos::prelude::window().location();
        let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
        let socket = WebSocket::new(&format!("{scheme}://{}/ws/", location.host().ok()?)).ok()?;
        let on_message = {
            let hear = hear.clone();
            Closure::new(move |event: MessageEvent| {
                if let Some(text) = event.data().as_string() {
                    hear(Heard::Text(text));
                }
            })
        };
        let on_close = Closure::new(move |event: CloseEvent| {
            // 1005 and 1006 are the browser's own words for "no code".
            let code = Some(event.code()).filter(|code| !matches!(code, 1005 | 1006));
            hear(Heard::Closed(code));
        });
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Some(Self { socket, _message: on_message, _close: on_close })
    }

    /// False when it cannot take the text.
    pub(super) fn send(&self, text: &str) -> bool {
        self.socket.ready_state() == WebSocket::OPEN && self.socket.send_with_str(text).is_ok()
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}
