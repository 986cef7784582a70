//! The computers: with which broker each one starts, how far from it, and what it offers.
//!
//! A computer's draws are keyed by its broker and its number there, so that more computers a
//! broker leave the earlier ones as they were. This module does *not* know what a unit decides.

use super::config;
use super::purpose;
use crate::error::{Error, Result};
use crate::random::Draws;
use crate::time::Span;

/// More computers are refused: their units alone would take tens of gigabytes.
const COMPUTERS_MAX: f64 = 1e8;
/// More offers are refused: their numbers must fit into 32 bits, with room for chance.
const OFFERS_MAX: f64 = 4e9;

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
        u64::from(self.broker) << 32 | u64::from(self.number)
    }
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

    /// Draws the computers of `brokers` brokers.
    pub fn draw(overlay: &config::Overlay, brokers: u32, draws: Draws) -> Self {
        let mut population = Self::empty(overlay.services);
        for broker in 0..brokers {
            let count = match overlay.population {
                config::Population::Fixed(count) => count,
                config::Population::Poisson(mean) => {
                    draws.poisson(purpose::POPULATION, u64::from(broker), mean)
                }
            };
            for number in 0..count {
                let mut computer = Computer {
                    broker,
                    number,
                    access: Span::ZERO,
                };
                let entity = computer.entity();
                computer.access = draws.span(purpose::ACCESS, entity, 0, overlay.access);
                let offered =
                    |&service: &u32| draws.unit(purpose::OFFER, entity, service) < overlay.density;
                population.add(computer, (0..overlay.services).filter(offered));
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
