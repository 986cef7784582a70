//! What crosses administrative domains in a run: whether it can, and how it is drawn.
//!
//! It does *not* know what crosses by it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::Colonies;
use super::Config;
use super::beside::Beside;
use super::colony_links::{self, Changes, Links};
use super::config::{GOES_ROUND, Own, Search, makes_graph};
use super::credentials::Credentials;
use super::domains::Domains;
use super::policy::Policy as _;
use super::tunnels::Tunnels;
use crate::discovery::{
    Brokers, Command, Crossing, CrossingView, Crossings, GCU, MadeTunnel, TunnelOf, World, merged,
};
use crate::error::{Error, Result};
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

/// Whether what is to cross domains can do so, where rules have `made` tunnels and requests go on for `phase_s`; the domains.
///
/// # Errors
/// If it cannot.
fn check(
    own: &Own,
    brokers: &Brokers,
    underlay: &Underlay,
    made: &[MadeTunnel],
    phase_s: f64,
) -> Result<Domains> {
    let domains = Domains::of(underlay, brokers);
    if let Some(links) = &own.colony_links {
        colony_links::check(links, brokers, &domains, made, phase_s)?;
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

/// Whether what a scenario says of domains, links and tunnels can be, before a run.
///
/// # Errors
/// If it cannot.
pub(super) fn check_scenario(underlay: &Underlay, config: &Config) -> Result<()> {
    check_rules(config)?;
    if !config.own.crosses_domains() {
        return Ok(());
    }
    let brokers = Brokers::place(underlay, &config.world.brokers)?;
    // Rules are applied when a run is prepared.
    check(&config.own, &brokers, underlay, &[], config.world.phase_s()).map(drop)
}

/// Whether no rule ends links or tunnels where these are drawn: they are no part of the overlay that rules change.
///
/// # Errors
/// If one does.
fn check_rules(config: &Config) -> Result<()> {
    let Some(overlay) = &config.world.overlay else {
        return Ok(());
    };
    let (links, tunnels) = (&config.own.colony_links, &config.own.tunnels);
    let all = [
        (
            "colony_links",
            links.is_some(),
            &["unlink"][..],
            "link_rate",
        ),
        (
            "tunnels",
            tunnels.is_some(),
            &["close", "cut"],
            "clone_rate",
        ),
    ];
    for (member, is_drawn, rules, instead) in all {
        if let Some(rule) = overlay.applied(rules).filter(|_| is_drawn) {
            let what = format!(
                "these are drawn, so they are no part of the overlay that rules change, and `{rule}` of `overlay` cannot be applied to them"
            );
            let help = format!(
                "leave one of the two out, or write `{instead}` of `overlay` in place of `{member}`"
            );
            let place = format!("/system/*/{member}");
            return Err(Error::new(what).at(place).help(help));
        }
    }
    Ok(())
}

/// Whether what rules have made beside the tree fits the rest.
///
/// # Errors
/// If it does not.
fn check_made(own: &Own, made: &Crossings) -> Result<()> {
    let error = |member: &str, what: &str, help: &str| {
        let place = format!("/system/*/{member}");
        Err(Error::new(what).at(place).help(help))
    };
    let has_links = !made.links.is_empty();
    if has_links && own.colony_links.is_some() {
        let what = "the rules of `overlay` link colonies already";
        return error("colony_links", what, "leave one of the two out");
    }
    if !made.tunnels.is_empty() && own.tunnels.is_some() {
        let what = "the rules of `overlay` make tunnels already";
        return error("tunnels", what, "leave one of the two out");
    }
    let of_colony = |it: &MadeTunnel| it.unit.kind() != GCU;
    let is_graph = has_links || made.tunnels.iter().any(of_colony);
    if is_graph && own.search == Search::RootFirst {
        let what = makes_graph("links and tunnels of colonies");
        let help = "use another search, or leave out `link`, and `friend` and `clone` of brokers, in `overlay`";
        return error("search", &what, help);
    }
    let moves = own.migration.is_some() || own.election;
    if moves && made.tunnels.iter().any(|it| it.besides && of_colony(it)) {
        let help =
            "leave out `migration` and `election`, or `friend` and `clone` of brokers in `overlay`";
        return error("overlay", GOES_ROUND, help);
    }
    Ok(())
}

impl Colonies {
    /// Draws what crosses domains in `world`.
    ///
    /// # Errors
    /// If the underlay of the run does not fit: a graph of its own may have fewer domains.
    pub(super) fn cross_domains(&mut self, world: &World, underlay: &Underlay) -> Result<()> {
        let (brokers, phase_s) = (&world.brokers, world.config.phase_s());
        let tunnelled = &world.crossings.tunnels;
        let domains = check(&self.own, brokers, underlay, tunnelled, phase_s)?;
        check_made(&self.own, &world.crossings)?;
        let policy = &mut self.given.policy;
        let links = self.own.colony_links.as_ref();
        let links = links.map(|it| Links::draw(it, brokers, &domains, tunnelled, world.streams));
        let made = &world.crossings.links;
        let made = (!made.is_empty()).then(|| Links::made(made, world.streams));
        policy.links = links.or(made).map(Arc::new);
        let tunnels = self.own.tunnels.as_ref();
        let drawn = tunnels.map(|it| Tunnels::draw(it, world, &domains, policy.links.as_deref()));
        let made = (!tunnelled.is_empty()).then(|| Tunnels::made(tunnelled));
        if let Some(tunnels) = drawn.transpose()?.or(made) {
            let moved: BTreeMap<_, _> = tunnels.instead().collect();
            world.move_to(moved);
            policy.tunnels = Some(Arc::new(tunnels));
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

    /// What an export of the world says of it.
    pub(super) fn described_crossings(&self) -> Vec<(&'static str, Value)> {
        let policy = &self.given.policy;
        let links = policy.links.as_ref();
        let pairs = links.map(|links| ("colony_links", json!(links.pairs())));
        let later = links.map(|links| {
            let all = links.at_first();
            all.filter_map(|(pair, is_up)| (!is_up).then_some(pair))
                .collect::<Vec<_>>()
        });
        let later = later.filter(|pairs| !pairs.is_empty());
        let later = later.map(|pairs| ("colony_links_later", json!(pairs)));
        let tunnels = policy.tunnels.as_ref().map(|tunnels| tunnels.describe());
        let names = ["tunnels", "colony_tunnels"];
        let tunnels = tunnels
            .into_iter()
            .flat_map(|all| names.into_iter().zip(all));
        let trust = policy.trust.as_ref();
        let credentials = trust.map(|trust| ("credentials", trust.describe()));
        pairs
            .into_iter()
            .chain(later)
            .chain(tunnels)
            .chain(credentials)
            .collect()
    }
}

impl CrossingView for Colonies {
    fn told(&self, last: Span) -> Box<dyn Iterator<Item = (Span, UnitId, Command)>> {
        let links = self.given.policy.links.iter();
        let changes: Vec<Changes> = links.map(|links| Changes::new(links, last)).collect();
        let changes = changes.into_iter().flatten();
        match &self.given.policy.trust {
            Some(trust) => Box::new(merged(changes, trust.told(last).into_iter())),
            None => Box::new(changes),
        }
    }

    fn between(&self, unit: UnitId, peer: UnitId) -> Option<Crossing> {
        let policy = &self.given.policy;
        let leads = |unit, leader| policy.tunnel(unit).is_some_and(|it| it.leader == leader);
        if leads(unit, peer) || leads(peer, unit) {
            return Some(Crossing::Tunnel);
        }
        let links = policy.links.as_ref()?;
        links.joins(unit, peer).then_some(Crossing::Link)
    }

    fn is_beside(&self, unit: UnitId, leader: UnitId) -> bool {
        self.given.policy.is_besides(unit, leader)
    }

    fn revoked_at(&self, computer: u32) -> Option<Span> {
        let trust = self.given.policy.trust.as_ref()?;
        trust.revoked_at(computer)
    }

    fn linked_pairs(&self) -> Vec<([u32; 2], bool)> {
        let links = self.given.policy.links.as_ref();
        links.map_or(Vec::new(), |links| links.at_first().collect())
    }

    fn domain_of(&self, broker: u32) -> Option<u32> {
        self.given.policy.domains.as_ref()?.of_broker(broker)
    }

    fn tunnel_of(&self, unit: UnitId) -> Option<TunnelOf> {
        self.given.policy.tunnel_of(unit)
    }
}
