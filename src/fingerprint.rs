//! Fingerprints: what a run did, in 64 bits.
//!
//! Each unit chains a hash over its inputs; a run's fingerprint is the wrapping sum over its units,
//! so it does not depend on how units are interleaved. Inputs are hashed through an explicit
//! little-endian encoding with a fixed code for each kind and field, so that a new kind of message
//! changes no old fingerprint, on any platform. The hash is XXH3 with the chain as its seed. This
//! module does *not* know what is encoded.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Something with a fixed encoding.
pub trait Encode {
    /// Writes a fixed code for its kind, then its fields in a fixed order.
    fn encode(&self, to: &mut Encoder);
}

/// Collects the little-endian encoding of one input and folds it into a chain.
#[derive(Debug)]
pub struct Encoder {
    chain: u64,
    len: usize,
    buffer: [u8; 64],
}

impl Encoder {
    /// An encoder that goes on from `chain`.
    #[inline]
    pub fn new(chain: u64) -> Self {
        Self {
            chain,
            len: 0,
            buffer: [0; 64],
        }
    }

    /// Appends a code or a small field.
    #[inline]
    pub fn u8(&mut self, value: u8) {
        self.bytes([value]);
    }

    /// Appends a 32-bit field.
    #[inline]
    pub fn u32(&mut self, value: u32) {
        self.bytes(value.to_le_bytes());
    }

    /// Appends a 64-bit field.
    #[inline]
    pub fn u64(&mut self, value: u64) {
        self.bytes(value.to_le_bytes());
    }

    /// Appends a list: its length, then its items.
    pub fn list(&mut self, items: impl ExactSizeIterator<Item = u32>) {
        self.u32(items.len() as u32);
        items.for_each(|item| self.u32(item));
    }

    /// The chain with everything appended folded in.
    #[inline]
    pub fn finish(&mut self) -> u64 {
        self.fold();
        self.chain
    }

    #[inline]
    fn bytes<const N: usize>(&mut self, bytes: [u8; N]) {
        if self.len + N > self.buffer.len() {
            self.fold();
        }
        self.buffer[self.len..self.len + N].copy_from_slice(&bytes);
        self.len += N;
    }

    #[inline]
    fn fold(&mut self) {
        self.chain = xxh3_64_with_seed(&self.buffer[..self.len], self.chain);
        self.len = 0;
    }
}
