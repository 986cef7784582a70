//! The `topology` member: a graph file and what to do with it, or the parameters of a transit-stub
//! graph that is generated for the run.
//!
//! This module does *not* know how graphs are read or generated, only what may be asked for.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

use super::reading::{path, present};
use super::run::{Generated, TopologySource};
use crate::error::Error;
use crate::parameters::Problem;
use crate::parameters::number::{Factor, GtItmSeed, LatencyMs, Million, Probability, Sites};
use crate::topology::gtitm::{self, EdgeLaw, TransitStubParameters};
use crate::topology::{LengthUnit, ReadOptions};

/// The underlay: a graph file, or the parameters of a graph to generate.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Topology {
    /// A graph file.
    File(GraphFile),
    /// A graph to be generated.
    Generated(ToGenerate),
}

/// A graph file.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GraphFile {
    /// A .gb, .alt or .graphml file, possibly compressed (.graphml.gz); a relative path is relative to
    /// the scenario file.
    #[schemars(extend("minLength" = 1))]
    file: String,
    /// Whether to use only the largest component of a graph that is not connected; its routers get new
    /// numbers.
    #[serde(default)]
    largest_component: bool,
    /// The length of the links of a .graphml file that have none and whose ends have no coordinates;
    /// null: such links are an error.
    #[serde(default)]
    default_latency_ms: Option<LatencyMs>,
    /// Whether to add the node's id to labels of a .graphml file that occur more than once.
    #[serde(default)]
    rename_duplicates: bool,
    /// The datum of a .graphml file's edges that holds their lengths; `places`: none, latencies are
    /// computed from the coordinates of nodes; null: the first with a common name (latency, delay,
    /// length, distance, weight, …).
    #[serde(default)]
    length_from: Option<String>,
    /// The unit of these lengths, if the datum's name does not include it; light in fibre takes 0.005
    /// ms per kilometre.
    #[serde(default)]
    length_unit: Option<Unit>,
    /// The data of a .graphml file's nodes that hold their coordinates in degrees, longitude first.
    /// Null: those with common names (Longitude, lon, lng; Latitude, lat).
    #[serde(default)]
    place_from: Option<[String; 2]>,
}

/// The unit of lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Unit {
    /// Nanoseconds.
    Ns,
    /// Microseconds.
    Us,
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
    /// Metres.
    M,
    /// Kilometres.
    Km,
    /// Miles.
    Mi,
}

/// A graph to be generated.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ToGenerate {
    /// A transit-stub graph, generated as GT-ITM's method `ts` does.
    transit_stub: Box<TransitStub>,
}

/// All members that `topology` may have, before it is known which belong together.
#[derive(Deserialize)]
#[serde(rename = "topology", deny_unknown_fields)]
struct Members {
    #[serde(default, deserialize_with = "path")]
    file: Option<String>,
    #[serde(default, deserialize_with = "present")]
    largest_component: Option<bool>,
    #[serde(default)]
    default_latency_ms: Option<LatencyMs>,
    #[serde(default, deserialize_with = "present")]
    rename_duplicates: Option<bool>,
    #[serde(default)]
    length_from: Option<String>,
    #[serde(default)]
    length_unit: Option<Unit>,
    #[serde(default)]
    place_from: Option<[String; 2]>,
    #[serde(default, deserialize_with = "present")]
    transit_stub: Option<Box<TransitStub>>,
}

impl<'de> Deserialize<'de> for Topology {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Members::deserialize(deserializer)?;
        let of_files = members.largest_component.is_some()
            || members.default_latency_ms.is_some()
            || members.rename_duplicates.is_some()
            || members.length_from.is_some()
            || members.length_unit.is_some()
            || members.place_from.is_some();
        match (members.file, members.transit_stub) {
            (Some(file), None) => Ok(Self::File(GraphFile {
                file,
                largest_component: members.largest_component.unwrap_or_default(),
                default_latency_ms: members.default_latency_ms,
                rename_duplicates: members.rename_duplicates.unwrap_or_default(),
                length_from: members.length_from,
                length_unit: members.length_unit,
                place_from: members.place_from,
            })),
            (None, Some(transit_stub)) if !of_files => {
                Ok(Self::Generated(ToGenerate { transit_stub }))
            }
            (None, Some(_)) => Err(de::Error::custom(
                "a generated graph is connected: options for graphs that are not belong to `file`",
            )),
            (Some(_), Some(_)) => Err(de::Error::custom(
                "`file` and `transit_stub` are two topologies: remove one of them",
            )),
            (None, None) => Err(de::Error::custom(
                "the topology is missing: give a `file`, or a `transit_stub` to generate",
            )),
        }
    }
}

/// A transit-stub graph, generated as GT-ITM's method `ts` does. The defaults are those of the example
/// in its documentation, with 100 routers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TransitStub {
    /// The seed, as in a spec file; 0 counts as 417890326.
    seed: GtItmSeed,
    /// Whether each replication has its own graph: replication r has that of `seed` + r.
    per_replication: bool,
    /// Which defects the generator reproduces.
    variant: Variant,
    /// Whose random() places the stub domains.
    placement: Placement,
    /// The number of transit domains.
    transit_domains: Million,
    /// The mean number of routers of a transit domain.
    transit_routers: Million,
    /// The mean number of stub domains at a transit router.
    stubs_per_transit_router: Sites,
    /// The mean number of routers of a stub domain.
    stub_routers: Million,
    /// Links from a random transit router to a stub domain of another.
    extra_transit_stub_links: Sites,
    /// Links between random routers of different stub domains.
    extra_stub_stub_links: Sites,
    /// How transit domains are linked.
    top: Law,
    /// How the routers of a transit domain are linked (in the exact variant: of the first one; the
    /// others follow `stub`).
    transit: Law,
    /// How the routers of a stub domain are linked.
    stub: Law,
}

impl Default for TransitStub {
    fn default() -> Self {
        let random = |alpha| Law {
            alpha: Probability(alpha),
            ..Law::default()
        };
        Self {
            seed: GtItmSeed(47),
            per_replication: false,
            variant: Variant::Exact,
            placement: Placement::Glibc,
            transit_domains: Million(1),
            transit_routers: Million(4),
            stubs_per_transit_router: Sites(3),
            stub_routers: Million(8),
            extra_transit_stub_links: Sites(0),
            extra_stub_stub_links: Sites(0),
            top: random(1.0),
            transit: random(0.6),
            stub: random(0.42),
        }
    }
}

/// Which defects the generator reproduces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Variant {
    /// Those of the original program: the graphs are the original's.
    Exact,
    /// None: the graphs are as the original's documentation describes them.
    Documented,
}

/// Whose random() places the stub domains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Placement {
    /// The GNU C library's.
    Glibc,
    /// That of 4.3BSD and SunOS.
    Bsd,
}

/// How the routers of a domain are linked: each pair with a probability that may depend on their
/// distance d; L is the diagonal of the square, n the number of routers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Law {
    /// The form of the probability.
    method: Method,
    /// Its factor α.
    alpha: Probability,
    /// Its parameter β.
    beta: Factor,
    /// Its parameter γ.
    gamma: Factor,
}

impl Default for Law {
    fn default() -> Self {
        Self {
            method: Method::Random,
            alpha: Probability(1.0),
            beta: Factor(0.0),
            gamma: Factor(0.0),
        }
    }
}

/// The form of the probability of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Method {
    /// α·exp(−e/(Lβ)), e uniform in 0 … L and the link's length (GT-ITM's method 1).
    WaxmanRandomLength,
    /// α·exp(−d/(Lβ)) (method 2).
    Waxman,
    /// α (method 3).
    Random,
    /// α·exp(−d/(L − d)) (method 4).
    Exponential,
    /// α·(γ/n)·exp(−d/(Lβ)) (method 5).
    DoarLeslie,
    /// α where d ≤ γL, else β (method 6).
    Locality,
}

impl Topology {
    /// Where the underlay comes from, or why it cannot be read or generated.
    pub(super) fn validate(&self) -> Result<TopologySource, Problem> {
        match self {
            Self::File(asked) => {
                let options = ReadOptions {
                    largest_component: asked.largest_component,
                    default_latency_ms: asked.default_latency_ms.map(|latency| latency.0),
                    rename_duplicates: asked.rename_duplicates,
                    length_from: asked.length_from.clone(),
                    length_unit: asked.length_unit.map(Unit::unit),
                    place_from: asked.place_from.clone(),
                };
                options
                    .check(asked.file.as_ref())
                    .map_err(|error| Problem::new("/topology", in_one_line(&error)))?;
                Ok(TopologySource::File {
                    path: asked.file.as_str().into(),
                    options,
                })
            }
            Self::Generated(ToGenerate { transit_stub }) => {
                let generated = transit_stub.generated();
                generated
                    .parameters
                    .check()
                    .map_err(|error| Problem::new("/topology/transit_stub", in_one_line(&error)))?;
                Ok(TopologySource::TransitStub(Box::new(generated)))
            }
        }
    }
}

impl Unit {
    const fn unit(self) -> LengthUnit {
        match self {
            Self::Ns => LengthUnit::Ns,
            Self::Us => LengthUnit::Us,
            Self::Ms => LengthUnit::Ms,
            Self::S => LengthUnit::S,
            Self::M => LengthUnit::M,
            Self::Km => LengthUnit::Km,
            Self::Mi => LengthUnit::Mi,
        }
    }
}

fn in_one_line(error: &Error) -> String {
    error.to_string().replace('\n', ";")
}

impl TransitStub {
    fn generated(&self) -> Generated {
        Generated {
            text: serde_json::to_string(self).expect("numbers and words"),
            parameters: TransitStubParameters {
                transit_domains: self.transit_domains.0.into(),
                transit_routers: self.transit_routers.0.into(),
                stubs_per_transit_router: self.stubs_per_transit_router.0.into(),
                stub_routers: self.stub_routers.0.into(),
                extra_transit_stub_links: self.extra_transit_stub_links.0.into(),
                extra_stub_stub_links: self.extra_stub_stub_links.0.into(),
                top: self.top.law(),
                transit: self.transit.law(),
                stub: self.stub.law(),
            },
            variant: match self.variant {
                Variant::Exact => gtitm::Variant::Exact,
                Variant::Documented => gtitm::Variant::Documented,
            },
            placement: match self.placement {
                Placement::Glibc => gtitm::Placement::Glibc,
                Placement::Bsd => gtitm::Placement::Bsd,
            },
            seed: self.seed.0.into(),
            per_replication: self.per_replication,
        }
    }
}

impl Law {
    fn law(&self) -> EdgeLaw {
        let method = match self.method {
            Method::WaxmanRandomLength => gtitm::EdgeMethod::WaxmanRandomLength,
            Method::Waxman => gtitm::EdgeMethod::Waxman,
            Method::Random => gtitm::EdgeMethod::Random,
            Method::Exponential => gtitm::EdgeMethod::Exponential,
            Method::DoarLeslie => gtitm::EdgeMethod::DoarLeslie,
            Method::Locality => gtitm::EdgeMethod::Locality,
        };
        EdgeLaw {
            method,
            alpha: self.alpha.0,
            beta: self.beta.0,
            gamma: self.gamma.0,
        }
    }
}
