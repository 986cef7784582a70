//! The ladder: entries that come next lie sorted, all others in buckets by time.
//!
//! From near to far: the entries due up to the *horizon* are sorted; then come the rungs, the
//! finest first, each of which covers the times behind the horizon up to its own last one; what
//! lies behind them all is *far*. It does *not* know that entries can be cancelled.

use std::collections::BinaryHeap;

use super::near::Near;
use super::pool::{Bucket, Entry, Pool};
use super::{CancelId, Cancellable, Key};

/// The maximum number of entries of a bucket that is sorted, not spread.
const SORT_MAX: usize = 32;
/// The number of entries due before the horizon that show that it lies too far ahead.
const LATE_MAX: usize = 64;
/// Buckets of a rung: their last chunks fit into a core's own cache.
const BUCKETS_MAX: usize = 1024;
/// The maximum number of entries per bucket that is aimed at when a rung is laid.
const BUCKET_AIM: usize = 12;

/// The entries by time.
#[derive(Debug)]
pub(super) struct Ladder<E> {
    /// Due up to `horizon`.
    near: Near<E>,
    /// Due up to `horizon` too, added when `near` had no room.
    late: BinaryHeap<Entry<E>>,
    horizon: u64,
    /// The coarsest first. Each covers a bucket of the one before.
    rungs: Vec<Rung>,
    /// How many of `rungs` are in use; the others are kept for their capacity.
    depth: usize,
    /// Due after everything else.
    far: Bucket,
    /// How many entries lie in buckets.
    unsorted: usize,
    pool: Pool<E>,
}

/// Buckets of equal width, a power of two.
#[derive(Debug, Default)]
struct Rung {
    start: u64,
    /// The last instant that it covers.
    last: u64,
    /// A bucket is 2^`shift` ns wide.
    shift: u32,
    /// The first bucket that has not been emptied.
    next: usize,
    buckets: Vec<Bucket>,
}

/// What [`Ladder::line_up`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinedUp {
    /// Sorted entries are there.
    Already,
    /// There were none; now there are.
    Anew,
    /// There are no entries at all.
    Nothing,
}

impl<E> Default for Ladder<E> {
    fn default() -> Self {
        Self {
            near: Near::default(),
            late: BinaryHeap::new(),
            horizon: 0,
            rungs: Vec::new(),
            depth: 0,
            far: Bucket::default(),
            unsorted: 0,
            pool: Pool::default(),
        }
    }
}

impl Rung {
    /// Covers `start` to `last` with about `buckets` buckets.
    fn lay(&mut self, start: u64, last: u64, buckets: usize) {
        let buckets = buckets.next_power_of_two().clamp(2, BUCKETS_MAX);
        let bits = u64::BITS - (last - start).leading_zeros();
        self.shift = bits.saturating_sub(buckets.ilog2());
        (self.start, self.last, self.next) = (start, last, 0);
        self.buckets.clear();
        let used = ((last - start) >> self.shift) as usize + 1;
        self.buckets.resize(used, Bucket::default());
    }

    #[inline]
    fn bucket(&mut self, time: u64) -> &mut Bucket {
        &mut self.buckets[((time - self.start) >> self.shift) as usize]
    }

    /// Takes out the next bucket that is not empty, with its first and last instant.
    fn take_bucket(&mut self) -> Option<(Bucket, u64, u64)> {
        let ahead = self.buckets[self.next..].iter();
        let skipped = ahead.take_while(|bucket| bucket.is_empty()).count();
        let index = self.next + skipped;
        let bucket = std::mem::take(self.buckets.get_mut(index)?);
        self.next = index + 1;
        let start = self.start + ((index as u64) << self.shift);
        let last = start.saturating_add(!(u64::MAX << self.shift));
        Some((bucket, start, last.min(self.last)))
    }
}

impl<E> Ladder<E> {
    pub(super) fn len(&self) -> usize {
        self.near.len() + self.late.len() + self.unsorted
    }

    // The entry is put together where it comes to lie, not on the way there.
    #[expect(clippy::inline_always, reason = "called instead, the entry goes there")]
    #[inline(always)]
    pub(super) fn insert(&mut self, key: Key, event: E) {
        let time = key.time.as_ns();
        if time <= self.horizon {
            self.insert_near(Entry { key, event });
            return;
        }
        self.unsorted += 1;
        let mut rungs = self.rungs[..self.depth].iter_mut().rev();
        let bucket = match rungs.find(|rung| time <= rung.last) {
            Some(rung) => rung.bucket(time),
            None => &mut self.far,
        };
        self.pool.push(bucket, key, event);
    }

    /// Sees to it that the first entry is known.
    #[inline]
    pub(super) fn line_up(&mut self) -> LinedUp {
        if !self.near.is_empty() || !self.late.is_empty() {
            LinedUp::Already
        } else if self.refill() {
            LinedUp::Anew
        } else {
            LinedUp::Nothing
        }
    }

    /// The entries that will be sorted next, as long as no earlier ones come; none if they are too
    /// many, or not yet in the finest rung.
    pub(super) fn upcoming(&self) -> impl Iterator<Item = &Entry<E>> {
        let rung = self.rungs[..self.depth].last();
        let bucket = rung.and_then(|rung| rung.buckets.get(rung.next));
        let bucket = bucket.filter(|bucket| bucket.len() <= SORT_MAX);
        self.pool.entries(bucket.copied().unwrap_or_default())
    }

    /// The first entry, once lined up.
    #[inline]
    pub(super) fn first(&self) -> Option<&Entry<E>> {
        if self.late.is_empty() {
            return self.near.first();
        }
        // The earlier entry is the greater, and none is less than any.
        self.near.first().max(self.late.peek())
    }

    /// Takes out the first entry, once lined up, if it comes before `limit`.
    #[expect(clippy::inline_always, reason = "as for the event queue's")]
    #[inline(always)]
    pub(super) fn take_before(&mut self, limit: Key) -> Option<Entry<E>> {
        if self.late.is_empty() {
            self.near.take_before(limit)
        } else {
            self.take_first_of_both(limit)
        }
    }

    /// Keeps only the entries whose tickets `keep` approves of.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(Option<CancelId>) -> bool)
    where
        E: Cancellable,
    {
        self.near.retain(|entry| keep(entry.cancel_id()));
        self.late.retain(|entry| keep(entry.cancel_id()));
        self.unsorted = 0;
        let rungs = self.rungs[..self.depth].iter_mut();
        let buckets = rungs.flat_map(|rung| &mut rung.buckets);
        for bucket in buckets.chain([&mut self.far]) {
            let mut kept = Bucket::default();
            self.pool.drain(bucket, |pool, entry| {
                if keep(entry.cancel_id()) {
                    pool.push(&mut kept, entry.key, entry.event);
                }
            });
            *bucket = kept;
            self.unsorted += kept.len();
        }
    }

    /// Removes and returns the first entry below `limit`, where late entries may exist.
    #[inline(never)]
    fn take_first_of_both(&mut self, limit: Key) -> Option<Entry<E>> {
        if self.first()?.key >= limit {
            None
        } else if self.near.first() < self.late.peek() {
            self.late.pop()
        } else {
            self.near.take_before(limit)
        }
    }

    /// Inserts an entry due before the horizon.
    #[inline(never)]
    fn insert_near(&mut self, entry: Entry<E>) {
        let Err(entry) = self.near.insert(entry) else {
            return;
        };
        self.late.push(entry);
        if self.late.len() > LATE_MAX {
            self.draw_in();
        }
    }

    /// Draws the horizon in to the next instant: what lies behind it goes into a rung of its own.
    fn draw_in(&mut self) {
        let Some(first) = self.first().map(|entry| entry.key.time.as_ns()) else {
            return;
        };
        if first == self.horizon {
            return;
        }
        let (pool, mut behind) = (&mut self.pool, Bucket::default());
        let mut sift = |entry: Entry<E>| {
            if entry.key.time.as_ns() == first {
                return Some(entry);
            }
            pool.push(&mut behind, entry.key, entry.event);
            None
        };
        self.near.hand_out(&mut sift);
        // The heap keeps its list.
        let mut late = std::mem::take(&mut self.late).into_vec();
        for place in (0..late.len()).rev() {
            if let Some(entry) = sift(late.swap_remove(place)) {
                late.push(entry);
            }
        }
        self.late = late.into();
        self.unsorted += behind.len();
        let last = std::mem::replace(&mut self.horizon, first);
        let buckets = behind.len() / BUCKET_AIM;
        self.spread(behind, first + 1, last, buckets);
    }

    /// Sorts the next entries; `false` if there are none.
    #[inline(never)]
    fn refill(&mut self) -> bool {
        loop {
            let (bucket, start, last, buckets);
            if let Some(rung) = self.rungs[..self.depth].last_mut() {
                let Some(next) = rung.take_bucket() else {
                    self.horizon = rung.last;
                    self.depth -= 1;
                    continue;
                };
                (bucket, start, last) = next;
                buckets = bucket.len() / BUCKET_AIM;
            } else {
                if self.far.is_empty() {
                    // Nothing at all: whatever comes, comes behind the horizon.
                    self.horizon = 0;
                    return false;
                }
                bucket = std::mem::take(&mut self.far);
                (start, last) = self.pool.extent(bucket);
                // The near part of what is far is the densest, and more will join it.
                buckets = bucket.len();
            }
            if bucket.len() <= SORT_MAX || start == last {
                self.sort(bucket, start, last);
                self.horizon = last;
                return true;
            }
            self.spread(bucket, start, last, buckets);
        }
    }

    /// Sorts `bucket`, which has what is due from `start` to `last`.
    fn sort(&mut self, mut bucket: Bucket, start: u64, last: u64) {
        self.unsorted -= bucket.len();
        let pool = &mut self.pool;
        let put = |slots: &mut _| pool.move_to(&mut bucket, slots);
        self.near.fill(start, last, put);
    }

    /// Spreads `bucket` over a rung of `buckets` from `start` to `last`.
    fn spread(&mut self, mut bucket: Bucket, start: u64, last: u64, buckets: usize) {
        if self.depth == self.rungs.len() {
            self.rungs.push(Rung::default());
        }
        let rung = &mut self.rungs[self.depth];
        rung.lay(start, last, buckets);
        self.pool.drain(&mut bucket, |pool, entry| {
            let time = entry.key.time.as_ns();
            pool.push(rung.bucket(time), entry.key, entry.event);
        });
        self.depth += 1;
    }
}
