//! JSON as a tree. Reads what RFC 8259 allows and nothing else; never panics, whatever the text.

/// Nested deeper than this is refused: reading recurses.
const DEEPEST: u32 = 127;

/// A value. [`Json::Missing`] is what stands in an object under a name that it does not have.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Json {
    /// No value at all.
    #[default]
    Missing,
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without fraction and exponent that fits.
    Int(i64),
    /// Any other number, to within a rounding.
    Float(f64),
    /// Text.
    Text(String),
    /// `[…]`.
    List(Vec<Json>),
    /// `{…}`, in its order.
    Map(Vec<(String, Json)>),
}

impl Json {
    /// The whole text as one value; `None` if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser { text, at: 0 };
        let value = parser.value(DEEPEST)?;
        parser.blank();
        (parser.at == text.len()).then_some(value)
    }
}

struct Parser<'a> {
    text: &'a str,
    /// Always between two characters.
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> u8 {
        // No text holds a zero outside of what is refused anyway.
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn blank(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    /// Steps over white space and this character, if it stands here.
    fn eat(&mut self, byte: u8) -> bool {
        self.blank();
        let is = self.peek() == byte;
        self.at += usize::from(is);
        is
    }

    fn word(&mut self, word: &str, value: Json) -> Option<Json> {
        let is = self.text.get(self.at..)?.starts_with(word);
        self.at += word.len();
        is.then_some(value)
    }

    fn value(&mut self, depth: u32) -> Option<Json> {
        self.blank();
        let inside = || depth.checked_sub(1);
        match self.peek() {
            b'n' => self.word("null", Json::Null),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'"' => self.string().map(Json::Text),
            b'[' => {
                let depth = inside()?;
                self.at += 1;
                let mut items = Vec::new();
                if self.eat(b']') {
                    return Some(Json::List(items));
                }
                loop {
                    items.push(self.value(depth)?);
                    if self.eat(b']') {
                        return Some(Json::List(items));
                    }
                    self.eat(b',').then_some(())?;
                }
            }
            b'{' => {
                let depth = inside()?;
                self.at += 1;
                let mut fields = Vec::new();
                if self.eat(b'}') {
                    return Some(Json::Map(fields));
                }
                loop {
                    self.blank();
                    let name = self.string()?;
                    self.eat(b':').then_some(())?;
                    fields.push((name, self.value(depth)?));
                    if self.eat(b'}') {
                        return Some(Json::Map(fields));
                    }
                    self.eat(b',').then_some(())?;
                }
            }
            _ => self.number(),
        }
    }

    fn string(&mut self) -> Option<String> {
        if self.peek() != b'"' {
            return None;
        }
        self.at += 1;
        let mut text = String::new();
        loop {
            let from = self.at;
            while !matches!(self.peek(), b'"' | b'\\' | 0..=0x1f) {
                self.at += 1;
            }
            text.push_str(self.text.get(from..self.at)?);
            let end = self.peek();
            self.at += 1;
            match end {
                b'"' => return Some(text),
                b'\\' => text.push(self.escaped()?),
                _ => return None,
            }
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let letter = self.peek();
        self.at += 1;
        Some(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.hex()?;
                if unit & 0xfc00 != 0xd800 {
                    return char::from_u32(unit);
                }
                // The first half of a pair.
                self.word("\\u", Json::Null)?;
                let second = self.hex()?;
                if second & 0xfc00 != 0xdc00 {
                    return None;
                }
                return char::from_u32(0x1_0000 + ((unit & 0x3ff) << 10) + (second & 0x3ff));
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = unit << 4 | char::from(self.peek()).to_digit(16)?;
            self.at += 1;
        }
        Some(unit)
    }

    fn number(&mut self) -> Option<Json> {
        let from = self.at;
        let negative = self.peek() == b'-';
        self.at += usize::from(negative);
        let leading = self.peek();
        let (mut float, mut shift) = (0.0, 0);
        let whole = self.digits(&mut float);
        if whole == 0 || (whole > 1 && leading == b'0') {
            return None;
        }
        // Minus nothing is a float.
        let is_float = matches!(self.peek(), b'.' | b'e' | b'E') || (negative && leading == b'0');
        if !is_float && let Ok(int) = self.text.get(from..self.at)?.parse() {
            return Some(Json::Int(int));
        }
        if self.peek() == b'.' {
            self.at += 1;
            shift = -self.digits(&mut float);
            if shift == 0 {
                return None;
            }
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            let minus = self.peek() == b'-';
            self.at += usize::from(minus || self.peek() == b'+');
            let mut exponent = 0.0;
            if self.digits(&mut exponent) == 0 {
                return None;
            }
            // The cast saturates; past these bounds there is only nothing and infinity.
            let exponent = (exponent as i32).min(100_000);
            shift = shift.saturating_add(if minus { -exponent } else { exponent });
        }
        // In two steps, so that a long row of digits with a small exponent does not end in infinity by way of zero.
        if float == 0.0 {
            shift = 0;
        }
        let float = float * 10f64.powi(shift / 2) * 10f64.powi(shift - shift / 2);
        float.is_finite().then_some(Json::Float(if negative { -float } else { float }))
    }

    /// Appends the digits that stand here to a number, and says how many there were. Short numbers come out exact.
    fn digits(&mut self, float: &mut f64) -> i32 {
        let from = self.at;
        while self.peek().is_ascii_digit() {
            *float = *float * 10.0 + f64::from(self.peek() - b'0');
            self.at += 1;
        }
        i32::try_from(self.at - from).unwrap_or(i32::MAX)
    }
}
