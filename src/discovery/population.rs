//! The computers: with which broker each one starts, how far from it, and what it offers.
//!
//! A computer's draws are keyed by its broker and its number there, so that more computers a
//! broker leave the earlier ones as they were. This module does *not* know what a unit decides.

use std::ops::Range;

use rayon::prelude::*;

use super::{Descriptor, Matching, config, offered, stream};
use crate::error::{Error, Result};
use crate::numbers::Numbers;
use crate::parameters::number::{BoundedCount, Fraction, Mean};
use crate::random::RandomStreams;

/// More computers are refused: their units alone would take tens of gigabytes.
const COMPUTERS_MAX: f64 = 1e8;
/// More offers are refused: their numbers must fit into 32 bits, with room for chance.
const OFFERS_MAX: f64 = 4e9;

/// Fewer draws than this (a hundredth of a second's work) are not worth waking other threads.
const SPREAD_MIN: f64 = 2e6;
/// About how many computers are drawn before they are entered (or those of one broker, if it has more). Their
/// offers are in memory twice.
const BATCH_COMPUTERS: f64 = 65_536.0;

/// One computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Computer {
    /// The number of the broker with which it starts.
    pub broker: u32,
    /// Its number among the computers of that broker, from 0.
    pub number: u32,
}

impl Computer {
    /// What its draws are keyed by.
    #[inline]
    pub fn entity(self) -> u64 {
        u64::from(self.broker) << 32 | u64::from(self.number)
    }
}

/// All computers, those of broker 0 first, with their offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Population {
    /// Each computer's broker.
    brokers: Numbers,
    /// The first computer of each broker, up to the last broker that has any.
    firsts: Vec<u32>,
    /// Where each computer's offers begin in `offers`; one more than there are computers.
    starts: Vec<u32>,
    /// What computer 0 offers, then what computer 1 offers, and so on.
    offers: Numbers,
}

/// What the computers of one broker offer, as it is drawn.
struct Colony {
    /// Where each computer's offers end in `services`.
    ends: Vec<usize>,
    services: Vec<u32>,
}

impl Colony {
    fn draw(
        overlay: &config::World,
        matching: &Matching,
        broker: u32,
        streams: RandomStreams,
    ) -> Self {
        let count = match overlay.gcus_per_broker {
            config::Population::Fixed(BoundedCount(count)) => count,
            config::Population::Poisson(config::Poisson {
                poisson: Mean(mean),
            }) => streams.poisson(stream::POPULATION, u64::from(broker), mean),
        };
        let mut colony = Self {
            ends: Vec::with_capacity(count as usize),
            services: Vec::new(),
        };
        let (services, density) = (overlay.services.kinds(), overlay.services.density);
        for number in 0..count {
            let entity = Computer { broker, number }.entity();
            let add = |offer| colony.services.push(offer);
            if let Matching::Constraints(all) = matching {
                all.drawn(streams, stream::OFFER, entity, add);
            } else if let Some(Fraction(density)) = density {
                streams.hits(stream::OFFER, entity, services, density, add);
            }
            colony.ends.push(colony.services.len());
        }
        colony
    }

    /// The services that each computer offers, ascending.
    fn offers(&self) -> impl Iterator<Item = &[u32]> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, &end)| &self.services[start..end])
    }
}

impl Population {
    /// Whether the computers of `brokers` brokers fit into numbers and memory.
    ///
    /// # Errors
    /// If far too many computers or offers are to be expected.
    pub fn check(overlay: &config::World, brokers: u32) -> Result<()> {
        let mean = overlay.gcus_per_broker.mean();
        let computers = mean * f64::from(brokers);
        if computers > COMPUTERS_MAX {
            return Err(Error::new(format!(
                "{brokers} brokers with {mean} GCUs each make {computers:.0} GCUs; at most {COMPUTERS_MAX} fit"
            ))
            .at("/system/*/gcus_per_broker")
            .help("use fewer GCUs per broker, or a smaller topology"));
        }
        let services = &overlay.services;
        let offers = computers * services.offers_each(computers);
        let member = services.offering_member();
        if offers > OFFERS_MAX {
            return Err(Error::new(format!(
                "{computers:.0} GCUs would make about {offers:.0} offers; at most {OFFERS_MAX} fit"
            ))
            .at("/system/*/services")
            .help(format!("use fewer services, or lower `{member}`")));
        }
        let each = services.offered_by.map_or(0, |each| each.0);
        let is_fixed = matches!(overlay.gcus_per_broker, config::Population::Fixed(_));
        if is_fixed && f64::from(each) > computers {
            return Err(Error::new(format!(
                "each service is to be offered by {each} GCUs, but there are {computers:.0}"
            ))
            .at(format!("/system/*/{member}"))
            .help("lower it, or use more GCUs"));
        }
        Ok(())
    }

    /// Draws the computers of `brokers` brokers. Colonies are drawn side by side on the threads at
    /// hand where that is worth it, and entered in order: who draws them does not show.
    pub fn draw(
        overlay: &config::World,
        matching: &Matching,
        brokers: u32,
        streams: RandomStreams,
    ) -> Self {
        let mean = overlay.gcus_per_broker.mean().max(1.0);
        let spread = f64::from(brokers) * mean * f64::from(overlay.services.kinds()) >= SPREAD_MIN;
        let batch = (BATCH_COMPUTERS / mean).clamp(1.0, 4096.0) as u32;
        let mut population = Self::default();
        for first in (0..brokers).step_by(batch as usize) {
            let batch = first..brokers.min(first + batch);
            let draw = |broker| Colony::draw(overlay, matching, broker, streams);
            let colonies: Vec<Colony> = if spread {
                batch.clone().into_par_iter().map(draw).collect()
            } else {
                batch.clone().map(draw).collect()
            };
            for (broker, colony) in batch.zip(colonies) {
                for offers in colony.offers() {
                    population.add(broker, offers.iter().copied());
                }
            }
        }
        if let Some(BoundedCount(each)) = overlay.services.offered_by {
            let (services, computers) = (overlay.services.kinds(), population.len());
            let offered = offered::offers(services, each, computers, streams);
            (population.starts, population.offers) = offered;
        }
        population.brokers.shrink_to_fit();
        population.starts.shrink_to_fit();
        population.offers.shrink_to_fit();
        population
    }

    /// Adds a computer of `broker`, the last one so far or a later one, with what it offers
    /// (ascending).
    pub fn add(&mut self, broker: u32, offers: impl Iterator<Item = u32>) {
        let computer = self.len();
        let known = self.firsts.len().max(broker as usize + 1);
        self.firsts.resize(known, computer);
        self.brokers.push(broker);
        self.offers.extend(offers);
        self.starts.push(self.offers.len() as u32);
    }

    /// How many computers there are.
    pub fn len(&self) -> u32 {
        self.brokers.len() as u32
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.brokers.is_empty()
    }

    /// The computer called `id`, from 0.
    ///
    /// # Panics
    /// If there is none.
    #[inline]
    pub fn computer(&self, id: u32) -> Computer {
        let broker = self.brokers.get(id as usize);
        let number = id - self.firsts[broker as usize];
        Computer { broker, number }
    }

    /// The computers, in the order of their names.
    pub fn computers(&self) -> impl ExactSizeIterator<Item = Computer> + '_ {
        (0..self.len()).map(|id| self.computer(id))
    }

    /// The computers of `broker`.
    pub fn colony(&self, broker: u32) -> Range<u32> {
        let first = |broker: u32| self.firsts.get(broker as usize).copied();
        let all = self.len();
        first(broker).unwrap_or(all)..first(broker + 1).unwrap_or(all)
    }

    /// What the computer called `id` offers, ascending.
    pub fn offers(&self, id: u32) -> impl ExactSizeIterator<Item = Descriptor> + '_ {
        let id = id as usize;
        let range = self.starts[id] as usize..self.starts[id + 1] as usize;
        range.map(|index| Descriptor(self.offers.get(index)))
    }
}

impl Default for Population {
    /// Nobody.
    fn default() -> Self {
        Self {
            brokers: Numbers::default(),
            firsts: Vec::new(),
            starts: vec![0],
            offers: Numbers::default(),
        }
    }
}
