//! The lists of providers, by service, as a holder keeps them: what the last word of each computer was.
//!
//! Words about one computer may overtake each other, and come with copies of lists as well, so each carries how often
//! the computer's offers had changed, and the latest counts. This module does *not* know how they come.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::discovery::Descriptor;

/// The lists that a computer holds.
pub(super) type Lists = BTreeMap<Descriptor, List>;

/// Whether a computer offers a service: how often its offers had changed, twice, and one more if it does. So what is
/// known later is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct OfferVersion(pub(super) u32);

impl OfferVersion {
    pub(super) fn new(changes: u32, offered: bool) -> Self {
        Self(changes << 1 | u32::from(offered))
    }

    fn is_offered(self) -> bool {
        self.0 & 1 == 1
    }
}

/// What was said of each computer on a list, by number.
pub type Entries = Box<[(u32, OfferVersion)]>;

/// A word about one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Listing {
    /// The list.
    pub service: Descriptor,
    /// The number of the computer that says it.
    pub computer: u32,
    /// Whether it offers the service.
    pub state: OfferVersion,
}

/// What is known of the providers of a service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct List(BTreeMap<u32, OfferVersion>);

impl List {
    /// The list of those that offer the service as the ring is built.
    pub(super) fn of(providers: impl Iterator<Item = u32>) -> Self {
        Self(
            providers
                .map(|it| (it, OfferVersion::new(0, true)))
                .collect(),
        )
    }

    /// What was said of each computer, by number.
    pub(super) fn states(&self) -> impl Iterator<Item = (u32, OfferVersion)> {
        self.0.iter().map(|(computer, state)| (*computer, *state))
    }

    /// The computers that offer the service, ascending.
    pub(super) fn providers(&self) -> impl Iterator<Item = u32> {
        let offering = self.0.iter().filter(|(_, state)| state.is_offered());
        offering.map(|(computer, _)| *computer)
    }

    /// The computer offers it, or not any more; whether that is news.
    pub(super) fn note(&mut self, computer: u32, state: OfferVersion) -> bool {
        let known = self.0.get(&computer).copied();
        let is_news = known.is_none_or(|known| known < state);
        if is_news {
            self.0.insert(computer, state);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_word_of_a_computer_counts() {
        let mut list = List::of([2, 5].into_iter());
        assert!(!list.note(5, OfferVersion::new(0, true)));
        assert!(
            list.note(2, OfferVersion::new(2, false)) && list.note(9, OfferVersion::new(1, true))
        );
        assert!(!list.note(2, OfferVersion::new(1, true)), "it is overtaken");
        assert!(!list.note(2, OfferVersion::new(2, false)), "it comes twice");
        assert!(list.providers().eq([5, 9]));
        assert!(list.note(2, OfferVersion::new(3, true)));
        assert!(list.providers().eq([2, 5, 9]));
    }
}
