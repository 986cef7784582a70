//! The order of a search: who can be asked in a phase, and who of them first.
//!
//! It does *not* know how many are asked at a time.

use super::{OpenQuery, View};
use crate::arigatoni::config::Search;
use crate::arigatoni::gbu::Sides;
use crate::arigatoni::matching::{self, Members};
use crate::arigatoni::policy::{Given, Policy};
use crate::discovery::{GBU, GCU, RequestId};
use crate::unit::UnitId;

/// Lists whom to ask in the query's phase, the first one last.
///
/// GCUs and subcolonies come in the policy's order, all of a colony at once in the order of their
/// ids, the asker only if it has not looked for anybody itself. The super-broker, of which nothing is known, is not asked
/// for its own query, and never by a leaver. `ranks` is room to sort in.
pub(super) fn line_up<P: Policy>(
    query: &mut OpenQuery,
    view: View<'_, P>,
    ranks: &mut Vec<(u64, UnitId)>,
) {
    let candidates = &mut query.candidates;
    candidates.clear();
    let Some(members) = query.phase.members() else {
        if query.phase.is_upwards() && query.goes_up {
            candidates.extend(view.membership.leader_to_ask());
        } else if query.phase.is_beyond() {
            line_up_beyond(query, view, ranks);
        }
        return;
    };
    let policy = &view.given.policy;
    let known = (view.table, policy.matcher(), &*view.given.rules.also);
    matching::able(known, members, query.demand, candidates);
    // A subcolony that asked has not looked for anybody itself, if the root is asked first.
    let has_looked = view.given.rules.search != Search::RootFirst || query.asker.kind() == GCU;
    if has_looked {
        candidates.retain(|peer| *peer != query.asker);
    }
    if members == Members::All {
        candidates.reverse();
    } else if candidates.len() > 1 {
        // One alone needs no rank.
        sort(candidates, 0, (policy, query.request), ranks);
    }
}

/// Puts the candidates from `begin` on in the policy's order, the first one last.
fn sort<P: Policy>(
    candidates: &mut Vec<UnitId>,
    begin: usize,
    (policy, request): (&P, RequestId),
    ranks: &mut Vec<(u64, UnitId)>,
) {
    let rank = |&peer: &UnitId| (policy.rank(peer, request), peer);
    ranks.extend(candidates[begin..].iter().map(rank));
    ranks.sort_unstable_by(|a, b| b.cmp(a));
    candidates.truncate(begin);
    candidates.extend(ranks.drain(..).map(|(_, peer)| peer));
}

/// Lists, in a graph, the subcolonies that are not listed as able but from which links lead on, and then the
/// linked colonies; both in the policy's order, and nobody who asks or is asked otherwise.
#[cold]
fn line_up_beyond<P: Policy>(
    query: &mut OpenQuery,
    view: View<'_, P>,
    ranks: &mut Vec<(u64, UnitId)>,
) {
    let View {
        given: Given { rules, policy },
        table,
        membership,
        sides,
    } = view;
    let (asker, candidates) = (query.asker, &mut query.candidates);
    let is_asked_otherwise =
        |peer: UnitId| peer == asker || table.has_member(peer) || membership.leader() == Some(peer);
    let linked = sides.into_iter().flat_map(Sides::asked);
    candidates.extend(linked.filter(|peer| !is_asked_otherwise(*peer)));
    sort(candidates, 0, (policy, query.request), ranks);
    let linked = candidates.len();
    let known = (table, policy.matcher(), &*rules.also);
    let goes_on = |peer: UnitId| {
        peer.kind() == GBU
            && peer != asker
            && policy.leads_on(peer)
            && !matching::is_able(known, peer, query.demand)
    };
    let members = table.members().iter().copied();
    candidates.extend(members.filter(|peer| goes_on(*peer)));
    sort(candidates, linked, (policy, query.request), ranks);
}

#[cfg(test)]
mod tests {
    use super::super::phase::Phase;
    use super::*;
    use crate::arigatoni::membership::Membership;
    use crate::arigatoni::rules::Rules;
    use crate::arigatoni::table::RoutingTable;
    use crate::arigatoni::tests::{self, DEMAND};
    use crate::discovery::{gbu, gcu};
    use crate::time::Time;

    fn listed(phase: Phase, asker: UnitId, is_member: bool, above: Membership) -> Vec<UnitId> {
        listed_by(Search::Selective, phase, (asker, is_member), above)
    }

    fn listed_by(
        search: Search,
        phase: Phase,
        asker: (UnitId, bool),
        above: Membership,
    ) -> Vec<UnitId> {
        let mut table = RoutingTable::new(8);
        for unit in [gcu(1), gcu(2), gcu(6), gbu(5), gbu(7)] {
            table.register(unit, &[DEMAND]);
        }
        let given = tests::given(Rules {
            search,
            ..tests::rules()
        });
        let view = View {
            given: &given,
            table: &table,
            membership: above,
            sides: None,
        };
        let asked = tests::question(1, 0);
        let mut query = OpenQuery::new(&asked, asker, phase, Time::ZERO);
        query.candidates.push(gcu(99));
        let mut ranks = Vec::new();
        line_up(&mut query, view, &mut ranks);
        assert!(ranks.is_empty(), "it is only room");
        query.candidates.into_iter().rev().collect()
    }

    #[test]
    fn members_come_in_the_policys_order_without_the_asker() {
        let above = Membership::Member(gbu(9));
        let given = tests::given(tests::rules());
        let mut computers = [gcu(1), gcu(2), gcu(6)];
        computers.sort_by_key(|&peer| given.policy.rank(peer, tests::REQUEST));
        assert_eq!(
            listed(Phase::first(Search::Selective), gcu(8), true, above),
            computers
        );
        let others: Vec<UnitId> = computers
            .into_iter()
            .filter(|&unit| unit != gcu(2))
            .collect();
        assert_eq!(listed(Phase::Computers, gcu(2), true, above), others);
        assert_eq!(listed(Phase::Subcolonies, gbu(5), true, above), [gbu(7)]);
    }

    #[test]
    fn a_subcolony_that_asks_the_root_first_is_asked_itself() {
        let by_root_first = |phase, asker| {
            let above = Membership::Alone;
            listed_by(Search::RootFirst, phase, (asker, true), above)
        };
        assert_eq!(by_root_first(Phase::Above, gbu(5)), []);
        let mut asked = by_root_first(Phase::Subcolonies, gbu(5));
        asked.sort_unstable();
        assert_eq!(asked, [gbu(5), gbu(7)]);
        assert!(!by_root_first(Phase::Computers, gcu(2)).contains(&gcu(2)));
    }

    #[test]
    fn a_whole_colony_comes_in_the_order_of_ids() {
        let all = [gcu(2), gcu(6), gbu(5), gbu(7)];
        let above = Membership::Alone;
        assert_eq!(listed(Phase::Colony, gcu(1), true, above), all);
    }

    #[test]
    fn the_super_broker_is_asked_for_members_only_and_not_by_a_leaver() {
        let up = |is_member, above| listed(Phase::SuperBroker, gcu(1), is_member, above);
        assert_eq!(up(true, Membership::Member(gbu(9))), [gbu(9)]);
        assert_eq!(up(false, Membership::Member(gbu(9))), []);
        for above in [
            Membership::Leaving(gbu(9)),
            Membership::Orphan(gbu(9)),
            Membership::Alone,
        ] {
            assert_eq!(up(true, above), []);
        }
        assert_eq!(
            listed(Phase::Over, gcu(1), true, Membership::Member(gbu(9))),
            []
        );
    }
}
