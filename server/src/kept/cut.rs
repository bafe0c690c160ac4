//! A page without what no two pages share, and the same page again with that put in.

use leptos::nonce::Nonce;
use protocol::ClientId;

/// The text between the holes, and where those are.
pub(super) struct Cut {
    text: String,
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
        Self { text, holes }
    }

    /// The whole page with these.
    pub(super) fn with(&self, nonce: &Nonce, form_id: ClientId) -> String {
        let (nonce, form_id) = (nonce.to_string(), form_id.to_string());
        let most = self.holes.len() * nonce.len().max(form_id.len());
        let (mut html, mut from) = (String::with_capacity(self.text.len() + most), 0);
        for (at, hole) in &self.holes {
            html.push_str(self.text.get(from..*at).unwrap_or_default());
            html.push_str(if matches!(hole, Hole::Nonce) { &nonce } else { &form_id });
            from = *at;
        }
        html.push_str(self.text.get(from..).unwrap_or_default());
        html
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
        let (nonce, id) = (Nonce::new(), ClientId::mint());
        let cut = Cut::out_of(&page(&nonce, id), &nonce, id);
        assert_eq!(cut.with(&nonce, id), page(&nonce, id));
        let (nonce, id) = (Nonce::new(), ClientId::mint());
        assert_eq!(cut.with(&nonce, id), page(&nonce, id));
        assert_eq!(Cut::out_of("nothing in it", &nonce, id).with(&nonce, id), "nothing in it");
    }
}
