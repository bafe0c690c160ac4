//! `rapport serve --demo`, as a process on a real port.

use crate::support::{Browser, Program, Server, Socket};
use protocol::{ClientFrame, Conversation, MessageDelivered, MessageRead, NewMessage, ServerFrame, Typing};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Markup of the banner. Its text would not do, because every page contains the whole catalogue.
const BANNER: &str = "class=\"demo-banner\"";

fn entries(folder: &Path) -> Vec<std::path::PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[tokio::test]
async fn r1_one_click_signs_in_to_a_demonstration_that_answers() {
    let temporary = tempfile::tempdir().unwrap();
    let program = Program::demo(temporary.path()).await;
    let [folder] = &entries(temporary.path())[..] else { panic!("one folder") };
    assert_eq!(std::fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);

    let mut browser = Browser::at(&program.url);
    let page = browser.get("/sign-in").await.text().await.unwrap();
    assert!(page.contains(BANNER), "{page}");
    assert_eq!(page.matches("name=\"username\" value=").count(), 4, "{page}");
    let nobody = browser.submit("/demo/sign-in", &[("username", "robin")]).await;
    assert_eq!(nobody.status(), 404, "who is not offered is not to be had");
    let foreign =
        browser.request(reqwest::Method::POST, "/demo/sign-in").header("origin", "https://evil.example");
    assert_eq!(foreign.form(&[("username", "ada")]).send().await.unwrap().status(), 403);
    assert_eq!(browser.cookie, None);

    let entered = browser.submit("/demo/sign-in", &[("username", "ada")]).await;
    assert_eq!((entered.status().as_u16(), &entered.headers()["location"]), (303, &"/".parse().unwrap()));
    let page = browser.get("/").await.text().await.unwrap();
    assert!(
        page.contains(BANNER) && page.contains("Atlas House") && !page.contains("/demo/sign-in"),
        "{page}"
    );

    let list: Value = browser
        .request(reqwest::Method::GET, "/api/conversations")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let list: Vec<Conversation> = serde_json::from_value(list["conversations"].clone()).unwrap();
    let me = list[0].members.iter().find(|member| member.user.username == "ada").unwrap().user.id;
    let robin = list.iter().find(|conversation| conversation.name_for(me) == "Robin Bell").unwrap();
    assert_eq!(robin.id, list[0].id, "the first in the list is who waits for a word");

    let cookie = browser.cookie.clone().unwrap();
    let address = format!("{}/ws/chat/{}/", program.url.replace("http", "ws"), robin.id);
    let mut socket = Socket::open(&address, &[("cookie", &cookie), ("origin", &program.url)]).await.unwrap();
    socket.greeted().await;
    let said = socket.says("Hello Robin, what are the ticks?").await;
    socket.until(|frame| matches!(frame, ServerFrame::MessageDelivered(MessageDelivered { message_id, user_id, .. }) if *message_id == said.id && *user_id != me)).await;
    socket.until(|frame| matches!(frame, ServerFrame::MessageRead(MessageRead { message_id, reader_id, .. }) if *message_id == said.id && *reader_id != me)).await;
    socket.until(|frame| matches!(frame, ServerFrame::Typing(Typing { is_typing: true, .. }))).await;
    let answered = |frame: &ServerFrame| matches!(frame, ServerFrame::NewMessage(NewMessage { message, .. }) if message.sender.id != me && message.content.contains("tick"));
    socket.until(answered).await;
    socket.send(&ClientFrame::Ping).await;

    assert_eq!(program.terminates().await, Some(0));
    assert_eq!(entries(temporary.path()), [""; 0].map(std::path::PathBuf::from), "nothing of it stays");
}

#[tokio::test]
async fn r1_the_folder_of_a_demonstration_is_removed_on_interrupt_and_hangup() {
    for signal in ["-INT", "-HUP"] {
        let temporary = tempfile::tempdir().unwrap();
        let program = Program::demo(temporary.path()).await;
        assert_eq!(entries(temporary.path()).len(), 1);
        assert_eq!(program.ends_by(signal).await, Some(0), "{signal}");
        assert_eq!(entries(temporary.path()).len(), 0, "{signal}");
    }
}

#[tokio::test]
async fn r1_a_demonstration_rejects_real_data_and_public_addresses() {
    let real = tempfile::tempdir().unwrap();
    // With RAPPORT_DATA in its environment.
    let beside = Program::run(real.path(), real.path(), &["serve", "--demo"], "").await;
    assert_eq!(beside.code, Some(2), "{beside:?}");
    assert!(
        beside.err.contains("RAPPORT_DATA") && beside.err.contains("removed when it stops"),
        "{beside:?}"
    );
    let empty = Path::new("");
    for (arguments, word) in [
        (["serve", "--demo", "--data", "real"], "--data"),
        (["serve", "--demo", "--database-url", "sqlite:real.db"], "--database-url"),
        (["serve", "--demo", "--listen", "0.0.0.0:0"], "--demo-public"),
        (["serve", "--demo-public", "--listen", "0.0.0.0:0"], "--demo"),
    ] {
        let refused = Program::run(real.path(), empty, &arguments, "").await;
        assert_eq!(refused.code, Some(2), "{arguments:?}");
        assert!(refused.err.contains(word), "{arguments:?}: {refused:?}");
    }
    assert_eq!(entries(real.path()).len(), 0, "nothing was made");
}

#[tokio::test]
async fn demo_sign_in_is_not_found_without_the_demonstration() {
    let server = Server::start().await;
    server.register("ada").await;
    let mut browser = Browser::new(&server);
    assert_eq!(browser.submit("/demo/sign-in", &[("username", "ada")]).await.status(), 404);
    assert_eq!(browser.cookie, None);
    let page = browser.get("/sign-in").await.text().await.unwrap();
    assert!(!page.contains(BANNER) && !page.contains("/demo/sign-in"), "{page}");
}
