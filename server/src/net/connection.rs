//! The stream of an accepted connection. Dropping it drains unread input first, and other tasks can write WebSocket frames
//! to it directly.
//!
//! When a socket is closed while input is unread, the kernel resets the connection, and the peer may lose the last bytes
//! that were sent to it, such as the close code after an oversized frame, or a 413. So unread input is discarded first,
//! within limits of time and size.

mod read_ahead;
mod shared_writer;
mod timeouts;

pub(crate) use shared_writer::DirectWriter;
pub(crate) use timeouts::RequestPhase;

use super::address_limit::ConnectionSlot;
use super::raw_response::raw_response;
use chat::connection::DirectWrite as _;
use protocol::ErrorCode;
use read_ahead::ReadAhead;
use shared_writer::SharedWriter;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use timeouts::{HeadTimeout, WriteTimeout};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream, tcp, unix};

/// Time and bytes that are spent on discarding unread input.
const DRAIN_LIMITS: (Duration, usize) = (Duration::from_secs(1), 1024 * 1024);

/// Bytes of an answer that the kernel keeps beyond those that it has sent. It accepts more when half of them is sent, so that a peer
/// who reads slowly but steadily is seen to make progress: without a bound, the kernel keeps megabytes, and accepts none for minutes.
const MAX_UNSENT: u32 = 64 * 1024;

/// Sets the bound, where the kernel has it.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn bound_unsent(stream: &TcpStream, bytes: Option<u32>) -> io::Result<()> {
    // Zero stands for the default of the kernel, which is no bound.
    socket2::SockRef::from(stream).set_tcp_notsent_lowat(bytes.unwrap_or_default())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn bound_unsent(_: &TcpStream, _: Option<u32>) -> io::Result<()> {
    Ok(())
}

/// A stream that can be split into its halves.
pub(crate) trait Stream: 'static {
    type Reader: Reader;
    type Writer: Writer;

    fn split(self) -> (Self::Reader, Self::Writer);
}

/// A reading half that tells without waiting whether there is unread input.
pub(crate) trait Reader: AsyncRead + Unpin + Send + 'static {
    fn has_unread(&self) -> bool;
}

/// A writing half that can be written to without waiting.
pub(crate) trait Writer: AsyncWrite + Unpin + Send + 'static {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize>;

    /// Bounds what the kernel keeps of an answer until the peer accepts it; `None` removes the bound.
    fn bound_unsent(&self, bytes: Option<u32>);

    /// Makes the end of the connection discard what the kernel has buffered for the peer.
    fn discard_unsent(&self);
}

/// Implements the traits for TCP and Unix streams, which share no trait for their halves.
macro_rules! stream {
    ($stream:ty, $half:ident, $bound:expr, $discard:expr) => {
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

            fn bound_unsent(&self, bytes: Option<u32>) {
                let bound: fn(&$stream, Option<u32>) -> io::Result<()> = $bound;
                let _ = bound(self.as_ref(), bytes);
            }

            fn discard_unsent(&self) {
                let discard: fn(&$stream) -> io::Result<()> = $discard;
                let _ = discard(self.as_ref());
            }
        }
    };
}

stream!(TcpStream, tcp, bound_unsent, TcpStream::set_zero_linger);
// The peer of a Unix socket is a program of this machine, such as a proxy.
stream!(UnixStream, unix, |_, _| Ok(()), |_| Ok(()));

/// A stream that ends slow requests and peers that read too slowly, and is drained when it is dropped.
pub(crate) struct Connection<S: Stream> {
    reader: Option<S::Reader>,
    read_ahead: ReadAhead,
    writer: Arc<SharedWriter<S::Writer>>,
    head_timeout: HeadTimeout,
    write_timeout: WriteTimeout,
    phase: RequestPhase,
    is_upgraded: bool,
    _slot: Option<ConnectionSlot>,
}

/// Wraps a stream. The [`DirectWriter`] writes frames to it without its task; the service reports the phase.
pub(crate) fn open<S: Stream>(
    stream: S,
    phase: RequestPhase,
    slot: Option<ConnectionSlot>,
) -> (Connection<S>, DirectWriter) {
    let (reader, writer) = stream.split();
    writer.bound_unsent(Some(MAX_UNSENT));
    let writer = Arc::new(SharedWriter::new(writer));
    let connection = Connection {
        reader: Some(reader),
        read_ahead: ReadAhead::default(),
        writer: writer.clone(),
        head_timeout: HeadTimeout::new(phase.clone()),
        write_timeout: WriteTimeout::new(phase.clone()),
        phase,
        is_upgraded: false,
        _slot: slot,
    };
    (connection, DirectWriter(writer))
}

impl<S: Stream> Connection<S> {
    /// Ends the connection if the peer accepts too little. The kernel would keep for as long as the peer likes what it has buffered.
    fn bound_write<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
        count: impl FnOnce(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        if !self.is_upgraded && self.phase.is_upgraded() {
            // Sockets have a queue of their own, which counts from where the kernel takes no more.
            self.is_upgraded = true;
            self.writer.bound_unsent(None);
        }
        let was_pending = written.is_pending();
        let bounded = self.write_timeout.bound(cx, written, count);
        if was_pending && bounded.is_ready() {
            self.writer.discard_unsent();
        }
        bounded
    }
}

impl<S: Stream> Drop for Connection<S> {
    fn drop(&mut self) {
        let Some(mut reader) = self.reader.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if !reader.has_unread() {
            return;
        }
        let writer = self.writer.clone();
        runtime.spawn(async move {
            let (time, mut most) = DRAIN_LIMITS;
            let drained = async {
                let _ = poll_fn(|cx| writer.poll_shutdown(cx)).await;
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

impl<S: Stream> AsyncRead for Connection<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { reader, read_ahead, writer, head_timeout, .. } = self.get_mut();
        let Some(reader) = reader else { return Poll::Ready(Err(io::ErrorKind::NotConnected.into())) };
        let before = buf.filled().len();
        let read = read_ahead.poll_read(reader, cx, buf);
        let count = match &read {
            Poll::Ready(Err(_)) => return read,
            Poll::Ready(Ok(())) => Poll::Ready(buf.filled().len() - before),
            Poll::Pending => Poll::Pending,
        };
        if head_timeout.is_over(cx, count) {
            // hyper closes the connection without a response. No other one can be under way before a head.
            writer.write(&raw_response(ErrorCode::RequestTimeout));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl<S: Stream> AsyncWrite for Connection<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = self.writer.poll_write(cx, buf);
        self.bound_write(cx, written, |&count| count)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.writer.poll_write_vectored(cx, bufs);
        self.bound_write(cx, written, |&count| count)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = self.writer.poll_flush(cx);
        self.bound_write(cx, flushed, |()| 0)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writer.poll_shutdown(cx)
    }
}
