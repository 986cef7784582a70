//! Which service is asked for.
//!
//! It does *not* know who asks, nor when.

use crate::discovery::config::{Popularity, Services};
use crate::discovery::{Descriptor, Matching, stream};
use crate::parameters::number::NonNegative;
use crate::random::RandomStreams;

/// How often each service is asked for.
#[derive(Debug)]
pub(in crate::discovery) enum Popular {
    /// Always the same.
    Always(Descriptor),
    /// This many services, all with equal weights.
    Uniform(u32),
    /// The sums of the weights of the first services, up to each.
    Weighted(Vec<f64>),
    /// The sums of the weights of the first constraints, up to each, with the constraints' numbers.
    Listed(Vec<f64>, Vec<Descriptor>),
}

impl Popular {
    pub(in crate::discovery) fn new((services, matching): (&Services, &Matching)) -> Self {
        let mut sum = 0.0;
        let mut add = |weight: f64| {
            sum += weight;
            sum
        };
        if let Some(all) = matching.constraints() {
            let wishes = all.wishes().iter();
            let sums = wishes.clone().map(|(_, weight)| add(*weight)).collect();
            return Self::Listed(sums, wishes.map(|(wish, _)| *wish).collect());
        }
        let count = services.kinds();
        let Popularity::Zipf(NonNegative(exponent)) = services.popularity else {
            return Self::Uniform(count);
        };
        let sums = (1..=count).map(|rank| add(libm::pow(f64::from(rank), -exponent)));
        Self::Weighted(sums.collect())
    }

    /// The service that request number `request` asks for.
    pub(super) fn draw(&self, request: u32, streams: RandomStreams) -> Descriptor {
        match self {
            Self::Always(demand) => *demand,
            Self::Uniform(count) => {
                Descriptor(streams.below(stream::SERVICE, 0, request, (*count).into()) as u32)
            }
            Self::Weighted(sums) => Descriptor(weighted(sums, request, streams) as u32),
            Self::Listed(sums, wishes) => wishes[weighted(sums, request, streams)],
        }
    }
}

/// One of the numbers whose weights have these sums.
fn weighted(sums: &[f64], request: u32, streams: RandomStreams) -> usize {
    let all = sums.last().copied().unwrap_or_default();
    let drawn = streams.unit(stream::SERVICE, 0, request) * all;
    let below = sums.partition_point(|sum| *sum <= drawn);
    below.min(sums.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::SameService;
    use crate::parameters::number::BoundedCount;

    fn times(exponent: f64, draws: u32) -> Vec<u32> {
        let services = Services {
            count: Some(BoundedCount(8)),
            popularity: Popularity::Zipf(NonNegative(exponent)),
            ..Services::default()
        };
        let same = Matching::Services(SameService { services: 8 });
        let popular = Popular::new((&services, &same));
        let mut times = vec![0; 8];
        for request in 0..draws {
            times[popular.draw(request, RandomStreams::new(9, 0)).0 as usize] += 1;
        }
        times
    }

    #[test]
    fn services_are_asked_for_in_proportion_to_a_power_of_their_rank() {
        for exponent in [0.0, 0.8, 2.0] {
            let weight = |rank: u32| libm::pow(f64::from(rank), -exponent);
            let all: f64 = (1..=8).map(weight).sum();
            for (times, rank) in times(exponent, 80_000).into_iter().zip(1..) {
                let wanted = 80_000.0 * weight(rank) / all;
                let off = (f64::from(times) - wanted).abs();
                // Four standard deviations.
                assert!(
                    off < 4.0 * wanted.sqrt(),
                    "{exponent} {rank}: {times} {wanted}"
                );
            }
        }
    }

    #[test]
    fn the_most_extreme_exponent_leaves_one_service() {
        let times = times(1e9, 100);
        assert_eq!(times[0], 100);
    }
}
