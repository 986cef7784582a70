//! What crosses administrative domains in a run: whether it can, and how it is drawn.
//!
//! It does *not* know what crosses by it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Colonies;
use super::beside::Beside;
use super::colony_links::{self, Links};
use super::config::Own;
use super::domains::Domains;
use super::tunnels::Tunnels;
use crate::discovery::{Brokers, World};
use crate::error::Result;
use crate::system::Underlay;

impl Own {
    /// Whether it matters which broker is in which domain.
    pub(super) fn crosses_domains(&self) -> bool {
        self.colony_links.is_some() || self.tunnels.is_some()
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
            let drawn = Tunnels::draw(tunnels, world, &domains)?;
            let moved: BTreeMap<_, _> = drawn.instead().collect();
            world.move_to(moved);
            policy.tunnels = Some(Arc::new(drawn));
        }
        if self.given.rules.is_graph {
            let (links, tunnels) = (policy.links.as_deref(), policy.tunnels.as_deref());
            policy.beside = Some(Arc::new(Beside::new(brokers, links, tunnels)));
        }
        self.domains = Some(Arc::new(domains));
        Ok(())
    }
}
