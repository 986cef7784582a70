//! The phases of a search: whom a broker asks first, whom next, and how many at a time.
//!
//! It does *not* know who they are.

use crate::arigatoni::config::Search;
use crate::arigatoni::matching::Members;

/// The steps of a search. Selective search skips `Colony`; exhaustive search skips `Computers` and
/// `Subcolonies`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Phase {
    /// The colony's own GCUs, as many at a time as agreements are missing.
    Computers,
    /// The subcolonies, one at a time.
    Subcolonies,
    /// GCUs and subcolonies, all at once.
    Colony,
    /// The super-broker.
    SuperBroker,
    /// Everybody has been asked.
    Over,
}

impl Phase {
    /// The first one.
    pub(super) fn first(search: Search) -> Self {
        match search {
            Search::Selective => Self::Computers,
            Search::Exhaustive => Self::Colony,
        }
    }

    /// The one after it, once all of its enquiries have ended.
    pub(super) fn next(self) -> Self {
        match self {
            Self::Computers => Self::Subcolonies,
            Self::Subcolonies | Self::Colony => Self::SuperBroker,
            Self::SuperBroker | Self::Over => Self::Over,
        }
    }

    /// Which members of the colony it asks.
    pub(super) fn members(self) -> Option<Members> {
        match self {
            Self::Computers => Some(Members::Computers),
            Self::Subcolonies => Some(Members::Subcolonies),
            Self::Colony => Some(Members::All),
            Self::SuperBroker | Self::Over => None,
        }
    }

    /// How many more may be asked now, where `missing` agreements are missing and `outstanding`
    /// enquiries have not ended.
    #[inline]
    pub(super) fn due(self, missing: u32, outstanding: u32) -> u32 {
        match self {
            Self::Computers => missing.saturating_sub(outstanding),
            Self::Subcolonies | Self::SuperBroker => u32::from(outstanding == 0),
            Self::Colony => u32::MAX,
            Self::Over => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phases(search: Search) -> Vec<Phase> {
        let more = |phase: &Phase| (*phase != Phase::Over).then(|| phase.next());
        std::iter::successors(Some(Phase::first(search)), more).collect()
    }

    #[test]
    fn a_search_goes_through_the_colony_and_then_up() {
        use Phase::{Colony, Computers, Over, Subcolonies, SuperBroker};
        let selective = [Computers, Subcolonies, SuperBroker, Over];
        assert_eq!(phases(Search::Selective), selective);
        assert_eq!(phases(Search::Exhaustive), [Colony, SuperBroker, Over]);
    }

    #[test]
    fn computers_are_asked_one_for_each_missing_agreement_and_brokers_one_by_one() {
        assert_eq!(Phase::Computers.due(3, 0), 3);
        assert_eq!(Phase::Computers.due(3, 2), 1);
        assert_eq!(Phase::Computers.due(1, 2), 0);
        for phase in [Phase::Subcolonies, Phase::SuperBroker] {
            assert_eq!((phase.due(3, 0), phase.due(3, 1)), (1, 0));
        }
        assert_eq!(Phase::Colony.due(1, 70), u32::MAX);
        assert_eq!(Phase::Over.due(1, 0), 0);
    }
}
