//! Boxes whose memory is used again.
//!
//! Messages that are too large for an event lie in boxes, and come and go all the time. So a thread keeps some
//! boxes that are not needed any more. This module does *not* know what is in them.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::thread::LocalKey;

/// The maximum number of spare boxes of each kind: more than are usually under way at once.
pub(super) const SPARE_MAX: usize = 256;

/// What may lie in such a box.
pub(super) trait Reuse: Default + Clone + 'static {
    /// The boxes that this thread keeps.
    fn spare() -> &'static LocalKey<RefCell<Vec<Box<Self>>>>;

    /// Forgets what it holds; whether its memory is worth keeping.
    fn clear(&mut self) -> bool;
}

/// A value in a box that is used again.
#[derive(Debug)]
pub(super) struct Pooled<T: Reuse>(
    /// Empty only while it is dropped.
    Option<Box<T>>,
);

const KEPT: &str = "a box is given back only when it is dropped";

impl<T: Reuse> Default for Pooled<T> {
    /// An empty value, in memory that has been used before if there is any.
    fn default() -> Self {
        let spare = T::spare().with_borrow_mut(Vec::pop);
        Self(Some(spare.unwrap_or_default()))
    }
}

impl<T: Reuse> Clone for Pooled<T> {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        (*copy).clone_from(self);
        copy
    }
}

impl<T: Reuse> Deref for Pooled<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.0.as_ref().expect(KEPT)
    }
}

impl<T: Reuse> DerefMut for Pooled<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().expect(KEPT)
    }
}

impl<T: Reuse> Drop for Pooled<T> {
    fn drop(&mut self) {
        let Some(mut value) = self.0.take() else {
            return;
        };
        if value.clear() {
            // A thread that ends keeps nothing.
            let _ = T::spare().try_with(|spare| {
                let mut spare = spare.borrow_mut();
                if spare.len() < SPARE_MAX {
                    spare.push(value);
                }
            });
        }
    }
}
