//! Links that take longer for a while.
//!
//! When, and by how much, is part of the scenario: nothing is drawn. This module does *not* know what is down, nor
//! what a packet carries.

use super::{Conditions, Slowdown};
use crate::time::{Span, Time};
use crate::topology::{Domain, Graph, RouterId, Routes};

/// The slowdowns of a run, from its time 0 on.
#[derive(Debug, Default)]
pub(super) struct Slow(Vec<Period>);

/// A time in which the links of a domain, or all links, take longer.
#[derive(Debug)]
struct Period {
    /// From when on, and until when.
    during: [Time; 2],
    factor: f64,
    /// `None`: all links.
    domain: Option<Domain>,
}

impl Slow {
    /// Those that are among the `conditions`.
    pub(super) fn of(conditions: &Conditions) -> Self {
        let period = |slowdown: &Slowdown| {
            let (after, lasts) = slowdown.period();
            let begin = Time::ZERO.saturating_add(after);
            Period {
                during: [begin, begin.saturating_add(lasts)],
                factor: slowdown.factor.0,
                domain: slowdown.domain.as_deref().map(Domain::from_name),
            }
        };
        Self(conditions.slowdowns.iter().map(period).collect())
    }

    /// When any of them begins or ends.
    pub(super) fn changes(&self) -> Vec<Time> {
        self.0.iter().flat_map(|period| period.during).collect()
    }

    /// How long a packet takes for the link between two routers that takes `latency` otherwise, if it comes to the link
    /// at the instant `at`. Where several slowdowns concern a link, the one with the greatest factor counts.
    pub(super) fn latency(
        &self,
        graph: &Graph,
        (a, b): (RouterId, RouterId),
        latency: Span,
        at: Time,
    ) -> Span {
        let concerned = self.0.iter().filter(|one| one.concerns(graph, (a, b), at));
        let factor = concerned.map(|one| one.factor).fold(1.0, f64::max);
        if factor > 1.0 {
            Span::from_ns((latency.as_ns() as f64 * factor).round() as u64)
        } else {
            latency
        }
    }

    /// The latencies of all links, in their order, at the instant `at`; `None`: as always.
    pub(super) fn latencies(&self, routes: &Routes, graph: &Graph, at: Time) -> Option<Vec<Span>> {
        if !self.0.iter().any(|period| period.is_on(at)) {
            return None;
        }
        let links = routes.simple_links();
        let latency = |(a, b, latency)| self.latency(graph, (a, b), latency, at);
        Some(links.map(latency).collect())
    }
}

impl Period {
    fn is_on(&self, at: Time) -> bool {
        let [begin, end] = self.during;
        begin <= at && at < end
    }

    /// Whether it slows a link down for a packet that comes to it at the instant `at`.
    fn concerns(&self, graph: &Graph, (a, b): (RouterId, RouterId), at: Time) -> bool {
        let within = |domain: Domain| {
            let of = |router: RouterId| graph.routers[router.index()].domain == domain;
            of(a) || of(b)
        };
        self.is_on(at) && self.domain.is_none_or(within)
    }
}
