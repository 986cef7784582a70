//! Whom a query comes to by theory: all computers of the tree that the disconnections leave, level by level.
//!
//! It does *not* know tables, messages, nor in which order a colony is asked.

use super::Colonies;
use super::config::{Own, Search};
use crate::discovery::theory::Reach;
use crate::discovery::{World, gbu};

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
