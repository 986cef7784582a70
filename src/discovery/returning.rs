//! Who leads which broker by what units have been told, so that at the end nobody is told to come back to a colony inside its own:
//! it would ask for ever.
//!
//! It does *not* know whether units have done what they were told.

use std::collections::BTreeMap;
use std::iter;

use super::{Command, World, gbu};
use crate::unit::UnitId;

/// Where brokers are, and where they come back.
pub(super) struct Returning {
    leaders: BTreeMap<UnitId, UnitId>,
    homes: BTreeMap<UnitId, UnitId>,
}

impl Returning {
    /// As the requests begin.
    pub(super) fn of(world: &World) -> Self {
        let brokers = (0..world.gbus().len() as u32).map(gbu);
        let homes = brokers.filter_map(|unit| Some((unit, world.first_leader(unit)?)));
        let homes: BTreeMap<UnitId, UnitId> = homes.collect();
        let leaders = homes.clone();
        Self { leaders, homes }
    }

    /// A unit is told this.
    pub(super) fn told(&mut self, unit: UnitId, command: &Command) {
        match command {
            Command::Leave => _ = self.leaders.remove(&unit),
            Command::Settle { leader } => {
                self.homes.insert(unit, gbu(*leader));
                self.comes_back(unit);
            }
            Command::Join => _ = self.comes_back(unit),
            Command::Expel { member } => _ = self.leaders.remove(member),
            _ => {}
        }
    }

    /// Whether `unit` can come back to its last leader. Then it does so.
    pub(super) fn comes_back(&mut self, unit: UnitId) -> bool {
        let Some(&home) = self.homes.get(&unit) else {
            return true;
        };
        let most = self.homes.len() + 1;
        let mut above = iter::successors(Some(home), |it| self.leaders.get(it).copied()).take(most);
        if above.any(|it| it == unit) {
            return false;
        }
        self.leaders.insert(unit, home);
        true
    }
}
