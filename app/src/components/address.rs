//! Addresses of pages.

use protocol::ConversationId;

/// Link to a message, which works without scripts as well.
pub(crate) fn permalink(id: ConversationId, seq: i64) -> String {
    format!("/c/{id}?at={seq}#m{seq}")
}

/// Address of the page of a message's receipts.
pub(crate) fn receipts_href(id: ConversationId, seq: i64) -> String {
    format!("/c/{id}/receipts/{seq}")
}

/// Percent-encodes a text for a query. A slash stays.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// Adds the address to go to afterwards as the parameter `next`; `/` is the default and left out.
pub(crate) fn with_next(path: &str, next: &str) -> String {
    if next.is_empty() || next == "/" { path.to_owned() } else { format!("{path}?next={}", escape(next)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_an_address_is_escaped() {
        assert_eq!(escape("a b&c=d/é\r\n"), "a%20b%26c%3Dd/%C3%A9%0D%0A");
        assert_eq!(with_next("/sign-in", "/c/7"), "/sign-in?next=/c/7");
        assert_eq!(with_next("/sign-in", "/"), "/sign-in");
    }
}
