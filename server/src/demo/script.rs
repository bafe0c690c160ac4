//! The answers of companions: a static list of keywords and replies. Nothing is learned, and nothing leaves the machine.

use super::cast::Part;
use protocol::Person;

/// A subject: its keywords and replies.
struct Subject(&'static [&'static str], &'static str);

const HELP: &str = "Ask me about: ticks · typing · a lost connection · JavaScript · groups · the API · installing · where the data is. Or open a \
    second window and sign in as somebody else.";

/// The first match is used, so specific subjects come first.
const SUBJECTS: [Subject; 24] = [
    Subject(
        &[
            "who are you",
            "are you real",
            "are you a bot",
            "are you human",
            "robot",
            "a program",
            "chatgpt",
            "ai ",
        ],
        "I am a small program that plays {me} in this demonstration: I read, type and answer like anybody else here, by the same \
         frames that a browser sends. For a real conversation, open a second window and sign in as somebody else.",
    ),
    Subject(
        &["typing", "is writing"],
        "You see that I am typing because my side says so while I do, and takes it back when I stop. It is never stored.",
    ),
    Subject(
        &["tick", "receipt", "delivered", "read mark", "checkmark", "✓"],
        "A clock: on its way. One tick: it is on the server's disk. Two: it has reached a device. Two in colour: it was read.",
    ),
    Subject(
        &["no internet", "no network", "lost", "lose", "reconnect", "connection", "crash", "kill"],
        "Try it: switch your network off, write something, switch it on again. What you wrote is kept, sent once, and in order. A \
         message counts as sent only when it is on the server's disk.",
    ),
    Subject(
        &["javascript", "without script", "noscript"],
        "Switch JavaScript off and reload: signing in, reading, paging back and sending all work by plain forms.",
    ),
    Subject(
        &["websocket", "web socket", "long poll", "polling", "proxy", "nginx", "firewall"],
        "There is a WebSocket, and where something blocks it, Rapport goes on by long poll without your noticing. `rapport check` walks \
         through a proxy and says which line to change.",
    ),
    Subject(
        &["api", "token", "integrat", "webhook", "my program", "curl"],
        "Programs use an HTTP API with tokens, and a socket of small JSON frames: docs/api.md has all of it, /api/openapi.json too.",
    ),
    Subject(
        &[
            "install",
            "self-host",
            "selfhost",
            "deploy",
            "docker",
            "set up",
            "setup",
            "get started",
            "how do i start",
        ],
        "It is one file: ./start builds and runs it with its data in ./data, and the first account is the administrator. This \
         demonstration keeps nothing of itself.",
    ),
    Subject(
        &["backup", "where is my data", "database", "sqlite", "stored", "storage", "saved"],
        "Everything is in one SQLite file in the data folder. That of this demonstration is a temporary one, gone when it stops.",
    ),
    Subject(
        &["price", "cost", "free", "licen", "open source"],
        "It is free software under the MIT licence, and runs on your own machine.",
    ),
    Subject(
        &["arabic", "hebrew", "right to left", "rtl", "language", "script", "hindi", "japanese", "translate"],
        "Any script goes, also several in one line: שלום, مرحبا, नमस्ते, こんにちは. Each message finds its own direction.",
    ),
    Subject(
        &["group", "invite", "several people", "channel"],
        "Press + above the list, find people, and add two or more of them: that is a group. I am in some of ours.",
    ),
    Subject(
        &["find", "search", "somebody else", "new conversation"],
        "Press + above the list and type a name. Zoë and Marek answer, too.",
    ),
    Subject(
        &["delete", "undo", "take back", "mistake"],
        "Hover over a message (or press long) and open its menu: delete it for yourself, or for everyone.",
    ),
    Subject(
        &["history", "scroll", "old message"],
        "Open “Atlas House” and scroll up: several thousand messages of half a year, loaded as you go.",
    ),
    Subject(
        &["phone", "mobile", "tablet", "app store"],
        "The page is made for a phone as well: one pane at a time, and the same conversations. Make this window narrow and see.",
    ),
    Subject(
        &["encrypt", "privacy", "secure", "security", "gdpr"],
        "Everything stays on the server that you run; nothing is fetched from or told to anybody else. On the way it is protected by \
         TLS, as your proxy provides it.",
    ),
    Subject(
        &["fast", "quick", "speed", "performance", "how many"],
        "One small program serves many thousands of sockets; a message costs one write to the disk, shared with others that come at \
         the same time.",
    ),
    Subject(
        &["what is rapport", "about rapport", "rapport"],
        "Rapport is the chat that every product otherwise writes for itself: one program with typing, receipts, presence and unread \
         counts. Ask me about ticks, the network, JavaScript, the API, groups or installing it.",
    ),
    Subject(&["what can you", "help", "what now", "what should i", "ayuda", "hilfe", "مساعدة"], HELP),
    Subject(
        &["how are you", "how do you do", "how's it", "wie geht", "كيف حالك", "元気", "कैसे"],
        "Very well, thank you! The kettle is on and nothing is wet that should be dry. And you?",
    ),
    Subject(
        &["thank", "thx", "danke", "merci", "gracias", "tack", "شكر", "תודה", "ありがとう", "धन्यवाद"],
        "With pleasure 🙂",
    ),
    Subject(
        &["bye", "good night", "see you", "tschüss", "ciao", "مع السلامة", "さようなら", "להתראות"],
        "See you! I will be here, more or less.",
    ),
    Subject(
        &["sea monster", "map", "museum", "exhibition", "stars"],
        "“Sea of Stars” opens in three weeks. The sea monsters are in room 2, and they are friendlier than they look 🐙",
    ),
];

const GREETINGS: [&str; 20] = [
    "hello",
    "hallo",
    "hi",
    "hey",
    "hej",
    "good morning",
    "good evening",
    "good afternoon",
    "salut",
    "bonjour",
    "hola",
    "ciao",
    "ahoj",
    "مرحبا",
    "السلام",
    "صباح",
    "שלום",
    "こんにちは",
    "नमस्ते",
    "你好",
];

/// Replies if no subject matches.
const OTHERWISE: [&str; 5] = [
    "I see. I am only a small script, but I listen: ask me about ticks, groups or a lost connection, or write “help”.",
    "Noted, next to the stapler. Write “help” and I tell you what I know.",
    "That is more than I understand. But you saw it arrive, and you saw me read it: that part is real.",
    "Tell me more, or open a second window and sign in as somebody else: then somebody cleverer than me may answer.",
    "Good to hear from you. Shall I tell you what the ticks mean?",
];

/// The reply of `me`; `nth` counts the answers, so that they vary.
pub(super) fn answer(me: &Part, to: &Person, said: &str, nth: usize) -> String {
    let said = said.trim();
    // Blanks around, so that " ai " is a word of its own.
    let words: String =
        said.to_lowercase().chars().map(|c| if c == '?' || c == '!' || c == ',' { ' ' } else { c }).collect();
    let words = format!(" {words} ");
    let name = if to.first_name.is_empty() { &to.username } else { &to.first_name };
    if !said.chars().any(char::is_alphanumeric) {
        return if said.contains('?') { HELP.to_owned() } else { mirrored(said) };
    }
    if said.chars().count() > 1_000 {
        return "That is a long one! I have read it from the first word to the last, which is more than most would 📜".into();
    }
    let subject = SUBJECTS.iter().find(|Subject(keys, _)| keys.iter().any(|key| mentions(&words, key)));
    let greeting = GREETINGS.iter().any(|greeting| begins(&words, greeting));
    match (subject, greeting) {
        (Some(Subject(_, text)), true) => format!("{} {name}! {}", me.hello, text.replace("{me}", me.called)),
        (Some(Subject(_, text)), false) => text.replace("{me}", me.called),
        (None, true) => {
            format!("{} {name}! What would you like to know? (“help” tells what I can.)", me.hello)
        }
        (None, false) if said.ends_with('?') => format!(
            "Good question, {name}. I do not know, but I know about ticks, groups, the API and lost connections. {}",
            OTHERWISE[3]
        ),
        (None, false) => OTHERWISE[nth % OTHERWISE.len()].to_owned(),
    }
}

/// Matches the beginnings of words, in scripts that separate words.
fn mentions(words: &str, key: &str) -> bool {
    if key.is_ascii() { words.contains(&format!(" {key}")) } else { words.contains(key) }
}

/// Whether the text begins with the greeting, as a whole word in scripts that separate words.
fn begins(words: &str, greeting: &str) -> bool {
    let Some(rest) = words.trim_start().strip_prefix(greeting) else { return false };
    !greeting.is_ascii() || !rest.starts_with(|next: char| next.is_alphanumeric())
}

/// The reply to a text without letters or digits: its beginning, twice.
fn mirrored(said: &str) -> String {
    let first: String = said.chars().take(8).collect();
    format!("{first} {first}")
}

#[cfg(test)]
mod tests {
    use super::super::cast::CAST;
    use super::*;

    fn said(text: &str) -> String {
        let to = Person {
            id: protocol::UserId(1),
            username: "ada".into(),
            first_name: "Ada".into(),
            last_name: String::new(),
            hue: None,
            suspended: false,
            bot: false,
            name_key: None,
            picture: None,
        };
        answer(&CAST[7], &to, text, 0)
    }

    #[test]
    fn replies_match_the_subject() {
        for (text, word) in [
            ("Hello Robin!", "Hello Ada"),
            ("hi", "Ada"),
            ("help", "Ask me about"),
            ("???", "Ask me about"),
            ("What do the ticks mean?", "on the server's disk"),
            ("Are you a bot?", "plays Robin"),
            ("what happens when I lose the connection", "kept, sent once"),
            ("Does it work without JavaScript?", "plain forms"),
            ("How do I install it?", "./start"),
            ("Thanks a lot", "pleasure"),
            ("🎉", "🎉"),
            ("مرحبا", "Ada"),
            ("Why is the sky blue?", "Good question"),
            ("hidden things", "small script"),
        ] {
            let answer = said(text);
            assert!(answer.contains(word), "{text}: {answer}");
        }
        assert!(said(&"word ".repeat(500)).contains("long one"));
    }

    #[test]
    fn every_answer_can_be_sent() {
        for Subject(keys, text) in &SUBJECTS {
            assert!(protocol::normalise(text).is_ok(), "{keys:?}");
            assert!(keys.iter().all(|key| key.to_lowercase() == **key), "compared in lower case: {keys:?}");
        }
        assert!(protocol::normalise(&said(&"🎉".repeat(5_000))).is_ok());
    }
}
