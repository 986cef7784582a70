//! When nodes fail and recover: by themselves, and with their domains.
//!
//! This module does *not* know what a failure does to a node.

use crate::opus::config::Opus;
use crate::opus::nodes::Attachments;
use crate::opus::stream;
use crate::random::alternation::{Alternation, PERIOD_MIN};
use crate::random::{RandomStreams, Stream};
use crate::system::Underlay;
use crate::time::Time;
use crate::topology::{Domain, numbered_domains};

/// The number of the stub domain in which each node is.
pub(super) fn domains(underlay: &Underlay, places: &Attachments) -> Vec<Option<u32>> {
    let numbers = numbered_domains(&underlay.graph);
    let of = |node: u32| {
        let router = places.site(node).router.index();
        let is_stub = matches!(underlay.graph.routers[router].domain, Domain::Stub { .. });
        numbers.as_ref().filter(|_| is_stub)?[router]
    };
    (0..places.len() as u32).map(of).collect()
}

/// When each node fails and recovers before `end`, ascending: fails first. Node 0, beside which the manager stands,
/// never fails.
pub(super) fn changes(
    config: &Opus,
    domains: &[Option<u32>],
    streams: RandomStreams,
    end: Time,
) -> Vec<Vec<Time>> {
    let laws = [&config.sessions, &config.domain_failures];
    let [sessions, of_domains] = laws.map(|failing| {
        let failing = failing.as_ref()?;
        Some(failing.checked_alternation())
    });
    let of = |(node, domain): (u32, &Option<u32>)| {
        if node == 0 {
            return Vec::new();
        }
        let own = match sessions {
            Some(law) => alternating(law, &mut streams.stream(stream::SESSION, node.into()), end),
            None => failures(config, node, streams, end),
        };
        let Some((law, domain)) = of_domains.zip(*domain) else {
            return own;
        };
        let stream = &mut streams.stream(stream::DOMAIN, domain.into());
        either(&own, &alternating(law, stream, end))
    };
    (0..).zip(domains).map(of).collect()
}

/// The failures of `failures`: times up and down in turn, each of its own draw; all nodes are up at first.
fn failures(config: &Opus, node: u32, streams: RandomStreams, end: Time) -> Vec<Time> {
    let mut changes = Vec::new();
    let Some(failures) = &config.failures else {
        return changes;
    };
    let mut at_s = 0.0;
    for index in 0.. {
        let [up, down] = [stream::UP, stream::DOWN]
            .map(|stream| streams.exponential(stream, u64::from(node), index));
        for span_s in [up * failures.mean_up_s.0, down * failures.mean_down_s.0] {
            at_s += span_s;
            if at_s * 1e9 >= end.as_ns() as f64 {
                return changes;
            }
            changes.push(Time::from_ns((at_s * 1e9) as u64));
        }
    }
    changes
}

/// The changes of what alternates in steady state from the beginning. What is down then fails at once.
fn alternating(law: Alternation, stream: &mut Stream, end: Time) -> Vec<Time> {
    let (mut up, mut lasts) = law.first(stream);
    let mut changes = Vec::new();
    if !up {
        changes.push(Time::ZERO);
    }
    let mut at = Time::ZERO;
    while law.changes() {
        let left = end.saturating_since(at);
        if lasts.max(PERIOD_MIN) >= left {
            break;
        }
        at += lasts.max(PERIOD_MIN);
        changes.push(at);
        up = !up;
        lasts = law.period(up, stream);
    }
    changes
}

/// The changes of what is down while one or the other is.
fn either(one: &[Time], other: &[Time]) -> Vec<Time> {
    // At one instant failures come first, so nothing is up for no time.
    let mut all: Vec<(Time, bool)> = [one, other]
        .into_iter()
        .flat_map(|changes| {
            let numbered = changes.iter().enumerate();
            numbered.map(|(number, &at)| (at, number % 2 == 1))
        })
        .collect();
    all.sort_unstable();
    let mut changes = Vec::new();
    let mut down = 0;
    for (at, recovers) in all {
        if recovers {
            down -= 1;
        }
        if down == 0 {
            changes.push(at);
        }
        if !recovers {
            down += 1;
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_down_while_it_or_its_domain_is() {
        let times = |list: &[u64]| list.iter().map(|&at| Time::from_ns(at)).collect::<Vec<_>>();
        for (one, other, both) in [
            (&[][..], &[][..], &[][..]),
            (&[5, 9], &[], &[5, 9]),
            (&[5, 9], &[7, 12], &[5, 12]),
            (&[5, 9, 20], &[0, 6], &[0, 9, 20]),
            (&[5, 9], &[9, 12], &[5, 12]),
            (&[1, 2, 3, 4], &[2, 3], &[1, 4]),
        ] {
            assert_eq!(either(&times(one), &times(other)), times(both));
            assert_eq!(either(&times(other), &times(one)), times(both));
        }
    }
}
