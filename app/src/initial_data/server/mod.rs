//! The server's side: reads the data from the domain before the page is rendered.

mod history_pages;
mod receipts;

pub(crate) use receipts::Receipts;

use super::{InitialData, SearchData, SubjectKindData};
use crate::datetime::ReaderZone;
use crate::flash::{Flash, Form};
use crate::routing::{RequestUrl, Route};
use crate::server_fns::RequestError;
use chat::account::Identity;
use chat::{ChatService, Clock};
use history_pages::{HistoryPosition, pages};
use leptos::prelude::use_context;
use protocol::{
    ApiError, ClientId, Conversation, ConversationId, ErrorBody, ErrorCode, ListFilter, ListPart, Member,
    OpenCursors, Person, ServerFrame, SyncAnswer, limits,
};

/// Whether the reader collapsed the list of conversations. In the context of a page, so that the first paint shows it so.
#[derive(Clone, Copy, Debug)]
pub struct Folded(pub bool);

/// The message of a plain form that was refused: in the context of the page that shows it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedForm {
    /// Text as typed.
    pub content: String,
    /// The `client_id` that it was sent with, if it may be sent with it again.
    pub client_id: Option<ClientId>,
}

/// Data of the page that is being rendered, in its context.
#[derive(Clone, Debug)]
pub struct PageData {
    data: Result<InitialData, ErrorBody>,
    /// Data of `/c/{id}/receipts/{seq}`.
    pub(crate) receipts: Option<Receipts>,
}

impl PageData {
    /// Reads the data of the page at this address. Without a person it is the refusal `not_authenticated`.
    pub async fn read(
        chat: &ChatService,
        who: Option<&Identity>,
        url: &RequestUrl,
        zone: ReaderZone,
    ) -> Self {
        let Some(who) = who else {
            return Self { data: Err(ErrorCode::NotAuthenticated.into()), receipts: None };
        };
        let route = Route::of(&url.path);
        let seq = |name: &str| {
            url.values(name).next().and_then(|seq| seq.parse().ok()).filter(|seq: &i64| *seq >= 0)
        };
        let position = HistoryPosition { at: seq("at"), before: seq("before") };
        let number = |name: &str| {
            seq(name).map_or(0, |rows| usize::try_from(rows).unwrap_or(usize::MAX).min(MAX_ROWS))
        };
        let rows = number("list");
        let notifications = match route {
            Route::Notifications => number("shown"),
            _ => 0,
        };
        let filter = url.values("filter").next().and_then(|name| ListFilter::of(&name));
        let is_configured = |kind: &String| chat.subject_kinds().iter().any(|known| known.kind() == kind);
        let subject_kind = url.values("subject_kind").next().filter(is_configured);
        let part = ListPart { filter, subject_kind };
        let data = load(chat, who, route.conversation(), position, (part, rows), notifications, zone).await;
        let mut data = data.map_err(chat::Error::into_body);
        if let (Ok(data), Route::NewConversation) = (&mut data, route) {
            data.search = Some(search(chat, who, url).await);
        }
        if let (Ok(data), Some(id)) = (&mut data, route.conversation().filter(|_| url.query == DETAILS)) {
            data.members = members(chat, who, &data.synced, id).await;
        }
        let receipts = match route {
            Route::Receipts => Some(Receipts::read(chat, who, &url.path).await),
            _ => None,
        };
        Self { data, receipts }
    }
}

/// Query of an address that shows the details of a conversation.
const DETAILS: &str = "details";

/// All members of a conversation of which the list has some only; none if they cannot be read, since the page shows some.
async fn members(chat: &ChatService, who: &Identity, synced: &SyncAnswer, id: ConversationId) -> Vec<Member> {
    let mut list = synced.list.iter().flatten();
    let known = |entry: &Conversation| i64::try_from(entry.members.len()).unwrap_or(i64::MAX);
    if !list.any(|entry| entry.id == id && known(entry) < entry.member_count) {
        return Vec::new();
    }
    chat.conversation(&who.person, id).await.map(|conversation| conversation.members).unwrap_or_default()
}

impl RequestUrl {
    /// All values of this name in the query, decoded.
    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = String> + 'a {
        let query = form_urlencoded::parse(self.query.as_bytes());
        query.filter(move |(known, _)| known == name).map(|(_, value)| value.into_owned())
    }
}

/// Most rows of the list, or of the notifications, that an address may ask for.
const MAX_ROWS: usize = 1_000;

/// The person's list with one conversation open, and older pages of it, more rows of the list (`rows`: so many) or of a part of the
/// conversations, and notifications, where the address asks for them.
async fn load(
    chat: &ChatService,
    who: &Identity,
    open: Option<ConversationId>,
    position: HistoryPosition,
    (part, rows): (ListPart, usize),
    notifications: usize,
    zone: ReaderZone,
) -> Result<InitialData, chat::Error> {
    let open_cursors = OpenCursors(open.map(|id| (id, 0)).into_iter().collect());
    let synced = chat.first_sync(&who.person, open_cursors).await?;
    let there = open.filter(|id| !synced.gone.contains(id));
    let mut pages = match there {
        Some(id) => pages(chat, &who.person, id, position).await?,
        None => Vec::new(),
    };
    let (mut next, mut listed) = (synced.next, synced.list.as_ref().map_or(0, Vec::len));
    let is_list = part.is_list();
    let ListPart { filter, subject_kind } = part;
    if !is_list {
        let page = chat.list_page(&who.person, filter, subject_kind.clone(), None).await?;
        (next, listed) = (page.next, page.conversations.len());
        pages.push(ServerFrame::List(page));
    }
    while let Some(after) = next.filter(|_| listed < rows) {
        let page = chat.list_page(&who.person, filter, subject_kind.clone(), Some(after)).await?;
        (next, listed) = (page.next, listed + page.conversations.len());
        pages.push(ServerFrame::List(page));
    }
    let (now, form_id) = (chat::SystemClock.now(), ClientId::mint());
    let (failure, done) = (None, None);
    let (search, collapsed) = (None, false);
    pages.extend(older_notifications(chat, &who.person, &synced, notifications).await?);
    let members = Vec::new();
    Ok(InitialData {
        synced,
        pages,
        filter,
        subject_kind,
        subject_kinds: chat.subject_kinds().iter().map(kind_data).collect(),
        members,
        search,
        now,
        zone,
        form_id,
        collapsed,
        failure,
        done,
        typed: Vec::new(),
    })
}

fn kind_data(kind: &chat::SubjectKind) -> SubjectKindData {
    let (name, closed_by) = (kind.name().to_owned(), kind.closed_by().to_vec());
    SubjectKindData { kind: kind.kind().to_owned(), name, closed_by }
}

/// The pages of notifications behind those of the answer, until there are so many.
async fn older_notifications(
    chat: &ChatService,
    who: &Person,
    synced: &SyncAnswer,
    wanted: usize,
) -> Result<Vec<ServerFrame>, chat::Error> {
    let Some(first) = &synced.notifications else { return Ok(Vec::new()) };
    let (mut next, mut shown, mut pages) = (first.next, first.notifications.len(), Vec::new());
    while let Some(cursor) = next.filter(|_| shown < wanted) {
        let page = chat.notifications(who, Some(cursor), limits::MAX_NOTIFICATIONS).await?;
        (next, shown) = (page.next, shown + page.notifications.len());
        pages.push(ServerFrame::Notifications(page));
    }
    Ok(pages)
}

async fn search(chat: &ChatService, who: &Identity, url: &RequestUrl) -> SearchData {
    let words = url.values("q").next().unwrap_or_default();
    let found = match words.trim() {
        "" => Ok(Vec::new()),
        words => chat.people(&who.person, words).await,
    };
    let (mut found, error) = match found {
        Ok(found) => (found, None),
        Err(error) => (Vec::new(), Some(error.into_body())),
    };
    found.retain(|person| person.id != who.person.id);
    let (participants, form_id) = (url.values("participants").collect(), Some(ClientId::mint()));
    SearchData { words, participants, found, error, form_id, title: String::new() }
}

/// The data of this page, with the outcome of the form that led here.
fn with_form_outcome() -> Option<Result<InitialData, ErrorBody>> {
    let mut data = use_context::<PageData>()?.data;
    if let Ok(data) = &mut data {
        data.collapsed = use_context::<Folded>().is_some_and(|folded| folded.0);
    }
    if let (Ok(data), Some(flash)) = (&mut data, use_context::<Option<Flash>>().flatten()) {
        match flash.refused {
            Some(_) => data.failure = Some(flash.words()),
            None => data.done = Some(flash.words()),
        }
        if let Some(search) = &mut data.search {
            // A repeat of the form must not create a second conversation.
            search.form_id = flash.text("client_id").and_then(|id| id.parse().ok()).or(search.form_id);
            search.title = flash.text("title").unwrap_or_default();
        }
        if flash.refused.is_some() && matches!(flash.form, Form::Group | Form::Closing | Form::Invitation) {
            data.typed = flash.typed.into_iter().flat_map(|(field, text)| [field, text]).collect();
        }
    }
    if let (Ok(data), Some(refused)) = (&mut data, use_context::<RefusedForm>()) {
        data.form_id = refused.client_id.unwrap_or(data.form_id);
        data.typed = vec!["content".to_owned(), refused.content];
    }
    Some(data)
}

/// Sets the status of an error on the answer.
pub(super) fn initial_data() -> Result<InitialData, RequestError> {
    with_form_outcome()
        .unwrap_or_else(|| Err(ErrorCode::NotAuthenticated.into()))
        .map_err(crate::server_fns::caller::refuse)
}

/// JSON for the page to carry: safe within a `<script>`.
pub(crate) fn to_json() -> Option<String> {
    let json = match with_form_outcome()? {
        Ok(data) => serde_json::to_string(&data),
        Err(error) => serde_json::to_string(&ApiError { error }),
    };
    Some(json.unwrap_or_default().replace('<', "\\u003c"))
}
