//! When the clients of a population issue requests: a Poisson process whose rate follows the demand.
//!
//! Think of points strewn evenly over a plane of time and rate, one to each request of it: the
//! process are the points below the curve of the demand (thinning; Lewis, Shedler: *Simulation of
//! nonhomogeneous Poisson processes by thinning*, 1979). The points of each second are drawn from
//! the lowest on, up to a rate that the demand does not exceed in that second. No point depends on the demand,
//! so requests before an instant do not depend on the demand after it, and more demand only adds
//! requests. This module does *not* know what becomes of requests, nor how long clients issue them.

use super::demand::DemandCurve;
use crate::opus::stream;
use crate::random::{RandomStreams, unit_from_bits};
use crate::time::{Span, Time};

/// The span for which points are drawn at a time, unless the run is shorter.
const SECOND: Span = Span::from_s(1);

/// The requests of a population, in order of time.
#[derive(Debug)]
pub(super) struct Arrivals {
    /// How long a cell of time is.
    length: Span,
    /// How many cells have been drawn.
    drawn: u64,
    /// The requests left of the last of them, in ns from its beginning, the earliest at the end.
    left: Vec<u32>,
}

impl Arrivals {
    /// Those of a run in which requests are issued until `end`.
    pub(super) fn new(end: Time) -> Self {
        Self {
            length: SECOND.min(end - Time::ZERO),
            drawn: 0,
            left: Vec::new(),
        }
    }

    /// The next request before `end` of a region's clients of an application, if there is one.
    pub(super) fn next(
        &mut self,
        curve: &DemandCurve,
        streams: RandomStreams,
        clients: (u16, u32),
        end: Time,
    ) -> Option<Time> {
        loop {
            if let Some(after) = self.left.pop() {
                return Some(self.begins(self.drawn - 1) + Span::from_ns(after.into()));
            }
            let from = self.begins(self.drawn);
            if from >= end {
                return None;
            }
            self.draw(
                curve,
                streams,
                clients,
                [from, (from + self.length).min(end)],
            );
        }
    }

    fn begins(&self, cell: u64) -> Time {
        Time::from_ns(cell * self.length.as_ns())
    }

    /// Draws the requests of the next cell, which begins at `from`, up to `to`.
    fn draw(
        &mut self,
        curve: &DemandCurve,
        streams: RandomStreams,
        (application, region): (u16, u32),
        [from, to]: [Time; 2],
    ) {
        let ns = self.length.as_ns() as f64;
        let bound = curve.bound(from, to) * (ns / 1e9);
        // A run has fewer than 2²⁴ seconds, a graph fewer regions.
        let entity = self.drawn << 40 | u64::from(application) << 24 | u64::from(region);
        let mut height = 0.0;
        for point in 0.. {
            let [gap, after] = streams.pair(stream::ARRIVAL, entity, point);
            height -= libm::log(1.0 - unit_from_bits(gap));
            if height > bound {
                break;
            }
            let after = (unit_from_bits(after) * ns) as u32;
            let at = from + Span::from_ns(after.into());
            if at < to && height < curve.rate(at) * (ns / 1e9) {
                self.left.push(after);
            }
        }
        self.left.sort_unstable_by(|a, b| b.cmp(a));
        self.drawn += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    use crate::opus::allocation::config::{Application, Demand};
    use crate::parameters::decode;

    fn curve(demand: Vec<Demand>) -> DemandCurve {
        let application = Application {
            demand,
            ..Application::default()
        };
        DemandCurve::of(&application, 0.0, 1).remove(0)
    }

    fn all(curve: &DemandCurve, end_s: u64, seed: u64) -> Vec<Time> {
        let end = Time::ZERO + Span::from_s(end_s);
        let mut arrivals = Arrivals::new(end);
        let streams = RandomStreams::new(seed, 0);
        std::iter::from_fn(|| arrivals.next(curve, streams, (3, 1), end)).collect()
    }

    fn crowd() -> Demand {
        let flash = json!({
            "peak_per_s": 40, "start_s": 400.25, "rise_s": 0.5, "hold_s": 100, "fall_s": 0,
        });
        decode(&json!({ "flash": flash }), "").unwrap()
    }

    #[test]
    fn counts_and_gaps_are_those_of_a_poisson_process() {
        let times = all(&curve(vec![Demand::constant(7.0)]), 20_000, 1);
        assert!(times.is_sorted());
        let counts = |width: u64| {
            let mut counts = vec![0.0; (20_000 / width) as usize];
            for at in &times {
                counts[(at.as_ns() / (width * 1_000_000_000)) as usize] += 1.0;
            }
            let mean = counts.iter().sum::<f64>() / counts.len() as f64;
            let spread = counts.iter().map(|count| (count - mean) * (count - mean));
            [mean, spread.sum::<f64>() / counts.len() as f64]
        };
        for width in [1, 10] {
            let [mean, variance] = counts(width).map(|number| number / (7.0 * width as f64));
            assert!(
                (mean - 1.0).abs() < 0.01 && (variance - 1.0).abs() < 0.08,
                "{mean} {variance}"
            );
        }
        // A gap is exponential: its mean is its deviation, the median is ln 2 of it.
        let mut gaps: Vec<u64> = times
            .windows(2)
            .map(|pair| (pair[1] - pair[0]).as_ns())
            .collect();
        gaps.sort_unstable();
        let median = gaps[gaps.len() / 2] as f64 / 1e9 * 7.0;
        assert!((median - std::f64::consts::LN_2).abs() < 0.01, "{median}");
    }

    #[test]
    fn requests_before_an_instant_do_not_depend_on_the_demand_after_it_and_more_demand_only_adds() {
        let swing = json!({"mean_per_s": 5, "amplitude": 0.9, "period_s": 300, "phase": 0.1});
        let swing: Demand = decode(&json!({ "diurnal": swing }), "").unwrap();
        for seed in 0..20 {
            let without = all(&curve(vec![swing.clone()]), 600, seed);
            let with = all(&curve(vec![swing.clone(), crowd()]), 900, seed);
            let starts = Time::from_ns(400_250_000_000);
            let before = |times: &[Time]| times.partition_point(|at| *at < starts);
            assert_eq!(without[..before(&without)], with[..before(&with)]);
            assert!(without.iter().all(|at| with.binary_search(at).is_ok()));
            assert!(with.len() > without.len() + 3000);
        }
    }

    #[test]
    fn a_run_shorter_than_a_second_has_its_requests() {
        let curve = curve(vec![Demand::constant(1e6)]);
        let end = Time::from_ns(2_500_000);
        let mut arrivals = Arrivals::new(end);
        let streams = RandomStreams::new(4, 0);
        let times: Vec<Time> =
            std::iter::from_fn(|| arrivals.next(&curve, streams, (0, 0), end)).collect();
        assert!((2300..2700).contains(&times.len()), "{}", times.len());
        assert!(times.iter().all(|at| *at < end));
    }
}
