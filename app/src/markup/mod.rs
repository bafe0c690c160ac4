//! Pages as text: what a page shows is written as the markup that it is, the same on the server, which sends it, and in
//! the browser, where each [`part`] of it follows the state. A template costs a visitor its own letters, where a view of
//! elements costs code for each kind of element, of attribute, and of both together, three times over: to make it, to
//! change it, and to take over what the server made.

mod bring;
mod part;
mod row;

pub(crate) use bring::bring_rows;
pub(crate) use part::part;
pub(crate) use row::{Row, places};

use leptos::prelude::IntoRender;
use leptos::tachys::html::InertElement;

/// `markup!("<p class='~'>~</p>", class, words)`: each `~` is a gap. Text is escaped, markup is not. Attributes stand in
/// quotes.
macro_rules! markup {
    ($template:expr $(, $piece:expr)* $(,)?) => {
        $crate::markup::fill($template, &[$(&$piece as &dyn $crate::markup::Piece),*])
    };
}
pub(crate) use markup;

/// Markup that is whole: what is not markup is escaped in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Markup(String);

impl Markup {
    /// Markup that was made elsewhere.
    pub(crate) fn made(text: String) -> Self {
        Self(text)
    }

    /// As text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// One element among the views of a page that the server alone makes.
impl IntoRender for Markup {
    type Output = InertElement;

    fn into_render(self) -> InertElement {
        InertElement::new(self.0)
    }
}

/// What goes into the gap of a template.
pub(crate) trait Piece {
    /// Puts it behind what is there.
    fn put(&self, text: &mut String);

    /// About how many bytes that are: room is made for all of a template at once.
    fn room(&self) -> usize;
}

impl Piece for str {
    fn put(&self, text: &mut String) {
        let mut from = 0;
        for (at, byte) in self.bytes().enumerate() {
            let escaped = match byte {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                b'\'' => "&#39;",
                _ => continue,
            };
            text.push_str(&self[from..at]);
            text.push_str(escaped);
            from = at + 1;
        }
        text.push_str(&self[from..]);
    }

    fn room(&self) -> usize {
        self.len()
    }
}

impl Piece for &str {
    fn put(&self, text: &mut String) {
        (**self).put(text);
    }

    fn room(&self) -> usize {
        self.len()
    }
}

impl Piece for String {
    fn put(&self, text: &mut String) {
        self.as_str().put(text);
    }

    fn room(&self) -> usize {
        self.len()
    }
}

impl Piece for i64 {
    fn put(&self, text: &mut String) {
        text.push_str(&self.to_string());
    }

    fn room(&self) -> usize {
        8
    }
}

impl Piece for usize {
    fn put(&self, text: &mut String) {
        text.push_str(&self.to_string());
    }

    fn room(&self) -> usize {
        8
    }
}

impl Piece for Markup {
    fn put(&self, text: &mut String) {
        text.push_str(&self.0);
    }

    fn room(&self) -> usize {
        self.0.len()
    }
}

impl Piece for Option<Markup> {
    fn put(&self, text: &mut String) {
        self.iter().for_each(|markup| markup.put(text));
    }

    fn room(&self) -> usize {
        self.as_ref().map_or(0, Piece::room)
    }
}

impl Piece for Vec<Markup> {
    fn put(&self, text: &mut String) {
        self.iter().for_each(|markup| markup.put(text));
    }

    fn room(&self) -> usize {
        self.iter().map(Piece::room).sum()
    }
}

/// A template with its gaps filled in.
#[inline(never)]
pub(crate) fn fill(template: &str, pieces: &[&dyn Piece]) -> Markup {
    let room = pieces.iter().map(|piece| piece.room()).sum::<usize>();
    let mut text = String::with_capacity(template.len() + room);
    let mut parts = template.split('~');
    text.push_str(parts.next().unwrap_or_default());
    let mut pieces = pieces.iter();
    for part in parts {
        let piece = pieces.next();
        debug_assert!(piece.is_some(), "a gap too many: {template}");
        if let Some(piece) = piece {
            piece.put(&mut text);
        }
        text.push_str(part);
    }
    debug_assert!(pieces.next().is_none(), "a gap too few: {template}");
    Markup(text)
}

#[cfg(test)]
mod tests {
    #[test]
    fn b3_what_people_wrote_stays_text() {
        let nasty = "<b onclick='x()'>\"&~";
        let escaped = "&lt;b onclick=&#39;x()&#39;&gt;&quot;&amp;~";
        let inner = markup!("<i title='~'>~</i>", nasty, String::from(nasty));
        assert_eq!(inner.as_str(), format!("<i title='{escaped}'>{escaped}</i>"));
        let outer = markup!("<p>~~~</p>", Some(inner.clone()), None::<super::Markup>, vec![inner.clone()]);
        assert_eq!(outer.as_str(), format!("<p>{0}{0}</p>", inner.as_str()));
    }
}
