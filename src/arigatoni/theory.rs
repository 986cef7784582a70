//! Whom a query comes to by theory: all computers of the tree that the disconnections leave, level by level.
//!
//! It does *not* know tables, messages, nor in which order a colony is asked.

use super::Colonies;
use super::config::Search;
use crate::discovery::theory::Reach;
use crate::discovery::{World, gbu};

/// The trees that are left.
pub(super) struct Trees<'w> {
    world: &'w World,
    search: Search,
    /// The root of each broker's tree.
    roots: Vec<u32>,
}

impl<'w> Trees<'w> {
    /// Those of a mechanism whose requests stay in their tree, and in which everybody agrees by chance.
    pub(super) fn of(colonies: &'w Colonies) -> Option<Self> {
        let own = &colonies.own;
        let crosses = own.colony_links.is_some() || own.tunnels.is_some() || own.trust.is_some();
        if crosses || own.free_riders.is_some() {
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
