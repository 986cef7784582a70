//! The parameters that all discovery systems have in common, as a scenario writes them.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know those of one mechanism.

mod sessions;

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::parameters::json::describe;
use crate::parameters::number::{
    Count, DurationMs, LatencyMs, Mean, Million, Positive, RouterNumber, Share,
};
use crate::parameters::{self, Parameters, Plain, Problem, WORKLOAD_S_MAX};
use crate::time::Span;
use crate::topology::RouterId;

pub use sessions::{Alternating, Leave, Sessions};

/// Everything that a run of a discovery system needs besides the underlay, the seed and the
/// replication: one object, in which a mechanism's own members stand beside the shared ones.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config<O> {
    /// What all mechanisms have in common.
    pub world: World,
    /// The mechanism's own parameters.
    pub own: O,
}

impl<O: Parameters> Parameters for Config<O> {
    fn read(value: &Value, pointer: &str) -> Result<Self, Problem> {
        let Value::Object(members) = value else {
            return Ok(Self {
                world: parameters::decode(value, pointer)?,
                own: O::default(),
            });
        };
        let (shared, own) = (names::<World>(), names::<O>());
        let twice = own.iter().find(|name| shared.contains(name));
        assert_eq!(twice, None, "a mechanism has a member that all have");
        let mut split = [Map::new(), Map::new()];
        for (name, value) in members {
            let is_own = own.contains(name);
            if !is_own && !shared.contains(name) {
                let known: Vec<&str> = shared.iter().chain(&own).map(String::as_str).collect();
                return Err(parameters::unknown_member(pointer, name, &known));
            }
            split[usize::from(is_own)].insert(name.clone(), value.clone());
        }
        let [shared, own] = split.map(Value::Object);
        Ok(Self {
            world: World::read(&shared, pointer)?,
            own: O::read(&own, pointer)?,
        })
    }

    fn write(&self) -> Value {
        let mut all = self.world.write();
        if let (Value::Object(all), Value::Object(own)) = (&mut all, self.own.write()) {
            all.extend(own);
        }
        all
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        let mut all = World::schema(generator);
        let mut own = O::schema(generator);
        if let (Some(Value::Object(all)), Some(Value::Object(own))) =
            (all.get_mut("properties"), own.get_mut("properties"))
        {
            all.append(own);
        }
        all
    }

    fn check(&self, pointer: &str) -> Result<(), Problem> {
        Parameters::check(&self.world, pointer)?;
        self.own.check(pointer)
    }
}

/// The names of an object's members.
fn names<P: Parameters>() -> Vec<String> {
    match P::default().write() {
        Value::Object(members) => members.into_iter().map(|(name, _)| name).collect(),
        _ => Vec::new(),
    }
}

/// What all mechanisms have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct World {
    /// Where the brokers are placed.
    pub brokers: Brokers,
    /// How many GCUs each broker leads.
    pub gcus_per_broker: Population,
    /// The least and the greatest latency of a GCU's access link, in milliseconds; each GCU's is
    /// drawn uniformly between them.
    pub access_latency_ms: [LatencyMs; 2],
    /// The services.
    pub services: Services,
    /// The probability α that an able GCU agrees when it is asked.
    pub acceptance_probability: Share,
    /// The number of requests that a GCU can serve at once; null: any number.
    pub slots: Option<Count>,
    /// The units that are disconnected from the complete overlay before the experiment.
    pub disconnection: Disconnection,
    /// How units come and go while requests run; null: they do not.
    pub sessions: Option<Sessions>,
    /// The workload.
    pub requests: Requests,
}

impl Default for World {
    fn default() -> Self {
        Self {
            brokers: Brokers::default(),
            gcus_per_broker: Population::Fixed(Million(1)),
            access_latency_ms: [LatencyMs(1.0), LatencyMs(5.0)],
            services: Services::default(),
            acceptance_probability: Share(0.75),
            slots: None,
            disconnection: Disconnection::default(),
            sessions: None,
            requests: Requests::default(),
        }
    }
}

impl Plain for World {
    fn check(&self, pointer: &str) -> Result<(), Problem> {
        parameters::check_range(pointer, self.access_latency_ms)?;
        sessions::check(self, pointer)?;
        let Requests {
            count: Count(count),
            rate_per_s: Positive(rate),
            ..
        } = self.requests;
        let seconds = f64::from(count) / rate;
        if seconds > WORKLOAD_S_MAX {
            return Err(Problem::new(
                format!("{pointer}/requests"),
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

impl World {
    /// The least and the greatest latency of a GCU's access link.
    pub fn access(&self) -> [Span; 2] {
        self.access_latency_ms.map(LatencyMs::span)
    }

    /// How a unit finds out that a peer has gone; `None`: it does not. Where units crash, the others
    /// look for those that have gone.
    pub fn detection(&self) -> Option<Detection> {
        let Disconnection {
            mode, timeout_ms, ..
        } = self.disconnection;
        (mode == DisconnectionMode::Crash || self.has_restarts()).then(|| Detection {
            timeout: timeout_ms.span(),
        })
    }

    /// Whether units crash and come back.
    pub fn has_restarts(&self) -> bool {
        let crash = |sessions: &Sessions| sessions.leave == Leave::Crash;
        self.sessions.as_ref().is_some_and(crash)
    }

    /// Which units come and go and how, if any do.
    pub fn alternating(&self) -> Option<Alternating> {
        let sessions = self.sessions.as_ref()?;
        Some(
            sessions
                .alternating(&self.disconnection, "")
                .expect("the parameters are checked"),
        )
    }

    /// How long after its issue a request must be answered.
    pub fn deadline(&self) -> Span {
        self.requests.deadline_ms.span()
    }

    /// How long a provider serves, from the arrival of the start message.
    pub fn service_time(&self) -> Span {
        self.requests.service_time_ms.span()
    }
}

/// How a unit detects that a peer has crashed: by a timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detection {
    /// How long a peer may be silent before it counts as gone.
    pub timeout: Span,
}

/// Where the brokers (GBUs) are placed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Brokers {
    /// Which routers carry a broker.
    pub placement: Placement,
    /// The number of the root broker's router; null: the transit router of least eccentricity.
    pub root: Option<RouterNumber>,
}

impl Default for Brokers {
    fn default() -> Self {
        Self {
            placement: Placement::EveryRouter,
            root: None,
        }
    }
}

impl Brokers {
    /// The router of the root broker, if it is chosen.
    pub fn root(&self) -> Option<RouterId> {
        self.root.map(|RouterNumber(number)| RouterId(number))
    }
}

/// Which routers carry a broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// One broker on each router.
    EveryRouter,
    /// One broker for each transit domain and one for each stub domain.
    Domains,
}

/// How many GCUs each broker leads: a number, or a Poisson distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Population {
    /// The same number for each broker.
    Fixed(Million),
    /// A number drawn for each broker.
    Poisson(Poisson),
}

/// A Poisson-distributed number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Poisson {
    /// Its mean.
    pub poisson: Mean,
}

impl Population {
    /// How many GCUs a broker has on average.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Fixed(Million(count)) => f64::from(count),
            Self::Poisson(Poisson { poisson }) => poisson.0,
        }
    }
}

/// The services.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Services {
    /// How many services there are.
    pub count: Million,
    /// The probability ρ that a GCU offers a service.
    pub density: Share,
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
pub struct Disconnection {
    /// The disconnection rate δ: the fraction of the units that is disconnected.
    pub rate: Share,
    /// Which kinds of units are disconnected.
    pub units: Units,
    /// How they are disconnected.
    pub mode: DisconnectionMode,
    /// The time after which a silent peer is considered crashed, in milliseconds (mode `crash`).
    pub timeout_ms: DurationMs,
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
pub enum Units {
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
pub enum DisconnectionMode {
    /// They unregister, by the protocol.
    Unregister,
    /// They crash, and their peers detect it by timeouts.
    Crash,
    /// They come and go by the laws of `sessions`, and the rate is the fraction of the time that a unit
    /// is absent.
    Sessions,
}

/// The workload: the requests of the GCUs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Requests {
    /// How many requests there are.
    pub count: Count,
    /// Their mean rate per second.
    pub rate_per_s: Positive,
    /// The number of distinct GCUs that each request asks for; it may exceed the number of GCUs.
    pub instances: Count,
    /// The deadline of a request, from its issue, in milliseconds.
    pub deadline_ms: DurationMs,
    /// How long a GCU serves a request, in milliseconds.
    pub service_time_ms: DurationMs,
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
