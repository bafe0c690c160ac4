//! A demonstration at a quick pace, and visitors who are clients like the companions.

use super::client::DemoClient;
use super::{Demo, Timing, folder};
use crate::data_dir::database_path;
use chat::bus::Local;
use chat::store::{Sqlite, Store};
use chat::{ChatService, Limits, Supervisor, SystemClock};
use protocol::{
    ClientFrame, ConversationId, Message, MessageDelivered, MessageRead, NewMessage, Person, ServerFrame,
    Status, Typing,
};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

struct World {
    demo: Demo,
    chat: ChatService,
    stop: CancellationToken,
    _folder: TempDir,
}

impl World {
    async fn new(timing: Timing) -> Self {
        let folder = folder().unwrap();
        let demo = Demo::make(folder.path(), timing).await.unwrap();
        let store: Arc<dyn Store> = Arc::new(Sqlite::open(database_path(folder.path())).await.unwrap());
        let (stop, limits) = (CancellationToken::new(), Limits::default());
        let (bus, clock) = (Arc::new(Local::new()), Arc::new(SystemClock));
        let supervisor = Supervisor::new(stop.clone());
        let chat = ChatService::start(store, bus, clock, limits, &[7; 32], &supervisor).await.unwrap();
        demo.begin(&chat, &supervisor);
        Self { demo, chat, stop, _folder: folder }
    }

    fn person(&self, username: &str) -> Person {
        let mut people = self.demo.cast.people.values();
        people.find(|(person, _)| person.username == username).unwrap().0.clone()
    }

    /// A visitor signs in as this person and opens a page.
    fn visitor(&self, username: &str) -> (Person, DemoClient) {
        self.demo.take(username).unwrap();
        let me = self.person(username);
        let line = DemoClient::open(&self.chat, &me, &self.stop);
        (me, line)
    }

    async fn talk(&self, me: &Person, name: &str) -> ConversationId {
        let list = self.chat.conversations(me).await.unwrap();
        list.iter().find(|conversation| conversation.name_for(me.id) == name).unwrap().id
    }

    async fn said(&self, me: &Person, id: ConversationId) -> Vec<Message> {
        self.chat.page(me, id, None, 50).await.unwrap().messages
    }

    /// Messages of the conversation since the start of the demonstration.
    async fn news(&self, me: &Person, id: ConversationId) -> Vec<String> {
        let said = self.said(me, id).await.into_iter();
        said.filter(|message| message.timestamp >= self.demo.cast.began)
            .map(|message| format!("{}: {}", message.sender.username, message.content))
            .collect()
    }
}

async fn until<T>(line: &mut DemoClient, mut wanted: impl FnMut(ServerFrame) -> Option<T>) -> T {
    let found = async {
        loop {
            if let Some(found) = wanted(line.next().await.expect("the line is up")) {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), found).await.expect("a frame")
}

fn says(line: &DemoClient, id: ConversationId, content: &str) {
    let content = content.to_owned();
    line.say(&ClientFrame::ChatMessage {
        conversation_id: Some(id),
        content,
        client_id: None,
        reply_to: None,
    });
}

/// The next message there of somebody else.
async fn hears(line: &mut DemoClient, me: &Person, id: ConversationId) -> Message {
    until(line, |frame| match frame {
        ServerFrame::NewMessage(NewMessage { conversation_id, message, .. })
            if conversation_id == id && message.sender.id != me.id =>
        {
            Some(message)
        }
        _ => None,
    })
    .await
}

#[tokio::test]
async fn t2_there_is_much_to_look_at_and_it_keeps_the_contract() {
    let world = World::new(Timing::quick()).await;
    assert_eq!(world.demo.offered().count(), 4);
    for visitor in world.demo.offered() {
        let list = world.chat.conversations(visitor).await.unwrap();
        assert!(list.len() >= 5, "{}: {}", visitor.username, list.len());
        assert!(
            list.iter().filter(|conversation| conversation.unread > 0).count() >= 2,
            "{}",
            visitor.username
        );
        for conversation in &list {
            let last = conversation.last_message.as_ref().unwrap();
            assert_eq!(last.seq, conversation.rev, "no gap up to the counter");
            assert!(last.timestamp <= world.demo.cast.began);
        }
    }
    let ada = world.person("ada");
    let long = world.talk(&ada, "Atlas House").await;
    let long = world.chat.conversation(&ada, long).await.unwrap();
    assert!(long.rev > 3_000, "{}", long.rev);
    assert_eq!(long.unread, 7);
}

#[tokio::test]
async fn p1_a_companion_receives_reads_types_and_answers() {
    let world = World::new(Timing::quick()).await;
    let (ada, mut line) = world.visitor("ada");
    let talk = world.talk(&ada, "Robin Bell").await;
    let robin = world.person("robin").id;
    until(&mut line, |frame| matches!(frame, ServerFrame::ConnectionEstablished(_)).then_some(())).await;
    says(&line, talk, "What do the ticks mean?");
    // On a busy machine receipts and typing may arrive after later messages.
    let (mut received, mut read, mut typed, mut answer) = (false, false, false, None);
    let answer = until(&mut line, |frame| {
        match frame {
            ServerFrame::MessageDelivered(MessageDelivered { user_id, .. }) if user_id == robin => {
                received = true
            }
            ServerFrame::MessageRead(MessageRead { reader_id, .. }) if reader_id == robin => read = true,
            ServerFrame::Typing(Typing { user_id, is_typing: true, .. }) if user_id == robin => typed = true,
            ServerFrame::NewMessage(NewMessage { message, .. }) if message.sender.id == robin => {
                answer = Some(message)
            }
            _ => {}
        }
        if received && read && typed { answer.take() } else { None }
    })
    .await;
    assert!(answer.content.contains("tick"), "{}", answer.content);
}

#[tokio::test]
async fn p1_an_offline_companion_comes_online_for_a_message() {
    let world = World::new(Timing::quick()).await;
    let (ada, mut line) = world.visitor("ada");
    let (noa, talk) = (world.person("noa").id, world.talk(&ada, "נועה לוי").await);
    until(&mut line, |frame| matches!(frame, ServerFrame::ConnectionEstablished(_)).then_some(())).await;
    says(&line, talk, "Hello Noa!");
    until(&mut line, |frame| matches!(frame, ServerFrame::UserStatus(status) if status.user_id == noa && status.status == Status::Online).then_some(())).await;
    assert!(hears(&mut line, &ada, talk).await.content.contains("Ada"));
}

#[tokio::test]
async fn p1_companions_are_away_after_a_while_and_go() {
    let world = World::new(Timing::quick()).await;
    let (ada, mut line) = world.visitor("ada");
    let (robin, noa) = (world.person("robin").id, world.person("noa").id);
    let (host, guest) = (world.talk(&ada, "Robin Bell").await, world.talk(&ada, "נועה לוי").await);
    says(&line, guest, "Hello Noa!");
    says(&line, host, "Hello Robin!");
    // The order is not fixed.
    let mut left = vec![(robin, Status::Away), (noa, Status::Offline)];
    while !left.is_empty() {
        let told = until(&mut line, |frame| match frame {
            ServerFrame::UserStatus(status) => Some((status.user_id, status.status)),
            _ => None,
        });
        let told = told.await;
        left.retain(|expected| *expected != told);
    }
}

#[tokio::test]
async fn companions_do_not_answer_each_other_nor_for_a_taken_user() {
    let world = World::new(Timing::quick()).await;
    let (ada, mut line) = world.visitor("ada");
    let (karim, _karims) = world.visitor("karim");
    // A companion plays this user; the test sends in its place.
    let marek = world.person("marek");
    let robins = world.person("robin").username;
    let (among, _) = world.chat.open_conversation(&marek, &[robins], None).await.unwrap();
    world.chat.send(&marek, among.id, "Hello Robin, how are you?", None, None).await.unwrap();
    let silent = world.talk(&ada, "كريم حداد").await;
    world.chat.send(&ada, silent, "Hello Karim!", None, None).await.unwrap();
    // Both were sent before this message, which is answered.
    let talk = world.talk(&ada, "Robin Bell").await;
    says(&line, talk, "help");
    assert!(hears(&mut line, &ada, talk).await.content.contains("Ask me"));
    assert_eq!(world.news(&marek, among.id).await, ["marek: Hello Robin, how are you?"]);
    assert_eq!(world.news(&karim, silent).await, ["ada: Hello Karim!"]);
}

#[tokio::test]
async fn in_a_group_the_named_companion_or_the_host_answers() {
    let world = World::new(Timing::quick()).await;
    let (ada, mut line) = world.visitor("ada");
    let group = world.talk(&ada, "Sea of Stars ✨").await;
    until(&mut line, |frame| matches!(frame, ServerFrame::ConnectionEstablished(_)).then_some(())).await;
    says(&line, group, "Thank you, Priya!");
    assert_eq!(hears(&mut line, &ada, group).await.sender.username, "priya");
    says(&line, group, "help");
    assert_eq!(hears(&mut line, &ada, group).await.sender.username, "robin");
    assert_eq!(world.news(&ada, group).await.len(), 4, "nobody answered those answers");
}

#[tokio::test]
async fn unasked_messages_are_sent_once_while_a_visitor_is_there() {
    let world = World::new(Timing::quick_stage()).await;
    let before = world.person("ada");
    let kitchen = world.talk(&before, "Tea kitchen 🫖").await;
    assert_eq!(world.news(&before, kitchen).await, [""; 0]);
    let (ada, mut line) = world.visitor("ada");
    let last = until(&mut line, |frame| match frame {
        ServerFrame::NewMessage(NewMessage { message, .. })
            if message.content == "It was delicious, Robin." =>
        {
            Some(message)
        }
        _ => None,
    });
    last.await;
    let said = world.news(&ada, kitchen).await;
    assert!((6..=12).contains(&said.len()), "{said:?}");
}

#[tokio::test]
async fn r1_a_companion_resumes_after_its_visitor_has_left() {
    let world = World::new(Timing::quick_to_miss()).await;
    let (ada, mut line) = world.visitor("ada");
    let page = world.demo.visitors().opens(ada.id).unwrap();
    let karim = world.person("karim");
    let karims = world.demo.take("karim").map(|_| world.demo.visitors().opens(karim.id).unwrap());
    let talk = world.talk(&ada, "كريم حداد").await;
    until(&mut line, |frame| matches!(frame, ServerFrame::ConnectionEstablished(_)).then_some(())).await;
    says(&line, talk, "Hello Karim!");
    // A user who is taken and not simulated does not answer; a companion that is asked later does.
    let robin = world.talk(&ada, "Robin Bell").await;
    says(&line, robin, "help");
    hears(&mut line, &ada, robin).await;
    assert_eq!(world.news(&ada, talk).await, ["ada: Hello Karim!"]);
    // After the page is closed, waiting messages are answered.
    drop(karims);
    assert_eq!(hears(&mut line, &ada, talk).await.sender.id, karim.id);
    // An open page keeps the visit alive without requests.
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(world.demo.visitors().has(ada.id));
    // A visitor who returns is not simulated.
    world.demo.visitors().seen(karim.id);
    assert!(!world.demo.cast.plays(karim.id));
    // A sign-out ends the visit at once.
    world.demo.visitors().left(ada.id);
    assert!(world.demo.visitors().has(ada.id), "while a page is open");
    drop(page);
    let mut taken = world.demo.visitors().watch();
    let gone = taken.wait_for(|taken| !taken.contains(&ada.id));
    tokio::time::timeout(Duration::from_secs(5), gone).await.unwrap().unwrap();
}
