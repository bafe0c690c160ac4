use super::*;
use std::future::poll_fn;
use tokio::io::AsyncReadExt as _;
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;

/// A shared writer, and the peer that reads from it.
fn connected() -> (SharedWriter<OwnedWriteHalf>, UnixStream) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (_, writer) = ours.into_split();
    (SharedWriter::new(writer), theirs)
}

/// More than the kernel buffers for a socket.
fn much(byte: u8) -> Vec<u8> {
    vec![byte; 4 << 20]
}

/// Writes all bytes, as the task of a connection does.
async fn write(writer: &SharedWriter<OwnedWriteHalf>, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        let taken = poll_fn(|cx| writer.poll_write(cx, bytes)).await.unwrap();
        bytes = &bytes[taken..];
    }
}

#[tokio::test]
async fn a_direct_write_sends_a_server_frame_at_once() {
    let (writer, mut theirs) = connected();
    write(&writer, b"first ").await;
    let mut framed = Vec::new();
    writer.encode(Bytes::from_static(b"hello"), &mut framed);
    assert_eq!(writer.write(&framed), WriteOutcome::Complete);
    let mut read = [0; 13];
    theirs.read_exact(&mut read).await.unwrap();
    assert_eq!(&read, b"first \x81\x05hello");
}

#[tokio::test]
async fn unwritten_rests_go_out_before_writes_of_the_task() {
    let (writer, mut theirs) = connected();
    poll_fn(|cx| writer.poll_flush(cx)).await.unwrap();
    write(&writer, b"a").await;
    let frame = much(b'b');
    assert_eq!(writer.write(&frame), WriteOutcome::Partial);
    assert_eq!(writer.write(b"x"), WriteOutcome::Nothing, "the rest stands in front");
    let mut read = Vec::new();
    let reading = async { theirs.read_to_end(&mut read).await };
    let writing = async {
        write(&writer, b"c").await;
        assert_eq!(writer.write(b"d"), WriteOutcome::Complete);
        poll_fn(|cx| writer.poll_shutdown(cx)).await.unwrap();
    };
    let (all, ()) = tokio::join!(reading, writing);
    assert_eq!(all.unwrap(), frame.len() + 3);
    assert!(read.starts_with(b"ab") && read.ends_with(b"bcd"), "in order");
    assert_eq!(read.iter().filter(|byte| **byte == b'b').count(), frame.len());
}

#[tokio::test]
async fn direct_writes_do_not_interrupt_a_frame_of_the_task() {
    let (writer, mut theirs) = connected();
    let message = much(b'a');
    let taken = poll_fn(|cx| writer.poll_write(cx, &message)).await.unwrap();
    assert!(taken < message.len(), "the line takes less at once");
    let mut read = vec![0; taken];
    theirs.read_exact(&mut read).await.unwrap();
    assert_eq!(writer.write(b"x"), WriteOutcome::Nothing, "although there is room");
    let mut rest = Vec::new();
    let reading = async { theirs.read_to_end(&mut rest).await };
    let writing = async {
        write(&writer, &message[taken..]).await;
        while writer.write(b"b") == WriteOutcome::Nothing {
            tokio::task::yield_now().await;
        }
        poll_fn(|cx| writer.poll_shutdown(cx)).await.unwrap();
    };
    let (all, ()) = tokio::join!(reading, writing);
    assert_eq!(all.unwrap(), message.len() - taken + 1);
    assert!(rest.ends_with(b"ab"));
}
