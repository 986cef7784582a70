//! How many requests an application's clients send, by region and time.
//!
//! This module does *not* know who draws requests from a rate, nor where trace files lie.

use std::f64::consts::TAU;

use super::config::{Application, REQUESTS_MAX, Shape};
use crate::error::{Error, Result};
use crate::time::Time;

/// The first line of a trace file.
pub const TRACE_COLUMNS: [&str; 3] = ["time_s", "region", "rate_per_s"];

/// What a trace file says: rates that hold until the next one of their region.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// (time in s, rate), ascending in time, by region.
    rates: Vec<Vec<(f64, f64)>>,
    /// The last time in the file, in s.
    end_s: f64,
}

impl Trace {
    /// Regions are numbered below this.
    const REGIONS_MAX: usize = 100_000;

    /// Reads the `text` of a trace file: `time_s,region,rate_per_s`, times ascending.
    ///
    /// # Errors
    /// If a line is no such row, or goes back in time.
    pub fn parse(text: &str) -> Result<Self> {
        let mut lines = (1_usize..).zip(text.lines());
        let head = lines.next().map_or("", |(_, head)| head.trim());
        if head != TRACE_COLUMNS.join(",") {
            return Err(Error::new(format!(
                "a demand trace begins with the line {}",
                TRACE_COLUMNS.join(",")
            ))
            .at(1));
        }
        let mut trace = Self {
            rates: Vec::new(),
            end_s: 0.0,
        };
        for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            trace.add(line).map_err(|error| error.at(number))?;
        }
        if trace.rates.is_empty() {
            return Err(Error::new("the demand trace has no rows"));
        }
        Ok(trace)
    }

    fn add(&mut self, line: &str) -> Result<()> {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let [time, region, rate] = cells[..] else {
            let what = format!(
                "expected {}, found {} cells",
                TRACE_COLUMNS.join(","),
                cells.len()
            );
            return Err(Error::new(what));
        };
        let number = |name: &str, text: &str| {
            let number = text
                .parse()
                .ok()
                .filter(|number| (0.0..=1e9).contains(number));
            number
                .ok_or_else(|| Error::new(format!("`{name}` is not a number from 0 to 1000000000")))
        };
        let (time, rate): (f64, f64) = (number("time_s", time)?, number("rate_per_s", rate)?);
        let region = region
            .parse()
            .ok()
            .filter(|region| *region < Self::REGIONS_MAX);
        let region = region.ok_or_else(|| Error::new("`region` is not the number of a region"))?;
        if time < self.end_s {
            let what = format!("the time {time} s comes after {} s", self.end_s);
            return Err(Error::new(what).help("sort the rows by time"));
        }
        if self.rates.len() <= region {
            self.rates.resize(region + 1, Vec::new());
        }
        let rates = &mut self.rates[region];
        if rates.last().is_some_and(|(last, _)| *last >= time) {
            return Err(Error::new(format!(
                "region {region} has two rates at {time} s"
            )));
        }
        rates.push((time, rate));
        self.end_s = time;
        Ok(())
    }

    /// Whether it tells all `regions` of a run of `duration_s`.
    ///
    /// # Errors
    /// If it names another region, ends before the run, or tells of too many requests.
    pub fn check(&self, regions: u32, duration_s: f64) -> Result<()> {
        if self.rates.len() > regions as usize {
            let region = self.rates.len() - 1;
            let what = format!("the demand trace names region {region}, but there are {regions}");
            return Err(Error::new(what).help(format!("regions are numbered 0 to {}", regions - 1)));
        }
        if self.end_s < duration_s {
            let what = format!(
                "the demand trace ends at {} s, before the run, which lasts {duration_s} s",
                self.end_s
            );
            return Err(Error::new(what).help("add rows, or lower `duration_s`"));
        }
        let rates = self.rates.iter().flatten();
        let most = rates.fold(0.0, |most, (_, rate)| rate.max(most));
        if most * duration_s > REQUESTS_MAX {
            let what = format!(
                "up to {most} requests a second for {duration_s} s are more than the \
                 {REQUESTS_MAX} that can be simulated"
            );
            return Err(Error::new(what).help("lower the rates"));
        }
        Ok(())
    }
}

/// The rate of one application's requests from one region, over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Course {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    /// mean, amplitude, period in s, phase as a share of it.
    Sine(f64, f64, f64, f64),
    /// Straight between these (time in s, rate), constant beyond them.
    Line(Vec<(f64, f64)>),
    /// Each rate from its time in s to the next one's; nothing before the first.
    Steps(Vec<(f64, f64)>),
}

impl Course {
    /// The courses of `application` in each of the `regions` regions.
    pub fn of(application: &Application, regions: u32) -> Vec<Self> {
        let mut courses = vec![Self::default(); regions as usize];
        for demand in &application.demand {
            let all: Vec<u32> = (0..regions).collect();
            let share = demand.regions.as_ref().unwrap_or(&all);
            for &region in share {
                let part = Part::of(&demand.shape, demand.shift_s, region, share.len() as f64);
                courses[region as usize].parts.extend(part);
            }
        }
        courses
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

impl Part {
    /// The part of a `shape` that falls to `region`, one of `share` regions.
    fn of(shape: &Shape, shift_s: f64, region: u32, share: f64) -> Option<Self> {
        match shape {
            Shape::Constant { rate } => Some(Self::Line(vec![(0.0, rate / share)])),
            Shape::Diurnal {
                mean,
                amplitude,
                period_s,
                phase,
                phase_step,
            } => {
                let phase = phase + f64::from(region) * phase_step + shift_s / period_s;
                Some(Self::Sine(mean / share, *amplitude, *period_s, phase))
            }
            Shape::Flash {
                base,
                peak,
                start_s,
                lasts_s: [rise, hold, fall],
            } => {
                let (base, peak, start) = (base / share, peak / share, start_s + shift_s);
                let top = start + rise;
                Some(Self::Line(vec![
                    (start, base),
                    (top, peak),
                    (top + hold, peak),
                    (top + hold + fall, base),
                ]))
            }
            Shape::Trace { trace, .. } => {
                let rates = trace.as_ref()?.rates.get(region as usize)?;
                Some(Self::Steps(rates.clone()))
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
                let inside = points.iter().filter(|(time, _)| (from..=to).contains(time));
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
    use crate::opus::allocation::config::{Demand, Service, Sla};
    use crate::time::Span;
    use std::sync::Arc;

    fn courses(shapes: Vec<Shape>, regions: u32) -> Vec<Course> {
        let demand = |shape| Demand {
            pointer: String::new(),
            shape,
            regions: None,
            shift_s: 0.0,
        };
        let application = Application {
            demand: shapes.into_iter().map(demand).collect(),
            work: 1.0,
            service: Service::Exponential,
            sla: Sla {
                latency: Span::from_s(1),
                points: Vec::new(),
                weight: 1.0,
                penalty: 0.0,
                availability: 0.9,
            },
            moving: Span::ZERO,
            overlay: None,
        };
        Course::of(&application, regions)
    }

    fn shapes() -> Vec<Shape> {
        let text = "time_s,region,rate_per_s\n0,0,4\n30,0,9\n30,1,2\n70,0,1\n90,1,5\n200,0,0\n";
        vec![
            Shape::Constant { rate: 6.0 },
            Shape::Diurnal {
                mean: 10.0,
                amplitude: 0.8,
                period_s: 60.0,
                phase: 0.2,
                phase_step: 0.25,
            },
            Shape::Flash {
                base: 2.0,
                peak: 40.0,
                start_s: 20.0,
                lasts_s: [10.0, 30.0, 0.0],
            },
            Shape::Trace {
                file: "x".into(),
                trace: Some(Arc::new(Trace::parse(text).unwrap())),
            },
        ]
    }

    #[test]
    fn bounds_hold_and_means_are_those_of_the_rates() {
        let at = |s: f64| Time::from_ns((s * 1e9) as u64);
        for shape in shapes() {
            for course in courses(vec![shape.clone()], 2) {
                for from in [0.0, 7.0, 19.0, 25.5, 55.0, 95.0] {
                    let to = from + 17.0;
                    let rates: Vec<f64> = (0..17_000)
                        .map(|ms| course.rate(at(from + (f64::from(ms) + 0.5) / 1e3)))
                        .collect();
                    let bound = course.bound(at(from), at(to));
                    assert!(rates.iter().all(|rate| *rate <= bound + 1e-9), "{shape:?}");
                    let mean = rates.iter().sum::<f64>() / rates.len() as f64;
                    let exact = course.mean(at(from), at(to));
                    assert!(
                        (mean - exact).abs() < 0.01,
                        "{shape:?} at {from}: {mean} {exact}"
                    );
                }
            }
        }
    }

    #[test]
    fn parts_add_up_and_a_total_is_shared_by_the_regions() {
        let one: f64 = courses(shapes(), 1)[0].rate(Time::from_ns(25_000_000_000));
        let constant = courses(vec![Shape::Constant { rate: 6.0 }], 3);
        assert_eq!(constant[2].rate(Time::ZERO), 2.0);
        let swing = 10.0 * (1.0 + 0.8 * libm::sin(TAU * (25.0 / 60.0 - 0.2)));
        assert!((one - (6.0 + swing + 21.0 + 4.0)).abs() < 1e-9, "{one}");
    }

    #[test]
    fn bad_traces_are_told_by_line() {
        let trace = |rows: &str| Trace::parse(&format!("time_s,region,rate_per_s\n{rows}"));
        for (rows, word) in [
            ("0,0,1\n5,0,1\n4,0,1\n", "4 s comes after 5 s"),
            ("0,0\n", "2 cells"),
            ("0,0,-1\n", "`rate_per_s`"),
            ("0,0,NaN\n", "`rate_per_s`"),
            ("x,0,1\n", "`time_s`"),
            ("0,1.5,1\n", "`region`"),
            ("0,4294967296,1\n", "`region`"),
            ("0,0,1\n0,0,2\n", "two rates"),
            ("", "no rows"),
        ] {
            let error = trace(rows).unwrap_err().to_string();
            assert!(error.contains(word), "{rows}: {error}");
        }
        assert!(
            Trace::parse("")
                .unwrap_err()
                .to_string()
                .contains("begins with")
        );
        let short = trace("0,0,1\n50,2,1\n").unwrap();
        assert!(short.check(3, 50.0).is_ok());
        assert!(
            short
                .check(2, 50.0)
                .unwrap_err()
                .to_string()
                .contains("region 2")
        );
        assert!(
            short
                .check(3, 51.0)
                .unwrap_err()
                .to_string()
                .contains("ends at 50 s")
        );
    }
}
