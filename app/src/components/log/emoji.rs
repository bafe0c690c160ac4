//! Whether a message is one, two or three emoji and nothing else: those are shown larger.

/// Whether a character is part of the emoji before it: a joiner, a variation, a skin tone, a tag, a keycap.
fn is_modifier(c: char) -> bool {
    matches!(c, '\u{200D}' | '\u{FE0F}' | '\u{20E3}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0020}'..='\u{E007F}')
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2194}'..='\u{21AA}' | '\u{231A}'..='\u{23FF}'
        | '\u{25AA}'..='\u{27BF}' | '\u{2934}'..='\u{2935}' | '\u{2B05}'..='\u{2B55}' | '\u{1F000}'..='\u{1FAFF}')
}

/// Whether a text is one to three emoji, as far as can be told without Unicode's tables.
pub(super) fn is_few_emoji(text: &str) -> bool {
    let (mut count, mut flags, mut joined) = (0_usize, 0_usize, false);
    // A family with its colours has ten parts or so.
    if text.len() > 160 {
        return false;
    }
    for c in text.chars() {
        match c {
            '\u{1F1E6}'..='\u{1F1FF}' => flags += 1,
            _ if is_modifier(c) => {}
            _ if is_emoji(c) => count += usize::from(!joined),
            _ => return false,
        }
        joined = c == '\u{200D}';
    }
    // A flag is made of two letters.
    (1..=3).contains(&(count + flags.div_ceil(2)))
}

#[cfg(test)]
mod tests {
    use super::is_few_emoji;

    #[test]
    fn one_to_three_and_nothing_else() {
        for few in ["🙂", "👋🏽", "👨‍👩‍👧‍👦", "🇸🇪", "🇸🇪🇩🇪🇪🇬", "❤️", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🙂🙂🙂", "⏰"]
        {
            assert!(is_few_emoji(few), "{few}");
        }
        for other in ["", "🙂🙂🙂🙂", "a", "🙂 a", "1", "-", "→", "字", "\u{FE0F}", "🙂\n🙂"]
        {
            assert!(!is_few_emoji(other), "{other:?}");
        }
        assert!(!is_few_emoji(&"🙂\u{200D}".repeat(100)));
    }
}
