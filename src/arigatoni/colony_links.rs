//! Linked colonies: which pairs of brokers of different domains are linked side by side, and when.
//!
//! Pairs are drawn one after another, so those of a smaller count are among those of a larger one. This module does
//! *not* know what a link is used for.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::config::ColonyLinks;
use super::domains::Domains;
use crate::discovery::{Brokers, Command, GCU, MadeLink, MadeTunnel, gbu};
use crate::error::{Error, Result};
use crate::random::alternation::{Alternation, CHANGES_MAX, Due, first_draw};
use crate::random::{RandomStreams, Stream, StreamId};
use crate::time::Span;
use crate::unit::UnitId;

/// Which pair a link joins; by number of the attempt.
const PAIR: StreamId = StreamId(39);
/// A period in which a pair is linked or not; by link and number of the period.
const PERIOD: StreamId = StreamId(40);

/// All links of a run.
#[derive(Debug, Clone)]
pub(super) struct Links {
    /// The lower number first, in the order in which they were drawn.
    pairs: Vec<(u32, u32)>,
    alternation: Option<Alternation>,
    /// Those that a script makes while requests run.
    later: BTreeSet<(u32, u32)>,
    streams: RandomStreams,
}

/// The pairs of brokers of different domains, by number.
struct Pairs {
    /// The brokers of each domain, one domain after another.
    order: Vec<u32>,
    /// By place in that order: how many pairs begin before it, and where the next domain begins.
    begin: Vec<(u64, usize)>,
    count: u64,
    /// Those of different domains that cannot be linked: one of the two leads the other, or has a tunnel to it, with which the
    /// link would go.
    joined: BTreeSet<(u32, u32)>,
}

impl Pairs {
    /// The pairs of `brokers` in these `domains`, where rules have `made` tunnels.
    fn new(brokers: &Brokers, domains: &Domains, made: &[MadeTunnel]) -> Self {
        let (mut order, mut begin, mut count) = (Vec::new(), Vec::new(), 0);
        let members = domains.members();
        let all: usize = members.iter().map(Vec::len).sum();
        for domain in members {
            let next = order.len() + domain.len();
            for broker in domain {
                order.push(broker);
                begin.push((count, next));
                count += (all - next) as u64;
            }
        }
        let led = brokers.list().iter().zip(0..);
        let led = led.filter_map(|(broker, id)| Some((id, broker.parent?)));
        let tunnels = made.iter().filter(|it| it.unit.kind() != GCU);
        let tunnels = tunnels.map(|it| (it.unit.index(), it.leader.index()));
        let joined = led.chain(tunnels).filter(|&(one, other)| {
            let [one, other] = [one, other].map(|it| domains.of_broker(it));
            one.is_some() && other.is_some() && one != other
        });
        Self {
            order,
            begin,
            count,
            joined: joined
                .map(|(one, other)| (one.min(other), one.max(other)))
                .collect(),
        }
    }

    /// The pair with this number, the lower one first.
    fn pair(&self, number: u64) -> (u32, u32) {
        let place = self.begin.partition_point(|(before, _)| *before <= number) - 1;
        let (before, next) = self.begin[place];
        let other = next + (number - before) as usize;
        let (one, other) = (self.order[place], self.order[other]);
        (one.min(other), one.max(other))
    }

    /// How many pairs can be linked.
    fn free(&self) -> u64 {
        self.count - self.joined.len() as u64
    }
}

/// Whether `config` fits `brokers` and their `domains`, where rules have `made` tunnels and requests go on for `phase_s`.
///
/// # Errors
/// If it does not.
pub(super) fn check(
    config: &ColonyLinks,
    brokers: &Brokers,
    domains: &Domains,
    made: &[MadeTunnel],
    phase_s: f64,
) -> Result<()> {
    domains.check_several("colony_links", "colonies are linked with those")?;
    let free = Pairs::new(brokers, domains, made).free();
    if u64::from(config.count.0) > free {
        let has_tunnels = made.iter().any(|it| it.unit.kind() != GCU);
        let tunnels = if has_tunnels {
            ", nor has a tunnel to it by the rules of `overlay`"
        } else {
            ""
        };
        let what = format!(
            "{} pairs of colonies are to be linked, and there are {free} pairs of different domains of which neither \
             leads the other{tunnels}",
            config.count.0
        );
        let error = Error::new(what).at("/system/*/colony_links/count");
        return Err(error.help(format!("write at most {free}")));
    }
    let count = config.count.0 as usize;
    let changes = config
        .alternation()
        .filter(|law| law.changes() && count > 0);
    let most = Span::from_ns((phase_s * 1e9) as u64);
    let changes = changes.map_or(0.0, |law| law.changes_per_s(count, most) * phase_s);
    if changes <= CHANGES_MAX {
        return Ok(());
    }
    let what = format!(
        "colonies would be linked and unlinked more than {CHANGES_MAX} times in the {phase_s:.0} s of the request phase"
    );
    let error = Error::new(what).at("/system/*/colony_links");
    Err(error.help("make `up` or `down` longer"))
}

impl Links {
    /// Draws them, where rules have `made` tunnels: none joins the ends of one, so that neither goes with the other.
    ///
    /// # Panics
    /// If `config` has not been checked.
    pub(super) fn draw(
        config: &ColonyLinks,
        brokers: &Brokers,
        domains: &Domains,
        made: &[MadeTunnel],
        streams: RandomStreams,
    ) -> Self {
        let all = Pairs::new(brokers, domains, made);
        let mut known = BTreeSet::new();
        let mut pairs = Vec::new();
        let mut attempt: u64 = 0;
        while pairs.len() < config.count.0 as usize {
            let number = streams.below(PAIR, attempt, 0, all.count);
            attempt += 1;
            let pair = all.pair(number);
            if !all.joined.contains(&pair) && known.insert(pair) {
                pairs.push(pair);
            }
        }
        Self {
            pairs,
            alternation: config.alternation(),
            later: BTreeSet::new(),
            streams,
        }
    }

    /// Those that rules make.
    pub(super) fn made(links: &[MadeLink], streams: RandomStreams) -> Self {
        let later = links.iter().filter(|link| !link.at_first);
        Self {
            pairs: links.iter().map(|link| link.pair).collect(),
            alternation: None,
            later: later.map(|link| link.pair).collect(),
            streams,
        }
    }

    /// The pairs, the lower number first.
    pub(super) fn pairs(&self) -> &[(u32, u32)] {
        &self.pairs
    }

    /// Whether the pair with this number is linked at the beginning.
    pub(super) fn is_up_at_first(&self, number: u32) -> bool {
        let is_later = self.later.contains(&self.pairs[number as usize]);
        !is_later && self.first(number).is_none_or(|(up, _)| up)
    }

    /// The pairs, each with whether it is linked at the beginning.
    pub(super) fn at_first(&self) -> impl Iterator<Item = ([u32; 2], bool)> {
        let pairs = self.pairs.iter().zip(0..);
        pairs.map(|(&(one, other), number)| ([one, other], self.is_up_at_first(number)))
    }

    /// Whether the two are a pair.
    pub(super) fn joins(&self, one: UnitId, other: UnitId) -> bool {
        let pair = (
            one.index().min(other.index()),
            one.index().max(other.index()),
        );
        self.pairs.contains(&pair)
    }

    /// The draws of a link's period.
    fn period(&self, link: u32, number: u32) -> Stream {
        let first = first_draw(number);
        self.streams.stream_from(PERIOD, link.into(), first)
    }

    /// Whether a link is up at the beginning, and when that ends, if it does; `None`: it is always up.
    fn first(&self, link: u32) -> Option<(bool, Option<Span>)> {
        let law = self.alternation.as_ref()?;
        Some(law.first_lasting(&mut self.period(link, 0)))
    }
}

/// What brokers are told of their links, ascending by (span, unit): drawn as it is taken.
#[derive(Debug)]
pub(super) struct Changes {
    links: Arc<Links>,
    /// Of each change: the link, whether it is linked then, and the number of the period that begins.
    due: Due<(u32, bool, u32)>,
    /// What is told at one instant, the first one last.
    told: Vec<(Span, UnitId, Command)>,
}

impl Changes {
    /// The changes of `links` up to the instant `last`.
    pub(super) fn new(links: &Arc<Links>, last: Span) -> Self {
        let mut changes = Self {
            links: Arc::clone(links),
            due: Due::until(last),
            told: Vec::new(),
        };
        for link in 0..links.pairs.len() as u32 {
            if let Some((up, first)) = links.first(link) {
                changes.due.push(first, (link, !up, 1));
            }
        }
        changes
    }

    /// Takes all that happens at the next instant.
    fn take_instant(&mut self) -> Option<()> {
        let now = self.due.first()?;
        while self.due.first() == Some(now)
            && let Some((at, (link, up, _))) = self.due.take(|at, (link, up, number)| {
                let law = self.links.alternation.as_ref()?;
                let next = law.end(up, at, &mut self.links.period(link, number));
                Some((next, (link, !up, number + 1)))
            })
        {
            let (one, other) = self.links.pairs[link as usize];
            for (broker, peer) in [(one, other), (other, one)] {
                let command = if up {
                    Command::Link { peer }
                } else {
                    Command::Unlink { peer }
                };
                self.told.push((at, gbu(broker), command));
            }
        }
        self.told.sort_by_key(|(_, unit, _)| Reverse(*unit));
        Some(())
    }
}

impl Iterator for Changes {
    type Item = (Span, UnitId, Command);

    fn next(&mut self) -> Option<Self::Item> {
        if self.told.is_empty() {
            self.take_instant()?;
        }
        self.told.pop()
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;
    use crate::discovery::gcu;
    use crate::parameters::decode;
    use crate::topology::RouterId;

    /// Two brokers in each of three domains: 1 and 2 below 0, 3 below 1, 4 below 2, 5 below 4.
    fn overlay() -> (Brokers, Domains) {
        let parents = [None, Some(0), Some(0), Some(1), Some(2), Some(4)];
        let on = (0..).map(RouterId).zip(parents);
        let brokers = Brokers::from_parents(&on.collect::<Vec<_>>());
        let domains = [0, 0, 1, 1, 2, 2].map(Some);
        (brokers, Domains::listed(&domains))
    }

    fn config(value: &serde_json::Value) -> ColonyLinks {
        decode(value, "").unwrap()
    }

    fn drawn(value: &serde_json::Value) -> Links {
        let (brokers, domains) = overlay();
        let streams = RandomStreams::new(1, 0);
        Links::draw(&config(value), &brokers, &domains, &[], streams)
    }

    #[test]
    fn pairs_are_those_of_different_domains_each_once() {
        let (brokers, domains) = overlay();
        let all = Pairs::new(&brokers, &domains, &[]);
        let pairs: BTreeSet<(u32, u32)> = (0..all.count).map(|it| all.pair(it)).collect();
        assert_eq!((all.count, pairs.len()), (12, 12));
        assert!(
            pairs
                .iter()
                .all(|(one, other)| one < other && one / 2 != other / 2)
        );
        // Of 0 and 2, 1 and 3, and 2 and 4 one leads the other.
        assert_eq!(all.free(), 9);
        let check = |count: u32| {
            let config = config(&json!({"count": count}));
            check(&config, &brokers, &domains, &[], 1.0)
        };
        assert!(check(9).is_ok());
        assert!(check(10).is_err());
    }

    /// Swarm seed 10050: such a link and the tunnel between its ends took each other for theirs.
    #[test]
    fn no_link_joins_the_ends_of_a_tunnel_that_rules_make() {
        let (brokers, domains) = overlay();
        let made = |unit, leader| MadeTunnel {
            unit,
            leader,
            friend: None,
            besides: true,
            at_first: true,
        };
        // That of 5 to 1 takes a pair; those of 4 to 2, which leads it, and of a computer, take none.
        let tunnels = [
            made(gbu(5), gbu(1)),
            made(gbu(4), gbu(2)),
            made(gcu(3), gbu(0)),
        ];
        let streams = RandomStreams::new(1, 0);
        let draw = |count: u32| {
            let config = config(&json!({"count": count}));
            let free = check(&config, &brokers, &domains, &tunnels, 1.0);
            free.map(|()| Links::draw(&config, &brokers, &domains, &tunnels, streams))
        };
        let eight = draw(8).unwrap();
        let others = drawn(&json!({"count": 9})).pairs;
        assert!(others.contains(&(1, 5)));
        let others = others.into_iter().filter(|pair| *pair != (1, 5));
        assert_eq!(eight.pairs, others.collect::<Vec<_>>());
        let refused = draw(9).unwrap_err().to_string();
        expect![[r#"
            /system/*/colony_links/count: 9 pairs of colonies are to be linked, and there are 8 pairs of different domains of which neither leads the other, nor has a tunnel to it by the rules of `overlay`
              help: write at most 8"#]].assert_eq(&refused);
    }

    #[test]
    fn fewer_links_are_among_more_and_none_is_between_a_leader_and_its_member() {
        let nine = drawn(&json!({"count": 9}));
        let pairs: BTreeSet<(u32, u32)> = nine.pairs().iter().copied().collect();
        assert_eq!(pairs.len(), 9);
        for joined in [(0, 2), (1, 3), (2, 4)] {
            assert!(!pairs.contains(&joined), "{joined:?}");
        }
        assert_eq!(drawn(&json!({"count": 4})).pairs(), &nine.pairs()[..4]);
        assert!(nine.at_first().all(|(_, up)| up));
    }

    /// Linked for 2 s, not linked for 3 s.
    #[test]
    fn both_ends_are_told_of_each_change_at_once() {
        let links = Arc::new(drawn(&json!({"count": 3, "up": 2, "down": 3})));
        let last = Span::from_s(60);
        let told: Vec<(Span, UnitId, Command)> = Changes::new(&links, last).collect();
        assert!(told.is_sorted_by_key(|(at, unit, _)| (*at, *unit)));
        assert!(told.iter().all(|(at, ..)| *at <= last));
        for ([one, other], up_at_first) in links.at_first() {
            let of = |end: u32, peer: u32| {
                let own = told.iter().filter(move |(_, unit, _)| *unit == gbu(end));
                let own = own.filter_map(move |(at, _, command)| match command {
                    Command::Link { peer: it } if *it == peer => Some((*at, true)),
                    Command::Unlink { peer: it } if *it == peer => Some((*at, false)),
                    _ => None,
                });
                own.collect::<Vec<_>>()
            };
            let changes = of(one, other);
            assert_eq!(changes, of(other, one));
            // In 60 s there are twelve periods of both.
            assert!((23..=24).contains(&changes.len()), "{changes:?}");
            assert_eq!(changes[0].1, !up_at_first);
            for pair in changes.windows(2) {
                let (lasts, was_up) = (pair[1].0.saturating_sub(pair[0].0), pair[0].1);
                assert_eq!(lasts, Span::from_s(if was_up { 2 } else { 3 }));
                assert_ne!(was_up, pair[1].1);
            }
        }
    }
}
