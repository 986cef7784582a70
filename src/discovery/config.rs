//! The validated parameters that all discovery systems have in common. Nothing in these types can
//! be wrong on its own: the scenario room builds them from a file and says what is out of range.
//! They do *not* know those of one mechanism.

use crate::time::Span;
use crate::topology::RouterId;

/// Everything that a run of a discovery system needs besides the underlay, the seed and the
/// replication.
#[derive(Debug, Clone, PartialEq)]
pub struct Config<O> {
    /// What all mechanisms have in common.
    pub world: World,
    /// The mechanism's own parameters.
    pub own: O,
}

/// What all mechanisms have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// Who is there at the start.
    pub overlay: Overlay,
    /// The chance α in [0, 1] that an able GCU, once asked, agrees.
    pub acceptance_probability: f64,
    /// How many agreements a GCU holds at once; `None`: unlimited.
    pub slots: Option<u32>,
    /// Who is taken off before the requests.
    pub disconnection: Disconnection,
    /// How they are disconnected.
    pub mode: DisconnectionMode,
    /// How the others find out; `None`: they do not.
    pub detection: Option<Detection>,
    /// The workload.
    pub requests: Requests,
    /// How long after its issue a request must be answered.
    pub deadline: Span,
    /// How long a provider serves, from the arrival of the start message.
    pub service_time: Span,
}

/// How units are disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisconnectionMode {
    /// By the protocol: they unregister.
    Unregister,
    /// They fall silent.
    Crash,
}

/// How a unit detects that a peer has crashed: by a timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detection {
    /// How long a peer may be silent before it counts as gone.
    pub timeout: Span,
}

/// Who is there at the start, and what they offer.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlay {
    /// Where brokers stand.
    pub placement: Placement,
    /// The router of the root GBU; `None`: the transit router of least eccentricity.
    pub root: Option<RouterId>,
    /// How many GCUs each broker has.
    pub population: Population,
    /// The least and the greatest latency of a GCU's access link.
    pub access: [Span; 2],
    /// How many services there are, numbered from 0; at least 1.
    pub services: u32,
    /// The chance ρ in [0, 1] that a given GCU offers a given service.
    pub density: f64,
}

/// Where brokers stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// One GBU on each router.
    EveryRouter,
    /// One GBU for each transit domain and one for each stub domain.
    Domains,
}

/// How many GCUs each broker has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Population {
    /// The same number everywhere.
    Fixed(u32),
    /// A Poisson-distributed number of this mean, drawn for each broker.
    Poisson(f64),
}

impl Population {
    /// How many GCUs a broker has on average.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Fixed(count) => f64::from(count),
            Self::Poisson(mean) => mean,
        }
    }
}

/// The units that are disconnected from the complete overlay before the experiment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Disconnection {
    /// The disconnection rate δ in [0, 1].
    pub rate: f64,
    /// Which kinds of units are disconnected.
    pub units: Units,
}

/// Which kinds of units are disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Units {
    /// Computers only.
    Gcus,
    /// Brokers only.
    Gbus,
    /// Both.
    All,
}

/// The requests that computers issue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Requests {
    /// How many there are.
    pub count: u32,
    /// Their mean rate, a second; above 0.
    pub rate_per_s: f64,
    /// How many distinct GCUs each asks for; at least 1.
    pub instances: u32,
}
