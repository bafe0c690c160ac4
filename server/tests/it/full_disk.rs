//! A full disk that gets room again (F3): on a small file system, which needs the right to mount it, and by a limit on the
//! size of files.

use crate::support::{Program, room, until};
use protocol::{ClientFrame, ClientId, ErrorCode, Message, NewMessage, ServerFrame};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

const FAST: [(&str, &str); 2] =
    [("RAPPORT_LIMITS__SENDS_PER_SECOND", "100000"), ("RAPPORT_LIMITS__SEND_BURST", "100000")];

/// A file system in memory, unmounted on drop.
struct Small(PathBuf);

impl Small {
    fn mount(at: &Path) -> Option<Self> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]).arg(at).output();
        mounted.is_ok_and(|done| done.status.success()).then(|| Self(at.to_owned()))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[tokio::test]
async fn f3_a_full_disk_rejects_writes_until_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let Some(small) = Small::mount(folder.path()) else {
        eprintln!("SKIPPED f3: a file system of its own cannot be mounted here (only root may)");
        return;
    };
    let data = folder.path().join("data");
    let settings = [FAST[0], FAST[1], ("RAPPORT_DATA", data.to_str().unwrap())];
    let program = Program::alone(&settings).await;
    let filler = folder.path().join("filler");
    let fill = || {
        let mut file = std::fs::File::create(&filler).unwrap();
        while std::io::Write::write(&mut file, &[0; 4096]).is_ok_and(|n| n > 0) {}
    };
    full_and_room_again(program, &data, fill, || std::fs::remove_file(&filler).unwrap()).await;
    drop(small);
}

#[tokio::test]
async fn f3_a_file_at_its_size_limit_rejects_writes_until_it_may_grow() {
    let data = tempfile::tempdir().unwrap();
    let settings = [FAST[0], FAST[1], ("RAPPORT_DATA", data.path().to_str().unwrap())];
    // The signal that would end it is ignored, as a disk that is full sends none.
    let program = Program::alone_under(&["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"], &settings).await;
    let pid = program.pid().to_string();
    let bound = |bytes: &str| {
        let done = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={bytes}:")]).status();
        assert!(done.unwrap().success(), "prlimit");
    };
    full_and_room_again(program, data.path(), || bound("1000000"), || bound("unlimited")).await;
}

async fn full_and_room_again(program: Program, data: &Path, fill: impl FnOnce(), make_room: impl FnOnce()) {
    let (anna, ben) = (program.register("anna").await, program.register("ben").await);
    let talk = room(&[&anna, &ben], None).await;
    let mut bens = ben.enters(talk).await;
    let mut kept = vec![anna.says(talk, "There is room").await];
    fill();

    // Whatever fits into room that is there already is kept; then no more is.
    let path = format!("/api/conversations/{talk}/messages");
    let refused = loop {
        let body = json!({"content": "x".repeat(5_000), "client_id": ClientId::mint()});
        let answer = anna.post(&path, &body).await;
        if answer.status() == 201 {
            kept.push(answer.json().await.unwrap());
            assert!(kept.len() < 5_000, "it is never full");
            continue;
        }
        assert_eq!(answer.status(), 503);
        let error: Value = answer.json().await.unwrap();
        assert_eq!(error["error"]["code"], "unavailable");
        break body;
    };
    let ready = async || reqwest::get(format!("{}/readyz", program.url)).await.unwrap();
    let unready = ready().await;
    assert_eq!(unready.status(), 503);
    assert!(unready.text().await.unwrap().contains("The database does not take writes"));

    // Reading works: pages, catching up, and a new socket, on which a send is refused and nothing else happens.
    assert_eq!(ben.reads_all(talk).await, kept);
    assert_eq!(ben.post("/api/sync", &json!({"user_rev": 0, "list": true, "open": {}})).await.status(), 200);
    let mut annas = anna.enters(talk).await;
    let said = ClientFrame::ChatMessage {
        conversation_id: None,
        content: "y".repeat(5_000),
        client_id: Some(ClientId::mint()),
        reply_to: None,
    };
    annas.send(&said).await;
    assert_eq!(annas.refused().await.code, ErrorCode::Unavailable);
    assert!(annas.so_far().await.is_empty(), "and stays open");
    // Whoever goes on regardless is told to come again later.
    for _ in 0..25 {
        let Ok(()) = annas.try_send(&said).await else { break };
    }
    assert_eq!(annas.closed().await.0, 1013);

    make_room();
    let mut again = None;
    until("it takes messages again", async || {
        let answer = anna.post(&path, &refused).await;
        let taken = answer.status().is_success();
        if taken {
            again = answer.json::<Message>().await.ok();
        }
        taken
    })
    .await;
    kept.extend(again);
    kept.push(ben.says(talk, "There is room again").await);
    assert_eq!(ready().await.status(), 200);
    assert_eq!(ben.reads_all(talk).await, kept, "what was acknowledged, once, in order, and nothing else");
    let places: Vec<_> = kept.iter().map(|message| message.seq).collect();
    assert_eq!(places, (1..=kept.len() as i64).collect::<Vec<_>>());
    let mut heard = Vec::new();
    while heard.len() < kept.len() {
        if let ServerFrame::NewMessage(NewMessage { message, .. }) = bens.next().await {
            heard.push(message);
        }
    }
    assert_eq!(heard, kept, "who listened all along heard it so");
    assert!(!program.log().contains("panicked"), "{}", program.log());

    // And it is what the disk has.
    assert_eq!(program.terminates().await, Some(0));
    let again = Program::serve(data, data, "127.0.0.1:0").await;
    assert_eq!(ben.at(&again.url).reads_all(talk).await, kept);
}
