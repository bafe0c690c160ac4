//! Read-ahead: sockets keep small read buffers for their whole life, so a larger buffer on the stack collects what arrives
//! together in one system call. Only bytes that were read and not yet requested are kept.

use bytes::{Buf as _, Bytes};
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};

/// Minimum size of a read, in bytes. Most messages that people type fit.
const MIN_READ: usize = 2 * 1024;

/// Bytes that were read and not yet requested.
#[derive(Default)]
pub(super) struct ReadAhead(Bytes);

impl ReadAhead {
    pub(super) fn poll_read(
        &mut self,
        reader: &mut (impl AsyncRead + Unpin),
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.0.is_empty() {
            let count = self.0.len().min(buf.remaining());
            buf.put_slice(&self.0[..count]);
            self.0.advance(count);
            if self.0.is_empty() {
                self.0 = Bytes::new();
            }
            return Poll::Ready(Ok(()));
        }
        if buf.remaining() == 0 || buf.remaining() >= MIN_READ {
            return Pin::new(reader).poll_read(cx, buf);
        }
        let mut space = [MaybeUninit::uninit(); MIN_READ];
        let mut read = ReadBuf::uninit(&mut space);
        ready!(Pin::new(reader).poll_read(cx, &mut read))?;
        let (asked, more) = read.filled().split_at(read.filled().len().min(buf.remaining()));
        buf.put_slice(asked);
        if !more.is_empty() {
            self.0 = Bytes::copy_from_slice(more);
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use tokio::io::{AsyncWriteExt as _, duplex};

    async fn read(read_ahead: &mut ReadAhead, reader: &mut (impl AsyncRead + Unpin), most: usize) -> Vec<u8> {
        let mut space = vec![0; most];
        let mut buf = ReadBuf::new(&mut space);
        poll_fn(|cx| read_ahead.poll_read(reader, cx, &mut buf)).await.unwrap();
        buf.filled().to_vec()
    }

    #[tokio::test]
    async fn input_is_read_in_order_with_small_buffers() {
        let (mut theirs, mut ours) = duplex(64 * 1024);
        let mut read_ahead = ReadAhead::default();
        let all: Vec<u8> = (0..10_000u32).map(|n| (n % 251) as u8).collect();
        theirs.write_all(&all).await.unwrap();
        let mut got = Vec::new();
        for most in [1, 14, 700, 5, 3_000, 64].into_iter().cycle() {
            got.extend(read(&mut read_ahead, &mut ours, most).await);
            if got.len() == all.len() {
                break;
            }
        }
        assert_eq!(got, all);
        assert!(read_ahead.0.is_empty(), "nothing is kept of what was asked for");
        drop(theirs);
        assert!(read(&mut read_ahead, &mut ours, 64).await.is_empty(), "the end is the end");
    }

    #[tokio::test]
    async fn buffered_input_is_read_at_once() {
        let (mut theirs, mut ours) = duplex(64 * 1024);
        let mut read_ahead = ReadAhead::default();
        theirs.write_all(&[7; MIN_READ]).await.unwrap();
        assert_eq!(read(&mut read_ahead, &mut ours, 14).await, [7; 14]);
        assert_eq!(read_ahead.0.len(), MIN_READ - 14);
        // The line is not asked again before that is through.
        theirs.write_all(b"more").await.unwrap();
        assert_eq!(read(&mut read_ahead, &mut ours, 64 * 1024).await, [7; MIN_READ - 14]);
        assert_eq!(read(&mut read_ahead, &mut ours, 64 * 1024).await, b"more");
    }
}
