//! The phases of a search: whom a broker asks first, whom next, and how many at a time.
//!
//! It does *not* know who they are.

use crate::arigatoni::config::Search;
use crate::arigatoni::matching::Members;

/// The steps of a search. Selective search skips `Colony`; exhaustive search skips `Computers` and
/// `Subcolonies`. Only a search that asks the root first begins with `Above`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Phase {
    /// The super-broker before all others: it passes the query on, up to the root.
    Above,
    /// The colony's own GCUs, as many at a time as can give what is missing.
    Computers,
    /// The subcolonies, one at a time.
    Subcolonies,
    /// GCUs and subcolonies, all at once.
    Colony,
    /// Where colonies are linked: the subcolonies from which links lead on, then the linked colonies, one at a time.
    Beyond,
    /// The subcolonies from which links lead on and the linked colonies, all at once.
    BeyondAtOnce,
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
            Search::RootFirst => Self::Above,
        }
    }

    /// The one after it, once all of its enquiries have ended. Only a graph has anything beyond a colony and its
    /// super-broker.
    pub(super) fn next(self, search: Search, is_graph: bool) -> Self {
        match self {
            // There is nobody above, or no answer from there.
            Self::Above => Self::Computers,
            Self::Computers => Self::Subcolonies,
            Self::Subcolonies if search == Search::RootFirst => Self::Over,
            Self::Subcolonies if is_graph => Self::Beyond,
            Self::Colony if is_graph => Self::BeyondAtOnce,
            Self::Subcolonies | Self::Colony | Self::Beyond | Self::BeyondAtOnce => {
                Self::SuperBroker
            }
            Self::SuperBroker | Self::Over => Self::Over,
        }
    }

    /// Whether it asks beyond what the table promises.
    #[inline]
    pub(super) fn is_beyond(self) -> bool {
        matches!(self, Self::Beyond | Self::BeyondAtOnce)
    }

    /// The one in which a search is once a peer has answered: what the super-broker was asked first, everybody has
    /// been asked by then.
    pub(super) fn answered(self) -> Self {
        match self {
            Self::Above => Self::SuperBroker,
            other => other,
        }
    }

    /// Whether it asks the super-broker.
    pub(super) fn is_upwards(self) -> bool {
        matches!(self, Self::Above | Self::SuperBroker)
    }

    /// Which members of the colony it asks.
    pub(super) fn members(self) -> Option<Members> {
        match self {
            Self::Computers => Some(Members::Computers),
            Self::Subcolonies => Some(Members::Subcolonies),
            Self::Colony => Some(Members::All),
            Self::Above | Self::Beyond | Self::BeyondAtOnce | Self::SuperBroker | Self::Over => {
                None
            }
        }
    }

    /// Whether one more may be asked now, where `missing` instances are missing, a computer gives at most
    /// `each`, and `outstanding` enquiries have not ended.
    #[inline]
    pub(super) fn may_ask(self, missing: u32, each: u32, outstanding: u32) -> bool {
        match self {
            // Those that are asked may give enough.
            Self::Computers => outstanding.saturating_mul(each) < missing,
            Self::Above | Self::Subcolonies | Self::Beyond | Self::SuperBroker => outstanding == 0,
            Self::Colony | Self::BeyondAtOnce => true,
            Self::Over => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phases(search: Search, is_graph: bool) -> Vec<Phase> {
        let more = |phase: &Phase| (*phase != Phase::Over).then(|| phase.next(search, is_graph));
        std::iter::successors(Some(Phase::first(search)), more).collect()
    }

    #[test]
    fn a_search_goes_through_the_colony_and_then_up() {
        use Phase::{
            Above, Beyond, BeyondAtOnce, Colony, Computers, Over, Subcolonies, SuperBroker,
        };
        let selective = [Computers, Subcolonies, SuperBroker, Over];
        assert_eq!(phases(Search::Selective, false), selective);
        let exhaustive = [Colony, SuperBroker, Over];
        assert_eq!(phases(Search::Exhaustive, false), exhaustive);
        let selective = [Computers, Subcolonies, Beyond, SuperBroker, Over];
        assert_eq!(phases(Search::Selective, true), selective);
        let exhaustive = [Colony, BeyondAtOnce, SuperBroker, Over];
        assert_eq!(phases(Search::Exhaustive, true), exhaustive);
        let root_first = [Above, Computers, Subcolonies, Over];
        assert_eq!(phases(Search::RootFirst, false), root_first);
        // The root has looked everywhere.
        let answered = Above.answered();
        assert_eq!(answered.next(Search::RootFirst, false), Over);
        assert_eq!(Computers.answered(), Computers);
    }

    #[test]
    fn computers_are_asked_for_what_is_missing_and_brokers_one_by_one() {
        let asked = |missing, each| {
            let mut outstanding = 0..;
            outstanding.find(|&outstanding| !Phase::Computers.may_ask(missing, each, outstanding))
        };
        assert_eq!([asked(3, 1), asked(1, 1), asked(0, 1)], [3, 1, 0].map(Some));
        assert_eq!([asked(5, 3), asked(6, 3), asked(2, 3)], [2, 2, 1].map(Some));
        for phase in [
            Phase::Above,
            Phase::Subcolonies,
            Phase::Beyond,
            Phase::SuperBroker,
        ] {
            assert!(phase.may_ask(3, 1, 0) && !phase.may_ask(3, 1, 1));
        }
        assert!(Phase::Colony.may_ask(1, 1, 70) && Phase::BeyondAtOnce.may_ask(1, 1, 70));
        assert!(!Phase::Over.may_ask(1, 1, 0));
    }
}
