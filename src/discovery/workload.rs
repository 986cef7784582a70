//! The workload: who is taken off the overlay, and who asks for what, when.
//!
//! It does *not* know how a unit leaves, nor how a request is answered.

use std::collections::BTreeSet;

use super::config::{Disconnection, Requests, Units};
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
    let taken = share(disconnection.rate, candidates.len());
    candidates.sort_unstable();
    candidates.truncate(taken);
    candidates.into_iter().map(|(_, unit)| unit).collect()
}

/// round(`rate` · `n`), half away from zero, in decimal: 0.35 of 90 is 31.5 and so 32, although the
/// nearest `f64` to 0.35 is a little less.
fn share(rate: f64, n: usize) -> usize {
    let text = rate.to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    // Twenty places and the greatest n fit into 128 bits; a rate has no more that matter.
    let decimals = &decimals[..decimals.len().min(20)];
    let scale = 10_u128.pow(decimals.len() as u32);
    let digits = format!("{whole}{decimals}").parse::<u128>().unwrap_or(0);
    ((digits * n as u128 + scale / 2) / scale) as usize
}

/// The requests, in order of issue: exponential gaps, each by a computer drawn uniformly from
/// all, disconnected ones included, for a service drawn uniformly from 0 … `services` − 1. None
/// if there are no computers.
pub(super) fn requests(
    requests: &Requests,
    population: &Population,
    services: u32,
    streams: RandomStreams,
) -> Vec<Request> {
    let computers = u64::from(population.len());
    if computers == 0 {
        return Vec::new();
    }
    let mut after = Span::ZERO;
    (0..requests.count)
        .map(|id| {
            let gap_s = streams.exponential(stream::GAP, 0, id) / requests.rate_per_s;
            after += Span::from_ns((gap_s * 1e9).round() as u64);
            Request {
                after,
                computer: streams.below(stream::REQUESTER, 0, id, computers) as u32,
                service: Descriptor(
                    streams.below(stream::SERVICE, 0, id, u64::from(services)) as u32
                ),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::share;

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
