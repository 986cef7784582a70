//! The parameters of the protocol, shared by all units of a run.
//!
//! They do *not* say what is left to a unit: see [`crate::arigatoni::policy`].

use std::sync::Arc;

use crate::arigatoni::config::{self, FreeRiders, Own, Search};
use crate::arigatoni::election::Election;
use crate::arigatoni::heartbeats::Heartbeats;
use crate::arigatoni::link::Retransmission;
use crate::arigatoni::migration::{self, Migration};
use crate::arigatoni::riders::Accounting;
use crate::discovery::config::SilenceTimeout;
use crate::discovery::parts::{self, Part};
use crate::discovery::{Descriptor, GCU, RequestId, World};
use crate::error::Error;
use crate::parameters::WORKLOAD_S_MAX;
use crate::time::Span;

/// How long a leaver waits before it tries again.
pub(super) const LEAVE_RETRY: Span = Span::from_s(1);

/// How units recover where peers come back without memory, or packets get lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovery {
    /// How long a unit without a leader waits before it tries again to become a member.
    pub again: Span,
    /// How much longer than its deadline an exchange may take: what is held for it is given up then.
    pub slack: Span,
}

/// What crosses administrative domains, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Borders {
    /// Whether units have tunnels into colonies of other domains.
    pub tunnels: bool,
    /// Whether what is said to providers of other domains goes back by the way by which they were found.
    pub firewall: bool,
    /// How long a broker takes to check a credential from another domain; `None`: it checks none.
    pub check: Option<Span>,
}

/// The error that after this `patience` only `registered` units of `all` are members.
pub(super) fn overdue(patience: Span, registered: usize, all: usize) -> Error {
    let seconds = patience.as_ns() as f64 / 1e9;
    Error::new(format!(
        "the overlay is not at rest after {seconds:.0} s of simulated time: {registered} of {all} units \
         are registered, so requests are not begun"
    ))
    .at("/system/*/retransmission")
    .help(
        "lower `loss` or `jitter_s` of `network`, or raise `timeout_ms` (above the round trip) or `limit` of \
         `retransmission`; a hundred attempts are waited for, each of `return_ms` or of all repeats",
    )
}

/// Which units go to other leaders because they are told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settling {
    /// Whether anybody does, or begins elsewhere than at its place.
    pub any: bool,
    /// Whether brokers do.
    pub brokers: bool,
}

/// The parameters of the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The order in which a broker asks its colony.
    pub search: Search,
    /// How a crashed peer is detected; `None`: it is not, and brokers do not acknowledge queries.
    pub silence_timeout: Option<SilenceTimeout>,
    /// How leaders and members find out by heartbeats that the other has gone; `None`: they do not.
    pub heartbeats: Option<Heartbeats>,
    /// How units go elsewhere that have lost their leader; `None`: they wait for it.
    pub migration: Option<Migration>,
    /// How the members of a leader that has gone elect another one; `None`: they do not.
    pub election: Option<Election>,
    /// How leaders log out members that take more than they give; `None`: they do not.
    pub accounting: Option<Accounting>,
    /// How units recover from what others have forgotten; `None`: nobody forgets anything.
    pub recovery: Option<Recovery>,
    /// How packets are sent again; `None`: none gets lost.
    pub retransmission: Option<Retransmission>,
    /// Whether the overlay is a graph: a query goes on over every edge but the one that it came by, and each broker
    /// handles it once.
    pub is_graph: bool,
    /// What crosses administrative domains, and how.
    pub borders: Borders,
    /// Which units go to other leaders because they are told to.
    pub settling: Settling,
    /// Whether messages wait for each other: then what is late has not gone.
    pub delays: bool,
    /// Whether in the end, when nothing fails any more, no packet gets lost, doubled or late.
    pub calms: bool,
    /// On how many levels below the first root there are brokers at first.
    pub levels: u32,
    /// How long after its issue a request must be answered.
    pub deadline: Span,
    /// How many instances are enough for a request that asks for more; `None`: no fewer than it asks for. Of requests
    /// with several parts, the first one of which fewer are enough. Where fewer can be enough, brokers report how far a search goes.
    pub at_least: Option<u32>,
    /// How many instances one computer gives to one request at most.
    pub instances_each: u32,
    /// The parts of every request, if it has several that are searched side by side; else none.
    pub parts: Arc<[Part]>,
    /// What a computer must serve besides what it is asked for, if one must serve all parts of a request.
    pub also: Arc<[Descriptor]>,
}

impl Rules {
    /// Those of a run.
    pub fn new(drawn: &World, own: &Own) -> Self {
        let world = &drawn.config;
        let made = &drawn.crossings;
        let [computers_settle, brokers_settle] = drawn.settles();
        Self {
            search: own.search,
            silence_timeout: world.silence_timeout(),
            heartbeats: own.detection.as_ref().map(config::Detection::validated),
            migration: own.migration.as_ref().map(config::Migrate::validated),
            election: own
                .detection
                .as_ref()
                .filter(|_| own.election)
                .map(|detection| Election {
                    timeout: detection.timeout_ms.span(),
                }),
            accounting: own.free_riders.as_ref().and_then(FreeRiders::accounting),
            recovery: (world.has_restarts() || own.detection.is_some() || brokers_settle).then(
                || Recovery {
                    again: own.return_ms.span(),
                    slack: world
                        .silence_timeout()
                        .map_or(Span::ZERO, |silence| silence.timeout),
                },
            ),
            retransmission: None,
            // A search that asks the root first works in a tree: there are no links then.
            is_graph: own.colony_links.is_some() && own.search != Search::RootFirst
                || own.tunnels.as_ref().is_some_and(|all| all.colonies.0 > 0.0)
                || !made.links.is_empty()
                || made.tunnels.iter().any(|it| it.unit.kind() != GCU),
            borders: Borders {
                tunnels: own.tunnels.is_some() || !made.tunnels.is_empty(),
                firewall: own.firewall,
                check: own.trust.as_ref().map(|trust| trust.check_ms.span()),
            },
            settling: Settling {
                any: computers_settle || brokers_settle || !drawn.settled.is_empty(),
                brokers: brokers_settle,
            },
            delays: false,
            calms: false,
            levels: drawn.brokers.levels(),
            deadline: world.deadline(),
            at_least: (0..world.requests.queries() as usize)
                .map(|part| (world.requests.enough(part), world.requests.wanted(part)))
                .find_map(|(enough, wanted)| (enough < wanted).then_some(enough)),
            instances_each: world.instances_each(),
            parts: Arc::clone(&drawn.parts),
            also: Arc::clone(&drawn.also),
        }
    }

    /// Whether brokers get other super-brokers than they had at first: then they ask before they register.
    #[inline]
    pub(super) fn moves(&self) -> bool {
        self.migration.is_some() || self.election.is_some() || self.settling.brokers
    }

    /// Whether brokers report each time that they pass a query upwards, for the same reason.
    #[inline]
    pub(super) fn tells_passes(&self) -> bool {
        self.at_least.is_some() || self.tells_ways()
    }

    /// Whether brokers report who has found the first providers: the tree at first does not tell.
    #[inline]
    pub(super) fn tells_ways(&self) -> bool {
        self.changes_leaders()
            || self.search == Search::RootFirst
            || self.is_graph
            || self.borders.tunnels
    }

    /// Whether a computer may be found by two ways: it serves a request once.
    #[inline]
    pub(super) fn finds_again(&self) -> bool {
        self.is_graph || self.borders.tunnels
    }

    /// Whether a query may come to a broker by two ways: it handles it once. Who asks the root first comes back to the
    /// brokers that have passed it on.
    #[inline]
    pub(super) fn has_two_ways(&self) -> bool {
        self.is_graph || self.borders.tunnels && self.search != Search::RootFirst
    }

    /// Whether something goes by another way than straight to its receiver, or is checked on its way.
    #[inline]
    pub(super) fn has_detours(&self) -> bool {
        self.borders.tunnels || self.borders.firewall || self.borders.check.is_some()
    }

    /// Whether units get other leaders than they had at first.
    pub(super) fn changes_leaders(&self) -> bool {
        self.moves() || self.settling.any || self.accounting.is_some_and(|rule| rule.elsewhere)
    }

    /// Whether units that live may be taken for gone without finding out: where packets are acknowledged late or
    /// get lost, and no heartbeats tell in time.
    pub(super) fn suspects(&self) -> bool {
        (self.silence_timeout.is_some() || self.heartbeats.is_some()) && !self.heals()
    }

    /// Whether all units find out in the end who lives and who does not.
    pub(super) fn heals(&self) -> bool {
        let arrives = self.retransmission.is_none() || self.calms;
        self.heartbeats.is_some() && arrives && !self.delays
    }

    /// How long after the last failure each unit has a leader again where everybody lives: what has happened is found
    /// out, told, and undone if it was wrong; a leader is elected; and whoever has none finds one. `None`: nobody
    /// finds out by heartbeats.
    pub(super) fn healing(&self) -> Option<Span> {
        /// A unit that returns to its own live leader is registered at once; an attempt may be under way
        /// already.
        const RETURNS: u64 = 2;
        let attempts = if self.moves() {
            migration::attempts_to_heal(self.levels)
        } else {
            RETURNS
        };
        let joined = migration::longest(self, attempts);
        Some(self.noticing()?.saturating_add(joined))
    }

    /// How long what has happened is left to be found out, told and undone, and a leader to be elected, before nobody looks
    /// after others any more: as long as [`Self::healing`] if all of it heals by then for sure, and before that until what was
    /// lost has been sent again for the last time.
    pub(super) fn quiet(&self) -> Option<Span> {
        if self.heals() {
            let again = self
                .retransmission
                .map_or(Span::ZERO, Retransmission::total);
            Some(self.healing()?.saturating_add(again))
        } else {
            self.noticing()
        }
    }

    fn noticing(&self) -> Option<Span> {
        let rule = self.heartbeats?;
        let silence = rule.silence() + rule.every;
        let found_out = Span::from_ns(silence.as_ns().saturating_mul(4));
        let elected = self.election.map(Election::longest).unwrap_or_default();
        Some(found_out.saturating_add(elected))
    }

    /// How many instances are enough for a query for `wanted`.
    pub(super) fn enough(&self, query: RequestId, wanted: u32) -> u32 {
        match parts::part_of(query, &self.parts) {
            Some(part) => part.enough.min(wanted),
            None => self.at_least.map_or(wanted, |enough| enough.min(wanted)),
        }
    }

    /// How long units may take to become members, or to leave, if packets get lost: beyond a hundred attempts, and one
    /// for each level of brokers, it comes to nothing.
    pub(super) fn patience(&self) -> Option<Span> {
        const ATTEMPTS: u64 = 100;
        let again = self.retransmission.and(self.recovery)?.again;
        let patience = again
            .as_ns()
            .saturating_mul(ATTEMPTS + u64::from(self.levels));
        Some(Span::from_ns(patience).min(Span::from_s(WORKLOAD_S_MAX as u64)))
    }

    /// Adapts the rules to a network that loses, duplicates or reorders packets: units retransmit, and expect
    /// silence.
    pub(super) fn make_reliable(&mut self, own: &Own) {
        let retransmission = own.retransmission.validated();
        let total = retransmission.total();
        let timeout = self
            .silence_timeout
            .map_or(total, |silence| silence.timeout.max(total));
        self.silence_timeout = Some(SilenceTimeout { timeout });
        self.recovery = Some(Recovery {
            again: own.returns_with_losses(),
            slack: timeout,
        });
        self.retransmission = Some(retransmission);
    }
}
