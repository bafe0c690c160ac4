//! Preferences over all transports, and what they hide from others on the wire.

use crate::support::{Browser, Person, Server, Socket, room};
use protocol::{
    AddableBy, ClientFrame, ConversationId, MessageDelivered, MessageId, MessageRead, PollAnswer,
    Preferences, PreferencesChange, PreferencesUpdated, ServerFrame,
};
use reqwest::Method;
use serde_json::{Value, json};

const PATH: &str = "/api/me/preferences";

async fn change(person: &Person, body: &Value) -> (u16, Value) {
    let answer = person.ask(Method::PATCH, PATH, Some(body)).await;
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Preferences of a new person of a server for tests.
fn untouched() -> Preferences {
    Preferences { addable_by: AddableBy::Everyone, ..Preferences::default() }
}

async fn of(person: &Person) -> Preferences {
    person.get(PATH).await.json().await.unwrap()
}

async fn updated(socket: &mut Socket) -> Preferences {
    match socket.until(|frame| matches!(frame, ServerFrame::PreferencesUpdated(_))).await {
        ServerFrame::PreferencesUpdated(PreferencesUpdated { preferences, .. }) => preferences,
        other => unreachable!("{other:?}"),
    }
}

/// The frames before this message, encoded.
async fn frames_until(socket: &mut Socket, last: MessageId) -> Vec<String> {
    let mut frames = Vec::new();
    loop {
        match socket.next().await {
            ServerFrame::NewMessage(new) if new.message.id == last => return frames,
            frame => frames.push(frame.encode()),
        }
    }
}

#[tokio::test]
async fn n2_preferences_over_http_reach_a_second_device_and_a_poll() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    room(&[&anna, &ben], None).await;
    assert_eq!(of(&anna).await, untouched());
    let (mut phone, mut bens) = (anna.connect().await, ben.connect().await);
    let poll = async |before: Option<&PollAnswer>, user_rev: i64| -> PollAnswer {
        let (mailbox, batch) = before.map_or((None, 0), |answer| (Some(answer.mailbox), answer.batch));
        let sync = json!({"user_rev": user_rev, "list": before.is_none()});
        let body = json!({"mailbox": mailbox, "batch": batch, "wait": before.is_some(), "sync": sync});
        anna.post("/api/poll", &body).await.json().await.unwrap()
    };
    let first = poll(None, 0).await;
    let [ServerFrame::Synced(synced)] = &first.frames[..] else { panic!("{first:?}") };
    assert_eq!(synced.preferences, Some(untouched()));
    let (status, body) = change(
        &anna,
        &json!({"theme": "dark", "time_zone": "europe/berlin", "quiet_from": 1_320, "quiet_to": 420,
            "notify_group": true, "sound": false}),
    )
    .await;
    let wanted = Preferences {
        theme: "dark".into(),
        time_zone: "Europe/Berlin".into(),
        quiet_from: Some(1_320),
        quiet_to: Some(420),
        notify_group: true,
        sound: false,
        ..untouched()
    };
    assert_eq!((status, serde_json::from_value::<Preferences>(body).unwrap()), (200, wanted.clone()));
    assert_eq!(updated(&mut phone).await, wanted);
    let polled = poll(Some(&first), synced.user_rev).await;
    let news = polled.frames.iter().find_map(|frame| match frame {
        ServerFrame::PreferencesUpdated(updated) => Some((updated.preferences.clone(), updated.user_rev)),
        _ => None,
    });
    assert_eq!(news, Some((wanted.clone(), synced.user_rev + 1)));
    assert_eq!(of(&anna).await, wanted);
    assert_eq!(of(&ben).await, untouched());
    // Over the socket, and with null.
    let none = PreferencesChange { quiet_from: Some(None), quiet_to: Some(None), ..Default::default() };
    phone.send(&ClientFrame::UpdatePreferences(none)).await;
    let wanted = Preferences { quiet_from: None, quiet_to: None, ..wanted };
    assert_eq!(updated(&mut phone).await, wanted);
    // The older path changes the same.
    anna.ask(Method::PATCH, "/api/me", Some(&json!({"language": "de"}))).await;
    let wanted = Preferences { language: "de".into(), ..wanted };
    assert_eq!((updated(&mut phone).await, of(&anna).await), (wanted.clone(), wanted));
    // By `submit`, which the server function calls, too.
    let frames = json!({"frames": [{"type": "update_preferences", "language": "ar"}]});
    let answer: Value = anna.post("/api/submit", &frames).await.json().await.unwrap();
    assert_eq!((answer, of(&anna).await.language.as_str()), (json!({"frames": []}), "ar"));
    let said = anna.says(room(&[&anna, &ben], None).await, "The end").await;
    let frames = frames_until(&mut bens, said.id).await;
    assert!(frames.iter().all(|frame| !frame.contains("preferences")), "{frames:?}");
}

#[tokio::test]
async fn n2_every_refusal_names_its_field_and_changes_nothing() {
    let server = Server::start().await;
    let anna = server.register("anna").await;
    let mut phone = anna.connect().await;
    for (body, field) in [
        (json!({"theme": "pink", "sound": false}), "theme"),
        (json!({"language": "tlh", "sound": false}), "language"),
        (json!({"time_zone": "Mars/Olympus", "sound": false}), "time_zone"),
        (json!({"time_zone": "", "sound": false}), "time_zone"),
        (json!({"device_time_zone": "../../etc/passwd"}), "device_time_zone"),
        (json!({"time_zone": "UTC", "quiet_from": 60}), "quiet_to"),
        (json!({"time_zone": "UTC", "quiet_from": null, "quiet_to": 60}), "quiet_from"),
        (json!({"time_zone": "UTC", "quiet_from": -1, "quiet_to": 60}), "quiet_from"),
        (json!({"time_zone": "UTC", "quiet_from": 60, "quiet_to": 1_440}), "quiet_to"),
        (json!({"time_zone": "UTC", "quiet_from": i64::MAX, "quiet_to": 60}), "quiet_from"),
        (json!({"quiet_from": 60, "quiet_to": 120, "sound": false}), "time_zone"),
    ] {
        let (status, error) = change(&anna, &body).await;
        assert_eq!((status, &error["error"]["code"]), (422, &json!("invalid")), "{body}");
        let message = error["error"]["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("{field}: ")), "{body}: {message}");
        phone
            .text(&{
                let mut frame = body.clone();
                frame["type"] = json!("update_preferences");
                frame.to_string()
            })
            .await;
        assert!(phone.refused().await.message.starts_with(&format!("{field}: ")), "{body}");
    }
    for malformed in [json!({"sound": "no"}), json!({"quiet_from": 1.5}), json!({"theme": 5}), json!([])] {
        assert_eq!(change(&anna, &malformed).await.0, 400, "{malformed}");
    }
    assert_eq!(of(&anna).await, untouched());
    let nobody = server.http.get(format!("{}{PATH}", server.url)).send().await.unwrap();
    assert_eq!(nobody.status(), 401);
}

async fn read_all(person: &Person, talk: ConversationId) {
    assert_eq!(person.post(&format!("/api/conversations/{talk}/read"), &json!({})).await.status(), 204);
}

/// The `read_seq` of `of` in all answers to `asker`.
async fn read_seqs(asker: &Person, talk: ConversationId, of: &Person) -> Vec<i64> {
    let sync = json!({"list": true, "open": {talk.to_string(): 1}});
    let synced: Value = asker.post("/api/sync", &sync).await.json().await.unwrap();
    let list: Value = asker.get("/api/conversations").await.json().await.unwrap();
    let one: Value = asker.get(&format!("/api/conversations/{talk}")).await.json().await.unwrap();
    let path = format!("/api/conversations/{talk}/messages?after=0");
    let changes: Value = asker.get(&path).await.json().await.unwrap();
    let answers = [&synced["list"][0], &synced["open"][0], &list["conversations"][0], &one, &changes];
    let members = answers.map(|answer| answer["members"].as_array().cloned().unwrap_or_default());
    let of = |members: &Vec<Value>| {
        let found = members.iter().find(|member| member["user"]["id"] == json!(of.me.id))?;
        found["read_seq"].as_i64()
    };
    let found: Vec<i64> = members.iter().filter_map(of).collect();
    assert!(found.len() >= 4, "{synced} {list} {one} {changes}");
    found
}

#[tokio::test]
async fn n2_receipts_and_typing_that_are_hidden_stay_off_the_wire() {
    let server = Server::start().await;
    let (anna, ben) = (server.register("anna").await, server.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    assert_eq!(change(&anna, &json!({"show_typing": false, "send_read_receipts": false})).await.0, 200);
    let (mut annas, mut bens, mut inside) =
        (anna.connect().await, ben.connect().await, ben.enters(talk).await);
    let conversation_id = Some(talk);
    // What anna does.
    let said = ben.says(talk, "Are you there?").await;
    annas.send(&ClientFrame::Typing { conversation_id, is_typing: true }).await;
    annas.send(&ClientFrame::MarkRead { conversation_id, message_id: Some(said.id) }).await;
    let own = annas.until(|frame| matches!(frame, ServerFrame::MessageRead(_))).await;
    assert!(
        matches!(own, ServerFrame::MessageRead(MessageRead { user_rev: Some(_), reader_id, .. }) if reader_id == anna.me.id)
    );
    let delivered = |frame: &ServerFrame| matches!(frame, ServerFrame::MessageDelivered(MessageDelivered { user_id, .. }) if *user_id == anna.me.id);
    for socket in [&mut bens, &mut inside] {
        socket.until(delivered).await;
    }
    let last = anna.says(talk, "Yes").await;
    for socket in [&mut bens, &mut inside] {
        let frames = frames_until(socket, last.id).await;
        let told = ["message_read", "\"typing\""];
        assert!(frames.iter().all(|frame| told.iter().all(|kind| !frame.contains(kind))), "{frames:?}");
    }
    assert!(read_seqs(&ben, talk, &anna).await.iter().all(|seq| *seq == 0));
    assert!(read_seqs(&anna, talk, &anna).await.iter().all(|seq| *seq == 1), "one's own");
    let receipts = async |asker: &Person, message: MessageId| -> Value {
        let path = format!("/api/conversations/{talk}/messages/{message}/receipts");
        asker.get(&path).await.json::<Value>().await.unwrap()["receipts"][0].clone()
    };
    let annas_receipt = receipts(&ben, said.id).await;
    assert_eq!((&annas_receipt["delivered"], &annas_receipt["read"]), (&json!(true), &json!(false)));
    assert_eq!(annas_receipt.get("read_at"), None);
    // What ben does.
    read_all(&ben, talk).await;
    annas.until(|frame| matches!(frame, ServerFrame::MessageDelivered(MessageDelivered { user_id, .. }) if *user_id == ben.me.id)).await;
    bens.send(&ClientFrame::Typing { conversation_id, is_typing: true }).await;
    let last = ben.says(talk, "Good").await;
    let frames = frames_until(&mut annas, last.id).await;
    let told = ["message_read", "\"typing\""];
    assert!(frames.iter().all(|frame| told.iter().all(|kind| !frame.contains(kind))), "{frames:?}");
    assert!(read_seqs(&anna, talk, &ben).await.iter().all(|seq| *seq == 0));
    let bens_receipt = receipts(&anna, MessageId(2)).await;
    assert_eq!((&bens_receipt["delivered"], &bens_receipt["read"]), (&json!(true), &json!(false)));
    // The pages say no more.
    let mut browser = signed_in(&server, "anna").await;
    let page = browser.get(&format!("/c/{talk}")).await.text().await.unwrap();
    assert!(!page.contains("\"read_seq\":2"), "of ben: {page}");
    // Shown again, the time in between stays hidden until the next reading.
    assert_eq!(change(&anna, &json!({"send_read_receipts": true})).await.0, 200);
    assert!(read_seqs(&ben, talk, &anna).await.iter().all(|seq| *seq == 0));
    assert!(read_seqs(&anna, talk, &ben).await.iter().all(|seq| *seq == 2), "what ben had shown");
    read_all(&anna, talk).await;
    bens.until(|frame| matches!(frame, ServerFrame::MessageRead(MessageRead { reader_id, seq: 3, .. }) if *reader_id == anna.me.id)).await;
    assert!(read_seqs(&ben, talk, &anna).await.iter().all(|seq| *seq == 3));
}

/// A browser without scripts in which this registered person is signed in.
async fn signed_in(server: &Server, name: &str) -> Browser {
    let mut browser = Browser::new(server);
    let form = [("username", name), ("password", crate::support::PASSWORD)];
    assert_eq!(browser.submit("/sign-in", &form).await.headers()["location"], "/");
    browser
}

#[tokio::test]
async fn n2_the_settings_work_by_plain_forms() {
    let server = Server::start().await;
    let anna = server.register("anna").await;
    let mut browser = signed_in(&server, "anna").await;
    let page = browser.get("/settings").await.text().await.unwrap();
    let tag = |page: &str, part: &str| {
        let mut tags = page.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
        tags.find(|tag| tag.contains(part)).expect(part).to_owned()
    };
    for (name, checked) in [
        ("notify_direct", true),
        ("notify_mention", true),
        ("notify_group", false),
        ("notify_added", true),
        ("sound", true),
        ("push_content", false),
        ("show_typing", true),
        ("send_read_receipts", true),
    ] {
        let field = tag(&page, &format!("name=\"{name}\""));
        assert_eq!(field.contains("checked"), checked, "{field}");
    }
    // Without scripts there is no zone of the device.
    let quiet = [("notify_group", "on"), ("quiet_from", "22:00"), ("quiet_to", "07:30")];
    let answer = browser.submit("/settings/notifications", &quiet).await;
    assert_eq!(answer.headers()["location"], "/settings#notifications");
    let page = browser.get("/settings").await.text().await.unwrap();
    assert!(page.contains("Quiet hours need a time zone"), "{page}");
    assert!(tag(&page, "name=\"quiet_from\"").contains("22:00"), "as typed: {page}");
    assert!(tag(&page, "name=\"notify_group\"").contains("checked"), "{page}");
    assert_eq!(of(&anna).await, untouched());
    // A chosen zone.
    let zone = [("theme", "auto"), ("language", "auto"), ("time_zone", "Europe/Berlin")];
    browser.submit("/settings/appearance", &zone).await;
    for half in
        [[("quiet_from", "22:00"), ("quiet_to", "")], [("quiet_from", "22:00"), ("quiet_to", "7 o'clock")]]
    {
        browser.submit("/settings/notifications", &half).await;
        let page = browser.get("/settings").await.text().await.unwrap();
        assert!(page.contains("Quiet hours need a beginning and an end"), "{page}");
        assert!(tag(&page, "name=\"quiet_to\"").contains("aria-invalid"), "{page}");
    }
    let chosen = Preferences { time_zone: "Europe/Berlin".into(), ..untouched() };
    assert_eq!(of(&anna).await, chosen);
    browser.submit("/settings/notifications", &quiet).await;
    let page = browser.get("/settings").await.text().await.unwrap();
    assert!(page.contains("in the time zone Europe/Berlin"), "{page}");
    let wanted = Preferences {
        notify_direct: false,
        notify_mention: false,
        notify_group: true,
        notify_added: false,
        sound: false,
        quiet_from: Some(1_320),
        quiet_to: Some(450),
        ..chosen
    };
    assert_eq!(of(&anna).await, wanted);
    assert_eq!(browser.submit("/settings/privacy", &[]).await.headers()["location"], "/settings#privacy");
    let wanted = Preferences { show_typing: false, send_read_receipts: false, ..wanted };
    assert_eq!(of(&anna).await, wanted);
    // The zone of the device cannot take the place of the chosen one where none is known.
    let auto = [("theme", "auto"), ("language", "auto"), ("time_zone", "auto")];
    browser.submit("/settings/appearance", &auto).await;
    let page = browser.get("/settings").await.text().await.unwrap();
    assert!(page.contains("Your quiet hours need a time zone"), "{page}");
    assert_eq!(of(&anna).await, wanted);
    browser.others.insert("tz".into(), "Asia/Kolkata".into());
    browser.submit("/settings/appearance", &auto).await;
    let device_time_zone = Some("Asia/Kolkata".into());
    let wanted = Preferences { time_zone: "auto".into(), device_time_zone, ..wanted };
    assert_eq!(of(&anna).await, wanted);
    // A form that was made for somebody else.
    browser.submit("/settings/privacy", &[("me", "4711"), ("show_typing", "on")]).await;
    assert!(browser.get("/settings").await.text().await.unwrap().contains("made for somebody else"));
    assert_eq!(of(&anna).await, wanted);
}
