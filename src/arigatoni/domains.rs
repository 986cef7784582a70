//! Administrative domains: those of GT-ITM's routers, and so of the brokers on them.
//!
//! It does *not* know what crosses them.

use std::collections::BTreeMap;

use crate::discovery::Brokers;
use crate::error::{Error, Result};
use crate::system::Underlay;
use crate::topology::Domain;

/// The domain of each broker: its number among those of the graph, transit domains first.
#[derive(Debug, Clone)]
pub(super) struct Domains {
    of_brokers: Vec<Option<u32>>,
}

impl Domains {
    /// The domains of `brokers` on `underlay`.
    pub(super) fn of(underlay: &Underlay, brokers: &Brokers) -> Self {
        let all = underlay.graph.domains();
        let numbers: BTreeMap<Domain, u32> = all.into_iter().zip(0..).collect();
        let of_brokers = brokers.list().iter().map(|broker| {
            let router = &underlay.graph.routers[broker.router.index()];
            numbers.get(&router.domain).copied()
        });
        Self {
            of_brokers: of_brokers.collect(),
        }
    }

    /// These, by broker.
    #[cfg(test)]
    pub(super) fn listed(of_brokers: &[Option<u32>]) -> Self {
        Self {
            of_brokers: of_brokers.to_vec(),
        }
    }

    /// The domain of the broker called `id`, if it is in one.
    pub(super) fn of_broker(&self, id: u32) -> Option<u32> {
        self.of_brokers[id as usize]
    }

    /// The brokers of each domain, ascending.
    pub(super) fn members(&self) -> Vec<Vec<u32>> {
        let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (domain, id) in self.of_brokers.iter().zip(0..) {
            if let Some(domain) = domain {
                members.entry(*domain).or_default().push(id);
            }
        }
        members.into_values().collect()
    }

    /// The brokers of `domain` (`None`: of none), ascending.
    pub(super) fn members_of(&self, domain: Option<u32>) -> impl Iterator<Item = u32> {
        let all = self.of_brokers.iter().zip(0_u32..);
        let within = all.filter(move |(it, _)| **it == domain);
        within.map(|(_, id)| id)
    }

    /// Checks that there are several domains with brokers, which `member` needs in order to do `what`.
    ///
    /// # Errors
    /// If there are not.
    pub(super) fn check_several(&self, member: &str, what: &str) -> Result<()> {
        let there = match self.members().len() {
            0 => "no broker is in a domain",
            1 => "all brokers are in one",
            _ => return Ok(()),
        };
        Err(Error::new(format!(
            "{what} in another administrative domain, and {there}"
        ))
        .at(format!("/system/*/{member}"))
        .help("use a transit-stub topology, whose routers' labels tell several domains, or leave it out"))
    }
}
