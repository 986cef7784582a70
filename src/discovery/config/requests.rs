//! The workload: how many requests there are, when they are issued, and what each one wants.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know who issues a request.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::parameters::json::describe;
use crate::parameters::law::Law;
use crate::parameters::number::{Count, DurationMs, DurationS, Positive};
use crate::parameters::{Problem, WORKLOAD_S_MAX, present};
use crate::random::{RandomStreams, StreamId, law};
use crate::time::Span;

/// The workload: the requests of the GCUs.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(default, deny_unknown_fields)]
pub struct Requests {
    /// How many requests there are; with `for_s` at most so many, and null: any number.
    pub count: Option<Count>,
    /// Their mean rate per second, of a Poisson process; null if `interarrival` is given.
    pub rate_per_s: Option<Positive>,
    /// The time between two requests, instead of `rate_per_s`.
    pub interarrival: Option<Law>,
    /// Requests are issued for this many seconds, from the beginning of the request phase; null: until there
    /// are `count`.
    pub for_s: Option<DurationS>,
    /// The number of instances that each request asks for; it may exceed what there is.
    pub instances: Count,
    /// A request is accepted if at least so many instances are found; null: all of them.
    pub at_least: Option<Count>,
    /// Whether each instance comes from another GCU; else one GCU may give as many as `services.instances`.
    pub distinct: bool,
    /// The deadline of a request, from its issue, in milliseconds.
    pub deadline_ms: DurationMs,
    /// How long a GCU serves a request, in milliseconds.
    pub service_time_ms: DurationMs,
}

/// How many requests there are if nothing else is said.
const COUNT: Count = Count(50_000);
/// Their rate if nothing else is said.
const RATE_PER_S: Positive = Positive(100.0);

impl Default for Requests {
    fn default() -> Self {
        Self {
            count: Some(COUNT),
            rate_per_s: Some(RATE_PER_S),
            interarrival: None,
            for_s: None,
            instances: Count(1),
            at_least: None,
            distinct: true,
            deadline_ms: DurationMs(600_000.0),
            service_time_ms: DurationMs(1000.0),
        }
    }
}

/// The members as they are written: whether `count` and `rate_per_s` are left out is seen.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::option_option,
    reason = "left out, null and a value are three things"
)]
struct Written {
    #[serde(deserialize_with = "present")]
    count: Option<Option<Count>>,
    #[serde(deserialize_with = "present")]
    rate_per_s: Option<Option<Positive>>,
    interarrival: Option<Law>,
    for_s: Option<DurationS>,
    instances: Count,
    at_least: Option<Count>,
    distinct: bool,
    deadline_ms: DurationMs,
    service_time_ms: DurationMs,
}

impl Default for Written {
    fn default() -> Self {
        let Requests {
            count: _,
            rate_per_s: _,
            interarrival,
            for_s,
            instances,
            at_least,
            distinct,
            deadline_ms,
            service_time_ms,
        } = Requests::default();
        Self {
            count: None,
            rate_per_s: None,
            interarrival,
            for_s,
            instances,
            at_least,
            distinct,
            deadline_ms,
            service_time_ms,
        }
    }
}

impl<'de> Deserialize<'de> for Requests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written {
            count,
            rate_per_s,
            interarrival,
            for_s,
            instances,
            at_least,
            distinct,
            deadline_ms,
            service_time_ms,
        } = Written::deserialize(deserializer)?;
        Ok(Self {
            count: count.unwrap_or(for_s.is_none().then_some(COUNT)),
            rate_per_s: rate_per_s.unwrap_or(interarrival.is_none().then_some(RATE_PER_S)),
            interarrival,
            for_s,
            instances,
            at_least,
            distinct,
            deadline_ms,
            service_time_ms,
        })
    }
}

/// When requests are issued, and how many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrivals {
    /// The time between two of them.
    pub gap: Gap,
    /// There are at most so many.
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
    /// The mean of the part of it that is not beyond `most_s`, in s.
    fn mean_within(self, most_s: f64) -> f64 {
        /// With so many the estimate is precise to a few per cent, unless the law is extreme.
        const SAMPLES: u32 = 10_000;
        let law = match self {
            Self::Poisson { rate_per_s } => return 1.0 / rate_per_s,
            Self::Law(law) => law,
        };
        // What is drawn here is part of no run: any stream does.
        let stream = &mut RandomStreams::new(0, 0).stream(StreamId(0), 0);
        let samples = (0..SAMPLES).map(|_| law.sample(stream).min(most_s));
        samples.sum::<f64>() / f64::from(SAMPLES)
    }
}

impl Arrivals {
    /// About how many requests there are.
    pub fn expected(&self) -> f64 {
        let count = f64::from(self.count_max);
        let Some(until) = self.until else {
            return count;
        };
        // A law of few long gaps and many short ones has more of these in a limited time than its mean
        // says.
        let for_s = until.as_ns() as f64 / 1e9;
        (for_s / self.gap.mean_within(for_s)).min(count)
    }

    /// About how many requests there are in a second.
    pub fn rate_per_s(&self) -> f64 {
        match (self.gap, self.until) {
            (Gap::Poisson { rate_per_s }, _) => rate_per_s,
            (Gap::Law(law), None) => 1.0 / law.mean_s(),
            (Gap::Law(_), Some(until)) => 1.0 / self.gap.mean_within(until.as_ns() as f64 / 1e9),
        }
    }
}

impl Requests {
    /// About how many there are, if they are valid.
    pub fn expected(&self) -> f64 {
        self.arrivals("")
            .map_or(0.0, |arrivals| arrivals.expected())
    }

    /// Whether the members fit each other; the object stands at `pointer`.
    pub(super) fn check(&self, pointer: &str) -> Result<(), Problem> {
        let (at_least, instances) = (self.enough(), self.instances.0);
        if at_least > instances {
            let what = format!("{at_least} instances are more than the {instances} asked for");
            let problem = Problem::new(format!("{pointer}/at_least"), what);
            return Err(problem.help("lower it, or raise `instances`"));
        }
        self.arrivals(pointer).map(drop)
    }

    /// How many instances are enough for a request to be accepted.
    pub fn enough(&self) -> u32 {
        self.at_least.unwrap_or(self.instances).0
    }

    /// When they are issued; the object stands at `pointer`.
    ///
    /// # Errors
    /// If that is said twice or not at all, or if it would take longer than can be simulated.
    pub fn arrivals(&self, pointer: &str) -> Result<Arrivals, Problem> {
        super::exactly_one(
            pointer,
            ("rate_per_s", self.rate_per_s.is_some()),
            ("interarrival", self.interarrival.is_some()),
        )?;
        if self.count.is_none() && self.for_s.is_none() {
            let what = "neither `count` nor `for_s` is given, so requests would never end";
            return Err(Problem::new(pointer, what).help("write one of them"));
        }
        let gap = match (&self.interarrival, self.rate_per_s) {
            (Some(law), _) => {
                let place = format!("{pointer}/interarrival");
                let needed = "without `for_s` it is not known how long the requests take";
                Gap::Law(match self.for_s {
                    Some(_) => law.validate(&place)?,
                    None => law.validate_with_mean(&place, needed)?,
                })
            }
            (None, rate) => Gap::Poisson {
                rate_per_s: rate.unwrap_or(RATE_PER_S).0,
            },
        };
        let arrivals = Arrivals {
            gap,
            count_max: self.count.map_or(u32::MAX, |count| count.0),
            until: self.for_s.map(DurationS::span),
        };
        self.check_length(&arrivals, pointer)?;
        Ok(arrivals)
    }

    fn check_length(&self, arrivals: &Arrivals, pointer: &str) -> Result<(), Problem> {
        let Some(Count(count)) = self.count else {
            let expected = arrivals.expected();
            if expected < f64::from(u32::MAX) {
                return Ok(());
            }
            let what = "there would be more requests than can be numbered, 4294967295";
            let problem = Problem::new(pointer, what);
            return Err(problem.help("lower `for_s`, or issue fewer requests a second"));
        };
        let seconds = f64::from(count) / arrivals.rate_per_s();
        if self.for_s.is_some() || seconds <= WORKLOAD_S_MAX {
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
    use serde_json::json;

    use super::*;
    use crate::parameters::decode;

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
        assert!(problem.what.contains("without `for_s`"), "{problem:?}");
    }
}
