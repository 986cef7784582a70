//! The constraints of a replication: what is offered and how often, what is asked for, and which of them match.
//!
//! Each is listed once, however often it is offered and asked for. Those that are offered come first. Who
//! matches whom is found out once, when the list is made. This module does *not* know who offers and who asks.

use super::Descriptor;
use super::config::{Constrained, Given, Summary};
use super::matching::Matcher;
use crate::constraint::{Attributes, Constraint, ConstraintId, Constraints, Drawn, Interner};
use crate::parameters::Problem;
use crate::random::{RandomStreams, StreamId};

/// Constraints by their numbers, which are descriptors.
#[derive(Debug)]
pub struct Catalogue {
    attributes: Attributes,
    list: Constraints,
    /// The probability that a computer offers each of the first ones; the others are only asked for.
    densities: Box<[f64]>,
    /// The greatest of them.
    density_max: f64,
    /// What is asked for, ascending, and how often in proportion to the others.
    wishes: Box<[(Descriptor, f64)]>,
    /// All that may be asked for, in any order.
    asked: Box<[Descriptor]>,
    /// For each that is asked for the offers that match it, ascending.
    serving: Box<[Box<[Descriptor]>]>,
    summary: Summary,
}

impl Catalogue {
    /// The constraints of `config`, and `others` that are asked for as well.
    ///
    /// # Errors
    /// If one is malformed or contradictory, or they cannot be drawn so.
    pub fn new(
        config: &Constrained,
        others: impl IntoIterator<Item = Constraint>,
        streams: RandomStreams,
    ) -> Result<Self, Problem> {
        let mut interner = Interner::default();
        let mut densities: Vec<f64> = Vec::new();
        for (constraint, density) in offers(config, streams)? {
            let number = interner.intern(constraint).0 as usize;
            match densities.get_mut(number) {
                // It is offered if one of the two is.
                Some(known) => *known += (1.0 - *known) * density,
                None => densities.push(density),
            }
        }
        let mut wishes: Vec<(Descriptor, f64)> = Vec::new();
        for (constraint, weight) in wanted(config, streams)? {
            let wish = Descriptor(interner.intern(constraint).0);
            wishes.push((wish, weight));
        }
        wishes.sort_by_key(|(wish, _)| *wish);
        wishes.dedup_by(|(next, more), (wish, weight)| {
            let is_same = next == wish;
            *weight += if is_same { *more } else { 0.0 };
            is_same
        });
        let others = others.into_iter().map(|other| interner.intern(other));
        let others: Vec<Descriptor> = others.map(|id| Descriptor(id.0)).collect();
        let list = interner.finish();
        let mut catalogue = Self {
            attributes: config.attributes.clone(),
            serving: vec![Box::default(); list.len()].into(),
            list,
            density_max: densities.iter().copied().fold(0.0, f64::max),
            densities: densities.into(),
            asked: wishes.iter().map(|(wish, _)| *wish).chain(others).collect(),
            wishes: wishes.into(),
            summary: config.summary,
        };
        for &demand in &catalogue.asked {
            let fits = catalogue.list.matching(ConstraintId(demand.0));
            let fits = fits.map(|id| Descriptor(id.0));
            let offers = fits.take_while(|fit| (fit.0 as usize) < catalogue.densities.len());
            catalogue.serving[demand.0 as usize] = offers.collect();
        }
        Ok(catalogue)
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        self.list.len() as u32
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The attributes that they name.
    pub fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// The constraints, by number.
    pub fn list(&self) -> &Constraints {
        &self.list
    }

    /// What brokers tell their super-brokers.
    pub fn summary(&self) -> Summary {
        self.summary
    }

    /// The canonical texts, by number.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        self.list.iter().map(|it| self.attributes.text(it))
    }

    /// The canonical text of one of them.
    ///
    /// # Panics
    /// If it is none of the list.
    pub fn text(&self, number: Descriptor) -> String {
        let constraint = self.list.get(ConstraintId(number.0));
        self.attributes.text(constraint)
    }

    /// The number of a constraint, if it is one of the list.
    pub fn find(&self, constraint: &Constraint) -> Option<Descriptor> {
        let found = self.list.iter().position(|other| other == constraint)?;
        Some(Descriptor(found as u32))
    }

    /// What is asked for, ascending, and how often in proportion to the others.
    pub fn wishes(&self) -> &[(Descriptor, f64)] {
        &self.wishes
    }

    /// All that may be asked for.
    pub fn asked(&self) -> &[Descriptor] {
        &self.asked
    }

    /// The offers that match `demand`, ascending.
    #[inline]
    pub(super) fn fits(&self, demand: Descriptor) -> &[Descriptor] {
        let fits = self.serving.get(demand.0 as usize);
        fits.map_or(&[], |fits| fits)
    }

    /// The probability that a computer offers `offer`.
    pub(super) fn density(&self, offer: u32) -> f64 {
        self.densities[offer as usize]
    }

    /// Calls `each` with what the computer `entity` offers at first, ascending.
    pub(super) fn drawn(
        &self,
        streams: RandomStreams,
        stream: StreamId,
        entity: u64,
        mut each: impl FnMut(u32),
    ) {
        streams.hits(stream, entity, self.count(), self.density_max, |offer| {
            let density = self.density(offer);
            if density >= self.density_max || streams.unit(stream, entity, offer) < density {
                each(offer);
            }
        });
    }
}

impl Matcher for Catalogue {
    fn count(&self) -> u32 {
        self.densities.len() as u32
    }

    #[inline]
    fn serving(&self, demand: Descriptor) -> impl Iterator<Item = Descriptor> {
        self.fits(demand).iter().copied()
    }

    fn serves(&self, offer: Descriptor, demand: Descriptor) -> bool {
        let [one, other] = [offer, demand].map(|it| ConstraintId(it.0));
        offer.0 < self.count() && demand.0 < self.len() && self.list.matches(other, one)
    }
}

/// The offers of `config` with their densities, as they stand there.
fn offers(config: &Constrained, streams: RandomStreams) -> Result<Vec<(Constraint, f64)>, Problem> {
    match &config.offers {
        Given::Listed(list) => {
            let all = list.iter().zip(0_u32..).map(|(offer, index)| {
                let place = format!("{PLACE}/offers/{index}/constraint");
                let constraint = config.parse(&offer.constraint, &place)?;
                Ok((constraint, offer.density.0))
            });
            all.collect()
        }
        Given::Random(random) => {
            let place = format!("{PLACE}/offers/random");
            let drawn = random.random.validate(&config.attributes, &place)?;
            let all = (0..random.random.count.0)
                .map(|index| drawn.constraint(streams, Drawn::OFFERED, index));
            Ok(all.map(|it| (it, random.density.0)).collect())
        }
    }
}

/// What is asked for, with its weights, as it stands in `config`.
fn wanted(config: &Constrained, streams: RandomStreams) -> Result<Vec<(Constraint, f64)>, Problem> {
    match &config.requests {
        Given::Listed(list) => {
            let all = list.iter().zip(0_u32..).map(|(wish, index)| {
                let place = format!("{PLACE}/requests/{index}/constraint");
                let constraint = config.parse(&wish.constraint, &place)?;
                Ok((constraint, wish.weight.0))
            });
            all.collect()
        }
        Given::Random(random) => {
            let place = format!("{PLACE}/requests/random");
            let drawn = random.random.validate(&config.attributes, &place)?;
            let all = (0..random.random.count.0)
                .map(|index| drawn.constraint(streams, Drawn::REQUESTED, index));
            Ok(all.map(|it| (it, 1.0)).collect())
        }
    }
}

/// Where the constraints stand in a scenario.
const PLACE: &str = "/system/*/services/constraints";
