//! Pages as they were made last, for whoever asks for the same again while nothing has happened: who reloads, or comes
//! back to a tab that the phone had put away. A page is right as long as a sync would give what it was made from.

mod cut;
mod pieces;
mod shelf;

use crate::reader::Reader;
use chat::account::Identity;
use chat::{Basis, Chat};
use cut::Cut;
use leptos::nonce::Nonce;
use pieces::Pieces;
use protocol::{ClientId, Person, UserId};
use shelf::Shelf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Ages are told to the minute ("5 min"), and a live page looks at the clock as often.
const LIFE: Duration = Duration::from_secs(60);
/// All pages together, in bytes: some 600 of a busy room.
const ROOM: usize = 48 * 1024 * 1024;

/// The pages that are kept, by whose they are and where.
pub(crate) struct Kept(Mutex<Shelf<(UserId, String), Page>>);

/// What a page was made from and for, and the page.
pub(crate) struct Page {
    basis: Basis,
    person: Person,
    is_admin: bool,
    reader: Reader,
    css: String,
    cut: Cut,
}

impl Page {
    /// Of a page that was made as `html`, with this nonce and this id in it.
    pub(crate) fn new(
        html: &str,
        (nonce, form_id): (&Nonce, ClientId),
        basis: Basis,
        who: &Identity,
        (reader, css): (Reader, String),
    ) -> Self {
        let cut = Cut::out_of(html, nonce, form_id);
        Self { basis, person: who.person.clone(), is_admin: who.is_admin, reader, css, cut }
    }

    /// The whole page again, with these.
    pub(crate) fn with(&self, nonce: &Nonce, form_id: ClientId) -> Pieces {
        self.cut.with(nonce, form_id)
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self(Mutex::new(Shelf::new(ROOM)))
    }
}

impl Kept {
    /// The page at this path as it would be made for them now, if that is known. `css`: the style sheet that it would name.
    pub(crate) fn find(
        &self,
        chat: &Chat,
        who: &Identity,
        path: &str,
        (reader, css): (&Reader, &str),
    ) -> Option<Arc<Page>> {
        let page = self.shelf().get(&(who.person.id, path.to_owned()), LIFE)?;
        let same = page.person == who.person
            && page.is_admin == who.is_admin
            && page.reader == *reader
            && page.css == css;
        (same && chat.stands(&page.basis)).then_some(page)
    }

    /// Keeps it, in place of the one before.
    pub(crate) fn keep(&self, path: &str, page: Page) {
        let (key, size) = ((page.person.id, path.to_owned()), page.cut.size());
        self.shelf().put(key, page, size);
    }

    /// Forgets what is too old.
    pub(crate) fn sweep(&self) {
        self.shelf().sweep(LIFE);
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf<(UserId, String), Page>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
