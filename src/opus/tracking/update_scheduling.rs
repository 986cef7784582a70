//! When a tracker sends what it knows, and to which nodes.
//!
//! This module does *not* know what is believed because of it, nor how clusters are formed.

use super::config::Method;
use super::delta_filter::DeltaFilter;
use super::hierarchy::Role;
use super::message::{Estimate, Message, SentEstimate, SentEstimates, Timer};
use super::steady::Patience;
use super::tracker::{Port, SERVER, Tracker};
use crate::time::{Span, Time};

/// To whom a tracker tells what it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    Nobody,
    /// A server or head: an update.
    Upper(u32),
    /// Those who are listened to: a summary.
    Listeners,
    /// All nodes: an update.
    Everyone,
}

impl Tracker {
    /// To whom it tells what it knows.
    pub(super) fn audience(&self) -> Audience {
        match (self.rules.method, &self.hierarchy.role) {
            (_, Role::Outside) | (Method::Hierarchy, Role::Seeking(_)) => Audience::Nobody,
            (Method::AllToAll, _) => Audience::Everyone,
            (Method::Central, _) if self.me == SERVER => Audience::Listeners,
            (Method::Central, _) => Audience::Upper(SERVER),
            (Method::Hierarchy, Role::Root) => Audience::Listeners,
            (Method::Hierarchy, Role::Member(head)) => Audience::Upper(head.node),
        }
    }

    /// What is told of `quantity`: all that is known here, but where all tell all the node's own
    /// value only.
    fn tellable(&self, quantity: u16) -> Estimate {
        match self.rules.method {
            Method::Hierarchy if self.audience() == Audience::Listeners => {
                self.steady.believed(quantity, self.live(quantity))
            }
            Method::Hierarchy | Method::Central => self.live(quantity),
            Method::AllToAll => self.own(quantity),
        }
    }

    /// What is known here may have moved: looks, now or after the pause.
    pub(super) fn changed(&mut self, port: &mut impl Port) {
        let next = self
            .looked
            .map_or(self.clock, |last| last + self.rules.hold_ms.span());
        if next <= self.clock {
            self.look(port);
        } else if !self.flush_armed {
            self.flush_armed = true;
            port.arm(Timer::Flush, next - self.clock);
        }
    }

    /// Tells what has moved.
    ///
    /// How many nodes there are is told upwards exactly: who moves between clusters leaves one
    /// branch and enters another, and if only one of them were beyond ε, its value would be missing
    /// or counted twice until T has passed.
    pub(super) fn look(&mut self, port: &mut impl Port) {
        let counts = match self.audience() {
            Audience::Upper(_) => 0.0,
            Audience::Nobody | Audience::Listeners | Audience::Everyone => self.rules.epsilon.0,
        };
        self.look_within(counts, port);
    }

    /// As the root, now and then: tells also what has moved within ε if the number of nodes has.
    /// What it told while somebody was between two clusters does not stand until T has passed.
    pub(super) fn recount(&mut self, port: &mut impl Port) {
        self.look_within(0.0, port);
    }

    /// Tells what has moved: sums by more than ε, numbers of nodes by more than `counts`.
    fn look_within(&mut self, counts: f64, port: &mut impl Port) {
        self.looked = Some(self.clock);
        let limits = [self.rules.epsilon.0, counts];
        self.tell_some(port, |delta_filter, quantity, told, now| {
            delta_filter.moved(quantity, told, now, limits)
        });
    }

    /// Tells what was not told for long. What is due soon goes along, in the same messages.
    pub(super) fn refresh(&mut self, port: &mut impl Port) {
        let period = self.rules.refresh_ms.span();
        if self
            .delta_filter
            .due(period)
            .is_some_and(|due| due <= self.clock)
        {
            let before = self.clock.saturating_sub(Span::from_ns(period.as_ns() / 2));
            self.tell_some(port, |delta_filter, quantity, told, now| {
                delta_filter.old(quantity, told, now, before)
            });
        } else {
            self.await_refresh(port);
        }
    }

    /// Tells the quantities that `choose` chooses.
    fn tell_some<P: Port>(
        &mut self,
        port: &mut P,
        choose: impl Fn(&mut DeltaFilter, u16, Estimate, Time) -> bool,
    ) {
        let audience = self.audience();
        if audience == Audience::Nobody {
            return;
        }
        if audience == Audience::Listeners && self.rules.method == Method::Hierarchy {
            self.see_who_takes_part();
        }
        let mut parts = SentEstimates::default();
        for quantity in 0..self.scope.quantities {
            let told = self.tellable(quantity);
            if choose(&mut self.delta_filter, quantity, told, self.clock) {
                let part = SentEstimate::new(quantity, told);
                if !parts.push(part) {
                    self.tell(audience, std::mem::take(&mut parts), port);
                    parts.push(part);
                }
            }
        }
        if !parts.as_slice().is_empty() {
            self.tell(audience, parts, port);
        }
        self.await_refresh(port);
    }

    /// As the root of the hierarchy: tells nodes that move from nodes that come or go.
    fn see_who_takes_part(&mut self) {
        // A head that has lost its own, or is refused by another, finds one in less time than it takes to notice a silent one.
        let patience = Patience {
            moving: self.silence(),
            quiet: self.rules.heartbeat_ms.span(),
        };
        for quantity in 0..self.scope.quantities {
            let live = self.live(quantity);
            self.steady.see(quantity, live, self.clock, patience);
        }
    }

    fn await_refresh(&mut self, port: &mut impl Port) {
        if self.refresh_at.is_some() {
            return;
        }
        self.refresh_at = self.delta_filter.due(self.rules.refresh_ms.span());
        if let Some(due) = self.refresh_at {
            port.arm(Timer::Refresh, due.saturating_since(self.clock));
        }
    }

    pub(super) fn tell(&mut self, audience: Audience, parts: SentEstimates, port: &mut impl Port) {
        let known = std::mem::replace(&mut self.introduced, true);
        let update = if known || self.rules.method == Method::Hierarchy {
            Message::Update
        } else {
            Message::Hello
        };
        match audience {
            Audience::Nobody => {}
            Audience::Upper(upper) => {
                self.told_up = true;
                port.send(upper, update(parts));
            }
            Audience::Listeners => {
                self.told_down = true;
                for node in self.heard.nodes() {
                    port.send(node, Message::Summary(parts));
                }
            }
            Audience::Everyone => {
                for node in (0..self.scope.nodes).filter(|&node| node != self.me) {
                    port.send(node, update(parts));
                }
            }
        }
    }

    /// Tells a newcomer what the others were told last: if it were told more, what is told next
    /// could be farther from the truth than the others' estimates may be.
    pub(super) fn introduce(&mut self, newcomer: u32, port: &mut impl Port) {
        let message = match self.audience() {
            Audience::Everyone => Message::Update,
            Audience::Nobody | Audience::Upper(_) | Audience::Listeners => Message::Summary,
        };
        let mut parts = SentEstimates::default();
        for quantity in 0..self.scope.quantities {
            let told = match self.audience() {
                Audience::Nobody | Audience::Upper(_) => Some(self.believed[usize::from(quantity)]),
                Audience::Listeners | Audience::Everyone => self.delta_filter.last(quantity),
            };
            let Some(told) = told.filter(|told| told.nodes > 0) else {
                continue;
            };
            let part = SentEstimate::new(quantity, told);
            if !parts.push(part) {
                port.send(newcomer, message(std::mem::take(&mut parts)));
                parts.push(part);
            }
        }
        if !parts.as_slice().is_empty() {
            port.send(newcomer, message(parts));
        }
    }
}
