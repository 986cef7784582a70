//! The computers: with which broker each one starts, how far from it, and what it offers.
//!
//! A computer's draws are keyed by its broker and its number there, so that more computers a
//! broker leave the earlier ones as they were. This module does *not* know what a unit decides.

use rayon::prelude::*;

use super::config;
use super::purpose;
use crate::error::{Error, Result};
use crate::random::Draws;
use crate::time::Span;

/// More computers are refused: their units alone would take tens of gigabytes.
const COMPUTERS_MAX: f64 = 1e8;
/// More offers are refused: their numbers must fit into 32 bits, with room for chance.
const OFFERS_MAX: f64 = 4e9;

/// Fewer draws than this (a hundredth of a second's work) are not worth waking other threads.
const SPREAD_MIN: f64 = 2e6;
/// About so many computers are drawn before they are entered: their offers lie in memory twice.
const BATCH_COMPUTERS: f64 = 65_536.0;

/// A service's number, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceId(pub u32);

/// One computer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Computer {
    /// The number of the broker with which it starts.
    pub broker: u32,
    /// Its number among the computers of that broker, from 0.
    pub number: u32,
    /// The latency of its access link.
    pub access: Span,
}

impl Computer {
    /// What its draws are keyed by.
    pub fn entity(&self) -> u64 {
        entity(self.broker, self.number)
    }
}

fn entity(broker: u32, number: u32) -> u64 {
    u64::from(broker) << 32 | u64::from(number)
}

/// All computers, those of broker 0 first, with their offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Population {
    computers: Vec<Computer>,
    /// Where each computer's offers begin in `offers`; one more than there are computers.
    starts: Vec<u32>,
    offers: Offers,
}

/// Lists of services, one behind the other: most of a large population's memory.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Offers {
    /// Where every service's number fits into two bytes.
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

impl Offers {
    fn new(services: u32) -> Self {
        if services <= 1 << u16::BITS {
            Self::Narrow(Vec::new())
        } else {
            Self::Wide(Vec::new())
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Narrow(offers) => offers.len(),
            Self::Wide(offers) => offers.len(),
        }
    }

    fn extend(&mut self, services: impl Iterator<Item = u32>) {
        match self {
            Self::Narrow(offers) => offers.extend(services.map(|service| service as u16)),
            Self::Wide(offers) => offers.extend(services),
        }
    }

    fn get(&self, index: usize) -> ServiceId {
        ServiceId(match self {
            Self::Narrow(offers) => u32::from(offers[index]),
            Self::Wide(offers) => offers[index],
        })
    }

    fn shrink_to_fit(&mut self) {
        match self {
            Self::Narrow(offers) => offers.shrink_to_fit(),
            Self::Wide(offers) => offers.shrink_to_fit(),
        }
    }
}

/// What the computers of one broker offer, as it is drawn.
struct Colony {
    /// Where each computer's offers end in `services`.
    ends: Vec<usize>,
    services: Vec<u32>,
}

impl Colony {
    fn draw(overlay: &config::Overlay, broker: u32, draws: Draws) -> Self {
        let count = match overlay.population {
            config::Population::Fixed(count) => count,
            config::Population::Poisson(mean) => {
                draws.poisson(purpose::POPULATION, u64::from(broker), mean)
            }
        };
        let mut colony = Self {
            ends: Vec::with_capacity(count as usize),
            services: Vec::new(),
        };
        for number in 0..count {
            let entity = entity(broker, number);
            let offered =
                |&service: &u32| draws.unit(purpose::OFFER, entity, service) < overlay.density;
            let offers = (0..overlay.services).filter(offered);
            colony.services.extend(offers);
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
    pub fn check(overlay: &config::Overlay, brokers: u32) -> Result<()> {
        let mean = overlay.population.mean();
        let computers = mean * f64::from(brokers);
        if computers > COMPUTERS_MAX {
            return Err(Error::new(format!(
                "{brokers} brokers with {mean} GCUs each make {computers:.0} GCUs; at most {COMPUTERS_MAX} fit"
            ))
            .at("/system/*/gcus_per_broker")
            .help("take fewer GCUs a broker, or a smaller topology"));
        }
        let offers = computers * f64::from(overlay.services) * overlay.density;
        if offers > OFFERS_MAX {
            return Err(Error::new(format!(
                "{computers:.0} GCUs would make about {offers:.0} offers; at most {OFFERS_MAX} fit"
            ))
            .at("/system/*/services")
            .help("take fewer services or a smaller density"));
        }
        Ok(())
    }

    /// Draws the computers of `brokers` brokers. Colonies are drawn side by side on the threads at
    /// hand where that is worth it, and entered in order: who draws them does not show.
    pub fn draw(overlay: &config::Overlay, brokers: u32, draws: Draws) -> Self {
        let mean = overlay.population.mean().max(1.0);
        let spread = f64::from(brokers) * mean * f64::from(overlay.services) >= SPREAD_MIN;
        let batch = (BATCH_COMPUTERS / mean).clamp(8.0, 4096.0) as u32;
        let mut population = Self::empty(overlay.services);
        for first in (0..brokers).step_by(batch as usize) {
            let batch = first..brokers.min(first + batch);
            let draw = |broker| Colony::draw(overlay, broker, draws);
            let colonies: Vec<Colony> = if spread {
                batch.clone().into_par_iter().map(draw).collect()
            } else {
                batch.clone().map(draw).collect()
            };
            for (broker, colony) in batch.zip(colonies) {
                for (offers, number) in colony.offers().zip(0..) {
                    let mut computer = Computer {
                        broker,
                        number,
                        access: Span::ZERO,
                    };
                    let entity = computer.entity();
                    computer.access = draws.span(purpose::ACCESS, entity, 0, overlay.access);
                    population.add(computer, offers.iter().copied());
                }
            }
        }
        population.computers.shrink_to_fit();
        population.starts.shrink_to_fit();
        population.offers.shrink_to_fit();
        population
    }

    /// Nobody, where there are `services` services.
    pub fn empty(services: u32) -> Self {
        Self {
            computers: Vec::new(),
            starts: vec![0],
            offers: Offers::new(services),
        }
    }

    /// Adds a computer with what it offers (ascending; each below the number of services).
    pub fn add(&mut self, computer: Computer, offers: impl Iterator<Item = u32>) {
        self.computers.push(computer);
        self.offers.extend(offers);
        self.starts.push(self.offers.len() as u32);
    }

    /// The computers, by number.
    pub fn computers(&self) -> &[Computer] {
        &self.computers
    }

    /// What `computer` offers, ascending.
    pub fn offers(&self, computer: u32) -> impl ExactSizeIterator<Item = ServiceId> + '_ {
        let computer = computer as usize;
        let range = self.starts[computer] as usize..self.starts[computer + 1] as usize;
        range.map(|index| self.offers.get(index))
    }
}
