//! Data that should be numbers and are none, or not such as can be.
//!
//! This module does *not* know what the data are for.

use super::Listing;
use crate::topology::faults::{Faults, Remedy};

/// The first of such data, and how many there are.
#[derive(Default)]
pub(super) struct Wrong {
    /// Where the first one is, and what is wrong with it.
    first: Option<(usize, String)>,
    count: usize,
}

impl Wrong {
    /// Takes note of the datum of an element.
    pub(super) fn add(&mut self, offset: usize, what: String) {
        self.count += 1;
        self.first.get_or_insert((offset, what));
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The line of the first one, what is wrong with it, and how many more there are.
    pub(super) fn told(&self, listing: &Listing<'_>) -> Option<(usize, String)> {
        let (offset, what) = self.first.as_ref()?;
        let more = match self.count - 1 {
            0 => String::new(),
            1 => " (and 1 more such datum)".into(),
            more => format!(" (and {more} more such data)"),
        };
        Some((listing.line(*offset), format!("{what}{more}")))
    }

    /// Tells of them in one fault.
    pub(super) fn tell(&self, listing: &Listing<'_>, remedy: Remedy, faults: &mut Faults) {
        if let Some((line, what)) = self.told(listing) {
            faults.add_at(line, what, remedy);
        }
    }
}
