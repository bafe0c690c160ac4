//! From a type to text: what a browser sends. Byte for byte what serde writes.

use crate::{ClientFrame, ClientId, ConversationId, MessageId, OpenCursors, PollRequest, SyncRequest};

/// JSON in the making.
#[derive(Debug, Default)]
pub struct Out(String);

/// What is written as JSON in the browser.
pub trait Write {
    /// Appends it.
    fn write(&self, out: &mut Out);
}

/// As text.
#[must_use]
pub fn write<T: Write + ?Sized>(value: &T) -> String {
    let mut out = Out::default();
    value.write(&mut out);
    out.into_text()
}

impl Out {
    /// All of it.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }

    /// `{…}`, with what `inside` puts in.
    pub fn map(&mut self, inside: impl FnOnce(&mut Self)) {
        self.0.push('{');
        inside(self);
        self.0.push('}');
    }

    /// One field.
    pub fn field(&mut self, name: &str, value: &dyn Write) {
        self.next();
        self.text(name);
        self.0.push(':');
        value.write(self);
    }

    /// One field, unless there is nothing to say.
    fn given<T: Write>(&mut self, name: &str, value: &Option<T>) {
        if let Some(value) = value {
            self.field(name, value);
        }
    }

    /// A comma, unless this is the first. (Within text this cannot be asked: a text ends in its quote.)
    fn next(&mut self) {
        if !self.0.ends_with(['{', '[']) {
            self.0.push(',');
        }
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.0.push('"');
        for letter in text.chars() {
            let escaped = match letter {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\u{8}' => "\\b",
                '\u{c}' => "\\f",
                '\0'..='\x1f' => {
                    let hex = |digit| char::from(b"0123456789abcdef"[digit & 15]);
                    self.0.push_str("\\u00");
                    self.0.push(hex(letter as usize >> 4));
                    self.0.push(hex(letter as usize));
                    continue;
                }
                _ => {
                    self.0.push(letter);
                    continue;
                }
            };
            self.0.push_str(escaped);
        }
        self.0.push('"');
    }
}

impl Write for str {
    fn write(&self, out: &mut Out) {
        out.text(self);
    }
}

impl Write for String {
    fn write(&self, out: &mut Out) {
        out.text(self);
    }
}

impl Write for i64 {
    fn write(&self, out: &mut Out) {
        out.0.push_str(&self.to_string());
    }
}

impl Write for bool {
    fn write(&self, out: &mut Out) {
        out.0.push_str(if *self { "true" } else { "false" });
    }
}

impl Write for uuid::Uuid {
    fn write(&self, out: &mut Out) {
        out.text(self.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()));
    }
}

impl Write for ClientId {
    fn write(&self, out: &mut Out) {
        self.0.write(out);
    }
}

impl Write for ConversationId {
    fn write(&self, out: &mut Out) {
        self.0.write(out);
    }
}

impl Write for MessageId {
    fn write(&self, out: &mut Out) {
        self.0.write(out);
    }
}

impl<T: Write> Write for Option<T> {
    fn write(&self, out: &mut Out) {
        match self {
            Some(value) => value.write(out),
            None => out.0.push_str("null"),
        }
    }
}

impl<T: Write> Write for Vec<T> {
    fn write(&self, out: &mut Out) {
        out.0.push('[');
        for item in self {
            out.next();
            item.write(out);
        }
        out.0.push(']');
    }
}

impl Write for OpenCursors {
    fn write(&self, out: &mut Out) {
        out.map(|out| {
            for (id, cursor) in &self.0 {
                out.field(&id.to_string(), cursor);
            }
        });
    }
}

impl SyncRequest {
    fn fields(&self, out: &mut Out) {
        out.field("user_rev", &self.user_rev);
        out.field("list", &self.list);
        out.field("open", &self.open);
    }
}

impl Write for SyncRequest {
    fn write(&self, out: &mut Out) {
        out.map(|out| self.fields(out));
    }
}

impl Write for PollRequest {
    fn write(&self, out: &mut Out) {
        out.map(|out| {
            out.field("mailbox", &self.mailbox);
            out.field("batch", &i64::try_from(self.batch).unwrap_or(i64::MAX));
            out.field("wait", &self.wait);
            out.field("sync", &self.sync);
        });
    }
}

impl Write for ClientFrame {
    fn write(&self, out: &mut Out) {
        out.map(|out| {
            let mut begin = |kind: &str| out.field("type", &kind.to_owned());
            match self {
                Self::ChatMessage { conversation_id, content, client_id, reply_to } => {
                    begin("chat_message");
                    out.given("conversation_id", conversation_id);
                    out.field("content", content);
                    out.given("client_id", client_id);
                    out.given("reply_to", reply_to);
                }
                Self::Typing { conversation_id, is_typing } => {
                    begin("typing");
                    out.given("conversation_id", conversation_id);
                    out.field("is_typing", is_typing);
                }
                Self::MarkRead { conversation_id, message_id } => {
                    begin("mark_read");
                    out.given("conversation_id", conversation_id);
                    out.given("message_id", message_id);
                }
                Self::MarkDelivered { conversation_id, message_id } => {
                    begin("mark_delivered");
                    out.given("conversation_id", conversation_id);
                    out.given("message_id", message_id);
                }
                Self::DeleteMessage { conversation_id, message_id, audience } => {
                    begin("delete_message");
                    out.given("conversation_id", conversation_id);
                    out.given("message_id", message_id);
                    out.field("for", audience);
                }
                Self::Sync(request) => {
                    begin("sync");
                    request.fields(out);
                }
                Self::Changes { conversation_id, after } => {
                    begin("changes");
                    out.given("conversation_id", conversation_id);
                    out.field("after", after);
                }
                Self::Page { conversation_id, before, after } => {
                    begin("page");
                    out.given("conversation_id", conversation_id);
                    out.given("before", before);
                    out.given("after", after);
                }
                Self::RestoreMessage { conversation_id, message_id } => {
                    begin("restore_message");
                    out.given("conversation_id", conversation_id);
                    out.given("message_id", message_id);
                }
                Self::UserStatus { status } => {
                    begin("user_status");
                    out.field("status", status);
                }
                Self::Ping => begin("ping"),
                Self::Pong => begin("pong"),
            }
        });
    }
}
