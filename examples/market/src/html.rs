//! Escaping of text for HTML.

/// Escapes text for the content of elements and for attributes in double quotes.
pub(crate) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn x2_text_opens_no_tag_and_ends_no_attribute() {
        let text = r#"<script>alert("1")</script> & 'x' "onload=""#;
        let escaped = escape(text);
        assert!(!escaped.contains(['<', '>', '"', '\'']), "{escaped}");
        assert!(escaped.starts_with("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;"));
        assert_eq!(escape("Malmö 90 €"), "Malmö 90 €");
        assert_eq!(escape("&amp;"), "&amp;amp;");
    }
}
