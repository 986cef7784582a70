//! A list in blocks, so that nothing is copied as it becomes longer.
//!
//! It counts the bytes that it holds. It does *not* know what is listed.

/// Entries of one block.
const BLOCK: usize = 1 << 16;

/// The list.
#[derive(Debug)]
pub(super) struct Blocks<T> {
    blocks: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Blocks<T> {
    fn default() -> Self {
        Self {
            blocks: Vec::new(),
            len: 0,
        }
    }
}

impl<T> Blocks<T> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn at(&self, number: usize) -> &T {
        &self.blocks[number / BLOCK][number % BLOCK]
    }

    pub(super) fn push(&mut self, entry: T) {
        if self.len.is_multiple_of(BLOCK) {
            self.blocks.push(Vec::with_capacity(BLOCK));
        }
        self.blocks[self.len / BLOCK].push(entry);
        self.len += 1;
    }

    /// The bytes that are held.
    pub(super) fn bytes(&self) -> u64 {
        (self.blocks.len() * BLOCK * size_of::<T>()) as u64
    }

    /// The bytes that `more` further entries need beyond those that are held now.
    pub(super) fn bytes_ahead(&self, more: usize) -> u64 {
        let blocks = (self.len + more).div_ceil(BLOCK) - self.blocks.len();
        (blocks * BLOCK * size_of::<T>()) as u64
    }
}
