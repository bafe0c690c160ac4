//! On the server: read from the domain before the page is rendered.

use super::Loaded;
use super::stretch::{Stretch, pages};
use crate::datetime::ReaderZone;
use crate::routing::{Asked, Place};
use crate::server_fns::Refused;
use crate::server_pages::{Flash, Receipts, Search};
use chat::account::Identity;
use chat::{Basis, Chat, Clock};
use leptos::prelude::use_context;
use protocol::{ApiError, ClientId, ConversationId, ErrorBody, ErrorCode, OpenCursors, SyncRequest};

/// What a plain form sent and was refused: in the context of the page that shows it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedForm {
    /// As typed.
    pub content: String,
    /// The id that it bore, if it may bear it again.
    pub client_id: Option<ClientId>,
}

/// In the context of the page that is rendered.
#[derive(Clone, Debug)]
pub struct Beginning {
    loaded: Result<Loaded, ErrorBody>,
    basis: Option<Basis>,
    /// What `/new` shows.
    pub(crate) search: Option<Search>,
    /// What `/c/{id}/receipts/{seq}` shows.
    pub(crate) receipts: Option<Receipts>,
}

impl Beginning {
    /// Reads what the page at this address is made of. Nobody is refused with `not_authenticated`.
    pub async fn read(chat: &Chat, who: Option<&Identity>, asked: &Asked, zone: ReaderZone) -> Self {
        let Some(who) = who else {
            let loaded = Err(ErrorCode::NotAuthenticated.into());
            return Self { loaded, basis: None, search: None, receipts: None };
        };
        let place = Place::of(&asked.path);
        let open = if let Place::Talk(id) = place { Some(id) } else { None };
        let seq =
            |name: &str| asked.values(name).next().and_then(|seq| seq.parse().ok()).filter(|seq| *seq >= 0);
        let stretch = Stretch { at: seq("at"), before: seq("before") };
        let (loaded, basis) = match load(chat, who, open, stretch, zone).await {
            Ok((loaded, basis)) => (Ok(loaded), basis),
            Err(error) => (Err(error.into_body()), None),
        };
        let search = if place == Place::New { Some(search(chat, who, asked).await) } else { None };
        let receipts =
            if place == Place::Receipts { Some(receipts(chat, who, &asked.path).await) } else { None };
        Self { loaded, basis, search, receipts }
    }

    /// By what one knows that a page of the list, and of a conversation's newest messages, would be the same again; and
    /// the one thing in it that no two pages share, apart from the nonce.
    #[must_use]
    pub fn basis(&self) -> Option<(Basis, ClientId)> {
        let whole = self.search.is_none() && self.receipts.is_none();
        let loaded = self.loaded.as_ref().ok().filter(|loaded| whole && loaded.pages.is_empty())?;
        Some((self.basis.clone()?, loaded.form_id))
    }
}

impl Asked {
    /// All values of this name in the query.
    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = String> + 'a {
        let query = form_urlencoded::parse(self.query.as_bytes());
        query.filter(move |(known, _)| known == name).map(|(_, value)| value.into_owned())
    }
}

/// The person's list with one conversation open, and perhaps an older stretch of it.
async fn load(
    chat: &Chat,
    who: &Identity,
    open: Option<ConversationId>,
    stretch: Stretch,
    zone: ReaderZone,
) -> Result<(Loaded, Option<Basis>), chat::Error> {
    let open_cursors = OpenCursors(open.map(|id| (id, 0)).into_iter().collect());
    let request = SyncRequest { user_rev: 0, list: true, open: open_cursors };
    let (synced, basis) = chat.sync_from(&who.person, &request).await?;
    let there = open.filter(|id| !synced.gone.contains(id));
    let pages = match there {
        Some(id) => pages(chat, &who.person, id, stretch).await?,
        None => Vec::new(),
    };
    let (now, form_id) = (chat::SystemClock.now(), ClientId::mint());
    let loaded = Loaded { synced, pages, now, zone, form_id, failure: None, form_text: String::new() };
    Ok((loaded, basis))
}

async fn search(chat: &Chat, who: &Identity, asked: &Asked) -> Search {
    let words = asked.values("q").next().unwrap_or_default();
    let found = match words.trim() {
        "" => Ok(Vec::new()),
        words => chat.people(&who.person, words).await.map_err(chat::Error::into_body),
    };
    Search { me: who.person.id, gathered: asked.values("participants").collect(), words, found }
}

/// Of the message at this address, looked up as whoever asks sees it.
async fn receipts(chat: &Chat, who: &Identity, path: &str) -> Receipts {
    let mut parts = path.trim_start_matches("/c/").split('/');
    let mut number = || parts.find_map(|part| part.parse::<i64>().ok()).unwrap_or_default();
    let (conversation, seq) = (ConversationId(number()), number());
    let found = async {
        let page = chat.page(&who.person, conversation, Some(seq.checked_add(1)?), 1).await.ok()?;
        let message = page.messages.into_iter().find(|message| message.seq == seq)?;
        let receipts = chat.receipts(&who.person, conversation, message.id).await.ok()?;
        Some((message, receipts))
    };
    Receipts { conversation, found: found.await, now: chat::SystemClock.now() }
}

/// What this page begins with, with what the last form has to say.
fn beginning() -> Option<Result<Loaded, ErrorBody>> {
    let mut loaded = use_context::<Beginning>()?.loaded;
    if let (Ok(loaded), Some(flash)) = (&mut loaded, use_context::<Option<Flash>>().flatten()) {
        loaded.failure = Some(flash.words());
    }
    if let (Ok(loaded), Some(refused)) = (&mut loaded, use_context::<RefusedForm>()) {
        loaded.form_id = refused.client_id.unwrap_or(loaded.form_id);
        loaded.form_text = refused.content;
    }
    Some(loaded)
}

/// Gives the answer the error's status.
pub(super) fn loaded() -> Result<Loaded, Refused> {
    beginning().unwrap_or_else(|| Err(ErrorCode::NotAuthenticated.into())).map_err(crate::server_fns::refuse)
}

/// For the page to bring along: safe within a `<script>`.
pub(crate) fn carried() -> Option<String> {
    let json = match beginning()? {
        Ok(loaded) => serde_json::to_string(&loaded),
        Err(error) => serde_json::to_string(&ApiError { error }),
    };
    Some(json.unwrap_or_default().replace('<', "\\u003c"))
}
