//! What each application would be worth by its number of nodes, at a demand that somebody knows.
//!
//! Only the given demand counts: a caller that does not know the future learns nothing about it here. This module
//! does *not* know where the demand comes from.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::config::Application;
use super::model;
use super::reach::{Reach, Shares};
use super::world::World;

/// The model, with the reaches that were needed last: the regions' shares seldom change.
#[derive(Debug)]
pub(super) struct Worth {
    world: Arc<World>,
    /// By kind of application and the regions' shares of its requests.
    known: BTreeMap<(usize, Shares), Reach>,
}

impl Worth {
    pub(super) fn new(world: Arc<World>) -> Self {
        let known = BTreeMap::new();
        Self { world, known }
    }

    /// A table for each application of its utility by its number of nodes up to `nodes`, at these
    /// rates in requests a second: `demand` by application, `rates` by population. If the latter is
    /// empty, regions count alike.
    pub(super) fn tables(&mut self, demand: &[f64], rates: &[f64], nodes: u32) -> Vec<Vec<f64>> {
        self.each(demand, rates, |(application, capacity), rate, reach| {
            model::utilities(application, capacity, rate, reach, nodes)
        })
    }

    /// How many of `nodes` nodes each application needs at the same rates to keep what its agreement promises.
    pub(super) fn needed(&mut self, demand: &[f64], rates: &[f64], nodes: u32) -> Vec<u32> {
        self.each(demand, rates, |(application, capacity), rate, reach| {
            model::needed(application, capacity, rate, reach, nodes)
        })
    }

    /// What the model says of each application, given a node's capacity, the demand and the ways to nodes.
    fn each<T>(
        &mut self,
        demand: &[f64],
        rates: &[f64],
        model: impl Fn((&Application, f64), f64, &Reach) -> T,
    ) -> Vec<T> {
        let world = &self.world;
        let regions = world.regions;
        let mut before = std::mem::take(&mut self.known);
        let all = (0..).zip(&world.applications).zip(demand);
        all.map(|((number, application), rate)| {
            let first = world.population(number, 0) as usize;
            let own = rates.get(first..first + regions as usize);
            let kind = world.kinds[usize::from(number)];
            let key = (kind, Shares::of(own.unwrap_or_default(), regions));
            let reach = self.known.entry(key).or_insert_with_key(|key| {
                let known = before.remove(key);
                known.unwrap_or_else(|| world.nearness.reach(&world.ways[kind], &key.1))
            });
            model((application, world.capacity()), *rate, reach)
        })
        .collect()
    }
}
