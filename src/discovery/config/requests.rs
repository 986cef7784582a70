//! The workload: how many requests there are, when they are issued, and what each one wants.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know who issues a request.

use super::conjunction::{self, PartOfRequest};
use crate::parameters::json::describe;
use crate::parameters::law::LawSpec;
use crate::parameters::number::{Count, DurationMs, DurationS, Positive};
use crate::parameters::{Problem, WORKLOAD_S_MAX, members};
use crate::random::{RandomStreams, StreamId, law};
use crate::time::Span;

members! {
    /// The workload: the requests of the GCUs.
    pub struct Requests {
        /// How many requests there are; with `for_s` at most so many, and null: any number.
        pub count: Option<Count> = Some(Count(50_000)), unless for_s;
        /// Their mean rate per second, of a Poisson process.
        pub rate_per_s: Option<Positive> = Some(Positive(100.0)), unless interarrival;
        /// The time between two requests, instead of `rate_per_s`.
        pub interarrival: Option<LawSpec> = None;
        /// Requests are issued for this many seconds, from the beginning of the request phase; null: until
        /// there are `count`.
        pub for_s: Option<DurationS> = None;
        /// The number of instances that each request asks for; it may exceed what there is.
        pub instances: Option<Count> = Some(Count(1)), unless all;
        /// A request is accepted if at least so many instances are found; null: all of them.
        pub at_least: Option<Count> = None;
        /// The parts that every request asks for, all at once, instead of `instances` of a service that is drawn:
        /// it is accepted if every part is.
        pub all: Option<Vec<PartOfRequest>> = None;
        /// Whether one GCU must serve all parts of a request with all their instances.
        pub same: bool = false;
        /// Whether each instance (of a part) comes from another GCU; else one GCU may give as many as
        /// `services.instances`.
        pub distinct: bool = true;
        /// The deadline of a request, from its issue, in milliseconds.
        pub deadline_ms: DurationMs = DurationMs(600_000.0);
        /// How long a GCU serves a request, in milliseconds.
        pub service_time_ms: DurationMs = DurationMs(1000.0);
    }
}

/// When requests are issued, and how many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrivals {
    /// The time between two of them.
    pub gap: Gap,
    /// The maximum number of requests.
    pub count_max: u32,
    /// They are issued before this instant of the request phase; `None`: until there are as many.
    pub until: Option<Span>,
}

/// The time between two requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gap {
    /// Exponential: requests are a Poisson process of this rate.
    Poisson {
        /// How many there are in a second, on average.
        rate_per_s: f64,
    },
    /// Any other. It has a mean, unless requests are issued for a limited time only.
    Law(law::Law),
}

impl Gap {
    /// The mean, in s, of the law cut off at `most_s`, estimated from `samples` samples.
    fn mean_within(self, most_s: f64, samples: u32) -> f64 {
        let law = match self {
            Self::Poisson { rate_per_s } => return 1.0 / rate_per_s,
            Self::Law(law) => law,
        };
        // What is drawn here is part of no run: any stream does.
        let stream = &mut RandomStreams::new(0, 0).stream(StreamId(0), 0);
        let all = (0..samples).map(|_| law.sample(stream).min(most_s));
        all.sum::<f64>() / f64::from(samples)
    }
}

/// The number of samples with which an estimate is precise to a few per cent, unless the law is extreme.
const SAMPLES: u32 = 10_000;

impl Arrivals {
    /// About how many requests there are.
    pub fn expected(&self) -> f64 {
        self.estimated(SAMPLES)
    }

    /// About how many requests there are, estimated from `samples` samples.
    fn estimated(&self, samples: u32) -> f64 {
        let count = f64::from(self.count_max);
        let Some(until) = self.until else {
            return count;
        };
        // A law of few long gaps and many short ones has more of these in a limited time than its mean
        // says.
        let for_s = until.as_ns() as f64 / 1e9;
        (for_s / self.gap.mean_within(for_s, samples)).min(count)
    }

    /// About how many requests there are in a second.
    pub fn rate_per_s(&self) -> f64 {
        match (self.gap, self.until) {
            (Gap::Poisson { rate_per_s }, _) => rate_per_s,
            (Gap::Law(law), None) => 1.0 / law.mean_s(),
            (Gap::Law(_), Some(until)) => {
                1.0 / self.gap.mean_within(until.as_ns() as f64 / 1e9, SAMPLES)
            }
        }
    }
}

impl Requests {
    /// About how many there are, if they are valid.
    pub fn expected(&self) -> f64 {
        self.arrivals("")
            .map_or(0.0, |arrivals| arrivals.expected())
    }

    /// About how many queries they are.
    pub fn queries_expected(&self) -> f64 {
        self.expected() * f64::from(self.queries())
    }

    /// Whether the members fit each other; the object stands at `pointer`.
    pub(super) fn check(&self, pointer: &str) -> Result<(), Problem> {
        conjunction::check(self, pointer)?;
        let (at_least, instances) = (self.at_least, self.instances.unwrap_or(Count(1)));
        if self.all.is_none() {
            conjunction::check_at_least(at_least, instances, &format!("{pointer}/at_least"))?;
        }
        self.arrivals(pointer).map(drop)
    }

    /// When they are issued; the object stands at `pointer`.
    ///
    /// # Errors
    /// If that is said twice or not at all, or if it would take longer than can be simulated.
    pub fn arrivals(&self, pointer: &str) -> Result<Arrivals, Problem> {
        if self.count.is_none() && self.for_s.is_none() {
            let what = "neither `count` nor `for_s` is given, so requests would never end";
            return Err(Problem::new(pointer, what).help("write one of them"));
        }
        let gap = match (&self.interarrival, self.rate_per_s) {
            (Some(law), None) => {
                let place = format!("{pointer}/interarrival");
                let needed = "without `for_s` it is not known how long the requests take";
                Gap::Law(match self.for_s {
                    Some(_) => law.validate(&place)?,
                    None => law.validate_with_mean(&place, needed)?,
                })
            }
            (None, Some(Positive(rate_per_s))) => Gap::Poisson { rate_per_s },
            (_, rate) => {
                let members = ["rate_per_s", "interarrival"];
                return Err(super::not_one(pointer, members, rate.is_some()));
            }
        };
        let arrivals = Arrivals {
            gap,
            // Each query of each request has a number.
            count_max: self
                .count
                .map_or(u32::MAX / self.queries(), |count| count.0),
            until: self.for_s.map(DurationS::span),
        };
        self.check_length(&arrivals, pointer)?;
        Ok(arrivals)
    }

    fn check_length(&self, arrivals: &Arrivals, pointer: &str) -> Result<(), Problem> {
        let most = u32::MAX / self.queries();
        let Some(Count(count)) = self.count else {
            // Few samples tell that they are far fewer, and this is asked at each point of a sweep.
            let most_f64 = f64::from(most);
            if arrivals.estimated(100) < most_f64 / 1e3 || arrivals.expected() < most_f64 {
                return Ok(());
            }
            let what = format!("there would be more requests than can be numbered, {most}");
            let problem = Problem::new(pointer, what);
            return Err(problem.help("lower `for_s`, or issue fewer requests a second"));
        };
        if count > most {
            let what =
                format!("{count} requests of so many parts are more than can be numbered, {most}");
            let problem = Problem::new(format!("{pointer}/count"), what);
            return Err(problem.help("lower it, or leave out some parts"));
        }
        if self.for_s.is_some() {
            return Ok(());
        }
        let seconds = f64::from(count) / arrivals.rate_per_s();
        if seconds <= WORKLOAD_S_MAX {
            return Ok(());
        }
        let number = |number: f64| describe(&number.into());
        let (often, help) = match arrivals.gap {
            Gap::Poisson { rate_per_s } => (
                format!("{} a second", number(rate_per_s)),
                "lower `count` or raise `rate_per_s`",
            ),
            Gap::Law(law) => (
                format!("intervals of {} s on average", number(law.mean_s())),
                "lower `count` or shorten `interarrival`",
            ),
        };
        let what = format!(
            "{count} requests at {often} take {} s, \
             more than the {WORKLOAD_S_MAX} s that can be simulated",
            number(seconds.round())
        );
        Err(Problem::new(pointer, what).help(help))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;
    use crate::parameters::decode;

    #[test]
    fn a_default_holds_unless_something_else_is_in_its_place() {
        for (written, count, rate) in [
            (json!({}), Some(50_000), Some(100.0)),
            (
                json!({"count": null, "rate_per_s": null}),
                Some(50_000),
                Some(100.0),
            ),
            (json!({"for_s": 5}), None, Some(100.0)),
            (json!({"for_s": 5, "count": 7}), Some(7), Some(100.0)),
            (json!({"interarrival": 1}), Some(50_000), None),
        ] {
            let read: Requests = decode(&written, "").unwrap();
            assert_eq!(read.count.map(|count| count.0), count, "{written}");
            assert_eq!(read.rate_per_s.map(|rate| rate.0), rate, "{written}");
        }
    }

    #[test]
    fn an_interval_needs_a_mean_only_where_no_time_is_given() {
        let law = json!({"pareto": {"shape": 0.8, "scale_s": 0.1}});
        let arrivals = |mut members: serde_json::Value| {
            members["interarrival"] = law.clone();
            decode::<Requests>(&members, "/r")?.arrivals("/r")
        };
        for limited in [json!({"for_s": 50}), json!({"for_s": 50, "count": 7})] {
            let arrivals = arrivals(limited).unwrap();
            assert!(arrivals.expected().is_finite() && arrivals.rate_per_s() > 0.0);
        }
        let problem = arrivals(json!({"count": 7})).unwrap_err();
        assert_eq!(problem.pointer, "/r/interarrival");
        expect!["the mean of this distribution is infinite, so without `for_s` it is not known how long the requests take"].assert_eq(&problem.what);
    }
}
