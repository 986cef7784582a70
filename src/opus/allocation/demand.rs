//! How many requests an application's clients send, by region and time.
//!
//! This module does *not* know who draws requests from a rate, nor how trace files are read.

use std::f64::consts::TAU;

use super::config::{Application, Demand};
pub use super::trace::Trace;
use crate::opus::number::Region;
use crate::time::Time;

/// The rate of one application's requests from one region, over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DemandCurve {
    parts: Vec<DemandPart>,
}

#[derive(Debug, Clone, PartialEq)]
enum DemandPart {
    /// mean, amplitude, period in s, phase as a share of it.
    Sine(f64, f64, f64, f64),
    /// Straight between these (time in s, rate), constant beyond them.
    Line(Vec<(f64, f64)>),
    /// Each rate from its time in s to the next one's; nothing before the first.
    Steps(Vec<(f64, f64)>),
}

impl DemandCurve {
    /// The courses of `application` in each of the `regions` regions, where what changes does so
    /// `shift_s` later than told.
    pub fn of(application: &Application, shift_s: f64, regions: u32) -> Vec<Self> {
        let mut curves = vec![Self::default(); regions as usize];
        for demand in &application.demand {
            let all: Vec<Region> = (0..regions).map(Region).collect();
            let share = demand.regions().unwrap_or(&all);
            for &Region(region) in share {
                let part = DemandPart::of(demand, shift_s, region, share.len() as f64);
                curves[region as usize].parts.extend(part);
            }
        }
        curves
    }

    /// The rate at `time`, in requests a second.
    pub fn rate(&self, time: Time) -> f64 {
        let at = seconds(time);
        self.parts.iter().map(|part| part.rate(at)).sum()
    }

    /// A rate that is not exceeded from `from` to `to`.
    pub fn bound(&self, from: Time, to: Time) -> f64 {
        let [from, to] = [from, to].map(seconds);
        self.parts.iter().map(|part| part.bound(from, to)).sum()
    }

    /// The mean rate from `from` to `to`, which is later.
    pub fn mean(&self, from: Time, to: Time) -> f64 {
        let [from, to] = [from, to].map(seconds);
        let integral: f64 = self.parts.iter().map(|part| part.integral(from, to)).sum();
        integral / (to - from)
    }
}

fn seconds(time: Time) -> f64 {
    time.as_ns() as f64 / 1e9
}

impl DemandPart {
    /// The part of a `demand` that falls to `region`, one of `share` regions.
    fn of(demand: &Demand, shift_s: f64, region: u32, share: f64) -> Option<Self> {
        match demand {
            Demand::Constant(constant) => {
                Some(Self::Line(vec![(0.0, constant.rate_per_s.0 / share)]))
            }
            Demand::Diurnal(diurnal) => {
                let period_s = diurnal.period_s.0;
                let steps = f64::from(region) * diurnal.phase_step.0;
                let phase = diurnal.phase.0 + steps + shift_s / period_s;
                let (mean, amplitude) = (diurnal.mean_per_s.0 / share, diurnal.amplitude.0);
                Some(Self::Sine(mean, amplitude, period_s, phase))
            }
            Demand::Flash(flash) => {
                let [base, peak] = [flash.base_per_s, flash.peak_per_s].map(|rate| rate.0 / share);
                let start = flash.start_s.0 + shift_s;
                let top = start + flash.rise_s.0;
                let falls = top + flash.hold_s.0;
                let end = falls + flash.fall_s.0;
                Some(Self::Line(vec![
                    (start, base),
                    (top, peak),
                    (falls, peak),
                    (end, base),
                ]))
            }
            Demand::Trace(trace) => {
                let rates = trace.rates.as_ref()?.rates(region)?;
                Some(Self::Steps(rates.to_vec()))
            }
        }
    }

    fn rate(&self, at: f64) -> f64 {
        match self {
            Self::Sine(mean, amplitude, period, phase) => {
                mean * (1.0 + amplitude * libm::sin(TAU * (at / period - phase)))
            }
            Self::Line(points) => {
                let next = points.partition_point(|(time, _)| *time <= at);
                let [before, after] = [next.saturating_sub(1), next.min(points.len() - 1)];
                let ((t0, r0), (t1, r1)) = (points[before], points[after]);
                if t1 > t0 {
                    r0 + (r1 - r0) * (at - t0) / (t1 - t0)
                } else {
                    r0
                }
            }
            Self::Steps(steps) => {
                let next = steps.partition_point(|(time, _)| *time <= at);
                next.checked_sub(1).map_or(0.0, |last| steps[last].1)
            }
        }
    }

    fn bound(&self, from: f64, to: f64) -> f64 {
        let ends = || self.rate(from).max(self.rate(to));
        match self {
            Self::Sine(mean, amplitude, ..) => mean * (1.0 + amplitude),
            Self::Line(points) | Self::Steps(points) => {
                let first = points.partition_point(|(time, _)| *time < from);
                let inside = points[first..].iter().take_while(|(time, _)| *time <= to);
                inside.map(|(_, rate)| *rate).fold(ends(), f64::max)
            }
        }
    }

    fn integral(&self, from: f64, to: f64) -> f64 {
        match self {
            Self::Sine(mean, amplitude, period, phase) => {
                let angle = |at: f64| TAU * (at / period - phase);
                let swing = (libm::cos(angle(from)) - libm::cos(angle(to))) * period / TAU;
                mean * ((to - from) + amplitude * swing)
            }
            // Straight between the cuts, so the rate in the middle is the mean.
            Self::Line(points) | Self::Steps(points) => pieces(points, from, to)
                .map(|(a, b)| self.rate(f64::midpoint(a, b)) * (b - a))
                .sum(),
        }
    }
}

/// The interval from `from` to `to`, cut at the points.
fn pieces(points: &[(f64, f64)], from: f64, to: f64) -> impl Iterator<Item = (f64, f64)> {
    let inside = points.iter().map(|(time, _)| *time);
    let mut cuts: Vec<f64> = inside.filter(|time| *time > from && *time < to).collect();
    cuts.insert(0, from);
    cuts.push(to);
    (1..cuts.len()).map(move |i| (cuts[i - 1], cuts[i]))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "exact by construction")]

    use super::*;
    use std::sync::Arc;

    use serde_json::json;

    use super::super::config;
    use crate::parameters::decode;

    fn curves(demand: Vec<Demand>, regions: u32) -> Vec<DemandCurve> {
        let application = Application {
            demand,
            ..Application::default()
        };
        DemandCurve::of(&application, 0.0, regions)
    }

    fn demands() -> Vec<Demand> {
        let text = "time_s,region,rate_per_s
0,0,4
30,0,9
30,1,2
70,0,1
90,1,5
200,0,0
";
        let told = json!([
            {"constant": {"rate_per_s": 6}},
            {"diurnal": {"mean_per_s": 10, "amplitude": 0.8, "period_s": 60, "phase": 0.2,
                         "phase_step": 0.25}},
            {"flash": {"base_per_s": 2, "peak_per_s": 40, "start_s": 20, "rise_s": 10, "hold_s": 30,
                       "fall_s": 0}},
        ]);
        let mut demands: Vec<Demand> = decode(&told, "").unwrap();
        demands.push(Demand::Trace(config::Trace {
            file: "x".into(),
            rates: Some(Arc::new(Trace::parse(text).unwrap())),
        }));
        demands
    }

    #[test]
    fn bounds_hold_and_means_are_those_of_the_rates() {
        let at = |s: f64| Time::from_ns((s * 1e9) as u64);
        for demand in demands() {
            let curves = curves(vec![demand.clone()], 2);
            assert_eq!(curves.len(), 2);
            for curve in curves {
                for from in [0.0, 7.0, 19.0, 25.5, 55.0, 95.0] {
                    let to = from + 17.0;
                    let rates: Vec<f64> = (0..17_000)
                        .map(|ms| curve.rate(at(from + (f64::from(ms) + 0.5) / 1e3)))
                        .collect();
                    let bound = curve.bound(at(from), at(to));
                    assert!(rates.iter().all(|rate| *rate <= bound + 1e-9), "{demand:?}");
                    let mean = rates.iter().sum::<f64>() / rates.len() as f64;
                    let exact = curve.mean(at(from), at(to));
                    assert!(
                        (mean - exact).abs() < 0.01,
                        "{demand:?} at {from}: {mean} {exact}"
                    );
                }
            }
        }
    }

    #[test]
    fn parts_add_up_and_a_total_is_shared_by_the_regions() {
        let one: f64 = curves(demands(), 1)[0].rate(Time::from_ns(25_000_000_000));
        let constant = curves(vec![Demand::constant(6.0)], 3);
        assert_eq!(constant[2].rate(Time::ZERO), 2.0);
        let swing = 10.0 * (1.0 + 0.8 * libm::sin(TAU * (25.0 / 60.0 - 0.2)));
        assert!((one - (6.0 + swing + 21.0 + 4.0)).abs() < 1e-9, "{one}");
    }
}
