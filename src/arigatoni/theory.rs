//! Whom a query comes to by theory: all computers of the tree that the disconnections leave, level by level. And how often
//! living units are taken for gone.
//!
//! It does *not* know tables, messages, nor in which order a colony is asked.

use super::Colonies;
use super::config::{Own, Search};
use super::suspicions::{Patience, Suspicions};
use crate::discovery::theory::Reach;
use crate::discovery::{Mechanism as _, World, gbu};
use crate::time::Span;

/// Packets that are sent again so many times in vain are so rare that what they delay does not show.
const REPEATS: u32 = 3;

/// Above these chances that does show: of one way that takes longer, and of a packet that is given up, whose receiver is
/// suspected without a heartbeat.
const LATE_MAX: f64 = 1e-3;
const GIVEN_UP_MAX: f64 = 1e-4;

/// The chain of a pair takes at most about so many steps.
const STEPS_MAX: f64 = 2e7;

/// Whom its requests come to, where the network loses each packet with the probability `loss`.
pub(super) fn of(colonies: &Colonies, loss: f64) -> Option<Box<dyn Reach + '_>> {
    let trees = Trees::of(colonies).filter(|_| loss == 0.0)?;
    Some(Box::new(trees))
}

/// The members because of which requests do not stay in their tree, or not everybody agrees by chance.
pub(super) fn beyond(own: &Own) -> Vec<&'static str> {
    let members = [
        ("colony_links", own.colony_links.is_some()),
        ("tunnels", own.tunnels.is_some()),
        ("trust", own.trust.is_some()),
        ("free_riders", own.free_riders.is_some()),
    ];
    let found = members.into_iter().filter(|(_, is_set)| *is_set);
    found.map(|(name, _)| name).collect()
}

/// How often units that live are taken for gone until `end`, where the network loses each packet with the probability
/// `loss` and nothing else happens.
pub(super) fn suspicions(colonies: &Colonies, end: Span, loss: f64) -> Option<(&'static str, f64)> {
    let (world, rules) = (colonies.world(), &colonies.given.rules);
    let (rule, packets) = rules.heartbeats.zip(rules.retransmission)?;
    let config = &world.config;
    let is_still =
        !config.has_comings() && world.disconnected.is_empty() && config.overlay.is_none();
    let late = libm::pow(loss, f64::from(REPEATS + 1));
    let unanswered = 1.0 - (1.0 - loss) * (1.0 - loss);
    let given_up = libm::pow(unanswered, f64::from(packets.limit + 1));
    if late > LATE_MAX || given_up > GIVEN_UP_MAX {
        return None;
    }
    let moves = rules.migration.is_some() || rules.election.is_some() || rules.settling.any;
    if loss == 0.0 || !is_still || moves || rules.delays || !beyond(&colonies.own).is_empty() {
        return None;
    }
    let chain = Suspicions::of(
        loss,
        Patience {
            every: rule.every,
            timeout: rule.timeout,
            misses: rule.misses,
            again: rules.recovery?.again,
        },
    );
    // Struck, registered and entered: that takes three ways.
    let longest = colonies.given.policy.longest;
    let repeated = packets.timeout.as_ns().checked_mul((1 << REPEATS) - 1)?;
    let way = Span::from_ns(
        (longest.as_ns() / 2)
            .checked_mul(3)?
            .checked_add(repeated)?,
    );
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
        if !beyond(own).is_empty() {
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
