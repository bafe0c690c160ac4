//! Notifications over the HTTP API, sockets, long polls, server functions and plain forms.

use crate::support::{Browser, PASSWORD, Person, Server, room};
use protocol::{
    ClientFrame, ErrorCode, NotificationKind, NotificationPage, NotificationsRead, PollAnswer, PollRequest,
    ServerFrame, SyncRequest, Timestamp,
};
use serde_json::{Value, json};

async fn list(person: &Person, query: &str) -> Value {
    let answer = person.get(&format!("/api/notifications{query}")).await;
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

/// Kind, preview, and whether it is read.
fn parts(page: &Value) -> Vec<(&str, &str, bool)> {
    let text = |item: &'_ Value, field: &str| item[field].as_str().unwrap().to_owned().leak() as &str;
    let items = page["notifications"].as_array().unwrap().iter();
    items.map(|item| (text(item, "kind"), text(item, "preview"), item["read"].as_bool().unwrap())).collect()
}

#[tokio::test]
async fn n1_a_mention_and_a_direct_message_notify_on_all_devices_and_are_read_on_all() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let direct = room(&[&anna, &ben], None).await;
    let group = room(&[&anna, &ben], Some("Bikes")).await;
    let (mut one, mut other) = (ben.connect().await, ben.connect().await);
    one.so_far().await;
    other.so_far().await;
    let poll = async |before: Option<&PollAnswer>, wait: bool| {
        let (mailbox, batch) = before.map_or((None, 0), |answer| (Some(answer.mailbox), answer.batch));
        let sync = SyncRequest { list: true, ..SyncRequest::default() };
        let answer = ben.post("/api/poll", &json!(PollRequest { mailbox, batch, wait, sync })).await;
        answer.json::<PollAnswer>().await.unwrap()
    };
    let polled = poll(None, false).await;

    anna.says(group, "See this, @Ben!").await;
    anna.says(direct, "Hello, Ben").await;
    let is_mention = |frame: &ServerFrame| match frame {
        ServerFrame::Notification(added) => {
            added.notification.kind == NotificationKind::Mention
                && added.notification.title.as_deref() == Some("Bikes")
        }
        _ => false,
    };
    one.until(is_mention).await;
    other.until(is_mention).await;
    let polled = poll(Some(&polled), true).await;
    assert!(polled.frames.iter().any(is_mention), "{polled:?}");

    let page = list(&ben, "").await;
    assert_eq!(parts(&page), [("direct", "Hello, Ben", false), ("mention", "See this, @Ben!", false)]);
    assert_eq!((&page["unread"], page.get("next")), (&json!(2), None));
    let newest = &page["notifications"][0];
    assert_eq!((&newest["conversation_id"], &newest["seq"]), (&json!(direct), &json!(1)));
    assert_eq!((&newest["actor"]["username"], newest.get("title")), (&json!("anna"), None));
    assert_eq!(parts(&list(&anna, "").await), []);

    // Read with its message.
    let read = ben.post(&format!("/api/conversations/{direct}/read"), &json!({})).await;
    assert_eq!(read.status(), 204);
    assert_eq!(parts(&list(&ben, "").await), [("mention", "See this, @Ben!", false)]);

    // Marked as read on one device, in the time of the newest one.
    let up_to: Timestamp = serde_json::from_value(page["notifications"][0]["created_at"].clone()).unwrap();
    one.send(&ClientFrame::ReadNotifications { up_to: Some(up_to) }).await;
    let is_read = |frame: &ServerFrame| matches!(frame, ServerFrame::NotificationsRead(NotificationsRead { up_to: at, .. }) if *at == up_to);
    one.until(is_read).await;
    other.until(is_read).await;
    let page = list(&ben, "").await;
    assert_eq!((parts(&page), &page["unread"]), (vec![("mention", "See this, @Ben!", true)], &json!(0)));
    // The conversation itself stays unread.
    let talk: Value = ben.get(&format!("/api/conversations/{group}")).await.json().await.unwrap();
    assert_eq!(talk["unread"], 1);
}

#[tokio::test]
async fn n1_pages_by_key_over_http_and_over_a_socket_are_the_same() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let group = room(&[&anna, &ben], Some("Bikes")).await;
    for n in 0..15 {
        anna.says(group, &format!("@ben {n}")).await;
    }
    let first = list(&ben, "?limit=10").await;
    let next = first["next"].as_str().unwrap();
    let rest = list(&ben, &format!("?limit=10&cursor={next}")).await;
    let previews: Vec<_> =
        parts(&first).into_iter().chain(parts(&rest)).map(|(_, preview, _)| preview.to_owned()).collect();
    let expected: Vec<_> = (0..15).rev().map(|n| format!("@ben {n}")).collect();
    assert_eq!((previews, rest.get("next"), &rest["unread"]), (expected, None, &json!(15)));

    let mut socket = ben.connect().await;
    socket.send(&ClientFrame::Notifications { cursor: Some(next.parse().unwrap()) }).await;
    let answer = socket.until(|frame| matches!(frame, ServerFrame::Notifications(_))).await;
    let ServerFrame::Notifications(NotificationPage { notifications, unread, next: end, .. }) = answer else {
        unreachable!("as it was waited for")
    };
    assert_eq!((json!(notifications), unread, end), (rest["notifications"].clone(), 15, None));

    // A client without a socket calls the same code.
    let frames = json!({"frames": [{"type": "notifications"}, {"type": "read_notifications"}, {"type": "notifications"}]});
    let answers: Value = ben.post("/api/submit", &frames).await.json().await.unwrap();
    let unread: Vec<_> = answers["frames"].as_array().unwrap().iter().map(|frame| &frame["unread"]).collect();
    assert_eq!(unread, [&json!(15), &json!(0)]);
}

#[tokio::test]
async fn n1_bad_requests_are_refused_and_change_nothing() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let group = room(&[&anna, &ben], Some("Bikes")).await;
    anna.says(group, "@ben").await;
    for (query, status) in [
        ("?limit=0", 422),
        ("?limit=101", 422),
        ("?limit=-1", 422),
        ("?limit=x", 400),
        ("?cursor=x", 400),
        ("?cursor=1.2", 400),
        ("?cursor=1.2.3.4", 400),
        ("?limit=100", 200),
    ] {
        assert_eq!(ben.get(&format!("/api/notifications{query}")).await.status(), status, "{query}");
    }
    for body in [json!({"up_to": "yesterday"}), json!({"up_to": 5}), json!("x")] {
        let answer = ben.post("/api/notifications/read", &body).await;
        assert_eq!(answer.status(), 400, "{body}");
    }
    let mut socket = ben.connect().await;
    for text in [
        r#"{"type":"notifications","cursor":"x"}"#,
        r#"{"type":"notifications","cursor":5}"#,
        r#"{"type":"read_notifications","up_to":"2026-02-30T00:00:00Z"}"#,
    ] {
        socket.text(text).await;
        assert_eq!(socket.refused().await.code, ErrorCode::Malformed, "{text}");
    }
    assert_eq!(list(&ben, "").await["unread"], 1);
    // A time to come marks what there is, and nothing later.
    let answer = ben.post("/api/notifications/read", &json!({"up_to": "9999-01-01T00:00:00Z"})).await;
    assert_eq!((answer.status().as_u16(), &list(&ben, "").await["unread"]), (204, &json!(0)));
    anna.says(group, "@ben again").await;
    assert_eq!(list(&ben, "").await["unread"], 1);
}

#[tokio::test]
async fn n1_a_former_member_is_not_told_of_anything() {
    let server = Server::start().await;
    let (anna, ben, eve) =
        (server.register("anna").await, server.register("ben").await, server.register("eve").await);
    let group = room(&[&anna, &ben], Some("Bikes")).await;
    anna.says(group, "@ben @eve").await;
    assert_eq!(parts(&list(&eve, "").await), [], "never a member");
    let mut socket = ben.connect().await;
    let removed = anna.delete(&format!("/api/conversations/{group}/members/{}", ben.me.id)).await;
    assert_eq!(removed.status(), 204);
    assert_eq!(list(&ben, "").await["notifications"], json!([]));
    socket.until(|frame| matches!(frame, ServerFrame::ConversationRemoved(_))).await;
    anna.says(group, "@ben, are you there?").await;
    assert!(!format!("{:?}", socket.so_far().await).contains("are you there"));
    assert_eq!(list(&ben, "").await["notifications"], json!([]));
}

#[tokio::test]
async fn n1_the_page_and_its_form_work_without_scripts() {
    let server = Server::start().await;
    let (anna, ben, carla) =
        (server.register("anna").await, server.register("ben").await, server.register("carla").await);
    let group = room(&[&anna, &ben, &carla], Some("Bikes")).await;
    let direct = room(&[&anna, &ben], None).await;
    anna.says(direct, "Hello, Ben").await;
    for n in 0..22 {
        // Two people, since each may send 20 messages at once.
        let sender = if n % 2 == 0 { &anna } else { &carla };
        sender.says(group, &format!("@ben number {n}")).await;
    }
    let mut page = Browser::new(&server);
    page.submit("/sign-in", &[("username", "ben"), ("password", PASSWORD)]).await;
    let html = async |page: &mut Browser, path: &str| page.get(path).await.text().await.unwrap();
    let text = html(&mut page, "/notifications").await;
    for part in [
        format!(r#"href="/c/{group}?at=22#m22""#),
        "@ben number 21".into(),
        "Bikes".into(),
        r#"action="/notifications/read""#.into(),
        r#"href="/notifications?shown=70""#.into(),
    ] {
        assert!(text.contains(&part), "{part}");
    }
    let link = format!(r#"href="/c/{direct}?at=1#m1""#);
    assert!(!text.contains(&link), "on the next page");
    assert!(html(&mut page, "/notifications?shown=70").await.contains(&link));
    let up_to = text.split_once(r#"name="up_to" value=""#).unwrap().1.split('"').next().unwrap().to_owned();
    anna.says(group, "@ben later").await;
    let read = page.submit("/notifications/read", &[("up_to", &up_to)]).await;
    assert_eq!(
        (read.status().as_u16(), read.headers()["location"].to_str().unwrap()),
        (303, "/notifications")
    );
    assert_eq!(list(&ben, "").await["unread"], 1, "what the page did not show stays");
    let refused = page.submit("/notifications/read", &[("up_to", "soon")]).await;
    assert_eq!(refused.status(), 303);
    assert!(html(&mut page, "/notifications").await.contains(r#"role="alert""#));
    assert_eq!(list(&ben, "").await["unread"], 1);
    page.submit("/notifications/read", &[]).await;
    let text = html(&mut page, "/notifications").await;
    assert!(!text.contains(r#"action="/notifications/read""#), "nothing is left to mark");
    let outside = Browser::new(&server).submit("/notifications/read", &[]).await;
    assert_eq!(outside.headers()["location"], "/sign-in?next=/notifications");
}
