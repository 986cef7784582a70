//! How often a leader and a member that both live take each other for gone, where packets get lost.
//!
//! The two are not independent: a heartbeat that is lost is missed by both, and whoever is entered anew is counted anew by
//! both. So the pair is followed as one Markov chain, heartbeat by heartbeat. Its state is how many heartbeats in a row the
//! leader takes for missed, or how many heartbeats later it strikes the member; how many the member has missed, or how
//! many later it registers again. The chain is followed from the first heartbeat on, so what is expected of a run of any
//! length is exact if a way takes no time beside the time between heartbeats, except that a member waits for the very first
//! heartbeat from an instant of its own. It does *not* know the code of the units.

use std::collections::BTreeMap;

use crate::time::Span;

/// What a leader and a member wait for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patience {
    /// The time between two heartbeats; not 0.
    pub every: Span,
    /// How long each acknowledgement is waited for; not less than `every`.
    pub timeout: Span,
    /// How many in a row must be missed; not 0.
    pub misses: u32,
    /// How long a member that takes its leader for gone waits before it registers again, unless it hears of it before.
    pub again: Span,
}

/// How many suspicions there are by a certain heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Count {
    /// The expected number.
    pub mean: f64,
    /// Its variance.
    pub variance: f64,
}

/// What the leader makes of the member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Leader {
    /// This many heartbeats in a row have been missed, fewer than the leader needs.
    Missed(u32),
    /// Enough have been missed: the member is struck this many heartbeats later.
    Due(u32),
    /// It is struck, and gets no heartbeats.
    Struck,
}

/// What the member makes of the leader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    /// This many heartbeats have not come since it last heard from the leader.
    Missed { heartbeats: u32, since: Word },
    /// It suspects the leader, and registers again after this many heartbeats.
    Silent(u32),
}

/// When the member last heard of the leader. That decides how many heartbeats must fail to come, and who gives the other up
/// first.
///
/// An example: there is a heartbeat at 0 s and every 2 s, the timeout is 3.5 s, and one miss is enough. The member gives its leader
/// up after 3.5 s of silence. The leader strikes the member 3.5 s after a heartbeat that is not acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    /// Just after a heartbeat. After the one at 0 s it gives its leader up at 3.5 s, if the one at 2 s does not come.
    Soon,
    /// So late after a heartbeat that one heartbeat more must fail to come. If it is entered at 1.5 s, it gives its leader up at
    /// 5 s, if those at 2 s and at 4 s do not come. That is before the leader strikes it, at 5.5 s.
    Late,
    /// Never yet. It has waited since some instant before the first heartbeat, and it waits for one interval more: 5.5 s. So one
    /// heartbeat more must fail to come as well, the ones at 0 s and at 2 s. It gives its leader up at 3.5 s at the earliest. That
    /// is not before the leader strikes it, at 3.5 s.
    Never,
}

impl Word {
    /// How many heartbeats more than usual it waits for.
    fn extra(self) -> u32 {
        u32::from(self != Self::Soon)
    }
}

type ChainState = (Leader, Member);

/// What can follow on a state: each with its chance, and with how many suspicions.
type Next = Vec<(ChainState, f64, u32)>;

/// The chain of one pair.
#[derive(Debug, Clone, Copy)]
pub struct Suspicions {
    /// The chance that a packet is lost.
    lost: f64,
    misses: u32,
    /// The timeout in whole intervals, and the rest.
    late: u32,
    rest: Span,
    every: Span,
    /// After how many heartbeats a silent member registers again; `back` is how long after the last of them it
    /// does.
    again: u32,
    back: Span,
}

impl Suspicions {
    /// Those of a pair that waits like this, where each packet is lost with the chance `lost`.
    pub fn of(lost: f64, patience: Patience) -> Self {
        let Patience {
            every,
            timeout,
            misses,
            again,
        } = patience;
        let split = |span: Span| {
            let (span, every) = (span.as_ns(), every.as_ns());
            (
                u32::try_from(span / every).unwrap_or(u32::MAX),
                Span::from_ns(span % every),
            )
        };
        let (late, rest) = split(timeout);
        let (again, back) = split(rest.saturating_add(again));
        Self {
            lost,
            misses,
            late,
            rest,
            every,
            again,
            back,
        }
    }

    /// Whether it does not matter that messages take up to `way`: nothing that is said within that time comes too late for
    /// what the chain takes it to come before.
    pub fn are_exact_for(&self, way: Span) -> bool {
        let every = self.every;
        // What happens at `from` is over before `to`.
        let before = |from: Span, to: Span| from.saturating_add(way) <= to;
        let fits = |phase: Span| {
            let silent = phase.saturating_add(self.rest);
            before(phase, every) && (silent >= every || before(silent, every))
        };
        let is_late = self.rest == Span::ZERO || before(Span::ZERO, self.rest);
        let is_back = self.back >= self.rest || before(self.back, self.rest);
        is_late && is_back && [Span::ZERO, self.rest, self.back].into_iter().all(fits)
    }

    /// About how many steps [`Self::by_heartbeat`] takes.
    pub fn steps(&self, heartbeats: usize) -> f64 {
        let heartbeats = heartbeats as f64;
        let [misses, late, again] = [self.misses, self.late, self.again].map(f64::from);
        let counted = misses + late + 1.0;
        counted * (counted + again.min(heartbeats)) * heartbeats
    }

    /// What is expected by each heartbeat: of none, of one, and so on up to `heartbeats`. A heartbeat counts with all
    /// that happens before the next one.
    pub fn by_heartbeat(&self, heartbeats: usize) -> Vec<Count> {
        let member = Member::Missed {
            heartbeats: 0,
            since: Word::Never,
        };
        let chain = Self {
            // Who is not back by then is not.
            again: self.again.min(
                u32::try_from(heartbeats)
                    .unwrap_or(u32::MAX)
                    .saturating_add(1),
            ),
            ..*self
        };
        let rows = chain.rows((Leader::Missed(0), member));
        // The chance to be in each state; the same times the number of suspicions until then; and times its square.
        let mut moments = vec![[0.0; 3]; rows.len()];
        moments[0][0] = 1.0;
        let mut counts = vec![Count::default()];
        for _ in 0..heartbeats {
            let mut next = vec![[0.0; 3]; rows.len()];
            for ([chance, sum, squares], row) in moments.iter().zip(&rows) {
                for &(to, share, more) in row {
                    let more = f64::from(more);
                    next[to][0] += share * chance;
                    next[to][1] += share * (sum + more * chance);
                    next[to][2] += share * (squares + 2.0 * more * sum + more * more * chance);
                }
            }
            moments = next;
            let mean: f64 = moments.iter().map(|it| it[1]).sum();
            let squares: f64 = moments.iter().map(|it| it[2]).sum();
            let variance = squares - mean * mean;
            counts.push(Count { mean, variance });
        }
        counts
    }

    /// The states that can be reached, by number: what follows on each. The first one is `first`.
    fn rows(&self, first: ChainState) -> Vec<Vec<(usize, f64, u32)>> {
        let mut numbers = BTreeMap::from([(first, 0)]);
        let mut states = vec![first];
        let mut rows = Vec::new();
        while let Some(&state) = states.get(rows.len()) {
            let next = self.after(state).into_iter().filter(|it| it.1 > 0.0);
            let row = next.map(|(state, chance, count)| {
                let number = *numbers.entry(state).or_insert_with(|| {
                    states.push(state);
                    states.len() - 1
                });
                (number, chance, count)
            });
            rows.push(row.collect());
        }
        rows
    }

    /// What the next heartbeat, and all until the one after it, makes of a state.
    fn after(&self, (leader, member): ChainState) -> Next {
        let leader = match leader {
            Leader::Due(later) => Leader::Due(later - 1),
            other => other,
        };
        match member {
            Member::Missed { heartbeats, since } => self.after_a_word(leader, (heartbeats, since)),
            Member::Silent(later) => self.after_silence(leader, later - 1),
        }
    }

    /// What the next heartbeat makes of a state in which the member has a leader.
    fn after_a_word(&self, leader: Leader, (heartbeats, since): (u32, Word)) -> Next {
        let got = 1.0 - self.lost;
        let acknowledged = match leader {
            Leader::Missed(_) => Leader::Missed(0),
            other => other,
        };
        let exchanges = if self.strikes_first(leader) {
            vec![(1.0, false, leader)]
        } else {
            let missed = self.one_more(leader);
            vec![
                (got * got, true, acknowledged),
                (got * self.lost, true, missed),
                (self.lost, false, missed),
            ]
        };
        let limit = self.misses - 1 + self.late;
        let mut next = Vec::new();
        for (chance, is_heard, leader) in exchanges {
            let (heartbeats, since) = if is_heard {
                (0, Word::Soon)
            } else {
                (heartbeats + 1, since)
            };
            match (
                leader == Leader::Due(0),
                heartbeats == limit + since.extra(),
            ) {
                (false, false) => {
                    let member = Member::Missed { heartbeats, since };
                    next.push(((leader, member), chance, 0));
                }
                (false, true) => next.push((self.alone(leader, self.again), chance, 1)),
                (true, false) => next.push((self.entered(self.rest), chance, 1)),
                (true, true) => {
                    let silent = self.alone(Leader::Struck, self.again);
                    if since == Word::Late {
                        next.push((silent, chance, 2));
                    } else {
                        // It hears that it is struck just before it would give its leader up, and registers. If that word is
                        // lost, it gives it up.
                        next.push((self.entered(self.rest), chance * got, 1));
                        next.push((silent, chance * self.lost, 2));
                    }
                }
            }
        }
        next
    }

    /// What the next heartbeat makes of a state in which the member has no leader. The member registers again
    /// `later` heartbeats after this one, or once a heartbeat reaches it.
    fn after_silence(&self, leader: Leader, later: u32) -> Next {
        let struck = self.alone(Leader::Struck, later);
        if leader == Leader::Struck {
            return vec![(struck, 1.0, 0)];
        }
        let is_due = leader == Leader::Due(0);
        if self.strikes_first(leader) {
            return vec![(struck, 1.0, 1)];
        }
        // With no rest the acknowledgement is due before the member can be entered.
        let is_late = is_due && self.rest == Span::ZERO;
        let heard = (
            self.entered(Span::ZERO),
            1.0 - self.lost,
            u32::from(is_late),
        );
        let is_back_before = later == 0 && self.back < self.rest;
        let unheard = if is_due && !is_back_before {
            (struck, self.lost, 1)
        } else {
            (self.alone(self.one_more(leader), later), self.lost, 0)
        };
        vec![heard, unheard]
    }

    /// Whether the leader strikes the member just before the next heartbeat. With a timeout of one interval it does so just
    /// after it.
    fn strikes_first(&self, leader: Leader) -> bool {
        leader == Leader::Due(0) && self.rest == Span::ZERO && self.late > 1
    }

    /// One more heartbeat is missed.
    fn one_more(&self, leader: Leader) -> Leader {
        match leader {
            Leader::Missed(before) if before + 1 == self.misses => Leader::Due(self.late),
            Leader::Missed(before) => Leader::Missed(before + 1),
            other => other,
        }
    }

    /// The member is without a leader, and registers again after `later` heartbeats.
    fn alone(&self, leader: Leader, later: u32) -> ChainState {
        if later == 0 {
            self.entered(self.back)
        } else {
            (leader, Member::Silent(later))
        }
    }

    /// The member is registered this long after a heartbeat. If it then waits beyond one more heartbeat, it can
    /// miss one more.
    fn entered(&self, after: Span) -> ChainState {
        let heartbeats = 0;
        let is_late = after.saturating_add(self.rest) >= self.every;
        let since = if is_late { Word::Late } else { Word::Soon };
        (Leader::Missed(0), Member::Missed { heartbeats, since })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suspicions(lost: f64, misses: u32, [timeout, again]: [u64; 2]) -> Suspicions {
        let patience = Patience {
            every: Span::from_s(2),
            timeout: Span::from_s(timeout),
            misses,
            again: Span::from_s(again),
        };
        Suspicions::of(lost, patience)
    }

    /// Without losses nobody is suspected; where all is lost both suspect each other once, and the member for ever again.
    #[test]
    fn the_ends_are_known() {
        let none = suspicions(0.0, 1, [2, 5]).by_heartbeat(50);
        assert_eq!(none[50], Count::default());
        let all = suspicions(1.0, 3, [4, 1000]).by_heartbeat(50);
        // M = 4, and one more at first; the leader finds out at the same instant, or later.
        let steps: Vec<f64> = all[..8].iter().map(|it| it.mean).collect();
        assert_eq!(steps, [0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 2.0, 2.0]);
        assert!(all[50].variance.abs() < 1e-12);
    }

    /// Of a single miss, by hand: the first heartbeat is lost with p, or its acknowledgement with (1 − p) p. The
    /// leader knows a heartbeat later, the member two.
    #[test]
    fn one_miss_is_counted_by_hand() {
        let p = 0.25;
        let counts = suspicions(p, 1, [2, 1000]).by_heartbeat(2);
        let q = 1.0 - (1.0 - p) * (1.0 - p);
        assert!(counts[1].mean.abs() < 1e-12);
        // Struck by the second heartbeat; and silent as well if both are lost, and the word that it is struck.
        let expected = q + p * p * p;
        // If the first one is heard and the second one is lost the member gives its leader up, unless it hears before that it
        // is struck since its acknowledgement was lost.
        let expected = expected + (1.0 - p) * p * ((1.0 - p) + p * p);
        assert!((counts[2].mean - expected).abs() < 1e-12, "{counts:?}");
    }

    /// The example of [`Word`], if no packet passes.
    #[test]
    fn who_hears_late_waits_for_one_heartbeat_more() {
        let ms = |ms: u64| Span::from_ns(ms * 1_000_000);
        let patience = Patience {
            every: ms(2_000),
            timeout: ms(3_500),
            misses: 1,
            again: Span::from_s(1000),
        };
        let chain = Suspicions::of(1.0, patience);
        let after = |state: ChainState| {
            let mut next = chain.after(state).into_iter().filter(|it| it.1 > 0.0);
            let (state, _, count) = next.next().expect("something follows");
            assert_eq!(next.next(), None);
            (state, count)
        };
        let silent = |leader| (leader, Member::Silent(chain.again));
        assert_eq!(after(chain.entered(ms(0))), (silent(Leader::Due(1)), 1));
        // Entered at 1.5 s: the heartbeat at 2 s is missed, and that at 4 s.
        let since = Word::Late;
        let once = Member::Missed {
            heartbeats: 1,
            since,
        };
        let (first, none) = after(chain.entered(ms(1_500)));
        assert_eq!((first, none), ((Leader::Due(1), once), 0));
        assert_eq!(after(first), (silent(Leader::Struck), 2));
    }

    #[test]
    fn ways_that_take_too_long_are_told() {
        let way = Span::from_s(1);
        assert!(suspicions(0.1, 2, [2, 5]).are_exact_for(way));
        assert!(suspicions(0.1, 2, [3, 5]).are_exact_for(way));
        let way = Span::from_ns(1_000_000_001);
        assert!(!suspicions(0.1, 2, [3, 5]).are_exact_for(way));
        assert!(!suspicions(0.1, 2, [2, 5]).are_exact_for(way));
    }
}
