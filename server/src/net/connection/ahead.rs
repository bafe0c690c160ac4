//! Reading ahead for whoever asks for little: each socket keeps what it reads into, so that is small, and what comes at once
//! is read at once all the same. Nothing is kept here but what was read and not asked for yet.

use bytes::{Buf as _, Bytes};
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};

/// What is read at once, at least. What people type fits.
const AT_ONCE: usize = 2 * 1024;

/// What was read and not asked for yet.
#[derive(Default)]
pub(super) struct Ahead(Bytes);

impl Ahead {
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
        if buf.remaining() == 0 || buf.remaining() >= AT_ONCE {
            return Pin::new(reader).poll_read(cx, buf);
        }
        let mut space = [MaybeUninit::uninit(); AT_ONCE];
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

    async fn read(ahead: &mut Ahead, reader: &mut (impl AsyncRead + Unpin), most: usize) -> Vec<u8> {
        let mut space = vec![0; most];
        let mut buf = ReadBuf::new(&mut space);
        poll_fn(|cx| ahead.poll_read(reader, cx, &mut buf)).await.unwrap();
        buf.filled().to_vec()
    }

    #[tokio::test]
    async fn what_comes_is_read_in_order_however_little_is_asked_for() {
        let (mut theirs, mut ours) = duplex(64 * 1024);
        let mut ahead = Ahead::default();
        let all: Vec<u8> = (0..10_000u32).map(|n| (n % 251) as u8).collect();
        theirs.write_all(&all).await.unwrap();
        let mut got = Vec::new();
        for most in [1, 14, 700, 5, 3_000, 64].into_iter().cycle() {
            got.extend(read(&mut ahead, &mut ours, most).await);
            if got.len() == all.len() {
                break;
            }
        }
        assert_eq!(got, all);
        assert!(ahead.0.is_empty(), "nothing is kept of what was asked for");
        drop(theirs);
        assert!(read(&mut ahead, &mut ours, 64).await.is_empty(), "the end is the end");
    }

    #[tokio::test]
    async fn what_came_at_once_is_read_at_once() {
        let (mut theirs, mut ours) = duplex(64 * 1024);
        let mut ahead = Ahead::default();
        theirs.write_all(&[7; AT_ONCE]).await.unwrap();
        assert_eq!(read(&mut ahead, &mut ours, 14).await, [7; 14]);
        assert_eq!(ahead.0.len(), AT_ONCE - 14);
        // The line is not asked again before that is through.
        theirs.write_all(b"more").await.unwrap();
        assert_eq!(read(&mut ahead, &mut ours, 64 * 1024).await, [7; AT_ONCE - 14]);
        assert_eq!(read(&mut ahead, &mut ours, 64 * 1024).await, b"more");
    }
}
