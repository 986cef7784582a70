//! How many replicas an application needs for its availability, and in which domains: pure functions of the laws of
//! failure.
//!
//! A replica serves if its domain is up and it is up itself, each for long enough. Domains are independent of each
//! other, and so are the nodes of a domain while that is up. This module does *not* know nodes, time or the wire.

use crate::opus::config::Opus;
use crate::random::law::Law;
use crate::time::Span;

/// The maximum number of replicas for which all ways to spread them over domains are tried.
const TRIED_MAX: u32 = 20;
/// More replicas are spread evenly, over up to this many domains or over all.
const EVENLY_MAX: usize = 32;

/// The chances that a replica serves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Chances {
    /// The probability that a node has been up for long enough, its domain aside.
    pub(super) node: f64,
    /// The probability that a domain has been up for long enough.
    pub(super) domain: f64,
}

impl Chances {
    /// Those of `config`, where a node that comes back serves after `lag`; `None`: nothing fails.
    pub(super) fn of(config: &Opus, lag: Span) -> Option<Self> {
        let lag_s = lag.as_ns() as f64 / 1e9;
        let share = |up: Law, down: Law| up.mean_beyond_s(lag_s) / (up.mean_s() + down.mean_s());
        let failing = config.failures.as_ref().map(|failures| {
            let [up, down] = [failures.mean_up_s, failures.mean_down_s];
            [up, down].map(|mean| Law::Exponential { mean_s: mean.0 })
        });
        let sessions = config.sessions.as_ref().map(|failing| {
            let law = failing.checked_alternation();
            [law.up, law.down]
        });
        let domains = config.domain_failures.as_ref().map(|failing| {
            let law = failing.checked_alternation();
            share(law.up, law.down)
        });
        let nodes = sessions.or(failing).map(|[up, down]| share(up, down));
        (nodes.is_some() || domains.is_some()).then(|| Self {
            node: nodes.unwrap_or(1.0),
            domain: domains.unwrap_or(1.0),
        })
    }

    /// The chance that at least `quorum` replicas serve, of which `counts` are in each domain.
    pub(super) fn of_quorum(self, counts: &[u32], quorum: u32) -> f64 {
        let quorum = quorum as usize;
        // The probability of each number of serving replicas; the last entry stands for all larger numbers.
        let mut all = vec![0.0; quorum + 1];
        all[0] = 1.0;
        for &count in counts.iter().filter(|count| **count > 0) {
            let own = self.of_domain(count, quorum);
            let mut next = vec![0.0; quorum + 1];
            for (before, chance) in all.iter().enumerate() {
                for (more, own) in own.iter().enumerate() {
                    next[(before + more).min(quorum)] += chance * own;
                }
            }
            all = next;
        }
        all[quorum]
    }

    /// The probability of each number of serving replicas among `count` in one domain; `quorum` stands for all
    /// larger numbers.
    fn of_domain(self, count: u32, quorum: usize) -> Vec<f64> {
        let mut chances = vec![0.0; quorum + 1];
        chances[0] = 1.0;
        for _ in 0..count {
            for at in (0..=quorum).rev() {
                let stays = if at == quorum { 1.0 } else { 1.0 - self.node };
                let joins = at.checked_sub(1).map_or(0.0, |below| chances[below]);
                chances[at] = chances[at] * stays + joins * self.node;
            }
        }
        for chance in &mut chances {
            *chance *= self.domain;
        }
        chances[0] += 1.0 - self.domain;
        chances
    }

    /// The fewest replicas of which at least `quorum` serve with the chance `target`, in descending numbers, each for a
    /// domain of its own, where domains have room for `rooms` (descending).
    ///
    /// # Errors
    /// If there are not enough: the best chance there is.
    pub(super) fn least(self, rooms: &[u32], quorum: u32, target: f64) -> Result<Spread, f64> {
        let most = rooms.iter().sum::<u32>();
        let reaches = |count: u32| {
            let best = self.best(rooms, quorum, count);
            best.filter(|best| best.chance >= target)
        };
        let everybody = self.of_quorum(rooms, quorum);
        if most < quorum || everybody < target {
            return Err(if most < quorum { 0.0 } else { everybody });
        }
        if let Some(found) = (quorum..=most.min(TRIED_MAX)).find_map(reaches) {
            return Ok(found);
        }
        // More replicas are never worse, where the best spread is known.
        let (mut few, mut enough) = (TRIED_MAX.max(quorum - 1), most);
        let mut found = None;
        while few + 1 < enough {
            let middle = u32::midpoint(few, enough);
            match reaches(middle) {
                Some(spread) => (enough, found) = (middle, Some(spread)),
                None => few = middle,
            }
        }
        Ok(found.unwrap_or_else(|| Spread {
            chance: everybody,
            counts: rooms.to_vec(),
        }))
    }

    /// The best way to spread `count` replicas (of more than 20: the best of the even ways).
    pub(super) fn best(self, rooms: &[u32], quorum: u32, count: u32) -> Option<Spread> {
        let mut best: Option<Spread> = None;
        let mut look = |counts: &[u32]| {
            let chance = self.of_quorum(counts, quorum);
            if best.as_ref().is_none_or(|best| chance > best.chance) {
                let counts = counts.to_vec();
                best = Some(Spread { chance, counts });
            }
        };
        if count <= TRIED_MAX {
            partitions(count, rooms, &mut Vec::new(), &mut look);
        } else {
            let all = rooms.len();
            for domains in (1..=all.min(EVENLY_MAX)).chain([all]) {
                if let Some(counts) = evenly(count, &rooms[..domains]) {
                    look(&counts);
                }
            }
        }
        best
    }
}

/// How many replicas are in each of some domains, descending, and the chance that enough of them serve.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spread {
    pub(super) chance: f64,
    pub(super) counts: Vec<u32>,
}

/// All ways to write `left` as a sum of descending numbers of which the n-th is at most the n-th of `rooms`, after
/// those in `before`.
fn partitions(left: u32, rooms: &[u32], before: &mut Vec<u32>, look: &mut impl FnMut(&[u32])) {
    if left == 0 {
        return look(before);
    }
    let Some((&room, rest)) = rooms.split_first() else {
        return;
    };
    let most = before
        .last()
        .copied()
        .unwrap_or(u32::MAX)
        .min(room)
        .min(left);
    for count in (1..=most).rev() {
        before.push(count);
        partitions(left - count, rest, before, look);
        before.pop();
    }
}

/// `count` replicas as evenly as the rooms allow, descending; `None`: they do not fit.
fn evenly(count: u32, rooms: &[u32]) -> Option<Vec<u32>> {
    let mut counts = vec![0; rooms.len()];
    let mut left = count;
    // From the smallest room on, each takes its share of what is left.
    for (place, &room) in rooms.iter().enumerate().rev() {
        let share = left / (place as u32 + 1);
        counts[place] = share.min(room);
        left -= counts[place];
    }
    // What does not come out even goes to the largest rooms.
    for (own, &room) in counts.iter_mut().zip(rooms) {
        let more = left.min(room - *own).min(1);
        *own += more;
        left -= more;
    }
    if left > 0 {
        return None;
    }
    counts.sort_unstable_by(|a, b| b.cmp(a));
    Some(counts)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// The chance that at least `quorum` of some nodes serve, by trying all that can be up or down.
    fn by_force(chances: Chances, domains: &[usize], quorum: u32) -> f64 {
        let count = domains.iter().max().map_or(0, |last| last + 1);
        let mut sum = 0.0;
        for up in 0_u32..1 << count {
            let mut chance = 1.0;
            for domain in 0..count {
                let up = up >> domain & 1 == 1;
                chance *= if up {
                    chances.domain
                } else {
                    1.0 - chances.domain
                };
            }
            for nodes in 0_u32..1 << domains.len() {
                let mut with = chance;
                let mut serve = 0;
                for (node, domain) in domains.iter().enumerate() {
                    let lives = nodes >> node & 1 == 1;
                    with *= if lives {
                        chances.node
                    } else {
                        1.0 - chances.node
                    };
                    serve += u32::from(lives && up >> domain & 1 == 1);
                }
                sum += if serve >= quorum { with } else { 0.0 };
            }
        }
        sum
    }

    /// The domain of each node, where `counts` says how many are in each domain.
    fn domains(counts: &[u32]) -> Vec<usize> {
        let each = counts.iter().enumerate();
        each.flat_map(|(domain, &count)| vec![domain; count as usize])
            .collect()
    }

    /// The least number of nodes of which a quorum serves with the chance `target`: every set of nodes is tried.
    fn least_by_force(chances: Chances, rooms: &[u32], quorum: u32, target: f64) -> Option<u32> {
        let all = domains(rooms);
        (0_u32..1 << all.len())
            .filter(|set| {
                let chosen = all.iter().enumerate();
                let chosen = chosen.filter(|(node, _)| set >> node & 1 == 1);
                let chosen: Vec<usize> = chosen.map(|(_, &domain)| domain).collect();
                by_force(chances, &chosen, quorum) >= target
            })
            .map(u32::count_ones)
            .min()
    }

    fn chances() -> impl Strategy<Value = Chances> {
        (0.3..1.0_f64, 0.5..1.0_f64).prop_map(|(node, domain)| Chances { node, domain })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn replicas_are_the_fewest_that_brute_force_finds(
            chances in chances(),
            rooms in vec(1_u32..4, 1..4),
            quorum in 1_u32..4,
            target in 0.5..0.999_f64,
        ) {
            let mut rooms = rooms;
            rooms.sort_unstable_by(|a, b| b.cmp(a));
            while rooms.iter().sum::<u32>() > 8 {
                rooms.pop();
            }
            let found = chances.least(&rooms, quorum, target);
            match (least_by_force(chances, &rooms, quorum, target), found) {
                (Some(least), Ok(spread)) => {
                    prop_assert_eq!(spread.counts.iter().sum::<u32>(), least);
                    let exact = by_force(chances, &domains(&spread.counts), quorum);
                    prop_assert!((exact - spread.chance).abs() < 1e-12);
                }
                (None, Err(best)) => {
                    let exact = by_force(chances, &domains(&rooms), quorum);
                    prop_assert!(best < target && (best == 0.0 || (exact - best).abs() < 1e-12));
                }
                (least, found) => prop_assert!(false, "{:?} {:?}", least, found),
            }
        }

        #[test]
        fn many_replicas_are_found_as_few_as_they_come(
            chances in chances(), rooms in vec(1_u32..30, 1..12), target in 0.5..0.9999_f64,
        ) {
            let mut rooms = rooms;
            rooms.sort_unstable_by(|a, b| b.cmp(a));
            let Ok(spread) = chances.least(&rooms, 2, target) else { return Ok(()) };
            prop_assert!(spread.chance >= target);
            prop_assert!(spread.counts.iter().zip(&rooms).all(|(count, room)| count <= room));
            prop_assert!((chances.of_quorum(&spread.counts, 2) - spread.chance).abs() < 1e-12);
        }
    }

    #[test]
    fn a_quorum_of_all_sits_together_and_a_quorum_of_one_apart() {
        let chances = Chances {
            node: 0.99,
            domain: 0.9,
        };
        let together = chances.least(&[3, 3, 3], 2, 0.88).unwrap();
        assert_eq!(together.counts, [2]);
        let apart = chances.least(&[3, 3, 3], 1, 0.98).unwrap();
        assert_eq!(apart.counts, [1, 1]);
        assert!(chances.least(&[3, 3, 3], 1, 1.0).is_err());
    }
}
