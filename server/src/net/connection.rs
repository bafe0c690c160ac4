//! A connection: one that hangs up politely, and to which one can write past the task that it belongs to.
//!
//! When a socket is closed while the other side's words lie unread, the kernel resets the connection, and the
//! other side may never see our last ones: the close code after a frame that was too big, the 413. So what is unread
//! is read away first, for a moment.

mod ahead;
mod way;

pub(crate) use way::Way;

use ahead::Ahead;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream, tcp, unix};
use way::Out;

/// How long, and how much, is read away.
const LINGER: (Duration, usize) = (Duration::from_secs(1), 1024 * 1024);

/// A stream that can be split.
pub(crate) trait Stream: 'static {
    type Reader: Reader;
    type Writer: Writer;

    fn split(self) -> (Self::Reader, Self::Writer);
}

/// A half that says without waiting whether something lies unread.
pub(crate) trait Reader: AsyncRead + Unpin + Send + 'static {
    fn has_unread(&self) -> bool;
}

/// A half that can be written to without waiting.
pub(crate) trait Writer: AsyncWrite + Unpin + Send + 'static {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize>;
}

/// The same for both kinds of streams.
macro_rules! stream {
    ($stream:ty, $half:ident) => {
        impl Stream for $stream {
            type Reader = $half::OwnedReadHalf;
            type Writer = $half::OwnedWriteHalf;

            fn split(self) -> (Self::Reader, Self::Writer) {
                self.into_split()
            }
        }

        impl Reader for $half::OwnedReadHalf {
            fn has_unread(&self) -> bool {
                self.try_read(&mut [0; 1]).is_ok_and(|n| n > 0)
            }
        }

        impl Writer for $half::OwnedWriteHalf {
            fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
                Self::try_write(self, bytes)
            }
        }
    };
}

stream!(TcpStream, tcp);
stream!(UnixStream, unix);

/// A stream that is drained when it is dropped.
pub(crate) struct Line<S: Stream> {
    reader: Option<S::Reader>,
    ahead: Ahead,
    out: Arc<Out<S::Writer>>,
}

/// The line over a stream, and the way past whoever has the line.
pub(crate) fn open<S: Stream>(stream: S) -> (Line<S>, Way) {
    let (reader, writer) = stream.split();
    let out = Arc::new(Out::new(writer));
    (Line { reader: Some(reader), ahead: Ahead::default(), out: out.clone() }, Way(out))
}

impl<S: Stream> Drop for Line<S> {
    fn drop(&mut self) {
        let Some(mut reader) = self.reader.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if !reader.has_unread() {
            return;
        }
        let out = self.out.clone();
        runtime.spawn(async move {
            let (time, mut most) = LINGER;
            let drained = async {
                let _ = poll_fn(|cx| out.poll_shutdown(cx)).await;
                let mut buffer = [0; 4096];
                while let Ok(n @ 1..) = reader.read(&mut buffer).await {
                    most = most.saturating_sub(n);
                    if most == 0 {
                        break;
                    }
                }
            };
            let _ = tokio::time::timeout(time, drained).await;
        });
    }
}

impl<S: Stream> AsyncRead for Line<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { reader, ahead, .. } = self.get_mut();
        match reader {
            Some(reader) => ahead.poll_read(reader, cx, buf),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}

impl<S: Stream> AsyncWrite for Line<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.out.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.out.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.out.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.out.poll_shutdown(cx)
    }
}
