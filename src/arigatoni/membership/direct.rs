//! Everybody registers at once: what exchanging the registration messages ends in.
//!
//! What a member declares is what it would say itself: a GCU its offers, a GBU its colony's
//! summary. It does *not* know where units sit.

use crate::arigatoni::matching::Matcher;
use crate::arigatoni::message::{gbu, gcu};
use crate::arigatoni::policy::Policy;
use crate::arigatoni::table::{Draft, RoutingTable};
use crate::overlay::{Brokers, Population};

/// The routing tables of the fully connected overlay, by broker.
pub(in crate::arigatoni) fn tables(
    brokers: &Brokers,
    population: &Population,
    policy: &impl Policy,
) -> Vec<RoutingTable> {
    let count = brokers.list().len();
    let mut subcolonies: Vec<Vec<u32>> = vec![Vec::new(); count];
    for (broker, id) in brokers.list().iter().zip(0..) {
        if let Some(parent) = broker.parent {
            subcolonies[parent as usize].push(id);
        }
    }
    let descriptors = policy.matcher().count();
    let mut tables = vec![RoutingTable::new(0); count];
    for &id in brokers.top_down().iter().rev() {
        let colony = population.colony(id);
        let led = &subcolonies[id as usize];
        let mut draft = Draft::new(colony.len() + led.len());
        for computer in colony.map(gcu) {
            draft.add(computer, policy.offers(computer));
        }
        for &leader in led {
            draft.add(gbu(leader), tables[leader as usize].summary());
        }
        tables[id as usize] = draft.table(descriptors);
    }
    tables
}
