//! R7: imports and exports, on both databases.

mod subjects;

use crate::ManualClock;
use crate::store::contract::{World, read};
use crate::store::{GroupChange, GroupUpdate, GroupWrite, Outcome, Postgres, Sqlite, Write};
use crate::transfer::{self, ImportError, Progress};
use protocol::{ConversationId, GroupEventKind, History, Role, ServerFrame, Timestamp, UserId};

use std::sync::{Arc, LazyLock};
use subjects::{
    KINDS, r7_a_bad_subject_is_named_by_its_line, r7_a_subject_is_found_by_its_participants,
    r7_subjects_are_kept_in_a_round_trip,
};

/// One server for all of these tests.
static SERVER: LazyLock<test_servers::Postgres> =
    LazyLock::new(|| test_servers::Postgres::start().expect("Postgres"));

async fn on_sqlite() -> (World, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(folder.path().join("rapport.db")).await.unwrap();
    (World::new(Arc::new(store)), folder)
}

async fn on_postgres() -> World {
    World::new(Arc::new(Postgres::open_url(&SERVER.database().unwrap()).await.unwrap()))
}

/// Makes a test of each rule for each database.
macro_rules! on_both {
    ($($rule:ident)*) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $rule() {
                let (world, _folder) = super::on_sqlite().await;
                super::$rule(&world).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $rule() {
                super::$rule(&super::on_postgres().await).await;
            })*
        }
    };
}

on_both! {
    r7_an_import_is_read_as_if_it_had_been_sent
    r7_an_import_repeats_nothing
    r7_a_round_trip_changes_nothing
    r7_a_bad_line_leaves_nothing_of_its_batch
    r7_a_file_that_is_cut_is_named_by_its_last_line
    r7_servers_can_notice_an_import
    r7_a_direct_conversation_is_found_by_its_pair
    r7_runs_of_one_sender_are_counted_past
    r7_one_conversation_is_exported_with_its_people
    r7_groups_keep_their_picture_their_history_and_their_events
    r7_imports_at_once_duplicate_nothing
    r7_an_account_is_erased_with_what_was_imported
    c2_an_import_ends_the_rest_of_memberships
    r7_subjects_are_kept_in_a_round_trip
    r7_a_subject_is_found_by_its_participants
    r7_a_bad_subject_is_named_by_its_line
    r7_bots_stay_bots
}

/// A time after the messages of [`FILE`].
const NOW: Timestamp = Timestamp(1_800_000_000_000_000);

const FILE: &str = r#"{"type":"user","username":"ana","first_name":"Ana","last_name":"Ünal","hue":3}
{"type":"user","username":"bob","created_at":"2024-01-01T00:00:00.000001Z"}
{"type":"user","username":"cyd","suspended":true}
{"type":"conversation","key":"team","title":"Team ☕","members":["ana","bob"],"former":["cyd"],"moderators":["bob"],"read":{"bob":1}}
{"type":"conversation","key":"pair","members":["bob","ana"],"created_at":"2024-01-01T00:00:00Z"}
{"type":"message","conversation":"team","sender":"cyd","client_id":"01890000-0000-7000-8000-000000000001","content":"سلام 👋\n  two lines","timestamp":"2024-02-01T10:00:00Z"}
{"type":"message","conversation":"pair","sender":"ana","client_id":"01890000-0000-7000-8000-000000000002","content":"only we two","timestamp":"2024-02-03T10:00:00Z"}
{"type":"message","conversation":"team","sender":"cyd","client_id":"01890000-0000-7000-8000-000000000003","content":"left","timestamp":"2024-02-01T11:00:00Z","system":true}
{"type":"message","conversation":"team","sender":"ana","client_id":"01890000-0000-7000-8000-000000000004","content":"oh","timestamp":"2024-02-01T12:00:00Z","reply_to":{"sender":"cyd","client_id":"01890000-0000-7000-8000-000000000001"}}
{"type":"message","conversation":"team","sender":"ana","client_id":"01890000-0000-7000-8000-000000000005","timestamp":"2024-02-01T12:01:00Z","deleted_at":"2024-02-01T13:00:00Z"}
"#;

async fn try_import(world: &World, file: &str) -> Result<Progress, ImportError> {
    transfer::import(&*world.store, &ManualClock::at(NOW), &KINDS, file.as_bytes(), |_| {}).await
}

async fn import(world: &World, file: &str) -> Progress {
    try_import(world, file).await.unwrap()
}

async fn export(world: &World) -> String {
    let mut out = Vec::new();
    transfer::export(&*world.store, None, &mut out).await.unwrap().unwrap();
    String::from_utf8(out).unwrap()
}

async fn id(world: &World, username: &str) -> UserId {
    world.store.account_by_name(username).await.unwrap().unwrap().person.id
}

/// The line that is refused, and the reason.
#[track_caller]
fn refused(result: Result<Progress, ImportError>) -> (u64, String) {
    match result {
        Err(ImportError::Line { line, why, .. }) => (line, why.message),
        other => panic!("not refused: {other:?}"),
    }
}

async fn r7_an_import_is_read_as_if_it_had_been_sent(world: &World) {
    let counts = import(world, FILE).await.counts;
    assert_eq!((counts.people, counts.conversations, counts.messages, counts.repeated), (3, 2, 5, 0));
    let (ana, bo, cy) = (id(world, "ana").await, id(world, "bob").await, id(world, "cyd").await);
    let list = world.store.conversations(ana).await.unwrap();
    let titles: Vec<_> = list.iter().map(|one| (one.title.as_deref(), one.unread)).collect();
    assert_eq!(titles, [(None, 0), (Some("Team ☕"), 0)], "the newest first");
    let team = list[1].id;
    let unread: Vec<_> = world.store.conversations(bo).await.unwrap().iter().map(|one| one.unread).collect();
    assert_eq!(unread, [0, 1], "bo has read the first message; a deleted one does not count");
    assert_eq!(world.store.conversations(cy).await.unwrap(), []);
    let page = world.store.page(bo, team, None, 50).await.unwrap();
    let seen: Vec<_> = page.messages.iter().map(|m| (m.seq, m.content.as_str(), m.timestamp)).collect();
    let at = |time: &str| Timestamp::parse(time).unwrap();
    assert_eq!(seen[0], (1, "سلام 👋\n  two lines", at("2024-02-01T10:00:00Z")));
    assert_eq!(seen[3], (4, "", at("2024-02-01T12:01:00Z")));
    assert_eq!(page.messages[2].reply_to, Some(page.messages[0].id));
    assert_eq!(page.messages[3].deleted_at, Some(at("2024-02-01T13:00:00Z")));
    assert_eq!(list[1].created_at, at("2024-02-01T10:00:00Z"), "that of the first message");
    let (positions, _) = world.store.conversation_page(ana, None, None, None, 1).await.unwrap();
    assert_eq!(positions[0].id, list[0].id);
    let found = world.store.people(bo, "unal", 5).await.unwrap();
    assert_eq!(found.iter().map(|person| person.hue).collect::<Vec<_>>(), [Some(3)]);
    assert_eq!(world.store.suspended().await.unwrap(), [cy]);
    // The history goes on where it ends.
    let next = world.send(ana, team, "go on").await;
    assert_eq!(next.seq, 5);
    assert_eq!(world.store.conversation(bo, team).await.unwrap().unread, 2);
    assert!(world.write(read(bo, team, None)).await.is_ok());
    assert_eq!(world.store.conversation(bo, team).await.unwrap().unread, 0);
}

async fn r7_an_import_repeats_nothing(world: &World) {
    import(world, FILE).await;
    let (ana, bo) = (id(world, "ana").await, id(world, "bob").await);
    let team = world.store.conversations(ana).await.unwrap()[1].id;
    world.send(bo, team, "afterwards").await;
    let dump = world.dump(&[ana, bo], &[team]).await;
    let counts = import(world, FILE).await.counts;
    assert_eq!((counts.people, counts.conversations, counts.messages, counts.repeated), (0, 0, 0, 10));
    assert_eq!(world.dump(&[ana, bo], &[team]).await, dump);
    // A file that has grown.
    let line = r#"{"type":"message","conversation":"team","sender":"bob","client_id":"01890000-0000-7000-8000-000000000009","content":"late","timestamp":"2024-01-01T00:00:00Z"}"#;
    let counts = import(world, &format!("{FILE}{line}\n{line}\n")).await.counts;
    assert_eq!((counts.messages, counts.repeated), (1, 11), "the second one is the same");
    let last = world.store.conversation(ana, team).await.unwrap().last_message.unwrap();
    assert_eq!(
        (last.seq, last.content.as_str()),
        (6, "late"),
        "order is that of the lines, not of the times"
    );
}

async fn r7_a_round_trip_changes_nothing(world: &World) {
    import(world, FILE).await;
    let (ana, bo) = (id(world, "ana").await, id(world, "bob").await);
    let team = world.store.conversations(ana).await.unwrap()[1].id;
    // What a live server adds: a conversation without messages in one list only, a removal, a deletion, positions.
    let cy = world.person("dee").await;
    world.opened(&[cy, ana]).await;
    let group = world.group(&[bo, cy, ana]).await;
    let first = world.send(bo, group, "one").await;
    world.send(cy, group, "two").await;
    world.write(read(ana, group, Some(first.id))).await.unwrap();
    world.remove(bo, group, cy).await.unwrap();
    world.delete(bo, group, first.id).await.unwrap();
    world.send(ana, team, "three").await;
    let exported = export(world).await;
    assert_eq!(exported.lines().filter(|line| line.contains("unlisted")).count(), 1, "{exported}");
    assert!(!exported.contains("\"one\""), "a deleted message has no text: {exported}");
    // The same database knows its own lines again.
    let dump = world.dump(&[ana, bo, cy], &[team, group]).await;
    let counts = import(world, &exported).await.counts;
    let lines = exported.lines().count() as u64;
    assert_eq!((counts.people, counts.conversations, counts.messages, counts.repeated), (0, 0, 0, lines));
    assert_eq!(world.dump(&[ana, bo, cy], &[team, group]).await, dump);
    // Empty ones become the same.
    let ((other, _folder), third) = (on_sqlite().await, on_postgres().await);
    for empty in [&other, &third] {
        import(empty, &exported).await;
        assert_eq!(export(empty).await, exported);
    }
}

async fn r7_a_bad_line_leaves_nothing_of_its_batch(world: &World) {
    import(world, FILE).await;
    let before = export(world).await;
    let message = |key: &str, sender: &str, id: u8, content: &str| {
        let id = format!("01890000-0000-7000-8000-0000000000{id:02}");
        let time = "2024-02-01T10:00:00Z";
        serde_json::json!({"type": "message", "conversation": key, "sender": sender, "client_id": id,
            "content": content, "timestamp": time})
        .to_string()
    };
    let good = message("team", "bob", 50, "good");
    let of = |members: &[&str], title: &str| {
        serde_json::json!({"type": "conversation", "key": "new", "members": members, "title": title})
            .to_string()
    };
    let many: Vec<String> = (0..501).map(|n| format!("member{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (bad, why) in [
        (message("team", "zoe", 51, "x"), "There is nobody named zoe"),
        (message("pair", "cyd", 51, "x"), "cyd is not a member of the conversation pair"),
        (message("nowhere", "bob", 51, "x"), "conversation with the key nowhere"),
        (message("team", "cyd", 1, "another text"), "cyd has another message with the client_id"),
        (message("pair", "ana", 4, "oh"), "ana has another message with the client_id"),
        (message("team", "bob", 51, &"x".repeat(5_001)), "Message too long"),
        (message("team", "bob", 51, "\u{200b}\u{2060}"), "Empty message"),
        (message("team", "bob", 51, "a\0b"), "cannot be kept"),
        (message("team", "bob", 51, "x").replace("2024", "2099"), "lies in the future"),
        (message("team", "bob", 51, "x").replace("2024", "1969"), "before 1970"),
        (message("team", "bob", 51, "x").replace("0000-7", "7"), "UUID"),
        (
            message("team", "bob", 51, "x").replace(
                '}',
                r#","reply_to":{"sender":"bob","client_id":"01890000-0000-7000-8000-000000000002"}}"#,
            ),
            "replies to is not before it",
        ),
        (of(&many, "t"), "At most 500 people at once"),
        (of(&["ana"], "t"), "needs somebody else"),
        (of(&["ana", "ANA"], "t"), "ANA is named twice"),
        (of(&["ana", "zoe"], "t"), "There is nobody named zoe"),
        (of(&["ana", "bob"], &"t".repeat(121)), "at most 120 characters"),
        (of(&["ana", "bob"], "\u{202e}t"), "invisible"),
        (of(&["ana", "bob"], "t").replace('}', r#","owners":["cyd"]}"#), "cyd is not among the members"),
        (of(&["ana", "bob"], "t").replace('}', r#","read":{"bob":-1}}"#), "negative"),
        (of(&["ana", "bob"], "t").replace('}', r#","kind":"direct"}"#), "two members and no title"),
        (r#"{"type":"user","username":"x"}"#.into(), "3 to 32 characters"),
        (r#"{"type":"user","username":"xena","first_name":"\u202ex"}"#.into(), "invisible"),
        (r#"{"type":"user","username":"xena","hue":8}"#.into(), "from 0 to 7"),
        (r#"{"type":"room"}"#.into(), "unknown variant `room`"),
        ("[]".into(), "missing field `type`"),
        ("{\"type\":\"user\",".into(), "EOF"),
    ] {
        let result = try_import(world, &format!("{good}\n{bad}\n{good}\n")).await;
        let (line, reason) = refused(result);
        assert!(line == 2 && reason.contains(why), "{line}: {reason}, not {why}, of {bad}");
        assert_eq!(export(world).await, before, "{bad}");
    }
    // The first of several, whatever their kinds.
    let file = format!("{good}\n{}\n{}\n", message("team", "zoe", 51, "x"), of(&["ana", "zoe"], "t"));
    assert_eq!(refused(try_import(world, &file).await).0, 2);
    // A line before which another one has to stand.
    let user = r#"{"type":"user","username":"zoe"}"#;
    let early = format!("{}\n{user}\n", of(&["ana", "zoe"], "t"));
    assert_eq!(refused(try_import(world, &early).await), (1, "There is nobody named zoe".into()));
    assert_eq!(export(world).await, before);
    import(world, &format!("{user}\n{}\n{}\n", of(&["ana", "zoe"], "t"), message("new", "zoe", 52, "hi")))
        .await;
    assert_ne!(export(world).await, before);
}

async fn r7_a_file_that_is_cut_is_named_by_its_last_line(world: &World) {
    for cut in 1..FILE.lines().next().unwrap().len() {
        let Some(file) = FILE.get(..cut) else { continue };
        assert_eq!(
            refused(try_import(world, file).await),
            (1, "The file ends in the middle of this line".into())
        );
    }
    let whole = FILE.trim_end();
    let cut = whole.get(..whole.len() - 1).unwrap();
    assert_eq!(refused(try_import(world, cut).await).0, 10);
    assert!(!world.store.has_accounts().await.unwrap());
    // Without a line end the last line is whole.
    assert_eq!(import(world, whole).await.counts.messages, 5);
    let bytes = [FILE.as_bytes(), b"{\"type\":\"user\",\"username\":\"\xff\"}\n"].concat();
    let result =
        transfer::import(&*world.store, &ManualClock::at(NOW), &KINDS, bytes.as_slice(), |_| {}).await;
    assert_eq!(refused(result), (11, "The line is not valid UTF-8".into()));
}

async fn r7_bots_stay_bots(world: &World) {
    let file =
        "{\"type\":\"user\",\"username\":\"ana\"}\n{\"type\":\"user\",\"username\":\"bot-1\",\"bot\":true}\n";
    import(world, file).await;
    let person = |name| async move { world.store.account_by_name(name).await.unwrap().unwrap() };
    assert_eq!((person("bot-1").await.person.bot, person("ana").await.person.bot), (true, false));
    assert!(person("ana").await.is_admin, "a bot is not the first person");
    let exported = export(world).await;
    assert_eq!(exported.lines().filter(|line| line.contains("\"bot\":true")).count(), 1, "{exported}");
    let (other, _folder) = on_sqlite().await;
    import(&other, &exported).await;
    assert_eq!(export(&other).await, exported);
}

async fn r7_servers_can_notice_an_import(world: &World) {
    import(world, FILE).await;
    let (ana, bo) = (id(world, "ana").await, id(world, "bob").await);
    let team = world.store.conversations(ana).await.unwrap()[1].id;
    let counter = |id: ConversationId| async move { world.store.counters(&[id]).await.unwrap()[0].1 };
    let (before, rev) = (counter(team).await, world.user_rev(bo).await);
    let more = FILE.replace("00000000000", "00000000100").replace("\"team\"", "\"other\"");
    import(world, &format!("{more}{}", FILE.replace("00000000000", "00000000200"))).await;
    assert_eq!(counter(team).await, before + 4);
    assert!(world.user_rev(bo).await > rev, "a new conversation, and what is read");
    let frames = world.store.frames_after(team, before).await.unwrap();
    let revs: Vec<_> = frames
        .iter()
        .map(|frame| match frame {
            ServerFrame::NewMessage(new) => new.rev,
            ServerFrame::MessageDeleted(deleted) => deleted.rev.unwrap(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(revs, [before + 1, before + 2, before + 3, before + 4]);
    assert_eq!(world.store.conversations(bo).await.unwrap().len(), 3);
}

async fn r7_a_direct_conversation_is_found_by_its_pair(world: &World) {
    let (ana, bo) = (world.person("ana").await, world.person("bob").await);
    let pair = world.opened(&[ana, bo]).await;
    world.send(ana, pair, "live").await;
    import(world, FILE).await;
    let page = world.store.page(bo, pair, None, 50).await.unwrap();
    let texts: Vec<_> = page.messages.iter().map(|message| message.content.as_str()).collect();
    assert_eq!(texts, ["live", "only we two"]);
    assert!(export(world).await.contains(r#""key":"pair","kind":"direct""#));
    // Afterwards two servers may not create it again either.
    match world.create_conversation(&[bo, ana], None).await {
        Outcome::ConversationCreated { id, created: false, .. } => assert_eq!(id, pair),
        other => panic!("{other:?}"),
    }
}

async fn r7_runs_of_one_sender_are_counted_past(world: &World) {
    // The count of unread messages goes from run to run once 256 messages are the reader's own.
    let mut file = String::from(
        "{\"type\":\"user\",\"username\":\"ana\"}\n{\"type\":\"user\",\"username\":\"bob\"}\n\
         {\"type\":\"conversation\",\"key\":\"k\",\"members\":[\"ana\",\"bob\"],\"read\":{\"ana\":0}}\n",
    );
    for n in 0..700 {
        let sender = if n % 350 < 40 { "bob" } else { "ana" };
        file += &format!(
            "{{\"type\":\"message\",\"conversation\":\"k\",\"sender\":\"{sender}\",\"client_id\":\"01890000-0000-7000-8000-{n:012}\",\
             \"content\":\"{n}\",\"timestamp\":\"2024-02-01T10:00:00Z\"}}\n"
        );
    }
    import(world, &file).await;
    let ana = id(world, "ana").await;
    assert_eq!(world.store.conversations(ana).await.unwrap()[0].unread, 80);
}

async fn r7_one_conversation_is_exported_with_its_people(world: &World) {
    import(world, FILE).await;
    let ana = id(world, "ana").await;
    let pair = world.store.conversations(ana).await.unwrap()[0].id;
    let mut out = Vec::new();
    transfer::export(&*world.store, Some(pair), &mut out).await.unwrap().unwrap();
    let out = String::from_utf8(out).unwrap();
    let types: Vec<_> = out.lines().map(|line| &line[..15]).collect();
    assert_eq!(
        types,
        ["{\"type\":\"user\",", "{\"type\":\"user\",", "{\"type\":\"conver", "{\"type\":\"messag"]
    );
}

async fn r7_groups_keep_their_picture_their_history_and_their_events(world: &World) {
    let (ana, bo, cy) = (world.person("ana").await, world.person("bob").await, world.person("cyd").await);
    let group = world.group(&[ana, bo]).await;
    let change = async |change: GroupChange| {
        let write = GroupWrite { by: ana, conversation: group, change, client_id: None };
        world.write(Write::Group(write)).await.unwrap();
    };
    world.send(bo, group, "only for us").await;
    change(GroupChange::Update(GroupUpdate {
        title: Some(Some("Garden".into())),
        hue: Some(5),
        emoji: Some(Some("🌻".into())),
        history: Some(History::FromJoining),
    }))
    .await;
    change(GroupChange::Add(vec![cy])).await;
    change(GroupChange::SetRole(bo, Role::Moderator)).await;
    let hello = world.send(cy, group, "hello").await;
    world.write(read(bo, group, Some(hello.id))).await.unwrap();
    world.remove(ana, group, bo).await.unwrap();
    let exported = export(world).await;
    for words in [
        r#""hue":5,"emoji":"🌻","history":"from_joining""#,
        r#""event":{"kind":"role_changed","members":["bob"],"role":"moderator"}"#,
        r#""unseen":{"cyd":"#,
    ] {
        assert!(exported.contains(words), "{words}: {exported}");
    }
    let ((one, _folder), other) = (on_sqlite().await, on_postgres().await);
    for empty in [&one, &other] {
        import(empty, &exported).await;
        assert_eq!(export(empty).await, exported);
        let cy = id(empty, "cyd").await;
        let seen = &empty.store.conversations(cy).await.unwrap()[0];
        assert_eq!(
            (seen.hue, seen.emoji.as_deref(), seen.history),
            (Some(5), Some("🌻"), History::FromJoining)
        );
        let read = |member: &protocol::Member| (member.user.username.clone(), member.read_seq);
        assert!(seen.members.iter().map(read).any(|(name, seq)| name == "bob" && seq > 0), "shown to others");
        let page = empty.store.page(cy, seen.id, None, 50).await.unwrap().messages;
        let kinds: Vec<_> = page.iter().filter_map(|message| Some(message.event.as_ref()?.kind)).collect();
        use GroupEventKind::{Added, Removed, RoleChanged};
        assert_eq!(kinds, [Added, RoleChanged, Removed], "and nothing from before the joining");
        let event = page[0].event.as_ref().unwrap();
        assert_eq!(event.members.iter().map(|person| person.id).collect::<Vec<_>>(), [cy]);
    }
    // The changes of a group are checked like those of a person.
    let line = exported.lines().find(|line| line.contains("role_changed")).unwrap();
    for (bad, why) in [
        (line.replace("bob", "zoe"), "There is nobody named zoe"),
        (line.replace(r#""system":true,"#, ""), "Only a system message has an event"),
        (line.replace("role_changed", "renamed").replace("moderator", "king"), "unknown variant `king`"),
    ] {
        let bad = bad.replace(r#""client_id":"0"#, r#""client_id":"1"#);
        let (number, reason) = refused(try_import(world, &bad).await);
        assert!(number == 1 && reason.contains(why), "{reason}, not {why}");
    }
    let line = exported.lines().find(|line| line.contains("🌻")).unwrap();
    for (bad, why) in [
        (line.replace("🌻", "flower"), "A picture is one emoji"),
        (line.replace(r#""hue":5"#, r#""hue":8"#), "from 0 to 7"),
        (line.replace(r#""unseen":{"cyd""#, r#""unseen":{"zoe""#), "zoe is not among the members"),
    ] {
        let (number, reason) = refused(try_import(world, &bad).await);
        assert!(number == 1 && reason.contains(why), "{reason}, not {why}");
    }
}

async fn r7_imports_at_once_duplicate_nothing(world: &World) {
    let (dee, eve) = (world.person("dee").await, world.person("eve").await);
    let live = world.group(&[dee, eve]).await;
    // The importer knows the conversation by the key of an export.
    let export_before = export(world).await;
    let key = export_before.split(r#""key":""#).nth(1).unwrap().split('"').next().unwrap();
    let more: String = (0..200)
        .map(|n| {
            format!(
                "{{\"type\":\"message\",\"conversation\":\"{key}\",\"sender\":\"dee\",\
                 \"client_id\":\"01890000-0000-7000-9000-{n:012}\",\"content\":\"imported {n}\",\
                 \"timestamp\":\"2024-02-01T10:00:00Z\"}}\n"
            )
        })
        .collect();
    let file = format!("{FILE}{more}");
    let sends = async {
        for n in 0..30 {
            world.send(eve, live, &format!("live {n}")).await;
        }
    };
    let (one, other, ()) = tokio::join!(import(world, &file), import(world, &file), sends);
    let sum = |of: fn(&Progress) -> u64| of(&one) + of(&other);
    assert_eq!(sum(|done| done.counts.people), 3);
    assert_eq!(sum(|done| done.counts.conversations), 2);
    assert_eq!(sum(|done| done.counts.messages), 205);
    assert_eq!(sum(|done| done.counts.repeated), 210);
    let page = world.store.page(dee, live, None, 1_000).await.unwrap().messages;
    let seqs: Vec<_> = page.iter().map(|message| message.seq).collect();
    assert_eq!(seqs, (1..=230).collect::<Vec<_>>(), "one counter without gaps");
    let imported = page.iter().filter(|message| message.sender.id == dee);
    let imported: Vec<_> = imported.map(|message| message.content.clone()).collect();
    assert_eq!(imported, (0..200).map(|n| format!("imported {n}")).collect::<Vec<_>>());
}

async fn r7_an_account_is_erased_with_what_was_imported(world: &World) {
    import(world, FILE).await;
    world.store.delete_account(id(world, "ana").await).await.unwrap();
    let left = export(world).await;
    assert_eq!(left.lines().filter(|line| line.contains(r#""type":"user""#)).count(), 2, "{left}");
    assert_eq!(left.lines().count(), 2, "both conversations were hers: {left}");
    // The keys are free again.
    assert_eq!(import(world, FILE).await.counts.messages, 5);
}

async fn c2_an_import_ends_the_rest_of_memberships(world: &World) {
    import(world, FILE).await;
    let ana = id(world, "ana").await;
    let listed = async || {
        let (page, _) = world.store.conversation_page(ana, None, None, None, 2).await.unwrap();
        page.iter().map(|conversation| conversation.title.is_some()).collect::<Vec<_>>()
    };
    assert_eq!(world.store.rest(ana, 0, 0).await.unwrap(), 2);
    assert_eq!(listed().await, [false, true]);
    let later = r#"{"type":"message","conversation":"team","sender":"bob","client_id":"01890000-0000-7000-8000-000000000009","content":"later","timestamp":"2024-03-01T10:00:00Z"}"#;
    import(world, &format!("{FILE}{later}\n")).await;
    assert_eq!(listed().await, [true, false]);
    assert_eq!(world.store.rest(ana, 0, 0).await.unwrap(), 1, "the other one still rests");
}
