//! Changes of what computers offer: when each draws its offers anew, and what it offers then.
//!
//! Each computer changes by itself, in steady state from time 0 on, which is the beginning of the request
//! phase. This module does *not* know what a computer makes of it.

use std::sync::Arc;

use super::{Brokers, Descriptor, Matcher, Matching, World, config, gcu, stream};
use crate::error::{Error, Result};
use crate::random::Stream;
use crate::random::alternation::{CHANGES_MAX, Due, PERIOD_MIN, first_draw};
use crate::random::law::Law;
use crate::time::Span;
use crate::unit::UnitId;

/// The changes of all computers, ascending by (span since time 0, computer): who changes, and the number of
/// the change, from 1 for each computer. They are drawn as they are taken.
#[derive(Debug)]
pub(super) struct Renewals {
    world: Arc<World>,
    law: Law,
    /// How often each computer has changed.
    numbers: Vec<u32>,
    /// The next change of each computer.
    due: Due<u32>,
}

/// Checks that computers do not change what they offer more often than can be simulated.
///
/// # Errors
/// If they do.
pub(super) fn check_count(config: &config::World, brokers: &Brokers) -> Result<()> {
    let Some(law) = config.renewal() else {
        return Ok(());
    };
    let computers = brokers.list().len() as f64 * config.gcus_per_broker.mean();
    let phase_s = config.phase_s();
    if computers * phase_s / law.mean_s() <= CHANGES_MAX {
        return Ok(());
    }
    Err(Error::new(format!(
        "{computers:.0} computers would change what they offer more than {CHANGES_MAX} times in the \
         {phase_s:.0} s of the request phase"
    ))
    .at("/system/*/services/change")
    .help("make the times longer, or shorten the phase: see `deadline_ms` of `requests`"))
}

impl Renewals {
    /// Those of `world` by `law`, up to the instant `last`. Computers that are disconnected for good have none.
    pub(super) fn new(world: &Arc<World>, law: Law, last: Span) -> Self {
        let computers = 0..world.population.len();
        let mut renewals = Self {
            world: Arc::clone(world),
            law,
            numbers: vec![0; computers.len()],
            due: Due::until(last),
        };
        for computer in computers.filter(|&id| !world.disconnected.contains(&gcu(id))) {
            let first = law.rest(&mut until_change(world, computer, 0));
            renewals.due.push(Some(first.max(PERIOD_MIN)), computer);
        }
        renewals
    }
}

/// The draws of the time until `computer`, which has changed `changes` times, changes again.
fn until_change(world: &World, computer: u32, changes: u32) -> Stream {
    let entity = world.population.computer(computer).entity();
    let streams = world.streams;
    streams.stream_from(stream::RENEWAL, entity, first_draw(changes))
}

impl Iterator for Renewals {
    type Item = (Span, UnitId, u32);

    fn next(&mut self) -> Option<Self::Item> {
        let (at, computer) = self.due.take(|at, computer| {
            let number = &mut self.numbers[computer as usize];
            *number += 1;
            let stream = &mut until_change(&self.world, computer, *number);
            let lasts = self.law.span(stream).max(PERIOD_MIN);
            Some((at.saturating_add(lasts), computer))
        })?;
        Some((at, gcu(computer), self.numbers[computer as usize]))
    }
}

impl World {
    /// What the computer called `id` offers after `changes` changes, ascending. From the first change on, each
    /// service is drawn independently. Where a given number of computers offers each service, that number is
    /// then met on average.
    pub fn offers_after(&self, id: u32, changes: u32) -> impl Iterator<Item = Descriptor> {
        let first = (changes == 0).then(|| self.population.offers(id));
        let later = (changes > 0).then(|| self.drawn_anew(id, changes));
        let first = first.into_iter().flatten();
        first.chain(later.into_iter().flatten())
    }

    /// Whether the computer called `id` offers `service` after `changes` changes.
    #[inline]
    pub fn is_offered(&self, service: Descriptor, id: u32, changes: u32) -> bool {
        if changes == 0 {
            return self.population.offers(id).any(|offer| offer == service);
        }
        service.0 < self.matching.count() && self.anew(id, changes)(service.0)
    }

    /// Whether the computer called `id` offers what can serve `demand`, after `changes` changes.
    #[inline]
    pub fn is_able(&self, id: u32, changes: u32, demand: Descriptor) -> bool {
        match &self.matching {
            Matching::Services(_) => self.is_offered(demand, id, changes),
            Matching::Constraints(all) => {
                let mut offers = self.offers_after(id, changes);
                offers.any(|offer| all.serves(offer, demand))
            }
        }
    }

    fn drawn_anew(&self, id: u32, change: u32) -> impl Iterator<Item = Descriptor> {
        let anew = self.anew(id, change);
        let all = 0..self.matching.count();
        all.filter(move |&service| anew(service)).map(Descriptor)
    }

    /// Whether the computer called `id` offers a service of a number after that change.
    fn anew(&self, id: u32, change: u32) -> impl Fn(u32) -> bool {
        let services = &self.config.services;
        let share = services.offering(self.population.len().into());
        let constraints = self.matching.constraints();
        let entity = self.population.computer(id).entity();
        let (streams, begin) = (self.streams, change.wrapping_mul(self.matching.count()));
        move |service| {
            let index = begin.wrapping_add(service);
            let share = constraints.map_or(share, |all| all.density(service));
            streams.unit(stream::OFFER_ANEW, entity, index) < share
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::{BrokerUnits, Population};
    use crate::parameters::number::{BoundedCount, Fraction};
    use crate::random::RandomStreams;

    /// A world of `computers` computers of one broker.
    fn world(computers: u32, services: config::Services) -> Arc<World> {
        let mut population = Population::default();
        (0..computers).for_each(|_| population.add(0, [1, 4].into_iter()));
        let config = config::World {
            services,
            ..config::World::default()
        };
        let streams = RandomStreams::new(3, 0);
        let mut world = World::of_one_broker(config, BrokerUnits::Every, population, streams);
        world.disconnected.insert(gcu(7));
        Arc::new(world)
    }

    #[test]
    fn computers_change_at_one_rate_from_the_beginning() {
        let world = world(500, config::Services::default());
        let (law, last) = (Law::Constant(10.0), Span::from_s(60));
        let all: Vec<_> = Renewals::new(&world, law, last).collect();
        assert!(all.is_sorted_by_key(|(at, unit, _)| (*at, *unit)));
        for second in 0..60 {
            let within = Span::from_s(second)..Span::from_s(second + 1);
            let count = all.iter().filter(|(at, ..)| within.contains(at)).count();
            // 50 on average, and the same every ten seconds.
            assert!((25..75).contains(&count), "{second}: {count}");
        }
        for computer in 0..500 {
            let numbers = all.iter().filter(|(_, unit, _)| *unit == gcu(computer));
            let numbers: Vec<u32> = numbers.map(|(.., number)| *number).collect();
            let expected: Vec<u32> = if computer == 7 {
                vec![]
            } else {
                (1..=6).collect()
            };
            assert_eq!(numbers, expected, "{computer}");
        }
    }

    #[test]
    fn what_is_offered_after_a_change_is_as_much_as_before() {
        let count = Some(BoundedCount(200));
        let dense = config::Services {
            count,
            density: Some(Fraction(0.3)),
            ..config::Services::default()
        };
        let listed = config::Services {
            count,
            density: None,
            offered_by: Some(BoundedCount(15)),
            ..config::Services::default()
        };
        for services in [dense, listed] {
            let world = world(50, services);
            let offers = |id, changes| -> Vec<u32> {
                let offers = world.offers_after(id, changes);
                offers.map(|offer| offer.0).collect()
            };
            assert_eq!(offers(3, 0), [1, 4]);
            let mut sum = 0;
            for change in 1..=20 {
                let offers = offers(3, change);
                let offered = |service: &u32| world.is_offered(Descriptor(*service), 3, change);
                assert!((0..205).filter(offered).eq(offers.iter().copied()));
                assert!(offers.is_sorted_by(|one, next| one < next) && offers.last() < Some(&200));
                sum += offers.len();
            }
            // 60 each, with a standard deviation of 29 in all.
            assert!((1_080..1_320).contains(&sum), "{sum}");
            assert_ne!(offers(3, 1), offers(3, 2));
            assert_ne!(offers(3, 1), offers(4, 1));
        }
    }
}
