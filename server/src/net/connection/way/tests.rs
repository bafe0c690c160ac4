use super::*;
use std::future::poll_fn;
use tokio::io::AsyncReadExt as _;
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;

/// Both ends of a line: ours, and what the other side reads.
fn line() -> (Out<OwnedWriteHalf>, UnixStream) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (_, writer) = ours.into_split();
    (Out::new(writer), theirs)
}

/// More than the kernel keeps for a line.
fn much(byte: u8) -> Vec<u8> {
    vec![byte; 4 << 20]
}

/// Writes as a task does, until it is all taken.
async fn write(out: &Out<OwnedWriteHalf>, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let taken = poll_fn(|cx| out.poll_write(cx, bytes)).await.unwrap();
        bytes = &bytes[taken..];
    }
}

#[tokio::test]
async fn a_frame_goes_out_at_once_as_a_server_frames_it() {
    let (out, mut theirs) = line();
    write(&out, b"first ").await;
    let mut framed = Vec::new();
    out.frame(Bytes::from_static(b"hello"), &mut framed);
    assert_eq!(out.write(&framed), Taken::All);
    let mut read = [0; 13];
    theirs.read_exact(&mut read).await.unwrap();
    assert_eq!(&read, b"first \x81\x05hello");
}

#[tokio::test]
async fn what_was_not_taken_goes_out_before_what_the_task_writes() {
    let (out, mut theirs) = line();
    poll_fn(|cx| out.poll_flush(cx)).await.unwrap();
    write(&out, b"a").await;
    let frame = much(b'b');
    assert_eq!(out.write(&frame), Taken::Part);
    assert_eq!(out.write(b"x"), Taken::Nothing, "the rest stands in front");
    let mut read = Vec::new();
    let reading = async { theirs.read_to_end(&mut read).await };
    let writing = async {
        write(&out, b"c").await;
        assert_eq!(out.write(b"d"), Taken::All);
        poll_fn(|cx| out.poll_shutdown(cx)).await.unwrap();
    };
    let (all, ()) = tokio::join!(reading, writing);
    assert_eq!(all.unwrap(), frame.len() + 3);
    assert!(read.starts_with(b"ab") && read.ends_with(b"bcd"), "in order");
    assert_eq!(read.iter().filter(|byte| **byte == b'b').count(), frame.len());
}

#[tokio::test]
async fn nothing_is_written_into_what_the_task_has_begun() {
    let (out, mut theirs) = line();
    let message = much(b'a');
    let taken = poll_fn(|cx| out.poll_write(cx, &message)).await.unwrap();
    assert!(taken < message.len(), "the line takes less at once");
    let mut read = vec![0; taken];
    theirs.read_exact(&mut read).await.unwrap();
    assert_eq!(out.write(b"x"), Taken::Nothing, "although there is room");
    let mut rest = Vec::new();
    let reading = async { theirs.read_to_end(&mut rest).await };
    let writing = async {
        write(&out, &message[taken..]).await;
        while out.write(b"b") == Taken::Nothing {
            tokio::task::yield_now().await;
        }
        poll_fn(|cx| out.poll_shutdown(cx)).await.unwrap();
    };
    let (all, ()) = tokio::join!(reading, writing);
    assert_eq!(all.unwrap(), message.len() - taken + 1);
    assert!(rest.ends_with(b"ab"));
}
