//! What is observed of a run, from inputs, effects and notes: requests by application and the time
//! bin in which they were issued, response times, who serves whom for how long.
//!
//! This module does *not* know how units decide, nor what is computed from the record.

use std::sync::Arc;

use super::config::Policy;
use super::crowd::Crowd;
use super::demand::DemandCurve;
use super::kept::{Kept, KeptDivision};
use super::message::{CLIENTS, Message, NODE, Observation, Reminder, Utility};
use super::updates::Updates;
use super::uptime::Uptime;
use super::world::World;
use crate::opus::overlay::message as overlay;
use crate::system::Measures;
use crate::time::{Span, Time};
use crate::unit::{Effect, Input, UnitId};

/// The requests of one application that were issued in one bin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct BinCounts {
    pub(super) issued: u32,
    /// Answered within the latency that is promised.
    pub(super) in_time: u32,
    /// Answered later.
    pub(super) late: u32,
}

/// Response times are counted in classes: exactly below 2⁷ µs, above to within 1/64.
const FINE_BITS: u32 = 6;

/// The record of one run.
#[derive(Debug)]
pub struct AllocationRecord {
    world: Arc<World>,
    /// By bin, then application.
    tallies: Vec<BinCounts>,
    /// Nanoseconds during which nodes served, by bin, then application.
    served_ns: Vec<u64>,
    /// How many nodes serve each application now, and since when.
    serving: Vec<(u32, Time)>,
    /// Whom each node serves now.
    serves: Vec<Option<u16>>,
    /// Nanoseconds, up to the last change of each, during which no node served an application.
    unserved_ns: u128,
    /// What is observed of the first flash crowd.
    pub(super) crowd: Option<Crowd>,
    /// Answers by class of response time.
    responses: Vec<u64>,
    response_ns: u128,
    /// How many nodes were given to an application.
    pub(super) moved: u64,
    /// By node, which application it was told last to serve, and in which of its lives.
    ordered: Vec<Option<(u16, u32)>>,
    /// Messages sent, without requests, answers and refusals.
    pub(super) messages: u64,
    /// Σ |believed − true| ÷ true demand, over the divisions and applications with any, and their
    /// number. True is what the policy means to know.
    error: (f64, u64),
    /// What is observed of overlays.
    pub(super) updates: Updates,
    /// For how long enough replicas serve.
    pub(super) uptime: Uptime,
    /// The demand of each application as the manager believed it at the last division.
    believed: Vec<f64>,
    /// What is kept besides, if it is asked for.
    pub(super) kept: Option<Box<Kept>>,
}

impl AllocationRecord {
    /// An empty record of a run in which nodes serve as `serves` tells from the beginning.
    pub(super) fn new(world: Arc<World>, serves: Vec<Option<u16>>) -> Self {
        let cells = world.bins() * world.applications.len();
        let mut serving = vec![(0, Time::ZERO); world.applications.len()];
        for application in serves.iter().flatten() {
            serving[usize::from(*application)].0 += 1;
        }
        Self {
            updates: Updates::new(Arc::clone(&world), &serves),
            uptime: Uptime::new(Arc::clone(&world), &serves),
            crowd: Crowd::new(&world),
            unserved_ns: 0,
            believed: vec![0.0; world.applications.len()],
            kept: None,
            // What a node serves from the beginning is no order, and giving it again is no move.
            ordered: serves
                .iter()
                .map(|own| own.map(|application| (application, 0)))
                .collect(),
            world,
            tallies: vec![BinCounts::default(); cells],
            served_ns: vec![0; cells],
            serving,
            serves,
            responses: Vec::new(),
            response_ns: 0,
            moved: 0,
            messages: 0,
            error: (0.0, 0),
        }
    }

    /// From now on each request, division and update is kept.
    pub(super) fn keep(&mut self) {
        self.kept = Some(Box::new(Kept::new(Arc::clone(&self.world))));
        self.updates.keep();
    }

    /// The requests that were issued in a bin for an application.
    pub(super) fn tally(&self, bin: usize, application: usize) -> BinCounts {
        self.tallies[bin * self.world.applications.len() + application]
    }

    /// The nodes that served an application in a bin, on average over time.
    pub(super) fn nodes(&self, bin: usize, application: usize) -> f64 {
        let [from, to] = self.world.bin(bin);
        let mut served_ns = self.served_ns[bin * self.world.applications.len() + application];
        let (count, since) = self.serving[application];
        served_ns += u64::from(count) * to.saturating_since(since.max(from)).as_ns();
        served_ns as f64 / (to - from).as_ns() as f64
    }

    /// How many applications no node served, on average over time.
    pub(super) fn unserved(&self) -> f64 {
        let end = self.world.end;
        let idle = self.serving.iter().filter(|(count, _)| *count == 0);
        let rest = idle.map(|(_, since)| u128::from(end.saturating_since(*since).as_ns()));
        let sum = self.unserved_ns + rest.sum::<u128>();
        sum as f64 / (end - Time::ZERO).as_ns() as f64
    }

    /// The mean response time, in ms.
    pub(super) fn response_ms_mean(&self) -> Option<f64> {
        let count: u64 = self.responses.iter().sum();
        (count > 0).then(|| self.response_ns as f64 / count as f64 / 1e6)
    }

    /// The response time that `percent` of the answers do not exceed, by nearest rank, in ms: the
    /// upper end of its class.
    pub(super) fn response_ms(&self, percent: u64) -> Option<f64> {
        let count: u64 = self.responses.iter().sum();
        let rank = (count * percent).div_ceil(100);
        let mut below = 0;
        let class = self.responses.iter().position(|answers| {
            below += answers;
            below >= rank && below > 0
        })?;
        Some(class_end_us(class) as f64 / 1e3)
    }

    /// The mean of |believed − true| ÷ true demand.
    pub(super) fn demand_error(&self) -> Option<f64> {
        (self.error.1 > 0).then(|| self.error.0 / self.error.1 as f64)
    }

    fn answered(&mut self, now: Time, population: u32, issued: Time) {
        let application = usize::from(self.world.application_of(population));
        let response = now - issued;
        self.response_ns += u128::from(response.as_ns());
        let class = class_of_us(response.as_ns() / 1000);
        if self.responses.len() <= class {
            self.responses.resize(class + 1, 0);
        }
        self.responses[class] += 1;
        let promised = self.world.applications[application].sla.latency();
        let in_time = response <= promised;
        for tally in self.tallies_at(issued, application) {
            tally.in_time += u32::from(in_time);
            tally.late += u32::from(!in_time);
        }
    }

    /// The tallies in which a request counts.
    fn tallies_at(
        &mut self,
        issued: Time,
        application: usize,
    ) -> impl Iterator<Item = &mut BinCounts> {
        let cell = self.world.bin_of(issued) * self.world.applications.len() + application;
        let crowd = self.crowd.as_mut();
        let crowd = crowd.and_then(|crowd| crowd.tally_at(issued, application));
        std::iter::once(&mut self.tallies[cell]).chain(crowd)
    }

    fn serve(&mut self, now: Time, node: u32, application: Option<u16>) {
        let before = std::mem::replace(&mut self.serves[node as usize], application);
        self.uptime.serve(now, node, before, application);
        for (application, sign) in [(before, -1), (application, 1)] {
            if let Some(application) = application {
                let application = usize::from(application);
                self.settle(now, application);
                let count = &mut self.serving[application].0;
                *count = count.wrapping_add_signed(sign);
            }
        }
    }

    /// Spreads the time since the last change over the bins.
    fn settle(&mut self, now: Time, application: usize) {
        let (count, since) = self.serving[application];
        let now = now.min(self.world.end);
        if count == 0 {
            self.unserved_ns += u128::from(now.saturating_since(since).as_ns());
        }
        let mut at = since;
        while at < now {
            let bin = self.world.bin_of(at);
            let to = self.world.bin(bin)[1].min(now);
            let cell = bin * self.world.applications.len() + application;
            self.served_ns[cell] += u64::from(count) * (to - at).as_ns();
            at = to;
        }
        self.serving[application].1 = now;
    }

    /// What the policy means to know of an application's demand when nodes are divided.
    fn truth(&self, now: Time, application: usize) -> f64 {
        let regions = self.world.regions as usize;
        let allocation = &self.world.config.allocation;
        let curves = &self.world.curves[application * regions..][..regions];
        let rate = |curve: &DemandCurve| match allocation.policy {
            Policy::Optimum => curve.mean(now, now + allocation.epoch_s.span()),
            Policy::Static
            | Policy::Proportional
            | Policy::Greedy
            | Policy::GreedyReported
            | Policy::GreedyTracked => curve.rate(now),
        };
        curves.iter().map(rate).sum()
    }

    fn decides(&mut self, now: Time, application: u16, nodes: [u32; 3]) {
        let place = usize::from(application);
        if self.kept.is_none() {
            return;
        }
        let truth = self.truth(now, place);
        if let Some(kept) = &mut self.kept {
            kept.divisions.push(KeptDivision {
                at: now,
                application,
                rates: [self.believed[place], truth],
                nodes,
                serving: self.serving[place].0,
            });
        }
    }

    fn observed(&mut self, now: Time, unit: UnitId, observation: Observation) {
        self.updates.observed(now, unit, observation);
        match observation {
            Observation::Serves { application } => {
                if let Some(kept) = &mut self.kept {
                    kept.serves.push((now, unit.index(), application));
                }
                self.serve(now, unit.index(), application);
            }
            Observation::Decides { application, nodes } => self.decides(now, application, nodes),
            Observation::Believes { application, rate } => {
                self.believed[usize::from(application)] = rate;
                let truth = self.truth(now, usize::from(application));
                if truth > 0.0 {
                    self.error.0 += (rate - truth).abs() / truth;
                    self.error.1 += 1;
                }
            }
            Observation::Joins { .. } | Observation::Leaves | Observation::Overlay { .. } => {}
        }
    }
}

impl World {
    /// How many bins a run has; the last one may be shorter.
    pub(super) fn bins(&self) -> usize {
        let duration = self.end - Time::ZERO;
        duration.as_ns().div_ceil(self.bin.as_ns()) as usize
    }

    /// The bin in which an instant lies; the end lies in the last one.
    pub(super) fn bin_of(&self, time: Time) -> usize {
        let bin = time.as_ns() / self.bin.as_ns();
        (bin as usize).min(self.bins() - 1)
    }

    /// From when to when a bin lasts.
    pub(super) fn bin(&self, bin: usize) -> [Time; 2] {
        let start = |bin: usize| Time::from_ns(bin as u64 * self.bin.as_ns());
        [start(bin), start(bin + 1).min(self.end)]
    }

    /// The length of a span in seconds.
    pub(super) fn seconds(span: Span) -> f64 {
        span.as_ns() as f64 / 1e9
    }
}

/// The class of a response time.
fn class_of_us(us: u64) -> usize {
    let shift = (u64::BITS - us.leading_zeros()).saturating_sub(FINE_BITS + 1);
    ((u64::from(shift) << FINE_BITS) + (us >> shift)) as usize
}

/// The longest response time of a class.
fn class_end_us(class: usize) -> u64 {
    let fine = 1 << FINE_BITS;
    let class = class as u64;
    if class < 2 * fine {
        return class;
    }
    let shift = class / fine - 1;
    (((class - shift * fine) + 1) << shift) - 1
}

impl Measures<Utility> for AllocationRecord {
    fn begin(&mut self, _: Time) {}

    #[inline]
    fn input(&mut self, now: Time, unit: UnitId, input: &Input<Utility>) {
        if let Some(kept) = &mut self.kept {
            kept.input(now, unit, input);
        }
        match input {
            Input::Timer(Reminder::Arrival) => {
                let application = self.world.application_of(unit.index());
                for tally in self.tallies_at(now, application.into()) {
                    tally.issued += 1;
                }
            }
            Input::Message {
                message: Message::Answer { issued, .. },
                ..
            } if unit.kind() == CLIENTS => self.answered(now, unit.index(), *issued),
            Input::Start | Input::Command(_) | Input::Message { .. } | Input::Timer(_) => {}
        }
    }

    fn unhandled(&mut self, _: Time, _: UnitId, _: &Input<Utility>) {}

    fn crashed(&mut self, now: Time, unit: UnitId) {
        if unit.kind() == NODE {
            if self.serves[unit.index() as usize].is_some() {
                self.observed(now, unit, Observation::Serves { application: None });
            }
            self.updates.observed(now, unit, Observation::Leaves);
        }
    }

    #[inline]
    fn effect(&mut self, now: Time, unit: UnitId, effect: &Effect<Utility>) {
        if let Some(kept) = &mut self.kept {
            kept.effect(unit, effect);
        }
        match effect {
            // When clients have issued their last request, only what is under way still matters.
            Effect::Send { message, to, .. } if now < self.world.end => match message {
                Message::Request { .. } | Message::Answer { .. } | Message::Refused { .. } => {}
                Message::Assign {
                    application, life, ..
                } => {
                    // An order that is given again moves nobody.
                    let order = Some((*application, *life));
                    let before = &mut self.ordered[to.index() as usize];
                    self.moved += u64::from(std::mem::replace(before, order) != order);
                    self.messages += 1;
                }
                Message::Ready { .. }
                | Message::Alive { .. }
                | Message::Add { .. }
                | Message::Serving { .. }
                | Message::Remove { .. }
                | Message::Rate { .. }
                | Message::Heard
                | Message::Ask
                | Message::Demand { .. }
                | Message::Track(_) => self.messages += 1,
                Message::Overlay(envelope) => {
                    let copy = matches!(envelope.message, overlay::Message::Packet { .. });
                    self.messages += u64::from(!copy);
                    self.updates.messages += u64::from(!copy);
                }
            },
            Effect::Observation(observation) => self.observed(now, unit, *observation),
            Effect::Send { .. } | Effect::Arm { .. } | Effect::Disarm { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_fine_and_in_order() {
        let mut last = 0;
        for us in (0..5000).chain([1 << 20, (1 << 40) - 1, 1 << 40]) {
            let class = class_of_us(us);
            assert!(class >= last, "{us}");
            last = class;
            let end = class_end_us(class);
            assert!(
                end >= us && end as f64 <= us as f64 * (1.0 + 1.0 / 64.0),
                "{us} {end}"
            );
            assert!(us == 0 || class_of_us(end) == class && class_of_us(end + 1) == class + 1);
        }
    }
}
