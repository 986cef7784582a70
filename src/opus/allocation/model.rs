//! What an application is expected to be worth with n nodes, at a given demand.
//!
//! Its nodes are taken together for one queue: requests come at the rate λ, each of the n nodes serves
//! μ in a second, and at most n·q are present at once, since a node takes in at most q (which is chosen
//! so that q of them take half of the latency that is promised); others are turned away. That is
//! the M/M/n/nq queue, whose loss follows from Erlang's by one geometric sum. Of those that are
//! let in, the share counts as in time that would be if all found q − 1 before them, over the ways
//! that [`Reach`] tells. `docs/opus/allocation.md` says what the model leaves out. This module does
//! *not* know nodes or clients.

use super::config::{Application, Service, Sla};
use super::reach::Reach;
use crate::time::Span;

/// Beyond the number of nodes that turn away less than this share of the requests, more nodes
/// count for nothing,
const LOSS_MIN: f64 = 1e-9;
/// if also the share in time is so near to what it would be with any number: nodes are not moved
/// for ways that are hardly shorter.
const NEAR_ENOUGH: f64 = 0.99;
/// What a quotient of decimals may be off by.
const ROUNDING: f64 = 1e-12;
/// The maximum number of requests of one application that a node takes in.
const ROOM_MAX: f64 = 10_000.0;

impl Sla {
    /// The utility per second where `demand` requests are issued and `served` are answered in time
    /// in a second.
    pub fn utility(&self, demand: f64, served: f64) -> f64 {
        self.weight.0 * self.worth(served) - self.penalty.0 * (demand - served)
    }

    /// The utility of a throughput.
    fn worth(&self, served: f64) -> f64 {
        let points = &self.utility;
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return served;
        };
        let next = points.partition_point(|point| point.throughput() <= served);
        if next == 0 {
            return first.utility();
        }
        if next == points.len() {
            return last.utility();
        }
        let [(x0, y0), (x1, y1)] =
            [next - 1, next].map(|at| (points[at].throughput(), points[at].utility()));
        y0 + (y1 - y0) * (served - x0) / (x1 - x0)
    }
}

impl Application {
    /// How many requests a node of `capacity` takes in: as many as it serves in half the latency
    /// that is promised, on average; at least one.
    pub fn room(&self, capacity: f64) -> u32 {
        let served = self.sla.latency().as_ns() as f64 / 2e9 * capacity / self.work.0;
        // 0.3 / 0.1 is a little below 3.
        (served * (1.0 + ROUNDING)).clamp(1.0, ROOM_MAX) as u32
    }

    /// The share of requests that are answered in time by a full node of `capacity`, over a route
    /// that takes `round_trip`.
    pub fn in_time(&self, capacity: f64, round_trip: Span) -> f64 {
        let left = self
            .sla
            .latency()
            .as_ns()
            .saturating_sub(round_trip.as_ns());
        let services = left as f64 / 1e9 * capacity / self.work.0;
        let room = self.room(capacity);
        match self.service {
            Service::Deterministic => f64::from(u8::from(f64::from(room) <= services)),
            Service::Exponential => 1.0 - poisson_below(room, services),
        }
    }
}

/// The chance that a Poisson-distributed count of `mean` is below `limit`.
fn poisson_below(limit: u32, mean: f64) -> f64 {
    if mean <= 0.0 {
        return 1.0;
    }
    // Chernoff's bound is below 1e-17 here, and `limit` may be large.
    let apart = mean - f64::from(limit);
    if apart > 0.0 && apart * apart > 80.0 * mean {
        return 0.0;
    }
    let (log, mut term, mut sum) = (libm::log(mean), -mean, 0.0);
    for count in 0..limit {
        sum += libm::exp(term);
        term += log - libm::log(f64::from(count) + 1.0);
    }
    sum.min(1.0)
}

/// The utility of an application by its number of nodes: entry n of the list, the last one
/// standing for all larger n.
///
/// `rate` is its demand; at most `nodes` nodes are looked at.
pub fn utilities(
    application: &Application,
    capacity: f64,
    rate: f64,
    reach: &Reach,
    nodes: u32,
) -> Vec<f64> {
    let utility = |served: f64| application.sla.utility(rate, served);
    let mut table = vec![utility(0.0)];
    if rate <= 0.0 {
        return table;
    }
    for [lost, in_time] in shares(application, capacity, rate, reach, nodes) {
        table.push(utility(rate * (1.0 - lost) * in_time));
        if lost < LOSS_MIN && in_time >= NEAR_ENOUGH * reach.best() {
            break;
        }
    }
    table
}

/// How many of at most `nodes` nodes an application needs to serve the share of its requests in time that is promised;
/// all, if they do not suffice.
pub fn needed(
    application: &Application,
    capacity: f64,
    rate: f64,
    reach: &Reach,
    nodes: u32,
) -> u32 {
    if rate <= 0.0 {
        return 0;
    }
    let promised = application.sla.availability.0;
    let mut all = shares(application, capacity, rate, reach, nodes);
    let enough = all.position(|[lost, in_time]| (1.0 - lost) * in_time >= promised);
    enough.map_or(nodes, |before| before as u32 + 1)
}

/// With 1, 2, … up to `nodes` nodes: the share of the requests that is turned away, and the share of the others that is
/// answered in time.
fn shares(
    application: &Application,
    capacity: f64,
    rate: f64,
    reach: &Reach,
    nodes: u32,
) -> impl Iterator<Item = [f64; 2]> {
    let load = rate * application.work.0 / capacity;
    let room = application.room(capacity);
    let mut erlang = 1.0;
    (1..=nodes).map(move |n| {
        let ratio = load / f64::from(n);
        erlang = ratio * erlang / (1.0 + ratio * erlang);
        let lost = lost(erlang, ratio, f64::from(n) * f64::from(room - 1));
        [lost, reach.in_time(n.into(), load * (1.0 - lost))]
    })
}

/// The share of requests that an M/M/n queue with `waiting` places turns away, from Erlang's loss
/// for n servers and the load of each, `ratio`.
fn lost(erlang: f64, ratio: f64, waiting: f64) -> f64 {
    // Weights of the states beyond n, relative to that of state n: ratio, ratio², … ratio^waiting.
    if ratio < 1.0 {
        let last = libm::pow(ratio, waiting);
        let beyond = ratio * (1.0 - last) / (1.0 - ratio);
        erlang * last / (1.0 + erlang * beyond)
    } else {
        // The sum, divided by ratio^waiting, which may overflow.
        let first = libm::pow(1.0 / ratio, waiting);
        let beyond = if ratio > 1.0 {
            (1.0 - first) / (1.0 - 1.0 / ratio)
        } else {
            waiting
        };
        erlang / (first + erlang * beyond)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "exact by construction")]

    use serde_json::{Value, json};

    use super::*;
    use crate::parameters::decode;
    use crate::parameters::number::{DurationMs, NonNegative, Positive};

    fn application(utility: &Value, latency_s: u64) -> Application {
        let sla = json!({"utility": utility, "latency_ms": latency_s * 1000});
        decode(&json!({ "sla": sla }), "").unwrap()
    }

    /// The share turned away, from the stationary distribution itself.
    fn by_states(n: u32, places: u32, load: f64) -> f64 {
        let mut weights = vec![1.0];
        for state in 1..=n + places {
            let before = weights[weights.len() - 1];
            weights.push(before * load / f64::from(state.min(n)));
        }
        weights[weights.len() - 1] / weights.iter().sum::<f64>()
    }

    #[test]
    fn the_loss_is_that_of_the_stationary_distribution() {
        for load in [0.1, 1.0, 3.0, 4.0, 9.7, 60.0] {
            let mut erlang = 1.0;
            for n in 1..=12 {
                let ratio = load / f64::from(n);
                erlang = ratio * erlang / (1.0 + ratio * erlang);
                for places in [0, 1, 5, 40] {
                    let exact = by_states(n, places, load);
                    let lost = lost(erlang, ratio, f64::from(places));
                    assert!(
                        (lost - exact).abs() < 1e-12,
                        "{load} {n} {places}: {lost} {exact}"
                    );
                }
            }
        }
    }

    #[test]
    fn worth_is_straight_between_points_and_constant_beyond() {
        let sla = application(&json!([[10, 5], [20, 25], [30, 20]]), 1).sla;
        for (served, worth) in [
            (0.0, 5.0),
            (10.0, 5.0),
            (15.0, 15.0),
            (25.0, 22.5),
            (99.0, 20.0),
        ] {
            assert_eq!(sla.utility(served, served), worth);
        }
        let sla = Sla {
            penalty: NonNegative(2.0),
            weight: Positive(3.0),
            utility: Vec::new(),
            ..sla
        };
        assert_eq!(sla.utility(10.0, 8.0), 3.0 * 8.0 - 2.0 * 2.0);
    }

    #[test]
    fn more_nodes_never_serve_less_and_gain_hardly_more_each_time() {
        for (load, latency_s) in [(0.3, 1), (5.0, 2), (17.5, 4), (80.0, 20), (80.0, 1)] {
            let table = utilities(
                &application(&json!([]), latency_s),
                1.0,
                load,
                &Reach::even(1.0),
                500,
            );
            assert_eq!(table[0], 0.0);
            let last = table[table.len() - 1];
            assert!(
                (last - load).abs() < 1e-6 && table.len() < 500,
                "{last} of {load}"
            );
            let gains: Vec<f64> = table.windows(2).map(|pair| pair[1] - pair[0]).collect();
            assert!(gains.iter().all(|gain| *gain >= -1e-12));
            // An overloaded node alone turns away a little more than together with others.
            let rises = gains.windows(2).filter(|pair| pair[1] > pair[0] + 1e-9);
            let rises: Vec<f64> = rises.map(|pair| pair[1] / pair[0]).collect();
            assert!(
                rises.len() <= 2 && rises.iter().all(|rise| *rise < 1.01),
                "{load}: {rises:?} {gains:?}"
            );
        }
        let none = utilities(
            &application(&json!([]), 1),
            1.0,
            0.0,
            &Reach::even(1.0),
            500,
        );
        assert_eq!(none, [0.0], "no demand, no utility");
    }

    #[test]
    fn the_share_in_time_follows_from_the_latency_that_is_left() {
        let application = application(&json!([]), 8);
        assert_eq!(application.room(1.0), 4);
        let tenths = Application {
            work: Positive(0.1),
            ..application.clone()
        };
        for tenth in 1..500 {
            let sla = &tenths.sla;
            let latency_ms = DurationMs(tenth as f64 * 200.0);
            let sla = Sla {
                latency_ms,
                ..sla.clone()
            };
            let exact = Application {
                sla,
                ..tenths.clone()
            };
            assert_eq!(
                u64::from(exact.room(1.0)),
                tenth,
                "half of {tenth} fifths of a second"
            );
        }
        // Gamma(4) below 8 services, by its distribution function.
        let exact = 1.0 - (1.0 + 8.0 + 32.0 + 512.0 / 6.0) * libm::exp(-8.0);
        let in_time = application.in_time(1.0, Span::ZERO);
        assert!((in_time - exact).abs() < 1e-12, "{in_time}");
        assert_eq!(application.in_time(1.0, Span::from_s(9)), 0.0);
        let even = Application {
            service: Service::Deterministic,
            ..application
        };
        assert_eq!(even.in_time(1.0, Span::from_s(4)), 1.0);
        assert_eq!(even.in_time(1.0, Span::from_s(5)), 0.0);
    }

    #[test]
    fn a_shortcut_does_not_change_a_chance() {
        for (limit, mean) in [(10, 61.0), (10, 125.0), (500, 1000.0), (2000, 2600.0)] {
            let (log, mut term, mut sum) = (libm::log(mean), -mean, 0.0);
            for count in 0..limit {
                sum += libm::exp(term);
                term += log - libm::log(f64::from(count) + 1.0);
            }
            let found = poisson_below(limit, mean);
            assert!((found - sum).abs() < 1e-15, "{limit} {mean}: {found} {sum}");
        }
    }
}
