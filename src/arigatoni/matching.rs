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

/// Lists, in `into` (which is empty), the members of `table` that can serve `demand` and all that goes with it
/// (`also`): ascending, each once. A subcolony can, as far as its summary tells.
#[inline]
pub(super) fn able(
    (table, matcher, also): (&RoutingTable, &impl Matcher, &[Descriptor]),
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
    // A member that declares hulls has no entries.
    if members != Members::Computers && table.merges() {
        into.extend(table.merged_with(demand));
    }
    if !also.is_empty() {
        into.retain(|unit| {
            let mut also = also.iter();
            also.all(|demand| serves((table, matcher), *unit, *demand))
        });
    }
}

/// Whether `unit` is a member of `table` that can serve `demand` and all that goes with it.
#[inline]
pub(super) fn is_able(
    (table, matcher, also): (&RoutingTable, &impl Matcher, &[Descriptor]),
    unit: UnitId,
    demand: Descriptor,
) -> bool {
    serves((table, matcher), unit, demand)
        && also
            .iter()
            .all(|demand| serves((table, matcher), unit, *demand))
}

/// Whether it can serve `demand` alone.
#[inline]
fn serves(
    (table, matcher): (&RoutingTable, &impl Matcher),
    unit: UnitId,
    demand: Descriptor,
) -> bool {
    let mut serving = matcher.serving(demand);
    serving.any(|offer| table.has_entry(unit, offer)) || table.is_merged_with(unit, demand)
}

/// Whether any member of `table` can serve `demand` and all that goes with it.
pub(super) fn finds_any(
    (table, matcher, also): (&RoutingTable, &impl Matcher, &[Descriptor]),
    demand: Descriptor,
) -> bool {
    let serving = matcher.serving(demand);
    let listed = serving.flat_map(|offer| table.members_with(offer));
    listed.chain(table.merged_with(demand)).any(|unit| {
        let mut also = also.iter();
        also.all(|demand| serves((table, matcher), unit, *demand))
    })
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
        let known = (&table(), matcher, &[][..]);
        able(known, members, Descriptor(demand), &mut into);
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
        for also in [&[][..], &[Descriptor(3)], &[Descriptor(0), Descriptor(2)]] {
            let known = (&table, &Neighbours, also);
            for demand in (0..5).map(Descriptor) {
                for unit in [gcu(2), gcu(5), gcu(7), gbu(1)] {
                    let mut all = Vec::new();
                    able(known, Members::All, demand, &mut all);
                    let able = is_able(known, unit, demand);
                    assert_eq!(able, all.contains(&unit), "{unit:?} {demand:?} {also:?}");
                }
            }
        }
    }

    #[test]
    fn one_member_serves_all_that_goes_together() {
        let (table, same) = (table(), SameService { services: 4 });
        let listed = |also: &[Descriptor]| {
            let mut all = Vec::new();
            let known = (&table, &same, also);
            able(known, Members::All, Descriptor(1), &mut all);
            all
        };
        assert_eq!(listed(&[Descriptor(0)]), [gcu(5)]);
        assert_eq!(listed(&[Descriptor(3), Descriptor(1)]), [gcu(2)]);
        assert_eq!(listed(&[Descriptor(0), Descriptor(3)]), []);
    }
}
