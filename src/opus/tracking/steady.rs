//! What the root believes while nodes move from one cluster to another.
//!
//! A node that moves leaves one branch of the hierarchy and enters another, and the root hears of the one before the
//! other: meanwhile the node is missing or there twice. Each node has a mark, and an estimate carries the sum of the marks
//! of those in it. So the root sees that they are not the same as before, also where their number is, and goes on with
//! the last estimate in which they were, for as long as a move may take. If they are still others then, nodes have
//! come or gone; it waits as long again for an instant in which nobody seems to move. If it was a move after all, and a
//! slow one, those of before are back soon: for as long as a move may take it goes back to them at once. Later it does
//! not, since a newcomer that moves leaves those of before, too.
//!
//! This module does *not* know clusters, nor who is told.

use super::message::Estimate;
use crate::time::{Span, Time};

/// What was last known of one quantity over those who take part.
#[derive(Debug, Clone, Copy)]
struct Known {
    estimate: Estimate,
    /// Since when they take part.
    since: Time,
    /// The marks of those who took part before these did.
    before: u64,
    /// Others that seem to take part.
    others: Option<Others>,
}

/// The number of sets of other nodes that are remembered.
const SEEN: usize = 8;

/// Other nodes than before seem to take part.
#[derive(Debug, Clone, Copy)]
struct Others {
    since: Time,
    /// Their marks as they are now, and since when.
    members: u64,
    same_since: Time,
    /// Whether they have been the same before, and others meanwhile.
    again: bool,
    /// The marks of those that were seen since, the last one in the place of the oldest.
    seen: [u64; SEEN],
    next: u8,
}

/// How long other nodes may seem to take part before they do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// A move takes less time than this. Where the others change all the time, they count as changed after
    /// twice as long. Within this time the former ones may be back at once.
    pub(super) moving: Span,
    /// If no other change follows a change for this long, nobody is moving.
    pub(super) quiet: Span,
}

/// The last estimates over those who take part, by quantity. Only roots have any.
#[derive(Debug, Default)]
pub(super) struct Steady(Vec<Option<Known>>);

impl Steady {
    /// Forgets who takes part.
    pub(super) fn reset(&mut self) {
        self.0 = Vec::new();
    }

    /// The estimate of `quantity` is `live` at `now`.
    pub(super) fn see(&mut self, quantity: u16, live: Estimate, now: Time, patience: Patience) {
        let place = usize::from(quantity);
        if self.0.len() <= place {
            self.0.resize(place + 1, None);
        }
        let known = &mut self.0[place];
        let (before, since) = match known {
            None => (live.members, now),
            Some(known) if known.estimate.members == live.members => (known.before, known.since),
            Some(known) => {
                // Those who came or went were between two clusters after all.
                let back = known.before == live.members
                    && now.saturating_since(known.since) < patience.moving;
                if !back && !known.others_last(live.members, now, patience) {
                    return;
                }
                (known.estimate.members, now)
            }
        };
        *known = Some(Known {
            estimate: live,
            since,
            before,
            others: None,
        });
    }

    /// What is to be believed of `quantity` where `live` is what was heard last.
    pub(super) fn believed(&self, quantity: u16, live: Estimate) -> Estimate {
        match self.0.get(usize::from(quantity)) {
            Some(Some(known)) if known.estimate.members != live.members => known.estimate,
            Some(Some(_) | None) | None => live,
        }
    }
}

impl Known {
    /// Others, with these marks, seem to take part at `now`. Whether they do: they have for longer than a move takes, and
    /// nobody moves, since they stay the same or are the same again.
    fn others_last(&mut self, members: u64, now: Time, patience: Patience) -> bool {
        let others = self.others.get_or_insert(Others {
            since: now,
            members,
            same_since: now,
            again: false,
            seen: [members; SEEN],
            next: 0,
        });
        if others.members != members {
            (others.members, others.same_since) = (members, now);
            others.again = others.seen.contains(&members);
            if !others.again {
                others.seen[usize::from(others.next)] = members;
                others.next = (others.next + 1) % SEEN as u8;
            }
        }
        let [all, same] =
            [others.since, others.same_since].map(|since| now.saturating_since(since));
        let rests = others.again || same >= patience.quiet;
        all >= patience.moving && rests || all >= patience.moving + patience.moving
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_moves_is_there_once_and_who_stays_away_is_missing_after_a_while() {
        let at = |s: u64| Time::ZERO + Span::from_s(s);
        let one = |node: u32, value: f64| Estimate::of_one(value, at(0)).of_node(node);
        let mut both = one(1, 10.0);
        both.add(one(2, 20.0));
        let mut twice = both;
        twice.add(one(2, 20.0));
        // As many as before, and not the same.
        let mut swapped = one(1, 10.0);
        swapped.add(one(1, 10.0));
        let mut steady = Steady::default();
        assert_eq!(steady.believed(0, both), both, "nothing is known");
        let patience = Patience {
            moving: Span::from_s(4),
            quiet: Span::from_s(2),
        };
        let mut see = |live, s| {
            steady.see(0, live, at(s), patience);
            steady.believed(0, live)
        };
        assert_eq!(see(both, 10), both);
        for other in [one(1, 10.0), twice, swapped] {
            assert_eq!(see(other, 20), both);
            assert_eq!(see(other, 23), both);
            assert_eq!(see(both, 24), both);
        }
        assert_eq!(see(one(1, 10.0), 30), both);
        assert_eq!(see(one(1, 11.0), 34), one(1, 11.0));
        assert_eq!(see(one(1, 12.0), 35), one(1, 12.0), "values change");
        // For 4 s after each change those of before are back at once.
        assert_eq!(see(both, 36), both, "it was there after all");
        assert_eq!(see(one(1, 10.0), 37), one(1, 10.0), "soon after");
        assert_eq!(see(both, 38), both);
        // Later they are not. Somebody is gone, and others move all the time: those who are seen again are there, after 4 s.
        let with = |node: u32| {
            let mut sum = one(1, 10.0);
            sum.add(one(node, 1.0));
            sum
        };
        for (s, live) in [(42, one(1, 9.0)), (44, with(3)), (45, one(1, 8.0))] {
            assert_eq!(see(live, s), both);
        }
        assert_eq!(see(with(3), 46), with(3), "again");
        assert_eq!(see(both, 47), both);
        // Others all the time, none of them again: after twice 4 s they are taken as they are.
        for (s, node) in [(50, 4), (52, 5), (54, 6), (56, 7)] {
            assert_eq!(see(with(node), s), both);
        }
        assert_eq!(see(twice, 58), twice);
        assert_eq!(see(both, 59), both);
        // After 4 s somebody has just moved: they are there 2 s after that.
        for (s, live) in [(70, one(1, 10.0)), (73, with(4)), (74, with(4))] {
            assert_eq!(see(live, s), both);
        }
        assert_eq!(see(with(4), 75), with(4), "quiet");
        // Those of before are back too late to have been on a move: as others are.
        assert_eq!(see(both, 79), with(4));
        assert_eq!(see(both, 82), with(4));
        assert_eq!(see(both, 83), both);
        // A newcomer that moves later is there all the time.
        let mut newcomer = both;
        newcomer.add(one(3, 1.0));
        assert_eq!(see(newcomer, 90), both);
        assert_eq!(see(newcomer, 94), newcomer);
        assert_eq!(see(both, 98), newcomer);
        assert_eq!(see(newcomer, 99), newcomer);
    }
}
