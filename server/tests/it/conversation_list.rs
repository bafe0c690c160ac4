//! Appearance of a direct conversation in the list of the other person.

use crate::support::{Browser, PASSWORD, Server, opened};
use protocol::{
    ClientFrame, Conversation, ConversationId, PollAnswer, PollRequest, ServerFrame, SyncAnswer, SyncRequest,
};
use serde_json::{Value, json};

async fn list(person: &crate::support::Person) -> Vec<Conversation> {
    let list: Value = person.get("/api/conversations").await.json().await.unwrap();
    serde_json::from_value(list["conversations"].clone()).unwrap()
}

async fn html(browser: &mut Browser, path: &str) -> String {
    browser.get(path).await.text().await.unwrap()
}

#[tokio::test]
async fn c1_a_direct_conversation_appears_at_the_other_side_with_its_first_message() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let mut page = Browser::new(&server);
    page.submit("/sign-in", &[("username", "ben"), ("password", PASSWORD)]).await;
    let mut socket = ben.connect().await;
    socket.so_far().await;
    let poll = async |before: Option<&PollAnswer>, wait: bool| {
        let (mailbox, batch) = before.map_or((None, 0), |answer| (Some(answer.mailbox), answer.batch));
        let sync = SyncRequest { list: true, ..SyncRequest::default() };
        let answer = ben.post("/api/poll", &json!(PollRequest { mailbox, batch, wait, sync })).await;
        assert_eq!(answer.status(), 200);
        answer.json::<PollAnswer>().await.unwrap()
    };
    let polled = poll(None, false).await;

    let talk = opened(&[&anna, &ben], None).await;
    assert_eq!(list(&anna).await.len(), 1);
    assert_eq!(list(&ben).await, []);
    let sync = async || {
        let body = json!({"list": true, "open": {talk.to_string(): 0}});
        ben.post("/api/sync", &body).await.json::<SyncAnswer>().await.unwrap()
    };
    let synced = sync().await;
    assert_eq!((synced.list, synced.gone), (Some(vec![]), vec![talk]));
    assert_eq!((synced.open.len(), synced.presence.len(), synced.typing.len()), (0, 0, 0));
    let link = format!("/c/{talk}");
    assert!(!html(&mut page, "/").await.contains(&link));
    assert_eq!(page.get(&link).await.status(), 404);
    let polled = poll(Some(&polled), false).await;
    assert_eq!((&polled.frames, socket.so_far().await), (&vec![], vec![]));

    anna.says(talk, "Hello, Ben").await;
    socket.hears("Hello, Ben").await;
    let polled = poll(Some(&polled), true).await;
    let shown = |frame: &ServerFrame| match frame {
        ServerFrame::ConversationUpdated(updated) => updated.conversation.id == talk,
        _ => false,
    };
    assert!(polled.frames.iter().any(shown), "{polled:?}");
    let listed = list(&ben).await;
    assert_eq!((listed.len(), listed[0].id, listed[0].unread), (1, talk, 1));
    assert_eq!(sync().await.open.len(), 1);
    // A page that was kept from before is not shown again.
    assert!(html(&mut page, "/").await.contains(&link));
    assert!(html(&mut page, &link).await.contains("Hello, Ben"));
}

#[tokio::test]
async fn c1_a_person_who_opens_it_has_it_in_the_list_at_once() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = opened(&[&anna, &ben], None).await;
    let mut socket = ben.connect().await;
    let answer = ben.post("/api/conversations", &json!({"participants": ["anna"]})).await;
    assert_eq!(answer.status(), 200);
    let found: Conversation = answer.json().await.unwrap();
    assert_eq!((found.id, found.member_count), (talk, 2));
    let told = socket.until(|frame| matches!(frame, ServerFrame::ConversationUpdated(_))).await;
    assert!(matches!(told, ServerFrame::ConversationUpdated(updated) if updated.conversation.id == talk));
    let ids: Vec<ConversationId> = list(&ben).await.iter().map(|one| one.id).collect();
    assert_eq!(ids, [talk]);

    // The same by the form, for whom nobody has written to yet.
    let carla = server.register("carla").await;
    let talk = opened(&[&carla, &ben], None).await;
    let mut page = Browser::new(&server);
    page.submit("/sign-in", &[("username", "ben"), ("password", PASSWORD)]).await;
    assert!(!html(&mut page, "/").await.contains(&format!("/c/{talk}")));
    let answer = page.submit("/conversations", &[("participants", "carla")]).await;
    assert_eq!(answer.headers()["location"].to_str().unwrap(), format!("/c/{talk}"));
    assert_eq!(page.get(&format!("/c/{talk}")).await.status(), 200);
    assert!(html(&mut page, "/").await.contains(&format!("/c/{talk}")));
}

#[tokio::test]
async fn v23_the_list_comes_in_pages_of_one_size_whatever_its_length() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let group = async |n: usize| {
        let body = json!({"participants": ["ben"], "title": format!("Group {n:04}")});
        let answer = anna.post("/api/conversations", &body).await;
        assert_eq!(answer.status(), 201);
        answer.json::<Conversation>().await.unwrap().id
    };
    let page = async |query: String| {
        let answer = anna.get(&format!("/api/conversations?{query}")).await;
        assert_eq!(answer.status(), 200);
        let text = answer.text().await.unwrap();
        let page: Value = serde_json::from_str(&text).unwrap();
        let list: Vec<Conversation> = serde_json::from_value(page["conversations"].clone()).unwrap();
        let ids: Vec<ConversationId> = list.iter().map(|one| one.id).collect();
        (text.len(), ids, page["next"].as_str().map(str::to_owned))
    };
    let mut talks = Vec::new();
    for n in 0..50 {
        talks.push(group(n).await);
    }
    let (few, ids, next) = page(String::new()).await;
    assert_eq!((ids.len(), next), (50, None));
    let html = async || anna.get("/").await.text().await.unwrap().len();
    let few_html = html().await;
    for n in 50..2_000 {
        talks.push(group(n).await);
    }
    let (many, first, next) = page(String::new()).await;
    assert_eq!(first, talks[1_950..].iter().rev().copied().collect::<Vec<_>>());
    assert!(many * 10 <= few * 12, "{many} bytes, with 50 conversations {few}");
    let many_html = html().await;
    assert!(many_html * 10 <= few_html * 12, "{many_html} bytes of HTML, with 50 conversations {few_html}");

    // One of the first page moves, and some that are on later pages; another one is new.
    for at in [1_999, 1_900, 700, 3] {
        ben.says(talks[at], "hello").await;
    }
    group(2_000).await;
    let (mut all, mut next) = (first, next);
    while let Some(cursor) = next {
        let (_, ids, then) = page(format!("limit=170&cursor={cursor}")).await;
        assert!(!ids.is_empty() && ids.len() <= 170);
        all.extend(ids);
        next = then;
    }
    assert_eq!(
        all,
        talks.iter().rev().copied().collect::<Vec<_>>(),
        "each once, in the order of the first page"
    );
    let (_, now, _) = page("limit=5".into()).await;
    assert_eq!(now[1..], [talks[3], talks[700], talks[1_900], talks[1_999]]);

    // The same for a client: the answer of a sync is one page, and others follow.
    let synced = anna.post("/api/sync", &json!({"list": true, "open": {talks[9].to_string(): 0}})).await;
    let synced: SyncAnswer = synced.json().await.unwrap();
    let list = synced.list.unwrap();
    assert_eq!((list.len(), list[50].id, synced.open.len()), (51, talks[9], 1));
    let (mut all, mut next) = (list[..50].iter().map(|one| one.id).collect::<Vec<_>>(), synced.next);
    let mut socket = anna.connect().await;
    while let Some(after) = next {
        socket.send(&ClientFrame::List { after: Some(after), filter: None, subject_kind: None }).await;
        let ServerFrame::List(page) = socket.until(|frame| matches!(frame, ServerFrame::List(_))).await
        else {
            unreachable!()
        };
        assert!(page.conversations.len() <= 50);
        all.extend(page.conversations.iter().map(|one| one.id));
        next = page.next;
    }
    all.sort_unstable();
    assert_eq!((all.len(), all.windows(2).all(|two| two[0] < two[1])), (2_001, true), "each once");

    assert_eq!(page("limit=200".into()).await.1.len(), 200);
    for limit in ["0", "-1", "201", "100000"] {
        assert_eq!(anna.get(&format!("/api/conversations?limit={limit}")).await.status(), 422, "{limit}");
    }
    for cursor in ["x", "1.2", "1.2.3.4", "1.2.x", "-", "99999999999999999999.1.1"] {
        assert_eq!(anna.get(&format!("/api/conversations?cursor={cursor}")).await.status(), 400, "{cursor}");
    }
    server.stops().await;
}

#[tokio::test]
async fn v23_the_page_holds_the_first_rows_and_a_link_to_more() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let mut page = Browser::new(&server);
    page.submit("/sign-in", &[("username", "anna"), ("password", PASSWORD)]).await;
    let mut talks = Vec::new();
    let mut few = 0;
    for n in 0..120 {
        talks.push(opened(&[&anna, &ben], Some(&format!("Group {n:04}"))).await);
        if n == 49 {
            few = html(&mut page, "/").await.len();
        }
    }
    let link = |id: ConversationId| format!("href=\"/c/{id}\"");
    let rows = |page: &str| talks.iter().filter(|id| page.contains(&link(**id))).count();
    let first = html(&mut page, "/").await;
    assert_eq!(rows(&first), 50);
    assert!(first.len() * 10 <= few * 12, "{} bytes, with 50 conversations {few}", first.len());
    assert!(first.contains("?list=100"));
    let second = html(&mut page, "/?list=100").await;
    assert_eq!(rows(&second), 100);
    assert!(second.contains("?list=150"));
    let last = html(&mut page, "/?list=150").await;
    assert_eq!((rows(&last), last.contains("?list=")), (120, false));
    // The open one is in the list, wherever it is.
    let open = html(&mut page, &format!("/c/{}", talks[0])).await;
    assert_eq!((rows(&open), open.contains(&link(talks[0]))), (51, true));
    server.stops().await;
}
