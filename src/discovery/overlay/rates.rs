//! Rates: a rule that is applied to a fraction of those to which it can be.
//!
//! It does *not* know what becomes of the units then.

use std::collections::{BTreeMap, BTreeSet};

use super::arranged::{above, is_possible, lies_elsewhere, parents};
use super::openings::Openings;
use super::{PLACE, unit_of};
use crate::calculus::{Community, Label, Name, Rule};
use crate::discovery::adequacy::name;
use crate::discovery::{GCU, World, stream, workload};
use crate::error::{Error, Result};
use crate::unit::UnitId;

/// The number of times that a colony is drawn before all are tried in turn.
const ATTEMPTS: u32 = 64;

/// The maximum number of rules for which a round has draws.
const RULES_MAX: u32 = 32;
const _: () = assert!(Rule::ALL.len() <= RULES_MAX as usize);

/// A rule that is applied at a rate.
pub(super) struct Applied<'w> {
    rule: Rule,
    /// How often rules have been applied in time.
    round: u32,
    world: &'w World,
    complete: &'w Community,
    /// All brokers of the community.
    brokers: Vec<Name>,
    /// The computers of each colony, if friends are drawn from them.
    members: BTreeMap<Name, BTreeSet<Name>>,
    /// The super-broker of each broker; of one that has none in the community, the one that it gets to.
    parents: Vec<Option<u32>>,
}

/// To whom, or to which link or tunnel, a rule is applied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Unit(UnitId),
    Edge(Label),
}

/// Applies `rule` to the fraction `rate`, of which the scenario's `member` speaks, of those to which it can be: those whose
/// draws are the least.
///
/// # Errors
/// If all are in one domain, and the rule needs two.
pub(super) fn apply(
    community: &mut Community,
    (rule, rate, member): (Rule, f64, &str),
    (world, complete): (&World, &Community),
) -> Result<()> {
    if rate <= 0.0 {
        return Ok(());
    }
    check_domains(rule, complete, format_args!("{PLACE}/{member}"))?;
    let applied = Applied::new(rule, (world, complete), community);
    let mut candidates = applied.candidates(community);
    let mut left = workload::share(rate, candidates.len());
    candidates.sort_unstable();
    // A unit that cannot any more, since others have, is replaced by the next one.
    for (_, subject) in candidates {
        if left == 0 {
            break;
        }
        if let Some(label) = applied.label(&subject, community, None)
            && community.change(&label).is_ok()
        {
            left -= 1;
        }
    }
    Ok(())
}

/// Checks that there are several domains in the `complete` overlay, if `rule` needs them: `place` is where it
/// stands in the scenario. Where units have moved, all may be in one all the same: then the rule is not applied.
///
/// # Errors
/// If there are not.
pub(super) fn check_domains(
    rule: Rule,
    complete: &Community,
    place: std::fmt::Arguments<'_>,
) -> Result<()> {
    let crosses = matches!(
        rule,
        Rule::Migrate | Rule::Link | Rule::Friend | Rule::Clone
    );
    let mut domains = complete.individuals().map(|(_, it)| &it.domain);
    let first = domains.next();
    if !crosses || domains.any(|domain| Some(domain) != first) {
        return Ok(());
    }
    let what = format!(
        "`{}` needs colonies of two administrative domains, and all are in one",
        rule.name()
    );
    let help =
        "use a transit-stub topology, whose routers' labels tell several domains, or leave it out";
    Err(Error::new(what).at(place).help(help))
}

impl<'w> Applied<'w> {
    pub(super) fn new(
        rule: Rule,
        (world, complete): (&'w World, &'w Community),
        community: &Community,
    ) -> Self {
        let mut members: BTreeMap<Name, BTreeSet<Name>> = BTreeMap::new();
        let names = community.individuals();
        let computers = names.filter(|(name, _)| rule == Rule::Friend && !name.is_broker());
        for (name, individual) in computers {
            if let Some(leader) = &individual.leader {
                let colony = members.entry(leader.clone()).or_default();
                colony.insert(name.clone());
            }
        }
        let names = community.individuals().map(|(name, _)| name);
        Self {
            rule,
            round: 0,
            world,
            complete,
            brokers: names.filter(|name| name.is_broker()).cloned().collect(),
            members,
            parents: parents(world, complete, community),
        }
    }

    /// From now on other draws decide where to: those of the round `round`.
    pub(super) fn begin_round(&mut self, round: u32) {
        self.round = round;
    }

    /// A rule that is applied in time has changed `community` by `label`: other computers are members of colonies.
    pub(super) fn changed(&mut self, label: &Label, community: &Community) {
        if self.rule != Rule::Friend {
            return;
        }
        let (brokers, computers): (Vec<&Name>, Vec<&Name>) =
            label.names().iter().partition(|name| name.is_broker());
        // A broker that comes back has forgotten its members.
        if label.rule() == Rule::Restart {
            self.members.remove(brokers[0]);
        }
        for computer in computers {
            // A label names the leader that somebody leaves.
            for leader in &brokers {
                if let Some(colony) = self.members.get_mut(*leader) {
                    colony.remove(computer);
                }
            }
            if let Some(leader) = community.leader(computer) {
                let colony = self.members.entry(leader.clone()).or_default();
                colony.insert(computer.clone());
            }
        }
    }

    /// What the rule does to `unit` while requests run, if it can be applied and that goes with the tunnels that there have been.
    pub(super) fn label_of(
        &self,
        unit: UnitId,
        community: &Community,
        openings: &Openings,
    ) -> Option<Label> {
        self.label(&Subject::Unit(unit), community, Some(openings))
    }

    /// To whom the rule can be applied, each with its draw.
    fn candidates(&self, community: &Community) -> Vec<(u64, Subject)> {
        let edges: Vec<Label> = match self.rule {
            Rule::Unlink => {
                let all = community.links();
                all.map(|(one, other)| Label::new(Rule::Unlink, &[one, other]))
                    .collect()
            }
            Rule::Close => {
                let all = community.tunnels();
                all.map(|((from, to), _)| Label::new(Rule::Close, &[from, to]))
                    .collect()
            }
            _ => Vec::new(),
        };
        let is_of_edges = matches!(self.rule, Rule::Unlink | Rule::Close);
        let edges = edges.into_iter().zip(0..).map(|(label, number)| {
            let draw = self
                .world
                .streams
                .bits(stream::RULE_EDGE, number, self.number());
            (draw, Subject::Edge(label))
        });
        let units = self.world.units().filter(|_| !is_of_edges);
        let units = units.map(|unit| (self.draw(unit), Subject::Unit(unit)));
        let all = edges.chain(units);
        all.filter(|(_, subject)| self.label(subject, community, None).is_some())
            .collect()
    }

    /// The number of the rule.
    fn number(&self) -> u32 {
        self.rule as u32
    }

    /// What the draws of `unit` are keyed by.
    fn entity(&self, unit: UnitId) -> u64 {
        if unit.kind() == GCU {
            self.world.population.computer(unit.index()).entity()
        } else {
            unit.index().into()
        }
    }

    /// The place of `unit` in the order in which the rule is applied. Who leaves is drawn as by `disconnection`.
    fn draw(&self, unit: UnitId) -> u64 {
        let (stream, index) = match (self.rule, unit.kind() == GCU) {
            (Rule::Leave, _) => (stream::DISCONNECT_COMPUTER, 0),
            (Rule::Unregister, _) => (stream::DISCONNECT_BROKER, 0),
            (_, true) => (stream::RULE_COMPUTER, self.number()),
            (_, false) => (stream::RULE_BROKER, self.number()),
        };
        self.world.streams.bits(stream, self.entity(unit), index)
    }

    /// What the rule does to `subject`, if it can be applied; while requests run, if that goes with the `openings` as well.
    fn label(
        &self,
        subject: &Subject,
        community: &Community,
        openings: Option<&Openings>,
    ) -> Option<Label> {
        let can = |label: Label| {
            let goes = openings.is_none_or(|it| it.allow(&label, community));
            (goes && community.check(&label).is_ok()).then_some(label)
        };
        let unit = match subject {
            Subject::Edge(label) => return can(label.clone()),
            Subject::Unit(unit) => *unit,
        };
        let (x, rule) = (name(unit), self.rule);
        let leader = community.leader(&x).cloned();
        let is_possible = |to: &Name, makes_link: bool| {
            let begins_under = makes_link && self.begin_joined(&x, to);
            !begins_under && is_possible((self.complete, community), (&x, to), makes_link)
        };
        match rule {
            Rule::Leave | Rule::Join if x.is_broker() => None,
            Rule::Register | Rule::Unregister | Rule::Link | Rule::Fail | Rule::Restart
                if !x.is_broker() =>
            {
                None
            }
            // The first root is free, and stays where it is.
            Rule::Register | Rule::Migrate if self.complete.leader(&x).is_none() => None,
            Rule::Leave | Rule::Unregister | Rule::Fire => can(Label::new(rule, &[&x, &leader?])),
            Rule::Fail | Rule::Restart => can(Label::new(rule, &[&x])),
            Rule::Friend | Rule::Clone => self.tunnel(unit, &x, community, (openings, &can)),
            Rule::Move => {
                let from = leader?;
                self.drawn(unit, |to, _| {
                    let label = can(Label::new(rule, &[&x, &from, to]));
                    label.filter(|_| is_possible(to, false))
                })
            }
            _ => {
                let to = |to: &Name| {
                    let label = can(Label::new(rule, &[&x, to]));
                    label.filter(|_| is_possible(to, rule == Rule::Link))
                };
                let home = self.complete.leader(&x);
                let home = home.filter(|_| rule != Rule::Link).and_then(to);
                home.or_else(|| self.drawn(unit, |broker, _| to(broker)))
            }
        }
    }

    /// Whether one of two brokers begins under the other: a free one leaves its leader before the requests, and may come back to it.
    fn begin_joined(&self, one: &Name, other: &Name) -> bool {
        let broker = |name: &Name| unit_of(name).filter(|_| name.is_broker());
        let Some((one, other)) = broker(one).zip(broker(other)) else {
            return false;
        };
        let (one, other) = (one.index(), other.index());
        let parent = |broker: u32| self.parents[broker as usize];
        parent(one) == Some(other) || parent(other) == Some(one)
    }

    /// A tunnel of `x`, which has none yet, if that `can` be.
    fn tunnel(
        &self,
        unit: UnitId,
        x: &Name,
        community: &Community,
        (openings, can): (Option<&Openings>, &impl Fn(Label) -> Option<Label>),
    ) -> Option<Label> {
        let has_tunnel = |name: &Name| match openings {
            // Nobody who has ever had one is a friend.
            Some(openings) => openings.has(name),
            None => community.tunnels().any(|((from, _), _)| from == name),
        };
        let relays = |name: &Name| community.tunnels().any(|(_, friend)| friend == Some(name));
        if has_tunnel(x) || relays(x) {
            return None;
        }
        let depth = |broker: UnitId| above(&self.parents, broker.index()).count();
        self.drawn(unit, |to, draw| {
            if !lies_elsewhere(self.complete, (x, to)) {
                return None;
            }
            let is_possible = !x.is_broker()
                || unit_of(to).is_some_and(|to| depth(to) < depth(unit))
                    && !self.begin_joined(x, to)
                    && is_possible((self.complete, community), (x, to), true)
                    && is_possible((self.complete, community), (x, to), false);
            if !is_possible {
                return None;
            }
            let label = if self.rule == Rule::Clone {
                Label::new(Rule::Clone, &[x, to])
            } else {
                let members = self.members.get(to)?;
                let free: Vec<&Name> = members
                    .iter()
                    .filter(|it| *it != x && !has_tunnel(it))
                    .collect();
                let friend = free.get((draw % free.len().max(1) as u64) as usize)?;
                Label::new(Rule::Friend, &[x, to, friend])
            };
            can(label)
        })
    }

    /// What `label` makes of a broker that is drawn for `unit`, the first one with which it makes something; it is given a draw of
    /// its own as well.
    fn drawn(&self, unit: UnitId, label: impl Fn(&Name, u64) -> Option<Label>) -> Option<Label> {
        let stream = if unit.kind() == GCU {
            stream::CHOICE_COMPUTER
        } else {
            stream::CHOICE_BROKER
        };
        let (streams, entity) = (&self.world.streams, self.entity(unit));
        // Each rule has this many draws of its own.
        let own = self.round * RULES_MAX + self.number();
        let index = |attempt: u32| own * (ATTEMPTS + 1) + attempt;
        let count = self.brokers.len() as u64;
        let friend = streams.bits(stream, entity, index(ATTEMPTS));
        let drawn = (0..ATTEMPTS).find_map(|attempt| {
            let place = streams.below(stream, entity, index(attempt), count);
            label(&self.brokers[place as usize], friend)
        });
        drawn.or_else(|| self.brokers.iter().find_map(|broker| label(broker, friend)))
    }
}
