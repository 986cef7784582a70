//! Which nodes are kept as replicas of which application.
//!
//! How many and in which domains say the laws of failure ([`replicas`](super::replicas)); within that, nodes near to the
//! regions are chosen. This module does *not* know the demand, nor what replicas do.

use super::config::Policy;
use super::replicas::{Chances, Spread};
use crate::opus::config::Opus;
use crate::time::Span;

/// The replicas of an application that is to be available by a quorum.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub(super) application: u16,
    /// How many replicas must serve,
    pub(super) quorum: u32,
    /// for which share of the time.
    pub(super) target: f64,
    /// For which share of the time they serve, by the laws of failure.
    pub(super) expected: f64,
    /// How many there are.
    pub(super) count: u32,
}

/// The replicas of all applications.
#[derive(Debug, Clone, Default)]
pub(super) struct Replicas {
    /// By node: of which application it is a replica. Empty if there are no replicas.
    of: Vec<Option<u16>>,
    /// Ascending by application.
    pub(super) plans: Vec<Plan>,
}

impl Replicas {
    /// Of which application a node is a replica.
    #[inline]
    pub(super) fn of(&self, node: u32) -> Option<u16> {
        *self.of.get(node as usize)?
    }

    /// Where among the plans that of an application is.
    pub(super) fn plan(&self, application: u16) -> Option<usize> {
        let key = |plan: &Plan| plan.application;
        self.plans.binary_search_by_key(&application, key).ok()
    }

    /// An application whose replicas do not suffice.
    pub(super) fn short(&self) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.expected < plan.target)
    }
}

/// What an application needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    pub(super) application: u16,
    pub(super) quorum: u32,
    pub(super) target: f64,
    pub(super) chances: Chances,
}

/// What the applications with a quorum need, where messages take up to `way`; none where nothing fails.
pub(super) fn needs(config: &Opus, way: Span) -> Vec<Need> {
    let applications: Vec<_> = config.all_applications().map(|(one, _)| one).collect();
    let quorums = config.quorums();
    let need = |(application, quorum, target): (u16, u32, f64)| {
        // A node that comes back says so, is told to serve, and fetches the state (with the optimum it has it at once).
        let moving = match config.allocation.policy {
            Policy::Optimum => Span::ZERO,
            _ => applications[usize::from(application)].moving(),
        };
        let lag = moving + way + way;
        let chances = Chances::of(config, lag)?;
        Some(Need {
            application,
            quorum,
            target,
            chances,
        })
    };
    quorums.filter_map(need).collect()
}

/// Which domain replicas are put into, of those with room for them.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Prefer {
    /// The domain whose nodes are nearest.
    Near,
    /// The domain in which the least room is left over.
    Tight,
}

/// Chooses replicas among the nodes, whose `domains` are told by number (as far as it matters), where `distance` is
/// how far a node is from the regions. Node 0 is not a replica: it never fails. The application that needs most
/// chooses first, and takes the nearest domains. If not all targets are reached so, other ways are tried.
pub(super) fn place(
    needs: &[Need],
    domains: &[Option<u32>],
    distance: impl Fn(u32) -> f64,
) -> Replicas {
    if needs.is_empty() {
        return Replicas::default();
    }
    let free = Free::of(domains, distance);
    let rooms = free.rooms();
    let count = |need: &Need| spread(need, &rooms).counts.iter().sum::<u32>();
    let mut order: Vec<&Need> = needs.iter().collect();
    order.sort_by_cached_key(|need| std::cmp::Reverse(count(need)));
    let reversed: Vec<&Need> = order.iter().rev().copied().collect();
    let ways = [
        (&order, Prefer::Near),
        (&order, Prefer::Tight),
        (&reversed, Prefer::Tight),
        (&reversed, Prefer::Near),
    ];
    let mut first = None;
    for (order, prefer) in ways {
        let placed = placed(order, free.clone(), prefer, domains.len());
        if placed.short().is_none() {
            return placed;
        }
        first.get_or_insert(placed);
    }
    first.unwrap_or_default()
}

/// The replicas of the applications in `order`, placed one after another on the free ones of `nodes` nodes.
fn placed(order: &[&Need], mut free: Free, prefer: Prefer, nodes: usize) -> Replicas {
    let mut of = vec![None; nodes];
    let mut plans = Vec::with_capacity(order.len());
    for need in order {
        let spread = spread(need, &free.rooms());
        for node in free.take(&spread.counts, prefer) {
            of[node as usize] = Some(need.application);
        }
        plans.push(Plan {
            application: need.application,
            quorum: need.quorum,
            target: need.target,
            expected: spread.chance,
            count: spread.counts.iter().sum(),
        });
    }
    plans.sort_by_key(|plan| plan.application);
    Replicas { of, plans }
}

/// The fewest replicas in domains with these rooms; all there are, if these do not suffice.
fn spread(need: &Need, rooms: &[u32]) -> Spread {
    let least = need.chances.least(rooms, need.quorum, need.target);
    least.unwrap_or_else(|chance| Spread {
        chance,
        counts: rooms.to_vec(),
    })
}

/// The nodes that are no replicas yet, by domain, in each the nearest first.
#[derive(Debug, Clone)]
struct Free(Vec<Vec<(f64, u32)>>);

impl Free {
    fn of(domains: &[Option<u32>], distance: impl Fn(u32) -> f64) -> Self {
        let number = |domain: &Option<u32>| domain.map_or(0, |domain| domain as usize);
        let count = domains.iter().map(number).max().map_or(0, |last| last + 1);
        let mut free: Vec<Vec<(f64, u32)>> = vec![Vec::new(); count];
        for (node, domain) in (0..).zip(domains).skip(1) {
            free[number(domain)].push((distance(node), node));
        }
        for nodes in &mut free {
            nodes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        }
        Self(free)
    }

    /// For how many replicas there is room in each domain, descending.
    fn rooms(&self) -> Vec<u32> {
        let mut rooms: Vec<u32> = self.0.iter().map(|nodes| nodes.len() as u32).collect();
        rooms.retain(|room| *room > 0);
        rooms.sort_unstable_by(|a, b| b.cmp(a));
        rooms
    }

    /// Takes the nodes for each of `counts` (descending) from one domain: the preferred one of those with room,
    /// for the largest number first. So there is room for all if there is room for each number by itself.
    fn take(&mut self, counts: &[u32], prefer: Prefer) -> Vec<u32> {
        let mut taken = Vec::new();
        let mut used = vec![false; self.0.len()];
        for &count in counts {
            let count = count as usize;
            let mean = |nodes: &[(f64, u32)]| {
                let sum: f64 = nodes[..count].iter().map(|(distance, _)| distance).sum();
                sum / count as f64
            };
            let spare = |nodes: &[(f64, u32)]| match prefer {
                Prefer::Near => 0,
                Prefer::Tight => nodes.len() - count,
            };
            let with_room = self.0.iter().enumerate();
            let best = with_room
                .filter(|(domain, nodes)| !used[*domain] && nodes.len() >= count)
                .min_by(|(a, some), (b, others)| {
                    let by_room = spare(some).cmp(&spare(others));
                    let by_way = mean(some).total_cmp(&mean(others));
                    by_room.then(by_way).then(a.cmp(b))
                });
            if let Some((domain, _)) = best {
                used[domain] = true;
                taken.extend(self.0[domain].drain(..count).map(|(_, node)| node));
            }
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Someone who needs `quorum` replicas to serve for this share of the time, where domains are up for nine tenths of it.
    fn need(application: u16, quorum: u32, target: f64) -> Need {
        let chances = Chances {
            node: 1.0,
            domain: 0.9,
        };
        Need {
            application,
            quorum,
            target,
            chances,
        }
    }

    #[test]
    fn targets_that_are_feasible_together_are_met_together() {
        // Nodes 1 and 2 share a domain, and are the nearest.
        let domains = [None, Some(0), Some(0), Some(1), Some(2), Some(3)];
        let needs = [need(0, 1, 0.9985), need(1, 2, 0.89)];
        let placed = place(&needs, &domains, f64::from);
        assert_eq!(placed.short(), None);
        assert_eq!([1, 2].map(|node| placed.of(node)), [Some(1); 2]);
        // The nearest are taken where that suffices.
        let alone = place(&[need(0, 1, 0.985)], &domains, f64::from);
        assert_eq!([1, 3].map(|node| alone.of(node)), [Some(0); 2]);
    }

    #[test]
    fn a_target_that_is_out_of_reach_is_known() {
        let domains = [None, Some(0), Some(0), Some(1)];
        let placed = place(&[need(3, 1, 0.999)], &domains, f64::from);
        let short = placed.short().map(|plan| (plan.application, plan.count));
        assert_eq!(short, Some((3, 3)));
    }
}
