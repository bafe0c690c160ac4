//! A page as it goes out: long stretches as they are kept, and between them what is its own.

use crate::serve::AT_ONCE;
use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What is shorter is copied: so there are never more pieces than go out in one write.
const LONG: usize = 8 * 1024;
/// As much may be taken as it is kept. The rest, with what is its own at a page's end, makes one last piece: one that comes
/// when there is more than [`AT_ONCE`] would be a write by itself. The head of the answer counts, too.
const TAKEN: usize = AT_ONCE - LONG;

/// The pieces of a page, in order: a body of a known length.
#[derive(Default)]
pub(crate) struct Pieces {
    done: VecDeque<Bytes>,
    /// What is being put together.
    begun: Vec<u8>,
    /// Bytes of all pieces.
    size: usize,
}

impl Pieces {
    /// Adds a stretch that is kept, the beginning of it or all as it is.
    pub(super) fn add(&mut self, stretch: &Bytes) {
        let taken = stretch.len().min(TAKEN.saturating_sub(self.size));
        if taken < LONG {
            return self.copy(stretch);
        }
        self.close();
        self.size += taken;
        self.done.push_back(stretch.slice(..taken));
        self.copy(&stretch[taken..]);
    }

    /// Adds what is its own.
    pub(super) fn put(&mut self, text: &str) {
        self.copy(text.as_bytes());
    }

    /// That was all.
    pub(super) fn end(mut self) -> Self {
        self.close();
        self
    }

    fn copy(&mut self, bytes: &[u8]) {
        self.size += bytes.len();
        if self.begun.is_empty() {
            // What follows is short, as a rule.
            self.begun.reserve(bytes.len() + LONG);
        }
        self.begun.extend_from_slice(bytes);
    }

    fn close(&mut self) {
        if !self.begun.is_empty() {
            self.done.push_back(std::mem::take(&mut self.begun).into());
        }
    }

    /// All of it.
    #[cfg(test)]
    pub(super) fn concat(&self) -> Vec<u8> {
        self.done.iter().flatten().copied().collect()
    }
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.done.pop_front();
        self.size -= piece.as_ref().map_or(0, Bytes::len);
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.done.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.size as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What hyper takes into one write.
    const MOST: usize = 16;

    proptest! {
        #[test]
        fn a_page_is_whole_and_goes_out_in_one_write(
            lengths in proptest::collection::vec(0usize..30_000, 0..15), own in 0usize..50,
        ) {
            let (mut pieces, mut whole) = (Pieces::default(), Vec::new());
            for (n, length) in lengths.iter().enumerate() {
                let stretch = Bytes::from(vec![n as u8; *length]);
                pieces.add(&stretch);
                pieces.put(&"x".repeat(own));
                whole.extend_from_slice(&stretch);
                whole.extend(std::iter::repeat_n(b'x', own));
            }
            let mut pieces = pieces.end();
            prop_assert_eq!(&pieces.concat(), &whole);
            prop_assert_eq!(pieces.size_hint().exact(), Some(whole.len() as u64));
            prop_assert!(pieces.done.len() <= MOST);
            let last = pieces.done.back().map_or(0, Bytes::len);
            prop_assert!(whole.len() - last <= TAKEN);
            let mut cx = Context::from_waker(std::task::Waker::noop());
            let mut got = Vec::new();
            while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut pieces).poll_frame(&mut cx) {
                got.extend(frame.into_data().unwrap());
            }
            prop_assert_eq!(got, whole);
            prop_assert!(pieces.is_end_stream() && pieces.size_hint().exact() == Some(0));
        }
    }

    #[test]
    fn a_long_stretch_is_not_copied() {
        let stretch = Bytes::from(vec![7; 40_000]);
        let mut pieces = Pieces::default();
        pieces.put("head");
        pieces.add(&stretch);
        let pieces = pieces.end();
        assert_eq!(pieces.done[1].as_ptr(), stretch.as_ptr());
    }
}
