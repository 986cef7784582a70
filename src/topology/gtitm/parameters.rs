//! The parameters of a graph, as named members.
//!
//! The doc comments are the descriptions in the JSON Schema, and the limits are a scenario's. A program, or a spec
//! file, may say anything: what cannot be generated is refused when it is. This module does *not* know the
//! spec files' syntax.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::draw::Drawn;
use super::flat::Flat;
use super::random::{Flip, PlacementRandom};
use super::refusal::{ParameterGroup, Refusal};
use super::scales::Scales;
use super::watch::Watch;
use super::{Placement, SEED_DEFAULT, Variant, assemble};
use crate::error;
use crate::parameters::number::{BareReal, BareWhole, BoundedCount, Factor, Probability, Sites};
use crate::parameters::{Plain, Problem};
use crate::topology::graphbase::ID_CHARACTERS_MAX;
use crate::topology::{Graph, Origin};

/// The form of the probability of a link.
///
/// Methods 4 and 5 are as the original's program has them; its documentation swaps their names.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[schemars(
    rename = "Method",
    description = "The form of the probability of a link."
)]
pub enum EdgeMethod {
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

impl EdgeMethod {
    /// All methods, in the order of their numbers.
    pub const ALL: [Self; 6] = [
        Self::WaxmanRandomLength,
        Self::Waxman,
        Self::Random,
        Self::Exponential,
        Self::DoarLeslie,
        Self::Locality,
    ];

    /// The method's number in a spec file, 1 to 6.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// The method of this `number`, if it is 1 to 6.
    pub fn from_number(number: i64) -> Option<Self> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        Self::ALL.get(index).copied()
    }
}

/// How the routers of a domain are linked: each pair with a probability that may depend on their
/// distance d; L is the diagonal of the square, n the number of routers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "EdgeLaw")]
pub struct EdgeLaw {
    /// The form of the probability.
    pub method: EdgeMethod,
    /// Its factor α.
    #[serde(with = "BareReal::<Probability>")]
    #[schemars(with = "Probability")]
    pub alpha: f64,
    /// Its parameter β.
    #[serde(with = "BareReal::<Factor>")]
    #[schemars(with = "Factor")]
    pub beta: f64,
    /// Its parameter γ.
    #[serde(with = "BareReal::<Factor>")]
    #[schemars(with = "Factor")]
    pub gamma: f64,
}

impl Default for EdgeLaw {
    fn default() -> Self {
        Self::random(1.0)
    }
}

impl EdgeLaw {
    /// Pure random links (method 3) with probability `alpha`.
    pub fn random(alpha: f64) -> Self {
        Self {
            method: EdgeMethod::Random,
            alpha,
            beta: 0.0,
            gamma: 0.0,
        }
    }

    /// The probability of a link between two of `n` routers at `distance`; may be above 1.
    /// For method 1, `distance` is the random one.
    pub(super) fn probability(&self, distance: f64, diagonal: f64, n: usize) -> f64 {
        let Self { alpha, beta, .. } = *self;
        let fading = || {
            if diagonal * beta > 0.0 {
                libm::exp(-distance / (diagonal * beta))
            } else {
                0.0
            }
        };
        match self.method {
            EdgeMethod::WaxmanRandomLength | EdgeMethod::Waxman => alpha * fading(),
            EdgeMethod::Random => alpha,
            EdgeMethod::Exponential => alpha * libm::exp(-distance / (diagonal - distance)),
            EdgeMethod::DoarLeslie => alpha * (self.gamma / n as f64) * fading(),
            EdgeMethod::Locality if distance <= self.gamma * diagonal => alpha,
            EdgeMethod::Locality => beta,
        }
    }

    /// Refuses numbers with which the original refuses to draw.
    pub(super) fn check(&self, part: ParameterGroup) -> Result<(), Refusal> {
        let Self {
            alpha, beta, gamma, ..
        } = *self;
        if !(alpha > 0.0 && alpha <= 1.0) {
            return Err(Refusal::new(
                part,
                format!(
                    "alpha of {} is {alpha}, so no link can be drawn",
                    part.name()
                ),
                "give an alpha above 0 and at most 1",
            ));
        }
        for (name, value) in [("beta", beta), ("gamma", gamma)] {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(Refusal::new(
                    part,
                    format!("{name} of {} is {value}", part.name()),
                    format!("give a {name} of 0 or above"),
                ));
            }
        }
        Ok(())
    }

    /// Refuses a law that never links any two of `n` routers on a square of this `diagonal`.
    /// `subject` is what is drawn, as the subject of a sentence.
    pub(super) fn check_possible(
        &self,
        part: ParameterGroup,
        subject: &str,
        n: usize,
        diagonal: f64,
    ) -> Result<(), Refusal> {
        // Distances start at 1, and no method's probability is 0 there unless it is everywhere.
        let nearest = match self.method {
            EdgeMethod::WaxmanRandomLength => 0.0,
            _ => 1.0,
        };
        if n < 2 || self.probability(nearest, diagonal, n) > 0.0 {
            return Ok(());
        }
        let help = match self.method {
            EdgeMethod::DoarLeslie if self.gamma == 0.0 => "give a gamma above 0",
            EdgeMethod::Locality => "give a beta above 0, or a larger gamma",
            _ => "give a larger beta",
        };
        Err(Refusal::new(
            part,
            format!(
                "{subject} has {n} routers, but with method {}, beta {} and gamma {} every link \
                 has probability 0, so it is never connected, however often it is redrawn",
                self.method.number(),
                self.beta,
                self.gamma
            ),
            help,
        ))
    }

    /// The law of a `ts` graph as a line of a spec file. The scale in it must be there and above
    /// 0, and is not used.
    fn spec_line(&self, n: u64) -> String {
        let Self {
            alpha, beta, gamma, ..
        } = self;
        format!("{n} 20 {} {alpha} {beta} {gamma}\n", self.method.number())
    }

    /// The law as the original writes it into a graph's identification.
    fn id(&self, n: u64, scale: u64) -> String {
        format!(
            "{{{n},{scale},{},{:.3},{:.3},{:.3}}}",
            self.method.number(),
            self.alpha,
            self.beta,
            self.gamma
        )
    }
}

/// A flat random graph (method `geo`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FlatParameters {
    /// The number of routers.
    pub routers: u64,
    /// The side of the square grid on which they lie, at most one a cell.
    pub scale: u64,
    /// The law of their links.
    pub law: EdgeLaw,
}

/// A transit-stub graph (method `ts`): a connected graph of transit domains; in each transit
/// domain a connected graph of transit routers; at each of these, stub domains.
///
/// The default is the example of the original's documentation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TransitStubParameters {
    /// The number of transit domains.
    #[serde(with = "BareWhole::<BoundedCount>")]
    #[schemars(with = "BoundedCount")]
    pub transit_domains: u64,
    /// The mean number of routers of a transit domain.
    #[serde(with = "BareWhole::<BoundedCount>")]
    #[schemars(with = "BoundedCount")]
    pub transit_routers: u64,
    /// The mean number of stub domains at a transit router.
    #[serde(with = "BareWhole::<Sites>")]
    #[schemars(with = "Sites")]
    pub stubs_per_transit_router: u64,
    /// The mean number of routers of a stub domain.
    #[serde(with = "BareWhole::<BoundedCount>")]
    #[schemars(with = "BoundedCount")]
    pub stub_routers: u64,
    /// Links from a random transit router to a stub domain of another.
    #[serde(with = "BareWhole::<Sites>")]
    #[schemars(with = "Sites")]
    pub extra_transit_stub_links: u64,
    /// Links between random routers of different stub domains.
    #[serde(with = "BareWhole::<Sites>")]
    #[schemars(with = "Sites")]
    pub extra_stub_stub_links: u64,
    /// How transit domains are linked.
    pub top: EdgeLaw,
    /// How the routers of a transit domain are linked (in the exact variant: of the first one; the
    /// others follow `stub`).
    pub transit: EdgeLaw,
    /// How the routers of a stub domain are linked.
    pub stub: EdgeLaw,
}

impl Default for TransitStubParameters {
    fn default() -> Self {
        Self {
            transit_domains: 1,
            transit_routers: 4,
            stubs_per_transit_router: 3,
            stub_routers: 8,
            extra_transit_stub_links: 0,
            extra_stub_stub_links: 0,
            top: EdgeLaw::random(1.0),
            transit: EdgeLaw::random(0.6),
            stub: EdgeLaw::random(0.42),
        }
    }
}

impl Plain for TransitStubParameters {
    /// Whether graphs can be generated, as far as the parameters alone tell: sizes, scales, and
    /// places for extra links.
    fn check(&self, pointer: &str) -> Result<(), Problem> {
        match Scales::of(self) {
            Ok(_) => Ok(()),
            Err(refusal) => Err(refusal.problem(pointer)),
        }
    }
}

/// The identification as far as the original keeps it.
fn cut(mut id: String) -> String {
    id.truncate(ID_CHARACTERS_MAX);
    id
}

impl FlatParameters {
    pub(super) fn draw(&self, flip: &mut Flip, watch: &Watch) -> Result<Graph, Refusal> {
        let flat = Flat::whole(flip, self, watch)?;
        let id = format!("geo(0,{})", self.law.id(self.routers, self.scale));
        let origin = Origin::Flat {
            scale: self.scale.cast_signed(),
        };
        Ok(flat.into_graph(cut(id), origin))
    }
}

impl TransitStubParameters {
    /// The number of routers of each graph with these parameters, T·t·(1 + K·s): the sizes of
    /// domains vary, their sum does not. An error if it is above [`super::ROUTERS_MAX`].
    pub fn router_count(&self) -> error::Result<usize> {
        super::scales::router_count(self).map_err(|refusal| refusal.error)
    }

    /// The graph that a spec file with these parameters and this `seed` gives first (0 counts as
    /// [`SEED_DEFAULT`]; only the low 31 bits count).
    pub fn generate(
        &self,
        variant: Variant,
        placement: Placement,
        seed: i64,
    ) -> error::Result<Graph> {
        self.draw(
            variant,
            &mut flip(seed),
            &mut PlacementRandom::new(placement),
            &Watch::default(),
        )
        .map_err(|refusal| refusal.error)
    }

    pub(super) fn draw(
        &self,
        variant: Variant,
        flip: &mut Flip,
        random: &mut PlacementRandom,
        watch: &Watch,
    ) -> Result<Graph, Refusal> {
        let scales = Scales::of(self)?;
        let drawn = Drawn::draw(self, scales, variant, flip, random, watch)?;
        assemble::graph(self, self.id(scales), scales, &drawn, variant, flip)
    }

    /// A spec file that asks for `count` graphs with these parameters, the first from `seed`.
    pub fn spec(&self, count: u64, seed: i64) -> String {
        format!(
            "ts {count} {seed}\n{} {} {}\n{}{}{}",
            self.stubs_per_transit_router,
            self.extra_transit_stub_links,
            self.extra_stub_stub_links,
            self.top.spec_line(self.transit_domains),
            self.transit.spec_line(self.transit_routers),
            self.stub.spec_line(self.stub_routers),
        )
    }

    fn id(&self, scales: Scales) -> String {
        cut(format!(
            "transtub(0,{},{},{},{},{},{})",
            self.stubs_per_transit_router,
            self.extra_transit_stub_links,
            self.extra_stub_stub_links,
            self.top.id(self.transit_domains, scales.global.into()),
            self.transit.id(self.transit_routers, scales.transit.into()),
            self.stub.id(self.stub_routers, scales.stub.into()),
        ))
    }
}

/// The main generator for a spec file's seed.
pub(super) fn flip(seed: i64) -> Flip {
    Flip::new(if seed == 0 { SEED_DEFAULT } else { seed })
}
