//! Unsorted heaps of entries (buckets) that share one store of chunks.
//!
//! It does *not* know what a bucket stands for.

use std::cmp::Ordering;

use arrayvec::ArrayVec;

use crate::prefetch::prefetch_all;

use super::{CancelId, Cancellable, Key};

/// An event with its place in the order. Of two entries the *earlier* is the greater, as the
/// standard library's heap wants it; a sorted list of entries has the next one at its end.
#[derive(Debug)]
pub(super) struct Entry<E> {
    pub(super) key: Key,
    pub(super) event: E,
}

/// Where an entry lies, or lay until it was taken. No larger than the entry.
pub(super) type Slot<E> = Option<Entry<E>>;

impl<E: Cancellable> Entry<E> {
    #[inline]
    pub(super) fn cancel_id(&self) -> Option<CancelId> {
        self.event.cancel_id()
    }
}

impl<E> PartialEq for Entry<E> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl<E> Eq for Entry<E> {}

impl<E> PartialOrd for Entry<E> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Entry<E> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        other.key.cmp(&self.key)
    }
}

/// Entries in no order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket {
    /// The chunk that is being filled; the full ones hang behind it.
    head: u32,
    len: u32,
}

impl Default for Bucket {
    fn default() -> Self {
        Self {
            head: NO_CHUNK,
            len: 0,
        }
    }
}

impl Bucket {
    pub(super) fn len(self) -> usize {
        self.len as usize
    }

    pub(super) fn is_empty(self) -> bool {
        self.len == 0
    }
}

/// Few enough to waste little in buckets that are nearly empty, many enough to be read in a row.
const CHUNK: usize = 16;
const NO_CHUNK: u32 = u32::MAX;

#[derive(Debug)]
struct Chunk<E> {
    next: u32,
    /// None is empty: they are slots so that they can be moved as they are.
    entries: ArrayVec<Slot<E>, CHUNK>,
}

/// The chunks of all buckets.
#[derive(Debug)]
pub(super) struct Pool<E> {
    chunks: Vec<Chunk<E>>,
    /// The first of the chunks that no bucket uses.
    free: u32,
}

impl<E> Default for Pool<E> {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            free: NO_CHUNK,
        }
    }
}

impl<E> Pool<E> {
    /// Puts an entry into `bucket`.
    #[inline]
    pub(super) fn push(&mut self, bucket: &mut Bucket, key: Key, event: E) {
        bucket.len += 1;
        if let Some(chunk) = self.chunks.get_mut(bucket.head as usize)
            && chunk.entries.len() < CHUNK
        {
            chunk.entries.push(Some(Entry { key, event }));
            return;
        }
        bucket.head = self.obtain(bucket.head, Entry { key, event });
    }

    /// Empties `bucket`; what `take` gets may be pushed into other buckets.
    pub(super) fn drain(&mut self, bucket: &mut Bucket, mut take: impl FnMut(&mut Self, Entry<E>)) {
        let mut at = std::mem::take(bucket).head;
        while at != NO_CHUNK {
            // Chunks may lie anywhere: after the first two, the next one is there, and the one after it is on its way while this one is emptied.
            let next = self.chunks.get(self.chunks[at as usize].next as usize);
            if let Some(chunk) = next.and_then(|next| self.chunks.get(next.next as usize)) {
                prefetch_all(chunk);
            }
            while let Some(entry) = self.chunks[at as usize].entries.pop().flatten() {
                take(self, entry);
            }
            let next = std::mem::replace(&mut self.chunks[at as usize].next, self.free);
            self.free = at;
            at = next;
        }
    }

    /// Empties `bucket` into `slots`, what was put in last first.
    // Whole slots are copied: code that checks first whether one holds an entry copies it piece by piece.
    pub(super) fn move_to(&mut self, bucket: &mut Bucket, slots: &mut Vec<Slot<E>>) {
        let mut at = std::mem::take(bucket).head;
        while let Some(chunk) = self.chunks.get_mut(at as usize) {
            slots.extend(chunk.entries.iter_mut().rev().map(Option::take));
            chunk.entries.clear();
            let next = std::mem::replace(&mut chunk.next, self.free);
            self.free = at;
            at = next;
        }
    }

    /// The entries of `bucket`.
    pub(super) fn entries(&self, bucket: Bucket) -> impl Iterator<Item = &Entry<E>> {
        let first = self.chunks.get(bucket.head as usize);
        let chunks = std::iter::successors(first, |chunk| self.chunks.get(chunk.next as usize));
        chunks.flat_map(|chunk| chunk.entries.iter().flatten())
    }

    /// The least and the greatest time in `bucket`, in nanoseconds; an empty one has the reverse.
    pub(super) fn extent(&self, bucket: Bucket) -> (u64, u64) {
        let (mut least, mut greatest) = (u64::MAX, 0);
        let mut at = bucket.head;
        while let Some(chunk) = self.chunks.get(at as usize) {
            for entry in chunk.entries.iter().flatten() {
                let time = entry.key.time.as_ns();
                (least, greatest) = (least.min(time), greatest.max(time));
            }
            at = chunk.next;
        }
        (least, greatest)
    }

    /// A chunk with `entry` alone, in front of `next`.
    #[inline(never)]
    fn obtain(&mut self, next: u32, entry: Entry<E>) -> u32 {
        if let Some(chunk) = self.chunks.get_mut(self.free as usize) {
            let obtained = std::mem::replace(&mut self.free, chunk.next);
            chunk.next = next;
            chunk.entries.push(Some(entry));
            return obtained;
        }
        let entries = ArrayVec::from_iter([Some(entry)]);
        self.chunks.push(Chunk { next, entries });
        (self.chunks.len() - 1) as u32
    }
}
