//! A page without what no two pages share, and the same page again with that put in.

use super::pieces::Pieces;
use axum::body::Bytes;
use leptos::nonce::Nonce;
use protocol::ClientId;

/// The text between the holes, and where those are.
pub(super) struct Cut {
    text: Bytes,
    holes: Vec<(usize, Hole)>,
}

#[derive(Clone, Copy)]
enum Hole {
    Nonce,
    FormId,
}

impl Cut {
    /// Takes both out, wherever they are. They are random: nothing that anybody wrote holds them.
    pub(super) fn out_of(html: &str, nonce: &Nonce, form_id: ClientId) -> Self {
        let (nonce, form_id) = (nonce.to_string(), form_id.to_string());
        let places = |what, hole| html.match_indices(what).map(move |(at, found)| (at, found.len(), hole));
        let mut found: Vec<_> = places(&*nonce, Hole::Nonce).chain(places(&*form_id, Hole::FormId)).collect();
        found.sort_by_key(|(at, ..)| *at);
        let (mut text, mut holes, mut from) = (String::with_capacity(html.len()), Vec::new(), 0);
        for (at, length, hole) in found {
            text.push_str(html.get(from..at).unwrap_or_default());
            holes.push((text.len(), hole));
            from = at + length;
        }
        text.push_str(html.get(from..).unwrap_or_default());
        Self { text: text.into(), holes }
    }

    /// The whole page with these.
    pub(super) fn with(&self, nonce: &Nonce, form_id: ClientId) -> Pieces {
        let (nonce, form_id) = (nonce.to_string(), form_id.to_string());
        let (mut pieces, mut from) = (Pieces::default(), 0);
        for (at, hole) in &self.holes {
            pieces.add(&self.text.slice(from..*at));
            pieces.put(if matches!(hole, Hole::Nonce) { &nonce } else { &form_id });
            from = *at;
        }
        pieces.add(&self.text.slice(from..));
        pieces.end()
    }

    /// In bytes.
    pub(super) fn size(&self) -> usize {
        self.text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_out_is_put_in_again() {
        let page = |nonce: &Nonce, id: ClientId| {
            format!("<script nonce='{nonce}'>…{id}…</script>ä{id}<p>{nonce}{nonce}</p>{id}")
        };
        let text = |cut: &Cut, nonce: &Nonce, id| String::from_utf8(cut.with(nonce, id).concat()).unwrap();
        let (nonce, id) = (Nonce::new(), ClientId::mint());
        let cut = Cut::out_of(&page(&nonce, id), &nonce, id);
        assert_eq!(text(&cut, &nonce, id), page(&nonce, id));
        let (nonce, id) = (Nonce::new(), ClientId::mint());
        assert_eq!(text(&cut, &nonce, id), page(&nonce, id));
        assert_eq!(text(&Cut::out_of("nothing in it", &nonce, id), &nonce, id), "nothing in it");
    }
}
