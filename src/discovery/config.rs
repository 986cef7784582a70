//! The parameters that all discovery systems have in common, as a scenario writes them.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know those of one mechanism.

mod brokers;
mod classes;
mod conjunction;
mod constrained;
mod faults;
mod overlay;
mod requests;
mod services;
mod sessions;

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

pub use self::brokers::{BrokerFile, Brokers, Placement};
pub use self::classes::Class;
pub use self::conjunction::PartOfRequest;
pub use self::constrained::{Constrained, Given, Offer, RandomOffers, RandomWishes, Summary, Wish};
pub use self::faults::{Failing, FaultAt, Faults, UnitName};
pub use self::overlay::{Overlay, RatesPerS};
pub use self::requests::{Arrivals, Gap, Requests};
pub use self::services::{Popularity, Services};
use crate::error;
use crate::parameters::number::{
    BoundedCount, Count, DurationMs, Fraction, LatencyMs, Mean, Whole,
};
use crate::parameters::{self, Beside, Parameters, Plain, Problem, ReadFile, members};
use crate::random::law;
use crate::time::Span;

pub use sessions::{Alternating, ClassSessions, Leave, Process, Sessions, TraceFile, Way};

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
        let Beside(world, own) = Beside::read(value, pointer)?;
        Ok(Self { world, own })
    }

    fn write(&self) -> Value {
        Beside(self.world.clone(), self.own.clone()).write()
    }

    fn schema(generator: &mut SchemaGenerator) -> Schema {
        Beside::<World, O>::schema(generator)
    }

    fn effective(&self) -> Self {
        let world = Plain::effective(&self.world);
        let own = self.own.effective();
        Self { world, own }
    }

    fn check(&self, pointer: &str) -> Result<(), Problem> {
        Parameters::check(&self.world, pointer)?;
        self.own.check(pointer)
    }
}

/// How long a run waits for the services of the last requests, in seconds.
const START_S: u64 = 10;

members! {
    /// What all mechanisms have in common.
    pub struct World {
        /// Where the brokers (GBUs) are placed.
        pub brokers: Brokers = Brokers::default();
        /// How many GCUs each broker leads.
        pub gcus_per_broker: Population = Population::Fixed(BoundedCount(1));
        /// The least and the greatest latency of a GCU's access link, in milliseconds; each GCU's is
        /// drawn uniformly between them.
        pub access_latency_ms: [LatencyMs; 2] = [LatencyMs(1.0), LatencyMs(5.0)];
        /// The services.
        pub services: Services = Services::default();
        /// The probability α that an able GCU agrees when it is asked.
        pub acceptance_probability: Fraction = Fraction(0.75);
        /// The number of requests that a GCU can serve at once; null: any number.
        pub slots: Option<Count> = None;
        /// The units that are disconnected from the complete overlay before the experiment.
        pub disconnection: Disconnection = Disconnection::default();
        /// The overlay when requests begin, by a term and rules of the colony calculus; null: that which `disconnection` leaves.
        pub overlay: Option<Overlay> = None;
        /// How units come and go while requests run; null: they do not.
        pub sessions: Option<Sessions> = None;
        /// How units fail while requests run; null: they do not.
        pub faults: Option<Faults> = None;
        /// The workload.
        pub requests: Requests = Requests::default();
        /// The classes of GCUs; none: all are alike.
        pub classes: Vec<Class> = Vec::new();
    }
}

impl Plain for World {
    fn effective(&self) -> Self {
        let mut world = self.clone();
        world.requests.complete();
        let Requests {
            interarrival,
            service_time_ms,
            ..
        } = &mut world.requests;
        let laws = [interarrival, &mut world.services.change];
        for law in laws.into_iter().flatten() {
            *law = law.effective();
        }
        world.brokers.service_s = world.brokers.service_s.effective();
        for class in &mut world.classes {
            class.slots.get_or_insert(self.slots);
            let agrees = &mut class.acceptance_probability;
            agrees.get_or_insert(self.acceptance_probability);
            class
                .access_latency_ms
                .get_or_insert(self.access_latency_ms);
            class.service_time_ms.get_or_insert(*service_time_ms);
        }
        sessions::complete(&mut world);
        world
    }

    fn check(&self, pointer: &str) -> Result<(), Problem> {
        parameters::check_range(pointer, self.access_latency_ms)?;
        sessions::check(self, pointer)?;
        if let Some(overlay) = &self.overlay {
            overlay.check(self, pointer)?;
        }
        classes::check(&self.classes, &format!("{pointer}/classes"))?;
        if let Some(faults) = &self.faults {
            faults.check(&format!("{pointer}/faults"))?;
        }
        let parts = self.requests.all.is_some();
        self.services.check(parts, &format!("{pointer}/services"))?;
        self.requests.check(&format!("{pointer}/requests"))?;
        self.brokers.check(&format!("{pointer}/brokers"))?;
        conjunction::check_services(self, pointer)
    }
}

/// That of two members of the object at `pointer`, one of which is needed, both are given, or none.
fn not_one(pointer: &str, [one, other]: [&str; 2], both: bool) -> Problem {
    if both {
        let what = format!("both `{one}` and `{other}` are given");
        Problem::new(format!("{pointer}/{other}"), what)
            .help(format!(
                "leave one of them out, or set it to null; a default is set to null by `--set {pointer}/{other}=null`"
            ))
    } else {
        let what = format!("neither `{one}` nor `{other}` is given");
        Problem::new(pointer, what).help("write one of them")
    }
}

impl World {
    /// Has the files that it names read by `read`; whether it names any.
    ///
    /// # Errors
    /// If one cannot be read, or is wrong in itself.
    pub fn supply(&mut self, read: ReadFile<'_>) -> error::Result<bool> {
        let brokers = self.brokers.supply(read)?;
        let sessions = self.sessions.as_mut();
        let traced = sessions.map(|sessions| sessions.supply(read)).transpose()?;
        Ok(brokers || traced == Some(true))
    }

    /// What a person should know of it, and of the files that it has been supplied with.
    pub fn notes(&self) -> Vec<String> {
        let note = self.sessions.as_ref().and_then(Sessions::note);
        let faults = self.faults.as_ref().map_or(Vec::new(), Faults::notes);
        let notes = note.into_iter().chain(conjunction::note(self));
        notes.chain(sessions::notes(self)).chain(faults).collect()
    }

    /// The number of the class to which `draw`, uniform in [0, 1), leads; `None`: there are none.
    pub fn drawn_class(&self, draw: f64) -> Option<usize> {
        classes::drawn(&self.classes, draw)
    }

    /// The least and the greatest latency of the access link of a GCU of this class.
    pub fn access(&self, class: Option<&Class>) -> [Span; 2] {
        let own = class.and_then(|class| class.access_latency_ms);
        own.unwrap_or(self.access_latency_ms).map(LatencyMs::span)
    }

    /// How many agreements a GCU of this class holds at once; `None`: any number.
    #[inline]
    pub fn slots(&self, class: Option<&Class>) -> Option<u32> {
        let own = class.and_then(|class| class.slots);
        own.unwrap_or(self.slots).map(|slots| slots.0)
    }

    /// The probability that an able GCU of this class agrees.
    #[inline]
    pub fn acceptance_probability(&self, class: Option<&Class>) -> f64 {
        let own = class.and_then(|class| class.acceptance_probability);
        own.unwrap_or(self.acceptance_probability).0
    }

    /// How a unit finds out that a peer has gone; `None`: it does not. Where units crash, the others
    /// look for those that have gone.
    pub fn silence_timeout(&self) -> Option<SilenceTimeout> {
        let Disconnection {
            mode, timeout_ms, ..
        } = self.disconnection;
        (mode == DisconnectionMode::Crash || self.has_restarts()).then(|| SilenceTimeout {
            timeout: timeout_ms.span(),
        })
    }

    /// Whether units crash and come back.
    pub fn has_restarts(&self) -> bool {
        let sessions = self.alternating();
        self.has_failures() || sessions.is_some_and(|sessions| sessions.has_crashes())
    }

    /// Whether units fail while requests run.
    pub(super) fn has_failures(&self) -> bool {
        let overlay = self.overlay.as_ref();
        self.faults.is_some() || overlay.is_some_and(Overlay::has_failures)
    }

    /// Whether units come and go while requests run, by sessions, by failures or by a script.
    pub fn has_comings(&self) -> bool {
        let overlay = self.overlay.as_ref();
        let by_script = overlay.is_some_and(Overlay::has_times);
        by_script || self.faults.is_some() || self.alternating().is_some()
    }

    /// Which units come and go and how, if any do.
    ///
    /// # Panics
    /// If the parameters have not been checked.
    pub fn alternating(&self) -> Option<Alternating> {
        Alternating::of(self, "").expect("the parameters are checked")
    }

    /// After what times a GCU draws what it offers anew, if it does.
    ///
    /// # Panics
    /// If the parameters have not been checked.
    pub fn renewal(&self) -> Option<law::Law> {
        let renewal = self.services.renewal("");
        renewal.expect("the parameters are checked")
    }

    /// How many agreements one GCU gives to one query at most: one for each instance, unless it must serve all
    /// parts of a request at once.
    pub fn instances_each(&self) -> u32 {
        if self.requests.distinct || self.requests.same {
            1
        } else {
            self.services.instances.0
        }
    }

    /// How long after its issue a request must be answered.
    pub fn deadline(&self) -> Span {
        self.requests.deadline_ms.span()
    }

    /// The probability that a GCU of any class accepts: the mean over all classes.
    pub fn acceptance_probability_mean(&self) -> f64 {
        if self.classes.is_empty() {
            return self.acceptance_probability(None);
        }
        let all = self.classes.iter();
        all.map(|class| class.share.0 * self.acceptance_probability(Some(class)))
            .sum()
    }

    /// How long a provider of this class serves, from the arrival of the start message.
    pub fn service_time(&self, class: Option<&Class>) -> Span {
        let own = class.and_then(|class| class.service_time_ms);
        own.unwrap_or(self.requests.service_time_ms).span()
    }

    /// For how long after its issue a request can be open or served at most; a start message takes less
    /// than ten seconds.
    pub fn after_issue(&self) -> Span {
        let classes = self.classes.iter().map(Some).chain([None]);
        let service_times = classes.map(|class| self.service_time(class));
        let service_time = service_times.max().unwrap_or_default();
        let served = Span::from_s(START_S).saturating_add(service_time);
        self.deadline().saturating_add(served)
    }

    /// About how long requests are issued, in s.
    pub fn issued_s(&self) -> f64 {
        let arrivals = self.requests.arrivals("");
        arrivals.map_or(0.0, |arrivals| arrivals.expected() / arrivals.rate_per_s())
    }

    /// About how long the request phase lasts, in s.
    pub fn phase_s(&self) -> f64 {
        self.issued_s() + self.after_issue().as_ns() as f64 / 1e9
    }
}

/// How a unit detects that a peer has crashed: by a timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SilenceTimeout {
    /// How long a peer may be silent before it counts as gone.
    pub timeout: Span,
}

/// How many GCUs each broker leads: a number, or a Poisson distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Population {
    /// The same number for each broker.
    Fixed(BoundedCount),
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
            Self::Fixed(BoundedCount(count)) => f64::from(count),
            Self::Poisson(Poisson { poisson }) => poisson.0,
        }
    }
}

members! {
    /// The units that are disconnected from the complete overlay before the experiment.
    pub struct Disconnection {
        /// The disconnection rate δ: the fraction of the units that is disconnected.
        pub rate: Fraction = Fraction(0.0);
        /// Which kinds of units are disconnected.
        pub units: Units = Units::All;
        /// How units are disconnected.
        pub mode: DisconnectionMode = DisconnectionMode::Unregister;
        /// The time after which a silent peer is considered crashed, in milliseconds (mode `crash`).
        pub timeout_ms: DurationMs = DurationMs(2000.0);
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

impl<'de> Deserialize<'de> for Population {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PopulationVisitor;

        impl<'de> Visitor<'de> for PopulationVisitor {
            type Value = Population;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let (least, greatest) = (BoundedCount::MIN, BoundedCount::MAX);
                write!(
                    f,
                    "a whole number from {least} to {greatest}, or {{\"poisson\": mean}}"
                )
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
            BoundedCount::deserialize(number)
                .map(Population::Fixed)
                .map_err(|_: D::Error| {
                    de::Error::invalid_value(de::Unexpected::Other("this number"), expected)
                })
        }

        deserializer.deserialize_any(PopulationVisitor)
    }
}
