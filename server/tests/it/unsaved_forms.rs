//! Forms that are sent after their sign-in has ended, or are refused: what was typed is in them again.

use crate::support::{Browser, PASSWORD, Server};
use protocol::KeyScope;
use reqwest::Method;
use serde_json::{Value, json};

const KEPT: &str = "what you typed is in its fields again";
const SHOWN: &str = "You were signed out when you sent this";
const CLIENT_ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// A form, the page that shows it, and the values that this page shows.
type Case = (String, Vec<(&'static str, &'static str)>, String, Vec<String>);

fn text(name: &str, value: &str) -> String {
    format!("name={name} value={value}")
}

/// Whether an element of the page has this name and value, and is chosen if it is one of several. The value `off`: a checkbox that
/// is not checked.
fn shows(page: &str, wanted: &str) -> bool {
    let (name, value) = wanted.strip_prefix("name=").unwrap().split_once(" value=").unwrap();
    let is_select = |tag: &&str| tag.starts_with("select") && tag.contains(&format!("name=\"{name}\""));
    if value == "off" {
        return !shows(page, &text(name, "on"));
    }
    let tags: Vec<&str> = page.split('<').map(|tag| tag.split('>').next().unwrap()).collect();
    let has_value = |tag: &str| tag.contains(&format!(" value=\"{value}\""));
    let chosen = tags.iter().skip_while(|tag| !is_select(tag)).take_while(|tag| !tag.starts_with("/select"));
    chosen.copied().any(|tag| has_value(tag) && tag.contains(" selected"))
        || tags.iter().filter(|tag| tag.contains(&format!(" name=\"{name}\""))).any(|tag| {
            let is_choice =
                ["radio", "checkbox"].iter().any(|kind| tag.contains(&format!("type=\"{kind}\"")));
            has_value(tag) && (!is_choice || tag.contains(" checked"))
        })
}

async fn location(browser: &mut Browser, form: &str, fields: &[(&str, &str)]) -> String {
    let answer = browser.submit(form, fields).await;
    assert_eq!(answer.status(), 303, "{form}");
    answer.headers()["location"].to_str().unwrap().to_owned()
}

async fn page(browser: &mut Browser, path: &str) -> String {
    browser.get(path).await.text().await.unwrap()
}

/// Ends the sign-in of the browser, which keeps its cookie.
async fn end_sign_in(browser: &Browser) {
    assert_eq!(location(&mut browser.clone(), "/sign-out", &[]).await, "/sign-in");
}

async fn sign_in(browser: &mut Browser, name: &str, next: &str) -> String {
    location(browser, "/sign-in", &[("username", name), ("password", PASSWORD), ("next", next)]).await
}

/// The id of the user whom the browser is signed in as.
async fn id(browser: &mut Browser) -> String {
    browser.get("/api/me").await.json::<Value>().await.unwrap()["id"].to_string()
}

fn next_of(sign_in: &str) -> String {
    let query = sign_in.strip_prefix("/sign-in?").expect("the sign-in page");
    form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "next").expect("next").1.into_owned()
}

/// The forms in which people type or choose something, in a group.
fn cases(group: &str) -> Vec<Case> {
    let case = |form: &str, fields: &[(&'static str, &'static str)], page: &str, more: &[(&str, &str)]| {
        let shown = fields.iter().filter(|(name, _)| *name != "participants");
        let shown = shown.chain(more).map(|(name, value)| text(name, &value.replace('<', "&lt;")));
        (form.to_owned(), fields.to_vec(), page.to_owned(), shown.collect())
    };
    let in_group = |action: &str| format!("{group}/{action}");
    let details = format!("{group}?details");
    let people = [("participants", "ben"), ("participants", "carla")];
    let founding = [people[0], people[1], ("title", "Climbing <b"), ("client_id", CLIENT_ID)];
    let names = [("first_name", "Änne <b"), ("last_name", "Ünsal"), ("hue", "3")];
    let look = [("theme", "dark"), ("language", "en"), ("time_zone", "Asia/Kathmandu")];
    let settings = [("title", "Bouldering"), ("hue", "6"), ("emoji", "🧗"), ("history", "from_joining")];
    vec![
        case("/conversations", &founding, "/new?participants=ben&participants=carla", &[]),
        case("/settings/profile", &names, "/settings", &[]),
        case("/settings/appearance", &look, "/settings", &[]),
        case("/settings/notifications", &[("quiet_from", "22:15"), ("quiet_to", "07:00")], "/settings", &[]),
        case("/settings/privacy", &[("show_typing", "on")], "/settings", &[("send_read_receipts", "off")]),
        case("/settings/groups", &[("addable_by", "nobody")], "/settings", &[]),
        case(&in_group("settings"), &settings, &details, &[]),
        case(&in_group("members"), &[("usernames", "carla ben")], &details, &[]),
        case(&in_group("invitations"), &[("expires_in", "3600"), ("uses", "50")], &details, &[]),
        case(&in_group("incoming-webhooks"), &[("name", "Builds <b")], &in_group("incoming-webhooks"), &[]),
    ]
}

/// A group of anna's; its path.
async fn group(server: &Server, browser: &mut Browser) -> String {
    for name in ["ben", "carla"] {
        server.register(name).await;
    }
    let fields = [("participants", "ben"), ("participants", "carla"), ("title", "A group")];
    location(browser, "/conversations", &fields).await
}

#[tokio::test]
async fn v11_what_was_typed_before_the_sign_in_ended_is_in_its_form_afterwards() {
    let server = Server::start().await;
    let mut browser = server.browser("anna").await;
    let (group, me) = (group(&server, &mut browser).await, id(&mut browser).await);
    for (form, mut fields, page_of_form, shown) in cases(&group) {
        let before = page(&mut browser, &page_of_form).await;
        fields.push(("me", me.clone().leak()));
        assert!(!shown.iter().all(|value| shows(&before, value)), "{form}: something is changed");
        end_sign_in(&browser).await;
        let sign_in_page = location(&mut browser, &form, &fields).await;
        assert_eq!(next_of(&sign_in_page), page_of_form, "{form}");
        assert!(page(&mut browser, &sign_in_page).await.contains(KEPT), "{form}");
        // The reason why a sign-in is refused does not take the place of what is kept.
        let wrong = [("username", "anna"), ("password", "wrong battery"), ("next", page_of_form.as_str())];
        let again = location(&mut browser, "/sign-in", &wrong).await;
        let again = page(&mut browser, &again).await;
        assert!(again.contains(KEPT) && again.contains("Wrong username or password"), "{form}: {again}");
        assert_eq!(sign_in(&mut browser, "anna", &page_of_form).await, page_of_form);
        let filled = page(&mut browser, &page_of_form).await;
        for value in shown {
            assert!(shows(&filled, &value), "{form}: {value}: {filled}");
        }
        assert!(filled.contains(SHOWN), "{form}: {filled}");
        let has_button = !filled.contains("<p data-script=\"hides\"><button");
        assert_eq!(has_button, form == "/settings/appearance" || page_of_form != "/settings", "{form}");
        let after = page(&mut browser, &page_of_form).await;
        assert!(!after.contains(SHOWN), "{form}: shown once");
        let changed = after.contains("Climbing") || after.contains("Bouldering") || after.contains("Änne");
        assert!(!changed, "{form}: nothing is done");
    }
}

#[tokio::test]
async fn v11_what_was_typed_is_shown_to_its_author_alone_and_holds_no_password() {
    let server = Server::start().await;
    let mut browser = server.browser("anna").await;
    let me = id(&mut browser).await;
    server.register("ben").await;
    end_sign_in(&browser).await;
    let typed = [("me", me.as_str()), ("first_name", "Änne"), ("last_name", ""), ("hue", "auto")];
    assert_eq!(location(&mut browser, "/settings/profile", &typed).await, "/sign-in?next=/settings");
    let kept = browser.others["rapport-unsaved"].clone();
    sign_in(&mut browser, "ben", "/settings").await;
    assert!(!page(&mut browser, "/settings").await.contains("Änne"));
    end_sign_in(&browser).await;
    sign_in(&mut browser, "anna", "/settings").await;
    assert!(!page(&mut browser, "/").await.contains(SHOWN), "another page");
    assert!(page(&mut browser, "/settings").await.contains("Änne"));
    assert_eq!(browser.others.get("rapport-unsaved"), None);

    browser.others.insert("rapport-unsaved".into(), format!("{kept}x"));
    assert!(!page(&mut browser, "/settings").await.contains("Änne"), "as the server wrote it");
    browser.others.clear();
    end_sign_in(&browser).await;
    let passwords = [("me", me.as_str()), ("current", PASSWORD), ("new", "another battery")];
    location(&mut browser, "/settings/password", &passwords).await;
    let of_a_program = [("first_name", "Änne")];
    location(&mut browser, "/settings/profile", &of_a_program).await;
    assert_eq!(browser.others.get("rapport-unsaved"), None);
    let elsewhere =
        browser.request(Method::POST, "/settings/profile").header("origin", "https://evil.example");
    assert_eq!(browser.go(elsewhere.form(&typed)).await.status(), 403);
    assert_eq!(browser.others.get("rapport-unsaved"), None, "no other site plants one");
    let long = "\u{1f600}".repeat(1_000);
    let typed = [("me", me.as_str()), ("first_name", long.as_str()), ("last_name", long.as_str())];
    location(&mut browser, "/settings/profile", &typed).await;
    assert!(browser.others["rapport-unsaved"].len() < 4_000);
}

#[tokio::test]
async fn v11_the_reasons_of_closing_forms_are_kept() {
    let settings = [
        ("RAPPORT_SUBJECTS__LISTING__NAME", "Listing"),
        ("RAPPORT_SUBJECTS__LISTING__ROLES", "buyer, seller"),
        ("RAPPORT_SUBJECTS__LISTING__PER_SUBJECT", "many"),
        ("RAPPORT_SUBJECTS__LISTING__CLOSED_BY", "seller"),
        ("RAPPORT_SUBJECTS__LISTING__MODERATORS", "anna"),
    ];
    let server = Server::start_with(&settings).await;
    let mut browser = server.browser("anna").await;
    let me = id(&mut browser).await;
    server.register("ben").await;
    let key = server.key("shop", &[KeyScope::Subjects]).await;
    let body = json!({"title": "A bicycle", "participants":
        [{"username": "anna", "role": "seller"}, {"username": "ben", "role": "buyer"}]});
    let request = server.http.put(format!("{}/api/subjects/listing/42/conversation", server.url));
    let opened: Value = request.bearer_auth(&key).json(&body).send().await.unwrap().json().await.unwrap();
    let id = &opened["id"];
    let reason = [("me", me.as_str()), ("reason", "Sold <b")];
    for (form, page_of_form) in [
        (format!("/c/{id}/close"), format!("/c/{id}?details")),
        (format!("/moderation/{id}/access"), format!("/moderation/{id}")),
        (format!("/moderation/{id}/close"), format!("/moderation/{id}")),
    ] {
        end_sign_in(&browser).await;
        let sign_in_page = location(&mut browser, &form, &reason).await;
        assert_eq!(next_of(&sign_in_page), page_of_form);
        sign_in(&mut browser, "anna", &page_of_form).await;
        let filled = page(&mut browser, &page_of_form).await;
        assert!(shows(&filled, &text("reason", "Sold &lt;b")), "{form}: {filled}");
        if form.ends_with("access") {
            location(&mut browser, &form, &[("me", me.as_str()), ("reason", "Anna complained")]).await;
        }
    }
}

#[tokio::test]
async fn v11_refused_forms_of_a_group_keep_what_was_typed() {
    let server = Server::start().await;
    let mut browser = server.browser("anna").await;
    let (group, me) = (group(&server, &mut browser).await, id(&mut browser).await);
    let long: &'static str = "x".repeat(150).leak();
    for (form, fields, page_of_form) in [
        (
            "settings",
            vec![("title", long), ("emoji", "🧗"), ("hue", "6"), ("history", "from_joining")],
            "?details",
        ),
        ("members", vec![("usernames", "nobody-of-this-name")], "?details"),
        ("invitations", vec![("expires_in", "3600"), ("uses", "100"), ("client_id", "none")], "?details"),
        ("incoming-webhooks", vec![("name", "\u{202e}evil")], "/incoming-webhooks"),
    ] {
        let sent: Vec<_> = fields.iter().copied().chain([("me", me.as_str())]).collect();
        let next = location(&mut browser, &format!("{group}/{form}"), &sent).await;
        assert_eq!(next, format!("{group}{page_of_form}"), "{form}");
        let filled = page(&mut browser, &next).await;
        for (name, value) in fields.into_iter().filter(|(name, _)| *name != "client_id") {
            assert!(shows(&filled, &text(name, value)), "{form}: {name}: {filled}");
        }
        assert!(filled.contains("notice bad"), "{form}: {filled}");
        let after = page(&mut browser, &next).await;
        assert!(!after.contains("notice bad") && !after.contains("🧗"), "{form}: once");
    }
}
