//! The traces that visitors leave: flash cookies, sessions, removed cookies.

use crate::support::{Browser, PASSWORD, Server};
use reqwest::Method;

const WRONG: &str = "wrong battery";

/// The number of rows of the table of sessions.
fn sessions(server: &Server) -> i64 {
    let database = rusqlite::Connection::open(server.folder.path().join("rapport.db")).unwrap();
    database.query_row("SELECT count(*) FROM session", [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn v5_refused_visitors_leave_no_session() {
    let server = Server::start().await;
    server.register("anna").await;
    let before = sessions(&server);
    let typed = [("username", "anna"), ("password", WRONG), ("first_name", "Anna <b>")];
    let message = [("me", "1"), ("content", "Unsent"), ("client_id", "")];
    for _ in 0..10 {
        let mut browser = Browser::new(&server);
        for (form, fields) in [
            ("/sign-in", &typed[..]),
            ("/register", &typed[..]),
            ("/c/1/messages", &message[..]),
            ("/sign-in?next=/c/1", &message[..]),
            ("/c/1/read", &message[..]),
            ("/conversations", &message[..]),
            ("/settings/appearance", &[("language", "de")][..]),
            ("/settings/password", &typed[..]),
            ("/sign-out", &[][..]),
            ("/sign-out-everywhere", &[][..]),
        ] {
            browser.submit(form, fields).await;
            let elsewhere = browser.request(Method::POST, form).header("origin", "https://evil.example");
            assert_eq!(elsewhere.form(fields).send().await.unwrap().status(), 403, "{form}");
        }
        for page in ["/sign-in", "/register", "/", "/settings"] {
            browser.get(page).await;
        }
        assert_eq!(browser.cookie, None);
    }
    assert_eq!(sessions(&server), before);
}

#[tokio::test]
async fn v5_a_visitors_flash_is_in_a_signed_cookie_that_is_removed_when_shown() {
    let server = Server::start_with(&[("RAPPORT_PUBLIC_URL", "https://chat.example")]).await;
    let headers = [("host", "chat.example"), ("origin", "https://chat.example"), ("accept", "text/html")];
    let send = async |method: Method, path: &str, cookie: &str, fields: &[(&str, &str)]| {
        let request = server.http.request(method, format!("{}{path}", server.url)).header("cookie", cookie);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let answer = request.form(fields).send().await.unwrap();
        let set = answer.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned());
        (set.collect::<Vec<_>>(), answer.text().await.unwrap())
    };
    let fields = [("username", "Änne <b>"), ("password", WRONG)];
    let (set, _) = send(Method::POST, "/sign-in", "", &fields).await;
    assert_eq!(set.len(), 1, "{set:?}");
    let attributes = ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"];
    assert!(set[0].starts_with("__Host-rapport-flash=") && set[0].contains("Max-Age=900"), "{set:?}");
    assert!(attributes.iter().all(|attribute| set[0].contains(attribute)), "{set:?}");
    let cookie = set[0].split(';').next().unwrap();
    let (removed, page) = send(Method::GET, "/sign-in", cookie, &[]).await;
    assert!(page.contains("Wrong username or password") && page.contains("Änne &lt;b&gt;"), "{page}");
    // The page sets another cookie, too; they stand in any order.
    let removal = removed.iter().find(|line| line.starts_with("__Host-rapport-flash=;")).expect("a removal");
    assert!(removal.contains("Max-Age=0"), "{removed:?}");
    assert!(attributes.iter().all(|attribute| removal.contains(attribute)), "{removed:?}");
    let forged = format!("{}x", cookie);
    let (_, page) = send(Method::GET, "/sign-in", &forged, &[]).await;
    assert!(!page.contains("Wrong username or password"), "{page}");
}

#[tokio::test]
async fn v11_the_removal_of_a_session_cookie_has_the_attributes_that_it_was_set_with() {
    let server = Server::start_with(&[("RAPPORT_PUBLIC_URL", "https://chat.example")]).await;
    let dead = "__Host-rapport=AAAAAAAAAAAAAAAAAAAAAA";
    for (method, path) in [(Method::GET, "/sign-in"), (Method::GET, "/"), (Method::POST, "/sign-out")] {
        let request = server.http.request(method, format!("{}{path}", server.url)).header("cookie", dead);
        let request = request.header("host", "chat.example").header("origin", "https://chat.example");
        let request = if path == "/sign-out" { request.form(&[("me", "")]) } else { request };
        let answer = request.send().await.unwrap();
        let mut set = answer.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
        let set = set.find(|line| line.starts_with("__Host-rapport=")).expect("a removal");
        for attribute in ["__Host-rapport=;", "Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=0"] {
            assert!(set.contains(attribute), "{path}: {attribute}: {set}");
        }
    }
}

/// The answer of a request under way must not replace the cookie of a sign-in in another tab meanwhile.
#[tokio::test]
async fn v1_requests_of_scripts_neither_remove_nor_set_the_session_cookie() {
    let server = Server::start().await;
    let session = server.browser("anna").await.cookie.unwrap();
    // Unused for so long that the next use is recorded, which sets the cookie again.
    let database = rusqlite::Connection::open(server.folder.path().join("rapport.db")).unwrap();
    let long_unused = "UPDATE session SET data = json_set(data, '$.who.used', 1)";
    for cookie in [session.as_str(), "rapport=AAAAAAAAAAAAAAAAAAAAAA"] {
        for (path, is_script) in [("/api/me", true), ("/rpc/nothing", true), ("/ws/", true), ("/", false)] {
            assert_eq!(database.execute(long_unused, []).unwrap(), 1);
            let request = server.http.get(format!("{}{path}", server.url)).header("cookie", cookie);
            let answer = request.send().await.unwrap();
            let mut set = answer.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
            assert_eq!(set.any(|line| line.starts_with("rapport=")), !is_script, "{cookie} {path}");
        }
    }
}

#[tokio::test]
async fn v11_a_message_that_was_sent_without_a_sign_in_is_in_its_field_after_it() {
    let server = Server::start().await;
    let (_ben, mut browser) = (server.register("ben").await, server.browser("anna").await);
    let opened = browser.submit("/conversations", &[("participants", "ben")]).await;
    let talk = opened.headers()["location"].to_str().unwrap().to_owned();
    let me = browser.get("/api/me").await.json::<serde_json::Value>().await.unwrap()["id"].to_string();
    browser.submit("/sign-out", &[]).await;
    let text = format!("\n<b>\n{}", "ä".repeat(4_000));
    let fields = [("me", me.as_str()), ("content", &text), ("client_id", "")];
    let answer = browser.submit(&format!("{talk}/messages"), &fields).await;
    assert_eq!(answer.status(), 307, "the browser sends the form again");
    let sign_in = answer.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(sign_in, format!("/sign-in?next={talk}"));
    let answer = browser.submit(&sign_in, &fields).await;
    assert_eq!(answer.status(), 200);
    let shown = text.replace('<', "&lt;").replace('>', "&gt;");
    let page = answer.text().await.unwrap();
    assert!(page.contains(&shown) && page.contains("You are signed out"), "{page}");
    assert!(page.contains(&format!("value=\"{talk}\"")), "where to go is kept: {page}");
    let carried = [("next", talk.as_str()), ("unsent_by", &me), ("unsent_id", ""), ("unsent", &text)];
    let with =
        |password: &'static str| [&[("username", "anna"), ("password", password)][..], &carried].concat();
    let answer = browser.submit("/sign-in", &with(WRONG)).await;
    let page = answer.text().await.unwrap();
    assert!(page.contains(&shown) && page.contains("Wrong username or password"), "{page}");
    assert_eq!(browser.submit("/sign-in", &with(PASSWORD)).await.headers()["location"], talk.as_str());
    let page = browser.get(&talk).await.text().await.unwrap();
    assert!(page.contains(&text.replace('<', "&lt;")), "{page}");
}

#[tokio::test]
async fn v11_a_browser_without_cookies_is_told_so_and_keeps_what_was_typed() {
    let server = Server::start().await;
    server.register("anna").await;
    let typed = [
        ("username", "anna"),
        ("first_name", "Änne <b>"),
        ("password", PASSWORD),
        ("next", "/c/1"),
        ("cookies", "set"),
    ];
    for path in ["/sign-in", "/register"] {
        let mut browser = Browser::new(&server);
        let page = browser.get(path).await.text().await.unwrap();
        assert!(page.contains("name=\"cookies\" value=\"set\""), "{page}");
        // A browser that drops cookies.
        browser.others.clear();
        let answer = browser.submit(path, &typed).await;
        assert_eq!(answer.status(), 422, "{path}");
        let page = answer.text().await.unwrap();
        assert!(page.contains("Allow cookies for this site"), "{page}");
        assert!(page.contains("value=\"anna\"") && page.contains("value=\"/c/1\""), "{page}");
        assert_eq!(page.contains("Änne &lt;b&gt;"), path == "/register", "{page}");
        assert!(!page.contains(PASSWORD), "{page}");
        // With the cookie that this answer set, the same form is processed.
        assert_eq!(browser.submit(path, &typed).await.status(), 303, "{path}");
    }
}
