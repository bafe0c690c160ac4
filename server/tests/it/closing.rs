//! Closing and reopening conversations about subjects by participants, over every transport.

use crate::support::{Browser, PASSWORD, Person, Server, room};
use protocol::{
    ClientFrame, ClientId, Conversation, ConversationId, ErrorCode, KeyScope, Message, ServerFrame,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

const SELLERS_CLOSE: [(&str, &str); 4] = [
    ("RAPPORT_SUBJECTS__LISTING__NAME", "Listing"),
    ("RAPPORT_SUBJECTS__LISTING__ROLES", "buyer, seller"),
    ("RAPPORT_SUBJECTS__LISTING__PER_SUBJECT", "many"),
    ("RAPPORT_SUBJECTS__LISTING__CLOSED_BY", "seller"),
];

/// A conversation of the buyer `anna` and the seller `ben`, and `eve`, who is no member.
struct Sale {
    server: Server,
    key: String,
    id: ConversationId,
    anna: Person,
    ben: Person,
    eve: Person,
}

impl Sale {
    async fn begin() -> Self {
        let server = Server::start_with(&SELLERS_CLOSE).await;
        let key = server.key("shop", &[KeyScope::Subjects]).await;
        let (anna, ben, eve) =
            (server.register("anna").await, server.register("ben").await, server.register("eve").await);
        let id = ConversationId(0);
        let mut sale = Self { server, key, id, anna, ben, eve };
        let card = json!({"title": "A bicycle", "participants":
            [{"username": "anna", "role": "buyer"}, {"username": "ben", "role": "seller"}]});
        let opened = sale.product(Method::PUT, "", &card).await;
        assert_eq!(opened.status(), 201);
        let opened: Value = opened.json().await.unwrap();
        sale.id = ConversationId(opened["id"].as_i64().unwrap());
        sale
    }

    async fn product(&self, method: Method, action: &str, body: &Value) -> Response {
        let url = format!("{}/api/subjects/listing/42/conversation{action}", self.server.url);
        self.server.http.request(method, url).bearer_auth(&self.key).json(body).send().await.unwrap()
    }

    fn path(&self, action: &str) -> String {
        format!("/api/conversations/{}/{action}", self.id)
    }

    /// The reason for which it is closed, as the buyer reads it.
    async fn closed(&self) -> Option<String> {
        let path = format!("/api/conversations/{}", self.id);
        let conversation: Conversation = self.anna.get(&path).await.json().await.unwrap();
        conversation.closed().map(str::to_owned)
    }

    async fn last_message(&self) -> Message {
        self.anna.reads(self.id).await.pop().unwrap()
    }
}

async fn refused(answer: Response) -> (u16, ErrorCode) {
    let status = answer.status().as_u16();
    (status, answer.json::<protocol::ApiError>().await.unwrap().error.code)
}

#[tokio::test]
async fn c4_a_seller_closes_and_reopens_by_http_and_others_do_not() {
    let sale = Sale::begin().await;
    let sold = json!({"reason": " Sold "});
    let answer = sale.ben.post(&sale.path("close"), &sold).await;
    assert_eq!(answer.status(), 200);
    let closed: Conversation = answer.json().await.unwrap();
    assert_eq!(closed.closed(), Some("Sold"));
    let last = sale.last_message().await;
    assert_eq!(
        (last.sender.username.as_str(), last.content.as_str()),
        ("ben", "closed the conversation: Sold")
    );
    assert!(last.event.unwrap().by_sender);
    let send = sale.anna.post(&sale.path("messages"), &json!({"content": "x"})).await;
    assert_eq!(refused(send).await, (409, ErrorCode::Closed));

    for action in ["close", "reopen"] {
        let answer = sale.anna.post(&sale.path(action), &sold).await;
        assert_eq!(refused(answer).await, (403, ErrorCode::Forbidden), "{action} by the buyer");
        let strange = sale.eve.post(&sale.path(action), &sold).await;
        let strange = (strange.status(), strange.text().await.unwrap());
        let unknown = sale.eve.post(&format!("/api/conversations/4711/{action}"), &sold).await;
        assert_eq!(strange.0, 404, "{action}");
        assert_eq!(strange, (unknown.status(), unknown.text().await.unwrap()), "{action} by a stranger");
    }
    for reason in ["", " ", "a\nb", &"x".repeat(281)] {
        let answer = sale.ben.post(&sale.path("close"), &json!({"reason": reason})).await;
        assert_eq!(refused(answer).await, (422, ErrorCode::Invalid), "{reason:?}");
    }
    assert_eq!(sale.closed().await.as_deref(), Some("Sold"));

    // Without a body.
    let reopen = format!("{}{}", sale.server.url, sale.path("reopen"));
    let answer = sale.server.http.post(reopen).bearer_auth(&sale.ben.access).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), sale.closed().await), (200, None));
    assert_eq!(sale.last_message().await.content, "reopened the conversation");
    // What the product closed stays closed.
    let by_product = sale.product(Method::POST, "/close", &json!({"reason": "Gone"})).await;
    assert_eq!(by_product.json::<Value>().await.unwrap(), json!({"changed": 1}));
    assert!(!sale.last_message().await.event.unwrap().by_sender);
    for action in ["close", "reopen"] {
        let refused = refused(sale.ben.post(&sale.path(action), &sold).await).await;
        assert_eq!(refused, (403, ErrorCode::Forbidden), "{action} after the product");
    }
    assert_eq!(sale.closed().await.as_deref(), Some("Gone"));
    let mut ben = Browser::new(&sale.server);
    ben.submit("/sign-in", &[("username", "ben"), ("password", PASSWORD)]).await;
    let shown = ben.get(&format!("/c/{}?details", sale.id)).await.text().await.unwrap();
    assert!(!shown.contains(&format!("action=\"/c/{}/reopen\"", sale.id)), "{shown}");
    sale.product(Method::POST, "/reopen", &json!({})).await;
    assert_eq!(sale.closed().await, None);
    // A conversation about nothing.
    let pair = room(&[&sale.ben, &sale.anna], None).await;
    let answer = sale.ben.post(&format!("/api/conversations/{pair}/close"), &sold).await;
    assert_eq!(refused(answer).await, (403, ErrorCode::Forbidden));
}

#[tokio::test]
async fn c4_a_seller_closes_and_reopens_over_a_socket() {
    let sale = Sale::begin().await;
    let (mut annas, mut bens) = (sale.anna.connect().await, sale.ben.connect().await);
    let conversation_id = Some(sale.id);
    let close = |reason: &str, client_id| {
        let reason = reason.to_owned();
        ClientFrame::CloseConversation { conversation_id, reason, client_id }
    };
    let first = Some(ClientId::mint());
    bens.send(&close("Sold", first)).await;
    bens.until(|frame| matches!(frame, ServerFrame::Done(done) if Some(done.client_id) == first)).await;
    annas.until(|frame| matches!(frame, ServerFrame::NewMessage(_))).await;
    assert_eq!(sale.closed().await.as_deref(), Some("Sold"));
    let client_id = Some(ClientId::mint());
    bens.send(&ClientFrame::ReopenConversation { conversation_id, client_id }).await;
    bens.until(|frame| matches!(frame, ServerFrame::Done(done) if Some(done.client_id) == client_id)).await;
    // A repeat of the first request changes nothing, another one with its id is refused.
    bens.send(&close("Sold", first)).await;
    bens.until(|frame| matches!(frame, ServerFrame::Done(done) if Some(done.client_id) == first)).await;
    assert_eq!(sale.closed().await, None);
    for (frame, code) in
        [(close("Gone", first), ErrorCode::IdConflict), (close(" ", client_id), ErrorCode::Invalid)]
    {
        bens.send(&frame).await;
        assert_eq!(bens.refused().await.code, code);
    }
    let client_id = Some(ClientId::mint());
    for frame in [close("Mine", client_id), ClientFrame::ReopenConversation { conversation_id, client_id }] {
        annas.send(&frame).await;
        let refused = annas.refused().await;
        assert_eq!((refused.code, refused.client_id), (ErrorCode::Forbidden, client_id));
    }
    let mut eves = sale.eve.connect().await;
    eves.send(&close("Theirs", client_id)).await;
    assert_eq!(eves.refused().await.code, ErrorCode::NotFound);
    assert_eq!(sale.closed().await, None);
}

#[tokio::test]
async fn c4_a_seller_closes_and_reopens_by_a_plain_form() {
    let sale = Sale::begin().await;
    let (page, details) = (format!("/c/{}", sale.id), format!("/c/{}?details", sale.id));
    let (close, reopen) = (format!("{page}/close"), format!("{page}/reopen"));
    let mut ben = Browser::new(&sale.server);
    ben.submit("/sign-in", &[("username", "ben"), ("password", PASSWORD)]).await;
    let shown = ben.get(&details).await.text().await.unwrap();
    assert!(shown.contains(&format!("action=\"{close}\"")) && !shown.contains(&reopen), "{shown}");
    ben.submit(&close, &[("reason", "\u{7}")]).await;
    let shown = ben.get(&details).await.text().await.unwrap();
    assert!(shown.contains("The reason is one line of at most 280 characters."), "{shown}");
    // Rendered for another person: nothing is done in their name.
    ben.submit(&close, &[("reason", "Sold"), ("me", "987654")]).await;
    assert_eq!(sale.closed().await, None);
    let answer = ben.submit(&close, &[("reason", "Sold <b>")]).await;
    assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (303, &*details));
    assert_eq!(sale.closed().await.as_deref(), Some("Sold <b>"));
    let shown = ben.get(&details).await.text().await.unwrap();
    assert!(shown.contains(&format!("action=\"{reopen}\"")) && !shown.contains(&close), "{shown}");
    assert!(shown.contains("You closed the conversation: \u{2068}Sold &lt;b&gt;\u{2069}"), "{shown}");

    // The buyer reads who did it, and has no form.
    let mut anna = Browser::new(&sale.server);
    anna.submit("/sign-in", &[("username", "anna"), ("password", PASSWORD)]).await;
    let shown = anna.get(&details).await.text().await.unwrap();
    let line = "\u{2068}ben\u{2069} closed the conversation: \u{2068}Sold &lt;b&gt;\u{2069}";
    assert!(shown.contains(line), "{shown}");
    assert!(!shown.contains(&close) && !shown.contains(&reopen), "{shown}");
    anna.submit(&reopen, &[]).await;
    assert_eq!(sale.closed().await.as_deref(), Some("Sold <b>"));
    let refused = anna.get(&details).await.text().await.unwrap();
    assert!(refused.contains("role=\"alert\""), "{refused}");
    ben.submit(&reopen, &[]).await;
    assert_eq!(sale.closed().await, None);
}
