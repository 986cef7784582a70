//! The workload: who is taken off the overlay, and who asks for what, when.
//!
//! It does *not* know how a unit leaves, nor how a request is answered.

mod popularity;

use std::collections::BTreeSet;

pub(super) use self::popularity::Popular;
use super::config::{Arrivals, Disconnection, Gap, Units};
use super::{Descriptor, Population, gbu, gcu, stream};
use crate::random::RandomStreams;
use crate::time::Span;
use crate::unit::UnitId;

/// One request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// When it is issued, from the beginning of the request phase.
    pub after: Span,
    /// The number of the computer that issues it.
    pub computer: u32,
    /// What it asks for.
    pub service: Descriptor,
}

/// The units that are disconnected: the first round(δ·n), half away
/// from zero, of the n candidates in the order of one draw each. So the set for a smaller δ is
/// contained in the set for a larger one.
///
/// `brokers` counts the brokers; `spared` is one that is no candidate (the root, where it cannot
/// leave).
pub(super) fn disconnected(
    disconnection: &Disconnection,
    population: &Population,
    brokers: u32,
    spared: Option<u32>,
    streams: RandomStreams,
) -> BTreeSet<UnitId> {
    let mut candidates: Vec<(u64, UnitId)> = Vec::new();
    if disconnection.units != Units::Gbus {
        candidates.extend(population.computers().zip(0..).map(|(computer, id)| {
            let draw = streams.bits(stream::DISCONNECT_COMPUTER, computer.entity(), 0);
            (draw, gcu(id))
        }));
    }
    if disconnection.units != Units::Gcus {
        candidates.extend((0..brokers).filter(|&id| Some(id) != spared).map(|id| {
            let draw = streams.bits(stream::DISCONNECT_BROKER, u64::from(id), 0);
            (draw, gbu(id))
        }));
    }
    let taken = share(disconnection.rate.0, candidates.len());
    candidates.sort_unstable();
    candidates.truncate(taken);
    candidates.into_iter().map(|(_, unit)| unit).collect()
}

/// round(`rate` · `n`), half away from zero, in decimal: 0.35 of 90 is 31.5 and so 32, although the
/// nearest `f64` to 0.35 is a little less.
pub(super) fn share(rate: f64, n: usize) -> usize {
    let text = rate.to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    // Twenty places and the greatest n fit into 128 bits; a rate has no more that matter.
    let decimals = &decimals[..decimals.len().min(20)];
    let scale = 10_u128.pow(decimals.len() as u32);
    let digits = format!("{whole}{decimals}").parse::<u128>().unwrap_or(0);
    ((digits * n as u128 + scale / 2) / scale) as usize
}

/// What is issued later than this, a century after the beginning, is issued then: no law can carry simulated
/// time away.
const LATEST: Span = Span::from_ns(3_200_000_000_000_000_000);

/// The requests, in order of issue: each by a computer drawn uniformly from all, disconnected ones
/// included, for a service drawn by its popularity, or for the first of their parts. None if there are no computers.
pub(super) fn requests(
    arrivals: &Arrivals,
    population: &Population,
    popular: &Popular,
    streams: RandomStreams,
) -> Vec<Request> {
    let computers = u64::from(population.len());
    if computers == 0 {
        return Vec::new();
    }
    let mut requests = Vec::with_capacity(match arrivals.until {
        None => arrivals.count_max as usize,
        Some(_) => 0,
    });
    let mut after = Span::ZERO;
    for id in 0..arrivals.count_max {
        let gap = gap(arrivals.gap, id, streams).as_ns();
        after = Span::from_ns(after.as_ns().saturating_add(gap)).min(LATEST);
        if arrivals.until.is_some_and(|until| after >= until) {
            break;
        }
        requests.push(Request {
            after,
            computer: streams.below(stream::REQUESTER, 0, id, computers) as u32,
            service: popular.draw(id, streams),
        });
    }
    requests
}

/// How long after the request before it request number `id` is issued.
fn gap(gap: Gap, id: u32, streams: RandomStreams) -> Span {
    match gap {
        Gap::Poisson { rate_per_s } => {
            let gap_s = streams.exponential(stream::GAP, 0, id) / rate_per_s;
            Span::from_ns((gap_s * 1e9).round() as u64)
        }
        Gap::Law(law) => law.span(&mut streams.stream(stream::INTERARRIVAL, id.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::config::Services;
    use crate::discovery::{Matching, SameService};
    use crate::random::law::Law;

    fn issued(arrivals: Arrivals) -> Vec<Request> {
        let mut population = Population::default();
        (0..3).for_each(|_| population.add(0, 0..1));
        let streams = RandomStreams::new(2, 0);
        let same = Matching::Services(SameService { services: 128 });
        let popular = Popular::new((&Services::default(), &same));
        requests(&arrivals, &population, &popular, streams)
    }

    #[test]
    fn requests_come_before_their_end_or_until_there_are_enough() {
        let (until, hour) = (Some(Span::from_s(10)), Span::from_s(3600));
        let gap = Gap::Law(Law::Constant(2.5));
        let times = |count_max, until| -> Vec<u64> {
            let arrivals = Arrivals {
                gap,
                count_max,
                until,
            };
            let after = issued(arrivals).into_iter().map(|request| request.after);
            after.map(|after| after.as_ns() / 1_000_000).collect()
        };
        assert_eq!(times(u32::MAX, until), [2500, 5000, 7500]);
        assert_eq!(times(2, until), [2500, 5000]);
        assert_eq!(times(5, None), [2500, 5000, 7500, 10_000, 12_500]);
        let gap = Gap::Poisson { rate_per_s: 2.0 };
        let all = |count_max, until| {
            issued(Arrivals {
                gap,
                count_max,
                until,
            })
        };
        let hourly = all(u32::MAX, Some(hour));
        assert!((6900..7500).contains(&hourly.len()), "{}", hourly.len());
        assert!(hourly.iter().all(|request| request.after < hour));
        // Neither the end nor the number of requests changes those that there are.
        assert_eq!(all(100, None), hourly[..100]);
    }

    #[test]
    fn what_is_expected_is_about_what_comes() {
        let heavy = Law::Lognormal {
            mu: -4.0,
            sigma: 2.5,
        };
        let uniform = Law::Uniform {
            min_s: 0.0,
            max_s: 2.0,
        };
        let endless = Law::Pareto {
            shape: 0.8,
            scale_s: 0.1,
        };
        for law in [heavy, uniform, endless, Law::Exponential { mean_s: 0.5 }] {
            let arrivals = Arrivals {
                gap: Gap::Law(law),
                count_max: u32::MAX,
                until: Some(Span::from_s(500)),
            };
            let ratio = issued(arrivals).len() as f64 / arrivals.expected();
            assert!((0.4..2.1).contains(&ratio), "{law:?}: {ratio}");
        }
    }

    #[test]
    fn no_law_carries_time_away() {
        let gap = Gap::Law(Law::Constant(3e9));
        let arrivals = Arrivals {
            gap,
            count_max: 50,
            until: None,
        };
        assert_eq!(issued(arrivals)[49].after, LATEST);
    }

    #[test]
    fn a_share_is_rounded_half_away_from_zero_in_decimal() {
        for (rate, n, expected) in [
            (0.35, 90, 32),
            (0.7, 45, 32),
            (0.15, 199, 30),
            (0.5, 1, 1),
            (0.05, 9, 0),
            (0.05, 10, 1),
            (0.0, 100, 0),
            (1.0, 100, 100),
            (1e-300, 100, 0),
        ] {
            assert_eq!(share(rate, n), expected, "{rate} of {n}");
        }
    }
}
