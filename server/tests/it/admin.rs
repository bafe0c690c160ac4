//! Administration over HTTP, by a service key of the scope `admin`.

use crate::support::{Server, room};
use protocol::{ErrorCode, KeyScope, Person};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// A server, and a program that administers it.
struct Office {
    server: Server,
    key: String,
}

impl Office {
    async fn open() -> Self {
        let server = Server::start_with(&[("RAPPORT_LIMITS__SIGN_INS_PER_MINUTE", "10")]).await;
        let key = server.key("office", &[KeyScope::Admin]).await;
        Self { server, key }
    }

    /// Status and body of an answer.
    async fn ask(&self, method: Method, path: &str, body: Option<Value>, id: Option<&str>) -> (u16, Value) {
        let url = format!("{}/api/admin/{path}", self.server.url);
        let mut request = self.server.http.request(method, url).bearer_auth(&self.key);
        if let Some(body) = body {
            request = request.json(&body);
        }
        if let Some(id) = id {
            request = request.header("idempotency-key", id);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        let empty = status == StatusCode::NO_CONTENT;
        (status.as_u16(), if empty { Value::Null } else { serde_json::from_str(&text).expect(&text) })
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path, None, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    async fn change(&self, user: &Person, change: Value) -> (u16, Value) {
        self.ask(Method::PATCH, &format!("people/{}", user.id), Some(change), None).await
    }

    /// The status of a sign-in with this password.
    async fn sign_in(&self, username: &str, password: &str) -> u16 {
        let body = json!({"username": username, "password": password});
        let url = format!("{}/api/token", self.server.url);
        self.server.http.post(url).json(&body).send().await.unwrap().status().as_u16()
    }
}

fn code(answer: &(u16, Value)) -> (u16, ErrorCode) {
    (answer.0, serde_json::from_value(answer.1["error"]["code"].clone()).unwrap())
}

#[tokio::test]
async fn x1_people_are_listed_created_changed_and_suspended() {
    let office = Office::open().await;
    let (anna, ben) = (office.server.register("anna").await, office.server.register("ben").await);
    let page = office.get("people?limit=1").await;
    assert_eq!((&page["people"][0]["user"]["username"], &page["next"]), (&json!("anna"), &json!(anna.me.id)));
    assert_eq!(page["people"][0]["is_admin"], true);
    let rest = office.get(&format!("people?after={}", page["next"])).await;
    assert_eq!((rest["people"].as_array().unwrap().len(), rest.get("next")), (1, None));
    let found = office.get("people?username=BEN").await;
    assert_eq!(found["people"], rest["people"]);
    assert_eq!(office.get("people?username=nobody").await["people"], json!([]));

    let new = json!({"username": "carla", "password": "correct horse battery", "first_name": "Carla"});
    let made = office.ask(Method::POST, "people", Some(new.clone()), Some("one")).await;
    assert_eq!(
        (made.0, &made.1["user"]["first_name"], &made.1["is_admin"]),
        (201, &json!("Carla"), &json!(false))
    );
    let repeated = office.ask(Method::POST, "people", Some(new.clone()), Some("one")).await;
    assert_eq!(repeated, made, "a repeat has the same answer");
    let taken = office.ask(Method::POST, "people", Some(new), None).await;
    assert_eq!(code(&taken), (409, ErrorCode::Conflict));
    assert_eq!(office.sign_in("carla", "correct horse battery").await, 200);

    let renamed = office.change(&ben.me, json!({"first_name": "Benedikt"})).await;
    assert_eq!((renamed.0, &renamed.1["user"]["first_name"]), (200, &json!("Benedikt")));
    let me: Value = ben.get("/api/me").await.json().await.unwrap();
    assert_eq!(me["first_name"], "Benedikt");
    // What is refused changes nothing, also what stands beside it.
    for bad in [
        json!({"first_name": "Other", "password": "short"}),
        json!({"first_name": "Other".repeat(20), "suspended": true}),
        json!({"first_name": "\u{202e}Other", "password": "another good password"}),
    ] {
        assert_eq!(code(&office.change(&ben.me, bad.clone()).await), (422, ErrorCode::Invalid), "{bad}");
    }
    let me: Value = ben.get("/api/me").await.json().await.unwrap();
    assert_eq!((&me["first_name"], me.get("suspended")), (&json!("Benedikt"), None));

    assert_eq!(office.change(&ben.me, json!({"suspended": true})).await.0, 200);
    assert_eq!(ben.get("/api/me").await.status(), 401);
    assert_eq!(office.get(&format!("people/{}", ben.me.id)).await["user"]["suspended"], true);
    let lifted = office.change(&ben.me, json!({"suspended": false, "password": "a password for ben"})).await;
    assert_eq!((lifted.0, lifted.1["user"].get("suspended")), (200, None));
    assert_eq!(office.sign_in("ben", "a password for ben").await, 200);

    let ended = office.ask(Method::DELETE, &format!("people/{}/sessions", anna.me.id), None, None).await;
    assert_eq!(ended.0, 204);
    assert_eq!(anna.get("/api/me").await.status(), 401);
}

#[tokio::test]
async fn x1_wrong_passwords_are_forgiven_by_an_administrator() {
    let office = Office::open().await;
    let ben = office.server.register("ben").await;
    let mut status = 401;
    for _ in 0..40 {
        status = office.sign_in("ben", "a wrong password").await;
        if status == 429 {
            break;
        }
    }
    assert_eq!(status, 429);
    let path = format!("people/{}/unlock", ben.me.id);
    assert_eq!(office.ask(Method::POST, &path, None, None).await.0, 204);
    assert_eq!(office.sign_in("ben", "a wrong password").await, 401);
}

#[tokio::test]
async fn x1_groups_are_listed_without_what_is_said_and_get_an_owner() {
    let office = Office::open().await;
    let (anna, ben) = (office.server.register("anna").await, office.server.register("ben").await);
    let carla = office.server.register("carla").await;
    let club = room(&[&anna, &ben, &carla], Some("Club")).await;
    let pair = room(&[&anna, &ben], None).await;
    anna.says(club, "Between us").await;
    let list = office.get("groups").await;
    assert_eq!((list["groups"].as_array().unwrap().len(), list.get("next")), (1, None));
    assert_eq!(
        (&list["groups"][0]["title"], &list["groups"][0]["member_count"]),
        (&json!("Club"), &json!(3))
    );
    let details = office.get(&format!("groups/{club}")).await;
    assert_eq!(details["members"][1]["role"], "member");
    assert!(!format!("{list}{details}").contains("Between us"));

    assert_eq!(office.change(&anna.me, json!({"suspended": true})).await.0, 200);
    let owner = format!("groups/{club}/owners/{}", ben.me.id);
    assert_eq!(office.ask(Method::PUT, &owner, None, None).await, (200, json!({"changed": true})));
    assert_eq!(office.ask(Method::PUT, &owner, None, None).await, (200, json!({"changed": false})));
    assert_eq!(office.get(&format!("groups/{club}")).await["members"][1]["role"], "owner");
    let (path, title) = (format!("/api/conversations/{club}"), json!({"title": "Ours"}));
    assert_eq!(ben.ask(Method::PATCH, &path, Some(&title)).await.status(), 200);

    assert_eq!(office.change(&carla.me, json!({"suspended": true})).await.0, 200);
    let suspended =
        office.ask(Method::PUT, &format!("groups/{club}/owners/{}", carla.me.id), None, None).await;
    assert_eq!(code(&suspended), (403, ErrorCode::Suspended));
    for path in [format!("groups/{pair}/owners/{}", ben.me.id), format!("groups/{club}/owners/4711")] {
        assert_eq!(
            code(&office.ask(Method::PUT, &path, None, None).await),
            (404, ErrorCode::NotFound),
            "{path}"
        );
    }
    for path in [format!("groups/{pair}"), "groups/4711".into(), "groups/x".into(), "people/x".into()] {
        assert_eq!(
            code(&office.ask(Method::GET, &path, None, None).await),
            (404, ErrorCode::NotFound),
            "{path}"
        );
    }
}

#[tokio::test]
async fn x1_service_keys_are_made_listed_and_revoked() {
    let office = Office::open().await;
    let new = json!({"name": "shop", "scopes": ["subjects", "webhooks", "subjects"]});
    let made = office.ask(Method::POST, "keys", Some(new.clone()), Some("one")).await;
    assert_eq!((made.0, &made.1["key"]["scopes"]), (201, &json!(["subjects", "webhooks"])));
    let secret = made.1["secret"].as_str().unwrap().to_owned();
    let about = async |secret: &str| {
        let request = office.server.http.get(format!("{}/api/key", office.server.url)).bearer_auth(secret);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(about(&secret).await, 200);
    let repeated = office.ask(Method::POST, "keys", Some(new.clone()), Some("one")).await;
    assert_eq!(
        (repeated.0, &repeated.1["secret"], &repeated.1["key"]["id"]),
        (201, &json!(secret), &made.1["key"]["id"])
    );
    let other = json!({"name": "other", "scopes": ["subjects"]});
    let conflict = office.ask(Method::POST, "keys", Some(other.clone()), Some("one")).await;
    assert_eq!(code(&conflict), (409, ErrorCode::IdConflict));
    let taken = office.ask(Method::POST, "keys", Some(new.clone()), Some("two")).await;
    assert_eq!(code(&taken), (409, ErrorCode::Conflict));
    for bad in [json!({"name": "7", "scopes": ["subjects"]}), json!({"name": "none", "scopes": []})] {
        let refused = office.ask(Method::POST, "keys", Some(bad.clone()), None).await;
        assert_eq!(code(&refused), (422, ErrorCode::Invalid), "{bad}");
    }

    let list = office.get("keys").await;
    let names: Vec<_> = list["keys"].as_array().unwrap().iter().map(|key| key["name"].clone()).collect();
    assert_eq!(names, ["office", "shop"]);
    assert!(!list.to_string().contains(&secret));
    let path = format!("keys/{}", made.1["key"]["id"]);
    assert_eq!(office.ask(Method::DELETE, &path, None, None).await.0, 204);
    assert_eq!(about(&secret).await, 401);
    assert_eq!(code(&office.ask(Method::DELETE, &path, None, None).await), (404, ErrorCode::NotFound));
    // The request of a revoked key brings it back to nobody.
    let again = office.ask(Method::POST, "keys", Some(new), Some("one")).await;
    assert_eq!(code(&again), (409, ErrorCode::IdConflict));
    assert_eq!(about(&secret).await, 401);
}
