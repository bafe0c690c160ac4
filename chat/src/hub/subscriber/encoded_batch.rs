//! Encoded frames, shared by subscribers with the same pushes.

use super::direct_write::DirectWrite;
use crate::bus::{BusEvent, Push};
use bytes::Bytes;
use std::sync::Arc;

/// The frames that were encoded last. Most subscribers of a flush have the same pushes, which are then encoded once.
#[derive(Default)]
pub(in crate::hub) struct EncodedBatch {
    pushes: Vec<Arc<Push>>,
    bytes: Vec<u8>,
}

impl EncodedBatch {
    /// Encodes the frames, unless they are the last ones again. `size` is their length before encoding, in bytes.
    pub(super) fn fill<'a>(
        &mut self,
        pushes: impl Iterator<Item = &'a Arc<Push>> + Clone,
        size: usize,
        direct_write: &dyn DirectWrite,
    ) {
        if pushes.clone().map(Arc::as_ptr).eq(self.pushes.iter().map(Arc::as_ptr)) {
            return;
        }
        self.pushes.clear();
        self.bytes.clear();
        self.bytes.reserve(size);
        for push in pushes {
            if let BusEvent::Frame(text) = &push.event {
                direct_write.encode(Bytes::clone(text), &mut self.bytes);
                self.pushes.push(push.clone());
            }
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The number of frames.
    pub(super) fn len(&self) -> u64 {
        self.pushes.len() as u64
    }
}
