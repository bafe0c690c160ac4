//! A connection that hangs up politely.
//!
//! When a socket is closed while the other side's words lie unread, the kernel resets the connection, and the
//! other side may never see our last ones: the close code after a frame that was too big, the 413. So what is unread
//! is read away first, for a moment.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

/// How long, and how much, is read away.
const LINGER: (Duration, usize) = (Duration::from_secs(1), 1024 * 1024);

/// A stream that says without waiting whether something lies unread.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    fn has_unread(&self) -> bool;
}

impl Stream for TcpStream {
    fn has_unread(&self) -> bool {
        self.try_read(&mut [0; 1]).is_ok_and(|n| n > 0)
    }
}

impl Stream for UnixStream {
    fn has_unread(&self) -> bool {
        self.try_read(&mut [0; 1]).is_ok_and(|n| n > 0)
    }
}

/// A stream that is drained when it is dropped.
pub(crate) struct Line<S: Stream>(Option<S>);

impl<S: Stream> Line<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self(Some(stream))
    }

    fn stream(self: Pin<&mut Self>) -> io::Result<Pin<&mut S>> {
        self.get_mut().0.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl<S: Stream> Drop for Line<S> {
    fn drop(&mut self) {
        let Some(mut stream) = self.0.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if !stream.has_unread() {
            return;
        }
        runtime.spawn(async move {
            let (time, mut most) = LINGER;
            let drained = async {
                let _ = stream.shutdown().await;
                let mut buffer = [0; 4096];
                while let Ok(n @ 1..) = stream.read(&mut buffer).await {
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
        self.stream()?.poll_read(cx, buf)
    }
}

impl<S: Stream> AsyncWrite for Line<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream()?.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.as_ref().is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(cx)
    }
}
