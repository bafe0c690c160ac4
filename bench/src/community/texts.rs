//! Texts in several scripts: mostly a few words, rarely pages; with emoji, several lines and links.

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

/// Writing system of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    Latin,
    Arabic,
    Hebrew,
    Cjk,
    Devanagari,
}

const LATIN: &[&str] = &[
    "the",
    "and",
    "we",
    "you",
    "it",
    "is",
    "not",
    "when",
    "tomorrow",
    "meeting",
    "can",
    "please",
    "thanks",
    "yes",
    "okay",
    "build",
    "deploy",
    "coffee",
    "train",
    "Straße",
    "vielleicht",
    "morgen",
    "gracias",
    "mañana",
    "déjà",
    "été",
    "kitchen",
    "invoice",
    "review",
    "photo",
    "later",
    "where",
    "who",
    "again",
    "great",
    "sorry",
    "late",
    "soon",
    "lunch",
    "garden",
    "ticket",
    "draft",
    "number",
    "really",
    "question",
    "answer",
    "think",
    "Grüße",
    "naïve",
    "weekend",
];
const ARABIC: &[&str] = &[
    "مرحبا",
    "شكرا",
    "غدا",
    "اجتماع",
    "نعم",
    "لا",
    "متى",
    "أين",
    "من",
    "فضلك",
    "الصورة",
    "القطار",
    "قهوة",
    "جميل",
    "السؤال",
    "مشكلة",
    "العمل",
    "اليوم",
    "صباح",
    "الخير",
    "إن",
    "شاء",
    "الله",
    "لماذا",
    "الآن",
];
const HEBREW: &[&str] = &[
    "שלום",
    "תודה",
    "מחר",
    "פגישה",
    "כן",
    "לא",
    "מתי",
    "איפה",
    "בבקשה",
    "קפה",
    "רכבת",
    "יופי",
    "שאלה",
    "בעיה",
    "עבודה",
    "היום",
    "בוקר",
    "טוב",
    "עכשיו",
    "למה",
];
const CJK: &[&str] = &[
    "你好",
    "谢谢",
    "明天",
    "会议",
    "是的",
    "我们",
    "什么时候",
    "在哪里",
    "请",
    "咖啡",
    "火车",
    "很好",
    "问题",
    "今天",
    "的",
    "了",
    "ありがとう",
    "明日",
    "会議",
    "ですか",
    "写真",
    "お願いします",
    "감사합니다",
    "내일",
    "회의",
    "네",
    "언제",
    "사진",
];
const DEVANAGARI: &[&str] = &[
    "नमस्ते",
    "धन्यवाद",
    "कल",
    "बैठक",
    "हाँ",
    "नहीं",
    "कब",
    "कहाँ",
    "कृपया",
    "कॉफ़ी",
    "ट्रेन",
    "बढ़िया",
    "सवाल",
    "समस्या",
    "काम",
    "आज",
    "सुबह",
    "अच्छा",
    "अभी",
    "क्यों",
];
const EMOJI: &[&str] = &["👍", "😂", "🎉", "❤️", "👩🏽‍💻", "🙏", "☕", "🇩🇪", "🚀", "🤔", "👨‍👩‍👧"];
const LINKS: &[&str] = &[
    "https://example.org/wiki/Heavy-tailed_distribution",
    "https://example.com/tickets/4711?view=full#comment-12",
    "https://例え.jp/写真/2024",
    "https://example.net/a/very/long/path/that/does/not/fit/on/a/narrow/screen/without/being/broken/somewhere.html",
];

impl Script {
    /// Draws a script: half of the people write Latin letters.
    pub(super) fn draw(random: &mut StdRng) -> Self {
        match random.random_range(0..100) {
            0..50 => Self::Latin,
            50..66 => Self::Arabic,
            66..75 => Self::Hebrew,
            75..90 => Self::Cjk,
            _ => Self::Devanagari,
        }
    }

    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Latin => LATIN,
            Self::Arabic => ARABIC,
            Self::Hebrew => HEBREW,
            Self::Cjk => CJK,
            Self::Devanagari => DEVANAGARI,
        }
    }
}

/// Draws the text of a message.
pub(super) fn text(random: &mut StdRng, script: Script) -> String {
    let count = match random.random_range(0..1_000) {
        0..60 => return emoji(random),
        60..500 => random.random_range(1..6),
        500..880 => random.random_range(5..18),
        880..985 => random.random_range(16..60),
        985..999 => random.random_range(60..200),
        _ => random.random_range(300..550),
    };
    let mut text = words(random, script, count);
    match random.random_range(0..100) {
        0..12 => {
            text.push(' ');
            text.push_str(&emoji(random));
        }
        12..18 => {
            text.push(' ');
            text.push_str(LINKS.choose(random).unwrap_or(&""));
        }
        18..26 => {
            for _ in 0..random.random_range(1..5) {
                text.push('\n');
                text.push_str(&words(random, script, 6));
            }
        }
        _ => {}
    }
    text
}

/// Draws the title of a group; the number keeps titles apart.
pub(super) fn title(random: &mut StdRng, script: Script, number: usize) -> String {
    let count = random.random_range(1..4);
    let sign = if random.random_bool(0.2) { emoji(random) + " " } else { String::new() };
    format!("{sign}{} {number}", words(random, script, count))
}

fn words(random: &mut StdRng, script: Script, count: usize) -> String {
    let space = if script == Script::Cjk { "" } else { " " };
    let words: Vec<&str> = (0..count).filter_map(|_| script.words().choose(random).copied()).collect();
    words.join(space)
}

fn emoji(random: &mut StdRng) -> String {
    let count = if random.random_bool(0.7) { 1 } else { random.random_range(2..5) };
    (0..count).filter_map(|_| EMOJI.choose(random).copied()).collect()
}
