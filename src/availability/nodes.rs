//! Nodes that come up and go down, as a trace tells them.
//!
//! This module does *not* know how a trace is written.

use std::collections::BTreeMap;

use crate::time::Span;

/// When one node is up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// Whether it is at time 0.
    pub(super) is_up_at_start: bool,
    /// When this changes afterwards, ascending.
    pub(super) changes: Vec<Span>,
}

impl Node {
    /// A node that never changes.
    pub(super) fn new(is_up_at_start: bool) -> Self {
        Self {
            is_up_at_start,
            changes: Vec::new(),
        }
    }

    /// Whether it is up after its last change.
    pub(super) fn is_up(&self) -> bool {
        self.is_up_at_start ^ (self.changes.len() % 2 == 1)
    }

    /// It comes up, or goes down, at `at`, which is not before its last change. Two changes at one
    /// instant are none.
    pub(super) fn change(&mut self, at: Span) {
        if at == Span::ZERO {
            self.is_up_at_start = !self.is_up_at_start;
        } else if self.changes.last() == Some(&at) {
            self.changes.pop();
        } else {
            self.changes.push(at);
        }
    }
}

/// What is known of each node, in the order of their first appearance.
#[derive(Debug)]
pub(super) struct ByAppearance<T> {
    numbers: BTreeMap<i64, usize>,
    list: Vec<T>,
}

impl<T> ByAppearance<T> {
    pub(super) fn new() -> Self {
        Self {
            numbers: BTreeMap::new(),
            list: Vec::new(),
        }
    }

    /// What is known of the node that the trace calls `id`; `new` if it is the first time.
    pub(super) fn of(&mut self, id: i64, new: impl FnOnce() -> T) -> &mut T {
        let number = *self.numbers.entry(id).or_insert(self.list.len());
        if number == self.list.len() {
            self.list.push(new());
        }
        &mut self.list[number]
    }

    /// All of it.
    pub(super) fn into_list(self) -> Vec<T> {
        self.list
    }
}
