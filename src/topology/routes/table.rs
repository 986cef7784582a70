//! Routes in a table: from each of some places to each of some others.

use rayon::prelude::*;

use super::Route;
use super::network::{Cost, Found, Network, Search};

/// Rows of routes, those of one source side by side.
#[derive(Debug)]
pub(super) struct Table {
    columns: usize,
    routes: Vec<Route>,
    /// The policy weights of the routes; empty if no link has one.
    weights: Vec<u32>,
}

impl Table {
    /// The routes between all pairs of places of a connected network, searched on all cores.
    pub(super) fn of_all(network: &Network) -> Self {
        let size = network.size();
        let weighted = network.is_weighted();
        let mut table = Self {
            columns: size,
            routes: vec![Route::NOWHERE; size * size],
            weights: vec![0; if weighted { size * size } else { 0 }],
        };
        let rows = table.routes.par_chunks_mut(size.max(1)).enumerate();
        if weighted {
            let weights = table.weights.par_chunks_mut(size.max(1));
            rows.zip(weights)
                .for_each_init(Search::default, |search, ((source, row), weights)| {
                    let found = search.run(network, source as u32);
                    fill(row, found);
                    for (weight, found) in weights.iter_mut().zip(found) {
                        *weight = found.cost.weight();
                    }
                });
        } else {
            rows.for_each_init(Search::default, |search, (source, row)| {
                fill(row, search.run(network, source as u32));
            });
        }
        table
    }

    /// An empty table with `columns` columns.
    pub(super) fn empty(columns: usize, weighted: bool) -> Self {
        let room = columns * columns;
        Self {
            columns,
            routes: Vec::with_capacity(room),
            weights: Vec::with_capacity(if weighted { room } else { 0 }),
        }
    }

    /// Adds a row of as many routes as there are columns.
    pub(super) fn push_row(&mut self, found: &[Found], weighted: bool) {
        debug_assert_eq!(found.len(), self.columns, "a row of this table");
        self.routes
            .extend(found.iter().map(|found| Route::from(*found)));
        if weighted {
            self.weights
                .extend(found.iter().map(|found| found.cost.weight()));
        }
    }

    /// How many columns there are.
    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    #[inline]
    pub(super) fn route(&self, from: usize, to: usize) -> Route {
        assert!(to < self.columns, "a router of this graph");
        self.routes[from * self.columns + to]
    }

    /// A route with its whole cost, the policy weight included.
    #[inline]
    pub(super) fn found(&self, from: usize, to: usize) -> Found {
        let route = self.route(from, to);
        let weight = if self.weights.is_empty() {
            0
        } else {
            self.weights[from * self.columns + to]
        };
        Found {
            cost: Cost::of(weight, route.length, route.links),
            first: route.first,
        }
    }
}

fn fill(row: &mut [Route], found: &[Found]) {
    for (route, found) in row.iter_mut().zip(found) {
        *route = Route::from(*found);
    }
}
