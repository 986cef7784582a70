//! What units have been told to do by themselves: to leave, and to come back.
//!
//! It does *not* know whether they can.

use std::collections::{BTreeMap, BTreeSet};

use crate::calculus::Name;

/// What units have been told to do, and have not done yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Wishes {
    /// The members that are told to leave.
    pub(super) leaving: BTreeSet<Name>,
    /// The units that have left, each with the leader that has let it go, and whether it has been told to come
    /// back.
    pub(super) gone: BTreeMap<Name, (Name, bool)>,
}

impl Wishes {
    /// `leader` has let `unit` go.
    pub(super) fn has_left(&mut self, unit: &Name, leader: &Name) {
        if self.leaving.remove(unit) {
            self.gone.insert(unit.clone(), (leader.clone(), false));
        }
    }

    /// `unit` is to be forgotten: it has another leader, or has forgotten everything itself.
    pub(super) fn forget(&mut self, unit: &Name) {
        self.leaving.remove(unit);
        self.gone.remove(unit);
    }
}
