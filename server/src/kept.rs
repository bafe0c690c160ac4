//! Pages as they were made last, for whoever asks for the same again while nothing has happened: who reloads, or comes
//! back to a tab that the phone had put away. A page is right as long as a sync would give what it was made from.

use crate::reader::Reader;
use chat::account::Identity;
use chat::{Basis, Chat};
use leptos::nonce::Nonce;
use protocol::{ClientId, Person, UserId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Ages are told to the minute ("5 min"), and a live page looks at the clock as often.
const LIFE: Duration = Duration::from_secs(60);
/// All pages together, in bytes: some 600 of a busy room.
const ROOM: usize = 48 * 1024 * 1024;

/// The pages that are kept.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    pages: HashMap<(UserId, String), Arc<Page>>,
    bytes: usize,
}

/// A page without what no two pages share.
pub(crate) struct Page {
    basis: Basis,
    person: Person,
    is_admin: bool,
    reader: Reader,
    css: String,
    made: Instant,
    text: String,
    /// Where something has to be put in.
    holes: Vec<(usize, Hole)>,
}

#[derive(Clone, Copy)]
enum Hole {
    Nonce,
    FormId,
}

impl Page {
    /// Of a page that was made as `html` with this nonce and this id.
    pub(crate) fn new(
        html: &str,
        (nonce, form_id): (&Nonce, ClientId),
        basis: Basis,
        who: &Identity,
        (reader, css): (Reader, &str),
    ) -> Self {
        let (nonce, form_id) = (nonce.to_string(), form_id.to_string());
        // Both are random: nothing that anybody wrote holds them.
        let mut found: Vec<_> = html.match_indices(&nonce).map(|(at, _)| (at, Hole::Nonce)).collect();
        found.extend(html.match_indices(&form_id).map(|(at, _)| (at, Hole::FormId)));
        found.sort_by_key(|(at, _)| *at);
        let (mut text, mut holes, mut from) = (String::with_capacity(html.len()), Vec::new(), 0);
        for (at, hole) in found {
            text.push_str(html.get(from..at).unwrap_or_default());
            holes.push((text.len(), hole));
            from = at + if matches!(hole, Hole::Nonce) { nonce.len() } else { form_id.len() };
        }
        text.push_str(html.get(from..).unwrap_or_default());
        let (person, is_admin, css) = (who.person.clone(), who.is_admin, css.to_owned());
        Self { basis, person, is_admin, reader, css, made: Instant::now(), text, holes }
    }

    /// The whole page again, with these.
    pub(crate) fn with(&self, nonce: &Nonce, form_id: ClientId) -> String {
        let (nonce, form_id) = (nonce.to_string(), form_id.to_string());
        let holes = self.holes.len() * nonce.len().max(form_id.len());
        let (mut html, mut from) = (String::with_capacity(self.text.len() + holes), 0);
        for (at, hole) in &self.holes {
            html.push_str(self.text.get(from..*at).unwrap_or_default());
            html.push_str(if matches!(hole, Hole::Nonce) { &nonce } else { &form_id });
            from = *at;
        }
        html.push_str(self.text.get(from..).unwrap_or_default());
        html
    }

    fn is_new(&self) -> bool {
        self.made.elapsed() < LIFE
    }
}

impl Kept {
    /// The page at this path as it would be made for them now, if that is known.
    pub(crate) fn find(
        &self,
        chat: &Chat,
        who: &Identity,
        path: &str,
        (reader, css): (&Reader, &str),
    ) -> Option<Arc<Page>> {
        let page = self.shelf().pages.get(&(who.person.id, path.to_owned()))?.clone();
        let same = page.person == who.person
            && page.is_admin == who.is_admin
            && page.reader == *reader
            && page.css == css;
        (same && page.is_new() && chat.stands(&page.basis)).then_some(page)
    }

    /// Keeps it, in place of the one before.
    pub(crate) fn keep(&self, path: &str, page: Page) {
        let mut shelf = self.shelf();
        let (key, more) = ((page.person.id, path.to_owned()), page.text.len());
        shelf.remove(&key);
        while shelf.bytes + more > ROOM {
            let oldest = shelf.pages.iter().min_by_key(|(_, page)| page.made).map(|(key, _)| key.clone());
            match oldest {
                Some(oldest) => shelf.remove(&oldest),
                None => return,
            }
        }
        shelf.bytes += more;
        shelf.pages.insert(key, Arc::new(page));
    }

    /// Forgets what is too old.
    pub(crate) fn sweep(&self) {
        let mut shelf = self.shelf();
        shelf.pages.retain(|_, page| page.is_new());
        shelf.bytes = shelf.pages.values().map(|page| page.text.len()).sum();
        shelf.pages.shrink_to_fit();
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn remove(&mut self, key: &(UserId, String)) {
        if let Some(page) = self.pages.remove(key) {
            self.bytes -= page.text.len();
        }
    }
}
