//! Which nodes are kept as replicas of which application.
//!
//! How many and in which domains say the laws of failure ([`replicas`](super::replicas)); within that, nodes near to the
//! regions are chosen. This module does *not* know the demand, nor what replicas do.

use super::replicas::{Chances, Spread};
use crate::opus::config::Opus;
use crate::time::Span;

/// The replicas of an application that is to be available by a quorum.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    pub(super) application: u16,
    /// So many replicas must serve,
    pub(super) quorum: u32,
    /// for this share of the time.
    pub(super) target: f64,
    /// For which share they do, by the laws of failure.
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
        // A node that comes back says so, is told to serve, and fetches the state.
        let lag = applications[usize::from(application)].moving() + way + way;
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

/// Chooses replicas among the nodes, whose `domains` are told by number (as far as it matters), where `distance` is how far a node is from the
/// regions. Who needs most chooses first. Node 0 is none: it never fails.
pub(super) fn place(
    needs: &[Need],
    domains: &[Option<u32>],
    distance: impl Fn(u32) -> f64,
) -> Replicas {
    if needs.is_empty() {
        return Replicas::default();
    }
    let mut free = Free::of(domains, distance);
    let mut order: Vec<&Need> = needs.iter().collect();
    let rooms = free.rooms();
    let count = |need: &Need| spread(need, &rooms).counts.iter().sum::<u32>();
    order.sort_by_cached_key(|need| std::cmp::Reverse(count(need)));
    let mut of = vec![None; domains.len()];
    let mut plans = Vec::with_capacity(needs.len());
    for need in order {
        let spread = spread(need, &free.rooms());
        for node in free.take(&spread.counts) {
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

    /// Takes so many nodes (descending) of a domain each: that with room whose nodes are nearest, the largest number
    /// first. So there is room for all, where there is for each number by itself.
    fn take(&mut self, counts: &[u32]) -> Vec<u32> {
        let mut taken = Vec::new();
        let mut used = vec![false; self.0.len()];
        for &count in counts {
            let count = count as usize;
            let mean = |nodes: &[(f64, u32)]| {
                let sum: f64 = nodes[..count].iter().map(|(distance, _)| distance).sum();
                sum / count as f64
            };
            let with_room = self.0.iter().enumerate();
            let nearest = with_room
                .filter(|(domain, nodes)| !used[*domain] && nodes.len() >= count)
                .min_by(|a, b| mean(a.1).total_cmp(&mean(b.1)).then(a.0.cmp(&b.0)));
            if let Some((domain, _)) = nearest {
                used[domain] = true;
                taken.extend(self.0[domain].drain(..count).map(|(_, node)| node));
            }
        }
        taken
    }
}
