//! What is offered and asked for by constraints instead of by numbers of services.
//!
//! The doc comments are the descriptions in the JSON Schema. They do *not* know who offers what.

use std::fmt;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::constraint::{Attributes, Constraint, Random};
use crate::parameters::Problem;
use crate::parameters::number::{BoundedCount, Count, Fraction, Positive, Whole};

/// What GCUs offer and ask for by constraints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Constrained {
    /// The attributes that constraints may name.
    pub attributes: Attributes,
    /// What is offered.
    pub offers: Given<Offer, RandomOffers>,
    /// What is asked for, unless `requests.all` says that.
    #[serde(default = "nothing")]
    pub requests: Given<Wish, RandomWishes>,
    /// What brokers tell their super-brokers of the offers of their colonies.
    #[serde(default)]
    pub summary: Summary,
}

/// Constraints: a list of them, or how they are drawn.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Given<L, R> {
    /// Each with its text.
    Listed(Vec<L>),
    /// Drawn for each replication.
    Random(R),
}

/// A constraint that GCUs offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Its text.
    pub constraint: String,
    /// The probability ρ that a GCU offers it.
    #[serde(default = "density")]
    pub density: Fraction,
}

/// A constraint that GCUs ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// Its text.
    pub constraint: String,
    /// How often it is asked for, in proportion to the others.
    #[serde(default = "weight")]
    pub weight: Positive,
}

/// Constraints that GCUs offer, drawn at random.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomOffers {
    /// How they are drawn.
    pub random: Random,
    /// The probability ρ that a GCU offers one of them.
    #[serde(default = "density")]
    pub density: Fraction,
}

/// Constraints that GCUs ask for, drawn at random; all are asked for alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RandomWishes {
    /// How they are drawn.
    pub random: Random,
}

fn nothing() -> Given<Wish, RandomWishes> {
    Given::Listed(Vec::new())
}

fn density() -> Fraction {
    Fraction(0.1)
}

fn weight() -> Positive {
    Positive(1.0)
}

/// What a broker tells its super-broker of the constraints that are offered in its colony.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Summary {
    /// Every one.
    #[default]
    Exact,
    /// Those that no other one covers.
    Covering,
    /// At most so many, merged into their hulls.
    Merge(Count),
}

impl<'de, L: DeserializeOwned, R: DeserializeOwned> Deserialize<'de> for Given<L, R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct GivenVisitor<L, R>(PhantomData<(L, R)>);

        impl<'de, L: DeserializeOwned, R: DeserializeOwned> Visitor<'de> for GivenVisitor<L, R> {
            type Value = Given<L, R>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of constraints, or {\"random\": {…}}")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Given::Listed)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                R::deserialize(MapAccessDeserializer::new(map)).map(Given::Random)
            }
        }

        deserializer.deserialize_any(GivenVisitor(PhantomData))
    }
}

impl Constrained {
    /// Whether all constraints are ones, and there are some, but for requests that ask for `parts`; the object stands
    /// at `pointer`.
    pub(super) fn check(&self, parts: bool, pointer: &str) -> Result<(), Problem> {
        match &self.offers {
            Given::Listed(list) => {
                let texts = list.iter().map(|offer| offer.constraint.as_str());
                self.check_texts(texts, &format!("{pointer}/offers"))?;
            }
            Given::Random(drawn) => {
                let place = format!("{pointer}/offers/random");
                drawn.random.validate(&self.attributes, &place)?;
            }
        }
        match &self.requests {
            Given::Listed(list) if parts && list.is_empty() => Ok(()),
            Given::Listed(list) => {
                let texts = list.iter().map(|wish| wish.constraint.as_str());
                self.check_texts(texts, &format!("{pointer}/requests"))
            }
            Given::Random(drawn) => {
                let place = format!("{pointer}/requests/random");
                drawn.random.validate(&self.attributes, &place).map(drop)
            }
        }
    }

    fn check_texts<'t>(
        &self,
        texts: impl Iterator<Item = &'t str>,
        pointer: &str,
    ) -> Result<(), Problem> {
        let mut count = 0;
        for (text, index) in texts.zip(0_u32..) {
            self.parse(text, &format!("{pointer}/{index}/constraint"))?;
            count += 1;
        }
        let problem = match count {
            0 => Problem::new(pointer, "there is no constraint")
                .help("list at least one, or let them be drawn: {\"random\": {…}}"),
            _ if count > BoundedCount::MAX => {
                Problem::new(pointer, format!("there are {count} constraints"))
                    .help(format!("at most {} are allowed", BoundedCount::MAX))
            }
            _ => return Ok(()),
        };
        Err(problem)
    }

    /// Whether a listed request is equal to a listed offer. Where constraints are drawn, one may be.
    ///
    /// # Errors
    /// If one is malformed or contradictory.
    pub fn has_equals(&self) -> Result<bool, Problem> {
        let (Given::Listed(offers), Given::Listed(wishes)) = (&self.offers, &self.requests) else {
            return Ok(true);
        };
        let parse = |text: &str| self.parse(text, "/services/constraints");
        let offers = offers.iter().map(|offer| parse(&offer.constraint));
        let offers = offers.collect::<Result<Vec<_>, _>>()?;
        for wish in wishes {
            if offers.contains(&parse(&wish.constraint)?) {
                return Ok(true);
            }
        }
        Ok(wishes.is_empty())
    }

    /// The constraint that a text at `pointer` is.
    ///
    /// # Errors
    /// If it is malformed or contradictory.
    pub fn parse(&self, text: &str, pointer: &str) -> Result<Constraint, Problem> {
        let parsed = self.attributes.parse(text);
        parsed.map_err(|error| Problem::within(pointer, error))
    }

    /// How many constraints are offered, or fewer, as equal ones are one.
    pub(super) fn offers_max(&self) -> u32 {
        match &self.offers {
            Given::Listed(list) => list.len() as u32,
            Given::Random(drawn) => drawn.random.count.0,
        }
    }

    /// How many constraints one GCU offers on average, or fewer.
    pub(super) fn offers_mean(&self) -> f64 {
        match &self.offers {
            Given::Listed(list) => list.iter().map(|offer| offer.density.0).sum(),
            Given::Random(drawn) => f64::from(drawn.random.count.0) * drawn.density.0,
        }
    }
}
