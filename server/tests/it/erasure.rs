//! Text that was deleted for everyone is in none of the files of the data folder (V17).

use crate::support::{Person, Program, room, until};
use protocol::{ConversationId, MessageId};
use std::path::Path;
use std::time::Duration;

/// A text that is nowhere else.
const MARKER: &str = "marked-to-be-erased";

/// The names of the files that contain the marker.
fn found(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap());
    let marked = files.filter(|file| {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        bytes.windows(MARKER.len()).any(|part| part == MARKER.as_bytes())
    });
    marked.map(|file| file.file_name().into_string().unwrap()).collect()
}

/// Sends the marker, and deletes it for everyone.
async fn deletes(anna: &Person, talk: ConversationId, data: &Path) {
    let said = anna.says(talk, &format!("A secret: {MARKER}")).await;
    assert!(!found(data).is_empty());
    let path = format!("/api/conversations/{talk}/messages/{}?for=everyone", said.id);
    assert_eq!(anna.delete(&path).await.status(), 204);
}

#[tokio::test]
async fn v17_deleted_text_is_gone_soon_and_the_server_goes_on() {
    let program = Program::alone(&[]).await;
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    for _ in 0..2 {
        deletes(&anna, talk, &program.data()).await;
        until("the text is gone", async || found(&program.data()).is_empty()).await;
    }
    anna.says(talk, "afterwards").await;
    assert_eq!(ben.reads(talk).await.last().unwrap().content, "afterwards");
    assert_eq!(program.terminates().await, Some(0));
}

#[tokio::test]
async fn v17_a_clean_stop_leaves_no_log_and_no_deleted_text() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::alone(&[("RAPPORT_DATA", data.path().to_str().unwrap())]).await;
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let mut bens = ben.enters(talk).await;
    deletes(&anna, talk, data.path()).await;
    assert_eq!(program.terminates().await, Some(0));
    assert_eq!(bens.closed().await.0, 1012);
    assert_eq!(found(data.path()), [] as [&str; 0]);
    let names = std::fs::read_dir(data.path()).unwrap().map(|file| file.unwrap().file_name());
    let beside: Vec<_> = names.filter(|name| name.to_string_lossy().contains("rapport.db-")).collect();
    assert_eq!(beside, [] as [&str; 0]);
}

/// Limits under which a person may send and delete without a pause.
const FAST: [(&str, &str); 2] =
    [("RAPPORT_LIMITS__SENDS_PER_SECOND", "100000"), ("RAPPORT_LIMITS__SEND_BURST", "100000")];

/// Sends marked texts in two conversations in turn, which divides pages of the database.
async fn sends_in_turn(person: &Person, talks: [ConversationId; 2]) -> Vec<(ConversationId, MessageId)> {
    let mut sent = Vec::new();
    for n in 0..200 {
        let talk = talks[n % 2];
        let said = person.says(talk, &format!("{n} {MARKER} {}", "x".repeat(n * 37 % 900))).await;
        sent.push((talk, said.id));
    }
    sent
}

/// Deletes these messages for everyone.
async fn deletes_all(person: &Person, messages: &[(ConversationId, MessageId)]) {
    for (talk, id) in messages {
        let path = format!("/api/conversations/{talk}/messages/{id}?for=everyone");
        assert_eq!(person.delete(&path).await.status(), 204);
    }
}

#[tokio::test]
async fn v17_divided_pages_keep_no_deleted_text_and_sends_go_on_meanwhile() {
    let data = tempfile::tempdir().unwrap();
    let program = Program::alone(&[FAST[0], FAST[1], ("RAPPORT_DATA", data.path().to_str().unwrap())]).await;
    let (anna, ben, carl) =
        (program.register("anna").await, program.register("ben").await, program.register("carl").await);
    let talks = [room(&[&anna, &ben], None).await, room(&[&anna, &carl], None).await];
    let sent = sends_in_turn(&anna, talks).await;
    deletes_all(&anna, &sent).await;
    let sending = async {
        let mut pace = tokio::time::interval(Duration::from_millis(10));
        for n in 0.. {
            assert_eq!(anna.says(talks[0], "meanwhile").await.seq, 201 + n);
            pace.tick().await;
        }
    };
    tokio::select! {
        () = until("the texts are gone", async || found(data.path()).is_empty()) => {}
        () = sending => {}
    }
    assert_eq!(program.terminates().await, Some(0));
    assert_eq!(found(data.path()), [] as [&str; 0]);
}

#[tokio::test]
async fn v17_a_kill_right_after_a_deletion_leaves_nothing_after_the_next_start() {
    let data = tempfile::tempdir().unwrap();
    let settings = [FAST[0], FAST[1], ("RAPPORT_DATA", data.path().to_str().unwrap())];
    let program = Program::alone(&settings).await;
    let (anna, ben, carl) =
        (program.register("anna").await, program.register("ben").await, program.register("carl").await);
    let talks = [room(&[&anna, &ben], None).await, room(&[&anna, &carl], None).await];
    let sent = sends_in_turn(&anna, talks).await;
    deletes_all(&anna, &sent).await;
    assert_eq!(program.ends_by("-KILL").await, None);
    assert!(!found(data.path()).is_empty());
    let program = Program::alone(&settings).await;
    until("the texts are gone", async || found(data.path()).is_empty()).await;
    assert_eq!(anna.at(&program.url).reads(talks[0]).await.len(), 50);
    assert_eq!(program.terminates().await, Some(0));
}
