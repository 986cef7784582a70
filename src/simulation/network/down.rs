//! The periods in which any part of the network is down, for the measures of a run.
//!
//! They are drawn again from the same streams: the draws of the run itself are forgotten as it goes on. It does *not* know
//! what becomes of packets meanwhile.

use super::outages::{LINK, ROUTER};
use super::timeline::{Source, Timeline};
use super::{Conditions, Failing, Partition};
use crate::random::RandomStreams;
use crate::system::{NetworkOutages, Periods, Underlay};
use crate::time::{Span, Time};

/// When links, routers or domains are down under these conditions.
pub(in crate::simulation) fn outages(
    conditions: &Conditions,
    underlay: &Underlay,
    streams: RandomStreams,
) -> NetworkOutages {
    let (links, routers) = (&conditions.link_failures, &conditions.router_failures);
    let groups = [
        (links, LINK, underlay.routes.simple_links().count()),
        (routers, ROUTER, underlay.graph.routers.len()),
    ];
    let sources = groups.into_iter().flat_map(|(failing, stream, count)| {
        let law = failing.as_ref().map(Failing::checked_alternation);
        let numbers = 0..count as u32;
        law.into_iter().flat_map(move |law| {
            numbers.clone().map(move |number| Source {
                law,
                streams,
                stream,
                number,
            })
        })
    });
    let sources: Vec<Source> = sources.collect();
    let cuts: Periods = conditions
        .partitions
        .iter()
        .map(Partition::period)
        .map(|(at, lasts)| (at, at.saturating_add(lasts)))
        .collect();
    NetworkOutages::new(move |end| {
        let mut all = cuts.clone();
        for source in &sources {
            let mut timeline = Timeline::new();
            timeline.draw_beyond(Time::ZERO + end, *source);
            all.extend(timeline.down());
        }
        together(all, end)
    })
}

/// The union of periods up to `end`.
fn together(mut all: Periods, end: Span) -> Periods {
    all.retain(|(from, to)| from < to && *from < end);
    all.sort_unstable();
    let mut apart = Periods::new();
    for (from, to) in all {
        let to = to.min(end);
        match apart.last_mut() {
            Some((_, last)) if from <= *last => *last = to.max(*last),
            _ => apart.push((from, to)),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_that_meet_are_one() {
        let s = Span::from_s;
        let all = vec![
            (s(8), s(20)),
            (s(1), s(3)),
            (s(3), s(4)),
            (s(5), s(5)),
            (s(2), s(3)),
            (s(12), s(13)),
        ];
        assert_eq!(together(all, s(10)), [(s(1), s(4)), (s(8), s(10))]);
    }
}
