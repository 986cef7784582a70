//! The `system` member of the scenario file: the simulated systems, each with its parameters and
//! defaults, and their conversion into the validated configuration.
//!
//! The doc comments here are the descriptions in the JSON Schema. This module does *not* know
//! sweeps, nor how a system is run.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::json::describe;
use super::number::{
    Count, DurationMs, LatencyMs, Mean, Million, Positive, RouterNumber, Share, or_null,
};
use super::opus::Opus;
use super::problem::Problem;
use super::reading::{object, pair, word};
use crate::arigatoni::config as arigatoni;
use crate::overlay::config as overlay;
use crate::time::Span;
use crate::topology::RouterId;

/// The mean time until the last request is at most this, about three years, so that simulated
/// time stays far below 2⁶⁴ ns however the draws fall.
pub(super) const WORKLOAD_S_MAX: f64 = 1e8;

/// The simulated system and its parameters; exactly one is named.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum System {
    /// The Arigatoni overlay network: colonies of computers led by brokers.
    #[serde(deserialize_with = "object")]
    Arigatoni(Box<Arigatoni>),
    /// The Opus utility service: one overlay of nodes that hosts many applications.
    #[serde(deserialize_with = "object")]
    Opus(Box<Opus>),
}

impl Default for System {
    fn default() -> Self {
        Self::Arigatoni(Box::default())
    }
}

/// The Arigatoni overlay network: colonies of computers (GCUs) led by brokers (GBUs).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Arigatoni {
    /// How the fully connected overlay comes about.
    #[serde(deserialize_with = "word")]
    start: Start,
    /// Where the brokers stand.
    #[serde(deserialize_with = "object")]
    brokers: Brokers,
    /// How many GCUs each broker leads.
    gcus_per_broker: Population,
    /// The least and the greatest latency of a GCU's access link, in milliseconds; each GCU's is
    /// drawn uniformly between them.
    #[serde(deserialize_with = "pair")]
    access_latency_ms: [LatencyMs; 2],
    /// What can be asked for.
    #[serde(deserialize_with = "object")]
    services: Services,
    /// The chance α that an able GCU, once asked, agrees to serve.
    acceptance_probability: Share,
    /// How many requests a GCU serves at once; null: any number.
    #[serde(deserialize_with = "or_null")]
    slots: Option<Count>,
    /// The order in which a broker asks its colony.
    #[serde(deserialize_with = "word")]
    search: Search,
    /// Who is taken off the fully connected overlay before the experiment.
    #[serde(deserialize_with = "object")]
    disconnection: Disconnection,
    /// The workload.
    #[serde(deserialize_with = "object")]
    requests: Requests,
}

impl Default for Arigatoni {
    fn default() -> Self {
        Self {
            start: Start::Direct,
            brokers: Brokers::default(),
            gcus_per_broker: Population::Fixed(Million(1)),
            access_latency_ms: [LatencyMs(1.0), LatencyMs(5.0)],
            services: Services::default(),
            acceptance_probability: Share(0.75),
            slots: None,
            search: Search::Selective,
            disconnection: Disconnection::default(),
            requests: Requests::default(),
        }
    }
}

/// How the fully connected overlay comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Start {
    /// The routing tables are built at once.
    Direct,
    /// Every unit registers by exchanging messages; ends in the same tables.
    Messages,
}

/// Where the brokers (GBUs) stand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Brokers {
    /// Which routers carry a broker.
    #[serde(deserialize_with = "word")]
    placement: Placement,
    /// The number of the root broker's router; null: the transit router of least eccentricity.
    #[serde(deserialize_with = "or_null")]
    root: Option<RouterNumber>,
}

impl Default for Brokers {
    fn default() -> Self {
        Self {
            placement: Placement::EveryRouter,
            root: None,
        }
    }
}

/// Which routers carry a broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Placement {
    /// One broker on each router.
    EveryRouter,
    /// One broker for each transit domain and one for each stub domain.
    Domains,
}

/// How many GCUs each broker leads: a number, or a Poisson distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
enum Population {
    /// The same number for each broker.
    Fixed(Million),
    /// A number drawn for each broker.
    Poisson(Poisson),
}

/// A Poisson-distributed number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Poisson {
    /// Its mean.
    poisson: Mean,
}

/// What can be asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Services {
    /// How many services there are.
    count: Million,
    /// The chance ρ that a given GCU offers a given service.
    density: Share,
}

impl Default for Services {
    fn default() -> Self {
        Self {
            count: Million(128),
            density: Share(0.1),
        }
    }
}

/// The order in which a broker asks its colony.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Search {
    /// As few as needed at a time, in random order: fewer messages, slower.
    Selective,
    /// Everybody able at once: more messages, quicker.
    Exhaustive,
}

/// Who is taken off the fully connected overlay before the experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Disconnection {
    /// The disconnection rate δ: the share of the units that is taken off.
    rate: Share,
    /// Which kinds of units are taken.
    #[serde(deserialize_with = "word")]
    units: Units,
    /// How they are taken off.
    #[serde(deserialize_with = "word")]
    mode: Mode,
    /// How long a peer may be silent before it counts as gone, in milliseconds (mode `crash`).
    timeout_ms: DurationMs,
}

impl Default for Disconnection {
    fn default() -> Self {
        Self {
            rate: Share(0.0),
            units: Units::All,
            mode: Mode::Unregister,
            timeout_ms: DurationMs(2000.0),
        }
    }
}

/// Which kinds of units are taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Units {
    /// Computers only.
    Gcus,
    /// Brokers only.
    Gbus,
    /// Computers and brokers.
    All,
}

/// How units are taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Mode {
    /// They unregister, by the protocol.
    Unregister,
    /// They fall silent, and their peers find out.
    Crash,
}

/// The workload: what the GCUs ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Requests {
    /// How many requests there are.
    count: Count,
    /// Their mean rate a second.
    rate_per_s: Positive,
    /// How many distinct GCUs each request asks for; more than there are is allowed.
    instances: Count,
    /// How long after its issue a request is answered at the latest, in milliseconds.
    deadline_ms: DurationMs,
    /// How long a GCU serves a request, in milliseconds.
    service_time_ms: DurationMs,
}

impl Default for Requests {
    fn default() -> Self {
        Self {
            count: Count(50_000),
            rate_per_s: Positive(100.0),
            instances: Count(1),
            deadline_ms: DurationMs(600_000.0),
            service_time_ms: DurationMs(1000.0),
        }
    }
}

impl Arigatoni {
    /// The validated configuration, or what is wrong between the members of this object, which
    /// stands at `/system/arigatoni`.
    pub(super) fn validate(&self) -> Result<arigatoni::Config, Problem> {
        check_range("/system/arigatoni", self.access_latency_ms)?;
        self.check_workload()?;
        Ok(arigatoni::Config {
            start: match self.start {
                Start::Direct => arigatoni::Start::Direct,
                Start::Messages => arigatoni::Start::Messages,
            },
            overlay: self.overlay(),
            acceptance_probability: self.acceptance_probability.0,
            slots: self.slots.map(|slots| slots.0),
            search: match self.search {
                Search::Selective => arigatoni::Search::Selective,
                Search::Exhaustive => arigatoni::Search::Exhaustive,
            },
            disconnection: overlay::Disconnection {
                rate: self.disconnection.rate.0,
                units: match self.disconnection.units {
                    Units::Gcus => overlay::Units::Gcus,
                    Units::Gbus => overlay::Units::Gbus,
                    Units::All => overlay::Units::All,
                },
            },
            mode: match self.disconnection.mode {
                Mode::Unregister => arigatoni::Mode::Unregister,
                Mode::Crash => arigatoni::Mode::Crash,
            },
            // Where units crash, the others look for those that have gone.
            detection: (self.disconnection.mode == Mode::Crash).then(|| arigatoni::Detection {
                timeout: span(self.disconnection.timeout_ms.0),
            }),
            requests: overlay::Requests {
                count: self.requests.count.0,
                rate_per_s: self.requests.rate_per_s.0,
                instances: self.requests.instances.0,
            },
            deadline: span(self.requests.deadline_ms.0),
            service_time: span(self.requests.service_time_ms.0),
        })
    }

    fn overlay(&self) -> overlay::Overlay {
        overlay::Overlay {
            placement: match self.brokers.placement {
                Placement::EveryRouter => overlay::Placement::EveryRouter,
                Placement::Domains => overlay::Placement::Domains,
            },
            root: self.brokers.root.map(|root| RouterId(root.0)),
            population: match self.gcus_per_broker {
                Population::Fixed(number) => overlay::Population::Fixed(number.0),
                Population::Poisson(Poisson { poisson }) => overlay::Population::Poisson(poisson.0),
            },
            access: self.access_latency_ms.map(|latency| span(latency.0)),
            services: self.services.count.0,
            density: self.services.density.0,
        }
    }

    fn check_workload(&self) -> Result<(), Problem> {
        let Requests {
            count: Count(count),
            rate_per_s: Positive(rate),
            ..
        } = self.requests;
        let seconds = f64::from(count) / rate;
        if seconds > WORKLOAD_S_MAX {
            return Err(Problem::new(
                "/system/arigatoni/requests",
                format!(
                    "{count} requests at {} a second take {} s, \
                     more than the {WORKLOAD_S_MAX} s that can be simulated",
                    describe(&rate.into()),
                    describe(&seconds.round().into()),
                ),
            )
            .help("lower `count` or raise `rate_per_s`"));
        }
        Ok(())
    }
}

/// Checks the range `access_latency_ms` of the object at `pointer`.
pub(super) fn check_range(
    pointer: &str,
    [LatencyMs(least), LatencyMs(greatest)]: [LatencyMs; 2],
) -> Result<(), Problem> {
    if least > greatest {
        return Err(Problem::new(
            format!("{pointer}/access_latency_ms"),
            format!("the least latency, {least}, is above the greatest, {greatest}"),
        )
        .help("write the smaller number first"));
    }
    Ok(())
}

/// The span of `ms`, a number within the limits of [`DurationMs`].
pub(super) fn span(ms: f64) -> Span {
    Span::from_ms(ms).expect("the limits of a duration are those of a span")
}

impl<'de> Deserialize<'de> for Population {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PopulationVisitor;

        impl<'de> Visitor<'de> for PopulationVisitor {
            type Value = Population;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number from 1 to 1000000, or {\"poisson\": mean}")
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Population, E> {
                fixed(de::value::U64Deserializer::new(number), &self)
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Population, E> {
                fixed(de::value::I64Deserializer::new(number), &self)
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Population, E> {
                fixed(de::value::F64Deserializer::new(number), &self)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Population, A::Error> {
                Poisson::deserialize(MapAccessDeserializer::new(map)).map(Population::Poisson)
            }
        }

        fn fixed<'de, D: Deserializer<'de>>(
            number: D,
            expected: &PopulationVisitor,
        ) -> Result<Population, D::Error> {
            Million::deserialize(number)
                .map(Population::Fixed)
                .map_err(|_: D::Error| {
                    de::Error::invalid_value(de::Unexpected::Other("this number"), expected)
                })
        }

        deserializer.deserialize_any(PopulationVisitor)
    }
}
