//! Receipts of a message, on request.

use crate::support::{Server, room};
use protocol::{ClientFrame, ServerFrame, Timestamp};
use serde_json::Value;

#[tokio::test]
async fn t2_receipts_of_a_group_message() {
    let server = Server::start().await;
    let (anna, ben, carla) =
        (server.register("anna").await, server.register("ben").await, server.register("carla").await);
    let talk = room(&[&anna, &ben, &carla], Some("Three")).await;
    let mut annas = anna.connect().await;
    let message = anna.says(talk, "Who has it?").await;
    let (conversation_id, message_id) = (Some(talk), Some(message.id));
    let (mut bens, mut carlas) = (ben.connect().await, carla.connect().await);
    bens.send(&ClientFrame::MarkDelivered { conversation_id, message_id }).await;
    annas.until(|frame| matches!(frame, ServerFrame::MessageDelivered(_))).await;
    carlas.send(&ClientFrame::MarkRead { conversation_id, message_id }).await;
    annas.until(|frame| matches!(frame, ServerFrame::MessageRead(_))).await;
    let path = format!("/api/conversations/{talk}/messages/{}/receipts", message.id);
    for asker in [&anna, &ben] {
        let answer: Value = asker.get(&path).await.json().await.unwrap();
        let of = |name: &str| {
            let receipts = answer["receipts"].as_array().unwrap();
            let found = receipts.iter().find(|receipt| receipt["user"]["username"] == name).cloned();
            found.unwrap_or_else(|| panic!("{name} in {answer}"))
        };
        assert_eq!(answer["receipts"].as_array().unwrap().len(), 2, "{answer}");
        let time = |value: &Value| serde_json::from_value::<Timestamp>(value.clone()).unwrap();
        let (ben, carla) = (of("ben"), of("carla"));
        assert!(ben["delivered"] == true && ben["read"] == false && ben.get("read_at").is_none(), "{ben}");
        assert!(time(&ben["delivered_at"]) >= message.timestamp, "{ben}");
        assert!(carla["read"] == true && time(&carla["read_at"]) >= message.timestamp, "{carla}");
    }
    let eve = server.register("eve").await;
    let theirs = eve.get(&path).await;
    let nothing = eve.get(&format!("/api/conversations/{talk}/messages/4711/receipts")).await;
    assert_eq!((theirs.status(), nothing.status()), (404.try_into().unwrap(), 404.try_into().unwrap()));
    assert_eq!(theirs.text().await.unwrap(), nothing.text().await.unwrap());
    assert_eq!(anna.get(&format!("/api/conversations/{talk}/messages/x/receipts")).await.status(), 404);
}
