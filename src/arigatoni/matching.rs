//! Matching: which members of a colony can serve a request.
//!
//! Messages, tables and open queries name what is offered and asked for by a [`Descriptor`]; which of
//! them match is the [`Matcher`]'s affair. It does *not* know what "able" means.

use crate::arigatoni::table::RoutingTable;
use crate::discovery::{Descriptor, Matcher};
use crate::unit::UnitId;

/// Which members are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Members {
    /// GCUs.
    Computers,
    /// Leaders of subcolonies.
    Subcolonies,
    /// Both.
    All,
}

/// Lists, in `into` (which is empty), the members of `table` that can serve `demand`: ascending,
/// each once.
#[inline]
pub(super) fn able(
    (table, matcher): (&RoutingTable, &impl Matcher),
    members: Members,
    demand: Descriptor,
    into: &mut Vec<UnitId>,
) {
    let mut rows = 0;
    for offer in matcher.serving(demand) {
        match members {
            Members::Computers => into.extend(table.computers_with(offer)),
            Members::Subcolonies => into.extend(table.subcolonies_with(offer)),
            Members::All => into.extend(table.members_with(offer)),
        }
        rows += 1;
    }
    // One member may have several offers that fit.
    if rows > 1 {
        into.sort_unstable();
        into.dedup();
    }
    // Who declares hulls has no entries.
    if members != Members::Computers {
        into.extend(table.merged_with(demand));
    }
}

/// Whether `unit` is a member of `table` that can serve `demand`.
#[inline]
pub(super) fn is_able(
    (table, matcher): (&RoutingTable, &impl Matcher),
    unit: UnitId,
    demand: Descriptor,
) -> bool {
    let mut serving = matcher.serving(demand);
    serving.any(|offer| table.has_entry(unit, offer)) || table.is_merged_with(unit, demand)
}

/// Whether any member of `table` can serve `demand`.
pub(super) fn finds_any(
    (table, matcher): (&RoutingTable, &impl Matcher),
    demand: Descriptor,
) -> bool {
    let mut serving = matcher.serving(demand);
    serving.any(|offer| table.members_with(offer).next().is_some())
        || table.merged_with(demand).next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::{SameService, gbu, gcu};

    /// Of four descriptors, neighbours match.
    struct Neighbours;

    impl Matcher for Neighbours {
        fn count(&self) -> u32 {
            4
        }

        fn serving(&self, demand: Descriptor) -> impl Iterator<Item = Descriptor> {
            (0..4)
                .map(Descriptor)
                .filter(move |offer| offer.0.abs_diff(demand.0) <= 1)
        }
    }

    fn table() -> RoutingTable {
        let mut table = RoutingTable::new(4);
        table.register(gcu(5), &[Descriptor(0), Descriptor(1)]);
        table.register(gcu(2), &[Descriptor(1), Descriptor(3)]);
        table.register(gbu(1), &[Descriptor(0)]);
        table
    }

    fn listed(matcher: &impl Matcher, members: Members, demand: u32) -> Vec<UnitId> {
        let mut into = Vec::new();
        able((&table(), matcher), members, Descriptor(demand), &mut into);
        into
    }

    #[test]
    fn a_member_with_several_fitting_offers_is_listed_once() {
        let all = listed(&Neighbours, Members::All, 0);
        assert_eq!(all, [gcu(2), gcu(5), gbu(1)]);
        assert_eq!(listed(&Neighbours, Members::Computers, 1), [gcu(2), gcu(5)]);
        assert_eq!(listed(&Neighbours, Members::Subcolonies, 1), [gbu(1)]);
        assert_eq!(listed(&Neighbours, Members::Subcolonies, 2), []);
    }

    #[test]
    fn services_match_themselves_only() {
        let same = SameService { services: 4 };
        assert_eq!(listed(&same, Members::All, 1), [gcu(2), gcu(5)]);
        assert_eq!(listed(&same, Members::All, 2), []);
        assert_eq!(listed(&same, Members::All, 4), [], "out of range");
    }

    #[test]
    fn able_is_who_is_listed() {
        let table = table();
        for demand in (0..5).map(Descriptor) {
            for unit in [gcu(2), gcu(5), gcu(7), gbu(1)] {
                let mut all = Vec::new();
                able((&table, &Neighbours), Members::All, demand, &mut all);
                let able = is_able((&table, &Neighbours), unit, demand);
                assert_eq!(able, all.contains(&unit), "{unit:?} {demand:?}");
            }
        }
    }
}
