//! Whom a query comes to by theory: all computers of the tree that the disconnections leave, level by level. And how often
//! living units are taken for gone.
//!
//! It does *not* know tables, messages, nor in which order a colony is asked.

use super::config::{Own, Search};
use super::suspicions::{Patience, Suspicions};
use super::{Colonies, Config};
use crate::discovery::config;
use crate::discovery::theory::{self, Reach};
use crate::discovery::{Mechanism as _, World, gbu};
use crate::time::Span;

/// Packets that are sent again this many times without success are so rare that the delays they cause do not show.
const REPEATS: u32 = 3;

/// Above these chances that does show: of one way that takes longer, and of a packet that is given up, whose receiver is
/// suspected without a heartbeat.
const LATE_MAX: f64 = 1e-3;
const GIVEN_UP_MAX: f64 = 1e-4;

/// The maximum number of steps to compute the chain of a pair, about.
const STEPS_MAX: f64 = 2e7;

/// Whom its requests come to, where the network loses each packet with the probability `loss`.
pub(super) fn of(colonies: &Colonies, loss: f64) -> Option<Box<dyn Reach + '_>> {
    let trees = Trees::of(colonies).filter(|_| loss == 0.0)?;
    Some(Box::new(trees))
}

/// The members because of which theory says nothing where each packet gets lost with the chance `loss`.
pub(super) fn beyond(config: &Config, loss: f64) -> Vec<&'static str> {
    let (world, own) = (&config.world, &config.own);
    if loss == 0.0 {
        let mut members = beyond_trees(own);
        members.extend(theory::beyond(world));
        return members;
    }
    let mut members = beyond_chain((world, own), loss);
    if members.is_empty() {
        // Its times are too short beside the round trips, or so long that hardly anybody is suspected.
        members.push("detection");
    }
    members
}

/// The members because of which requests do not stay in their tree, or not everybody agrees by chance.
fn beyond_trees(own: &Own) -> Vec<&'static str> {
    set([
        ("colony_links", own.colony_links.is_some()),
        ("tunnels", own.tunnels.is_some()),
        ("trust", own.trust.is_some()),
        ("free_riders", own.free_riders.is_some()),
    ])
}

/// The members because of which a leader and a member do not suspect each other as the chain says, where each packet gets lost
/// with the chance `loss`, whatever the round trips are.
fn beyond_chain((world, own): (&config::World, &Own), loss: f64) -> Vec<&'static str> {
    let packets = own.retransmission.validated();
    let late = libm::pow(loss, f64::from(REPEATS + 1));
    let unanswered = 1.0 - (1.0 - loss) * (1.0 - loss);
    let given_up = libm::pow(unanswered, f64::from(packets.limit + 1));
    let chain = patience(own).map(|it| Suspicions::of(loss, it));
    let is_quick = chain.is_none_or(|it| it.are_exact_for(repeated(own)));
    let mut members = set([
        ("/network/loss", chain.is_none() || late > LATE_MAX),
        ("sessions", world.alternating().is_some()),
        ("faults", world.faults.is_some()),
        ("overlay", world.overlay.is_some()),
        ("disconnection/rate", world.disconnection.rate.0 > 0.0),
        ("brokers", world.brokers.taking_time().is_some()),
        ("migration", own.migration.is_some()),
        ("election", own.election),
        (
            "retransmission/limit",
            late <= LATE_MAX && given_up > GIVEN_UP_MAX,
        ),
        ("retransmission/timeout_ms", !is_quick),
    ]);
    members.extend(beyond_trees(own));
    members
}

/// The names of what is set.
fn set<const N: usize>(members: [(&'static str, bool); N]) -> Vec<&'static str> {
    let found = members.into_iter().filter(|(_, is_set)| *is_set);
    found.map(|(name, _)| name).collect()
}

/// How long a packet takes at most, beyond a way, that has been sent again as often as shows.
fn repeated(own: &Own) -> Span {
    let timeout = own.retransmission.validated().timeout.as_ns();
    Span::from_ns(timeout.saturating_mul((1 << REPEATS) - 1))
}

/// What a leader and a member wait for where packets get lost; `None`: they send no heartbeats.
fn patience(own: &Own) -> Option<Patience> {
    let rule = own.detection.as_ref()?.validated();
    Some(Patience {
        every: rule.every,
        timeout: rule.timeout,
        misses: rule.misses,
        again: own.returns_with_losses(),
    })
}

/// How often units that live are taken for gone until `end`, where the network loses each packet with the probability
/// `loss` and nothing else happens.
pub(super) fn suspicions(colonies: &Colonies, end: Span, loss: f64) -> Option<(&'static str, f64)> {
    let (world, own) = (colonies.world(), &colonies.own);
    let rule = patience(own).filter(|_| loss > 0.0)?;
    if !beyond_chain((&world.config, own), loss).is_empty() || colonies.given.rules.delays {
        return None;
    }
    let chain = Suspicions::of(loss, rule);
    // Struck, registered and entered: that takes three ways.
    let longest = colonies.given.policy.longest.as_ns();
    let ways = Span::from_ns((longest / 2).checked_mul(3)?);
    let way = ways.saturating_add(repeated(own));
    let heartbeats = |leader: u32| {
        let first = colonies.watches_from(gbu(leader)) + rule.timeout;
        // With a heartbeat counts what happens until its rest of the timeout is over.
        let late = rule.timeout.as_ns() / rule.every.as_ns();
        let passed = end.as_ns().checked_sub(first.as_ns());
        passed.map_or(0, |passed| passed / rule.every.as_ns() + late + 1)
    };
    let longest = (end.as_ns() / rule.every.as_ns() + 2) as usize;
    if !chain.are_exact_for(way) || chain.steps(longest) > STEPS_MAX {
        return None;
    }
    let counts = chain.by_heartbeat(longest);
    let computers = world.population.computers().map(|it| it.broker);
    let brokers = world.brokers.list().iter().filter_map(|it| it.parent);
    let expected = computers.chain(brokers);
    let expected = expected.map(|leader| counts[heartbeats(leader) as usize].mean);
    Some(("suspicions_wrong", expected.sum()))
}

/// The trees that are left.
struct Trees<'w> {
    world: &'w World,
    search: Search,
    /// The root of each broker's tree.
    roots: Vec<u32>,
}

impl<'w> Trees<'w> {
    /// Those of a mechanism whose requests stay in their tree, and in which everybody agrees by chance.
    fn of(colonies: &'w Colonies) -> Option<Self> {
        let own = &colonies.own;
        if !beyond_trees(own).is_empty() {
            return None;
        }
        let world = colonies.world();
        let list = world.brokers.list();
        let mut roots: Vec<u32> = (0..list.len() as u32).collect();
        for broker in world.brokers.top_down() {
            let stays = !world.disconnected.contains(&gbu(broker));
            if let Some(parent) = list[broker as usize].parent.filter(|_| stays) {
                roots[broker as usize] = roots[parent as usize];
            }
        }
        Some(Self {
            world,
            search: own.search,
            roots,
        })
    }
}

impl Reach for Trees<'_> {
    fn level(&mut self, requester: u32, computer: u32) -> Option<u32> {
        let leader = |id: u32| self.world.population.computer(id).broker;
        let [own, other] = [leader(requester), leader(computer)];
        let same = self.roots[own as usize] == self.roots[other as usize];
        same.then(|| self.world.brokers.levels_up(own, other))
    }

    fn has_levels(&self) -> bool {
        self.search != Search::RootFirst
    }
}
