//! Sending, with a clock of the test.

use super::*;
use protocol::{MessageId, MessageType, Person, Timestamp, UserId};

type Answer = oneshot::Receiver<Result<Message, Error>>;

fn submit(outbox: &mut Outbox, room: i64, content: &str, now: Instant) -> (ClientId, Answer) {
    let (result, answer) = oneshot::channel();
    let client_id = ClientId::mint();
    let (conversation, content) = (ConversationId(room), content.to_owned());
    outbox.push(Submission { client_id, conversation, content, result }, now);
    (client_id, answer)
}

fn contents(frames: Vec<ClientFrame>) -> Vec<String> {
    let content = |frame| match frame {
        ClientFrame::ChatMessage { content, .. } => content,
        other => panic!("{other:?}"),
    };
    frames.into_iter().map(content).collect()
}

fn stored(client_id: ClientId) -> Message {
    let sender = Person {
        id: UserId(1),
        username: "robot".into(),
        first_name: String::new(),
        last_name: String::new(),
        hue: None,
        suspended: false,
        bot: false,
        name_key: None,
        picture: None,
    };
    Message {
        id: MessageId(1),
        conversation_id: ConversationId(1),
        seq: 1,
        rev: 1,
        client_id,
        sender,
        content: String::new(),
        message_type: MessageType::Text,
        timestamp: Timestamp(0),
        edited_at: None,
        deleted_at: None,
        reply_to: None,
        event: None,
    }
}

#[tokio::test]
async fn messages_of_a_conversation_go_out_one_at_a_time() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    let (first, answer) = submit(&mut outbox, 1, "one", now);
    submit(&mut outbox, 1, "two", now);
    submit(&mut outbox, 2, "elsewhere", now);
    assert_eq!(contents(outbox.due(now)), ["one", "elsewhere"]);
    assert_eq!(contents(outbox.due(now)), [""; 0]);
    outbox.on_ack(first, stored(first));
    assert_eq!(answer.await.unwrap().unwrap().client_id, first);
    assert_eq!(contents(outbox.due(now)), ["two"]);
    outbox.on_lost();
    assert_eq!(contents(outbox.due(now)), ["two", "elsewhere"], "again after a lost connection");
}

#[tokio::test]
async fn a_refusal_for_the_rate_is_tried_again_and_another_one_is_not() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    let (first, answer) = submit(&mut outbox, 1, "one", now);
    let (second, refused) = submit(&mut outbox, 1, "two", now);
    outbox.due(now);
    outbox.on_error(first, ErrorBody::rate_limited(2.0), now);
    assert_eq!(contents(outbox.due(now + Duration::from_millis(1_900))), [""; 0]);
    let later = now + Duration::from_secs(2);
    assert_eq!(outbox.next_deadline(), Some(later));
    assert_eq!(contents(outbox.due(later)), ["one"]);
    outbox.on_ack(first, stored(first));
    answer.await.unwrap().unwrap();
    outbox.due(later);
    outbox.on_error(second, ErrorCode::NotFound.into(), later);
    assert_eq!(refused.await.unwrap(), Err(Error::Refused(ErrorCode::NotFound.into())));
    assert!(outbox.is_empty());
}

#[tokio::test]
async fn waiting_is_bounded_in_time_and_number() {
    let (mut outbox, now) = (Outbox::default(), Instant::now());
    let (client_id, answer) = submit(&mut outbox, 1, "one", now);
    outbox.due(now);
    assert!(!outbox.is_unanswered(now + PATIENCE / 2) && outbox.is_unanswered(now + PATIENCE));
    outbox.expire(now + GIVE_UP / 2);
    assert!(!outbox.is_empty());
    outbox.expire(now + GIVE_UP);
    assert_eq!(answer.await.unwrap(), Err(Error::Unacknowledged(client_id)));
    for n in 0..MOST {
        submit(&mut outbox, i64::try_from(n).unwrap(), "many", now);
    }
    assert_eq!(submit(&mut outbox, 1, "too many", now).1.await.unwrap(), Err(Error::OutboxFull));
    outbox.end(&Error::Ended);
    assert!(outbox.is_empty());
}
