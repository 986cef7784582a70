//! What crosses administrative domains in a run: whether it can, and how it is drawn.
//!
//! It does *not* know what crosses by it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::Colonies;
use super::beside::Beside;
use super::colony_links::{self, Changes, Links};
use super::config::Own;
use super::credentials::Credentials;
use super::domains::Domains;
use super::policy::Policy as _;
use super::tunnels::Tunnels;
use crate::discovery::{Brokers, Command, Crossing, World, merged};
use crate::error::Result;
use crate::system::Underlay;
use crate::time::Span;
use crate::unit::UnitId;

impl Own {
    /// Whether it matters which broker is in which domain.
    pub(super) fn crosses_domains(&self) -> bool {
        self.colony_links.is_some()
            || self.tunnels.is_some()
            || self.firewall
            || self.trust.is_some()
    }
}

/// Whether what is to cross domains can do so, where requests go on for `phase_s`; the domains.
///
/// # Errors
/// If it cannot.
pub(super) fn check(
    own: &Own,
    brokers: &Brokers,
    underlay: &Underlay,
    phase_s: f64,
) -> Result<Domains> {
    let domains = Domains::of(underlay, brokers);
    if let Some(links) = &own.colony_links {
        colony_links::check(links, brokers, &domains, phase_s)?;
    }
    if own.tunnels.is_some() {
        domains.check_several("tunnels", "tunnels lead to colonies")?;
    }
    if own.firewall {
        domains.check_several("firewall", "a firewall stands between brokers and those")?;
    }
    if own.trust.is_some() {
        domains.check_several("trust", "credentials are checked by brokers")?;
    }
    Ok(domains)
}

impl Colonies {
    /// Draws what crosses domains in `world`.
    ///
    /// # Errors
    /// If the underlay of the run does not fit: a graph of its own may have fewer domains.
    pub(super) fn cross_domains(&mut self, world: &World, underlay: &Underlay) -> Result<()> {
        let (brokers, phase_s) = (&world.brokers, world.config.phase_s());
        let domains = check(&self.own, brokers, underlay, phase_s)?;
        let policy = &mut self.given.policy;
        let links = self.own.colony_links.as_ref();
        let links = links.map(|it| Links::draw(it, brokers, &domains, world.streams));
        policy.links = links.map(Arc::new);
        if let Some(tunnels) = &self.own.tunnels {
            let drawn = Tunnels::draw(tunnels, world, &domains, policy.links.as_deref())?;
            let moved: BTreeMap<_, _> = drawn.instead().collect();
            world.move_to(moved);
            policy.tunnels = Some(Arc::new(drawn));
        }
        if self.given.rules.is_graph {
            let (links, tunnels) = (policy.links.as_deref(), policy.tunnels.as_deref());
            policy.beside = Some(Arc::new(Beside::new(brokers, links, tunnels)));
        }
        let domains = Arc::new(domains);
        policy.domains = Some(Arc::clone(&domains));
        if let Some(trust) = &self.own.trust {
            let drawn = Credentials::draw(trust, world, &domains);
            policy.trust = Some(Arc::new(drawn));
        }
        Ok(())
    }

    /// What units are told of it, up to the instant `last`.
    pub(super) fn told_of_crossings(
        &self,
        last: Span,
    ) -> Box<dyn Iterator<Item = (Span, UnitId, Command)>> {
        let links = self.given.policy.links.iter();
        let changes: Vec<Changes> = links.map(|links| Changes::new(links, last)).collect();
        let changes = changes.into_iter().flatten();
        match &self.given.policy.trust {
            Some(trust) => Box::new(merged(changes, trust.told(last).into_iter())),
            None => Box::new(changes),
        }
    }

    /// Whether two units that speak to each other do so beside the tree, and how.
    pub(super) fn crossing_between(&self, one: UnitId, other: UnitId) -> Option<Crossing> {
        let policy = &self.given.policy;
        let leads = |unit, leader| policy.tunnel(unit).is_some_and(|it| it.leader == leader);
        if leads(one, other) || leads(other, one) {
            return Some(Crossing::Tunnel);
        }
        let links = policy.links.as_ref()?;
        links.joins(one, other).then_some(Crossing::Link)
    }

    /// What an export of the world says of it.
    pub(super) fn described_crossings(&self) -> Vec<(&'static str, Value)> {
        let policy = &self.given.policy;
        let links = policy.links.as_ref();
        let pairs = links.map(|links| ("colony_links", json!(links.pairs())));
        let tunnels = policy.tunnels.as_ref().map(|tunnels| tunnels.describe());
        let names = ["tunnels", "colony_tunnels"];
        let tunnels = tunnels
            .into_iter()
            .flat_map(|all| names.into_iter().zip(all));
        let trust = policy.trust.as_ref();
        let credentials = trust.map(|trust| ("credentials", trust.describe()));
        pairs
            .into_iter()
            .chain(tunnels)
            .chain(credentials)
            .collect()
    }
}
