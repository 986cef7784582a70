//! The members of the scenario file that all discovery systems have, with their defaults, and their
//! conversion into the validated configuration.
//!
//! The doc comments here are the descriptions in the JSON Schema. This module does *not* know any
//! one system.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::json::describe;
use super::number::{
    Count, DurationMs, LatencyMs, Mean, Million, Positive, RouterNumber, Share, or_null,
};
use super::problem::Problem;
use super::reading::word;
use super::systems::{WORKLOAD_S_MAX, check_range, span};
use crate::discovery::config;
use crate::topology::RouterId;

/// Defines the mirror of a discovery system that stands at a pointer: the members that all of them
/// have, with its own ones before them and, after `..`, before `disconnection`.
macro_rules! discovery_system {
    (
        $(#[$about:meta])*
        $name:ident at $pointer:literal {
            $($(#[$first_note:meta])* $first:ident: $first_type:ty = $first_default:expr,)*
            ..
            $($(#[$own_note:meta])* $own:ident: $own_type:ty = $own_default:expr,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub(super) struct $name {
            $($(#[$first_note])* $first: $first_type,)*
            /// Where the brokers are placed.
            #[serde(deserialize_with = "crate::scenario::reading::object")]
            brokers: crate::scenario::discovery::Brokers,
            /// How many GCUs each broker leads.
            gcus_per_broker: crate::scenario::discovery::Population,
            /// The least and the greatest latency of a GCU's access link, in milliseconds; each GCU's is
            /// drawn uniformly between them.
            #[serde(deserialize_with = "crate::scenario::reading::pair")]
            access_latency_ms: [crate::scenario::number::LatencyMs; 2],
            /// The services.
            #[serde(deserialize_with = "crate::scenario::reading::object")]
            services: crate::scenario::discovery::Services,
            /// The probability α that an able GCU agrees when it is asked.
            acceptance_probability: crate::scenario::number::Share,
            /// The number of requests that a GCU can serve at once; null: any number.
            #[serde(deserialize_with = "crate::scenario::number::or_null")]
            slots: Option<crate::scenario::number::Count>,
            $($(#[$own_note])* $own: $own_type,)*
            /// The units that are disconnected from the complete overlay before the experiment.
            #[serde(deserialize_with = "crate::scenario::reading::object")]
            disconnection: crate::scenario::discovery::Disconnection,
            /// The workload.
            #[serde(deserialize_with = "crate::scenario::reading::object")]
            requests: crate::scenario::discovery::Requests,
        }

        impl Default for $name {
            fn default() -> Self {
                let shared = crate::scenario::discovery::Shared::default();
                Self {
                    $($first: $first_default,)*
                    brokers: shared.brokers,
                    gcus_per_broker: shared.gcus_per_broker,
                    access_latency_ms: shared.access_latency_ms,
                    services: shared.services,
                    acceptance_probability: shared.acceptance_probability,
                    slots: shared.slots,
                    $($own: $own_default,)*
                    disconnection: shared.disconnection,
                    requests: shared.requests,
                }
            }
        }

        impl $name {
            /// The members that all discovery systems have.
            fn shared(&self) -> crate::scenario::discovery::Shared {
                crate::scenario::discovery::Shared {
                    pointer: $pointer,
                    brokers: self.brokers.clone(),
                    gcus_per_broker: self.gcus_per_broker,
                    access_latency_ms: self.access_latency_ms,
                    services: self.services.clone(),
                    acceptance_probability: self.acceptance_probability,
                    slots: self.slots,
                    disconnection: self.disconnection.clone(),
                    requests: self.requests.clone(),
                }
            }
        }
    };
}

pub(super) use discovery_system;

/// The members that all discovery systems have.
#[derive(Debug)]
pub(super) struct Shared {
    /// Where the object stands to which they belong.
    pub(super) pointer: &'static str,
    pub(super) brokers: Brokers,
    pub(super) gcus_per_broker: Population,
    pub(super) access_latency_ms: [LatencyMs; 2],
    pub(super) services: Services,
    pub(super) acceptance_probability: Share,
    pub(super) slots: Option<Count>,
    pub(super) disconnection: Disconnection,
    pub(super) requests: Requests,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            pointer: "",
            brokers: Brokers::default(),
            gcus_per_broker: Population::Fixed(Million(1)),
            access_latency_ms: [LatencyMs(1.0), LatencyMs(5.0)],
            services: Services::default(),
            acceptance_probability: Share(0.75),
            slots: None,
            disconnection: Disconnection::default(),
            requests: Requests::default(),
        }
    }
}

impl Shared {
    /// Their validated form, or what is wrong between them.
    pub(super) fn validate(&self) -> Result<config::World, Problem> {
        check_range(self.pointer, self.access_latency_ms)?;
        self.check_workload()?;
        Ok(config::World {
            overlay: self.overlay(),
            acceptance_probability: self.acceptance_probability.0,
            slots: self.slots.map(|slots| slots.0),
            disconnection: config::Disconnection {
                rate: self.disconnection.rate.0,
                units: match self.disconnection.units {
                    Units::Gcus => config::Units::Gcus,
                    Units::Gbus => config::Units::Gbus,
                    Units::All => config::Units::All,
                },
            },
            mode: match self.disconnection.mode {
                DisconnectionMode::Unregister => config::DisconnectionMode::Unregister,
                DisconnectionMode::Crash => config::DisconnectionMode::Crash,
            },
            // Where units crash, the others look for those that have gone.
            detection: (self.disconnection.mode == DisconnectionMode::Crash).then(|| {
                config::Detection {
                    timeout: span(self.disconnection.timeout_ms.0),
                }
            }),
            requests: config::Requests {
                count: self.requests.count.0,
                rate_per_s: self.requests.rate_per_s.0,
                instances: self.requests.instances.0,
            },
            deadline: span(self.requests.deadline_ms.0),
            service_time: span(self.requests.service_time_ms.0),
        })
    }

    fn overlay(&self) -> config::Overlay {
        config::Overlay {
            placement: match self.brokers.placement {
                Placement::EveryRouter => config::Placement::EveryRouter,
                Placement::Domains => config::Placement::Domains,
            },
            root: self.brokers.root.map(|root| RouterId(root.0)),
            population: match self.gcus_per_broker {
                Population::Fixed(number) => config::Population::Fixed(number.0),
                Population::Poisson(Poisson { poisson }) => config::Population::Poisson(poisson.0),
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
                format!("{}/requests", self.pointer),
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

/// Where the brokers (GBUs) are placed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Brokers {
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
pub(super) enum Placement {
    /// One broker on each router.
    EveryRouter,
    /// One broker for each transit domain and one for each stub domain.
    Domains,
}

/// How many GCUs each broker leads: a number, or a Poisson distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Population {
    /// The same number for each broker.
    Fixed(Million),
    /// A number drawn for each broker.
    Poisson(Poisson),
}

/// A Poisson-distributed number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Poisson {
    /// Its mean.
    poisson: Mean,
}

/// The services.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Services {
    /// How many services there are.
    count: Million,
    /// The probability ρ that a GCU offers a service.
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

/// The units that are disconnected from the complete overlay before the experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Disconnection {
    /// The disconnection rate δ: the fraction of the units that is disconnected.
    rate: Share,
    /// Which kinds of units are disconnected.
    #[serde(deserialize_with = "word")]
    units: Units,
    /// How they are disconnected.
    #[serde(deserialize_with = "word")]
    mode: DisconnectionMode,
    /// The time after which a silent peer is considered crashed, in milliseconds (mode `crash`).
    timeout_ms: DurationMs,
}

impl Default for Disconnection {
    fn default() -> Self {
        Self {
            rate: Share(0.0),
            units: Units::All,
            mode: DisconnectionMode::Unregister,
            timeout_ms: DurationMs(2000.0),
        }
    }
}

/// Which kinds of units are disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Units {
    /// Computers only.
    Gcus,
    /// Brokers only.
    Gbus,
    /// Computers and brokers.
    All,
}

/// How units are disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum DisconnectionMode {
    /// They unregister, by the protocol.
    Unregister,
    /// They crash, and their peers detect it by timeouts.
    Crash,
}

/// The workload: the requests of the GCUs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Requests {
    /// How many requests there are.
    count: Count,
    /// Their mean rate per second.
    rate_per_s: Positive,
    /// The number of distinct GCUs that each request asks for; it may exceed the number of GCUs.
    instances: Count,
    /// The deadline of a request, from its issue, in milliseconds.
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
