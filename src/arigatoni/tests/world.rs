//! A small overlay without network or clock of its own: whoever plays it says which message arrives
//! next, which timer is due, and what goes wrong.

use std::collections::BTreeMap;

use super::*;
use crate::unit::Timer as _;

/// GBU 1 and GBU 2 under GBU 0; GCUs 0 and 1 under GBU 0, and so on.
const PARENTS: [Option<u32>; 3] = [None, Some(0), Some(0)];

/// Units, what is under way, and which timers are armed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct World {
    pub(super) gcus: Vec<Gcu>,
    pub(super) gbus: Vec<Gbu>,
    /// From whom, to whom, what.
    pub(super) under_way: Vec<(UnitId, UnitId, Message)>,
    /// By owner and slot: when each is due.
    pub(super) timers: BTreeMap<(UnitId, u32), (Time, Reminder)>,
    pub(super) now: Time,
    /// How often each request has ended.
    pub(super) ended: Vec<u32>,
}

impl World {
    /// A world of the first `brokers` brokers with their computers, all registered.
    pub(super) fn new(brokers: usize, given: &Given<Drawn>) -> Self {
        let descriptors = given.policy.world.matching.len();
        let gbu_under =
            |parent: &Option<u32>| Gbu::new(parent.map(gbu), RoutingTable::new(descriptors));
        let mut world = Self {
            gcus: (0..2 * brokers as u32)
                .map(|id| Gcu::new(gbu(id / 2)))
                .collect(),
            gbus: PARENTS[..brokers].iter().map(gbu_under).collect(),
            under_way: Vec::new(),
            timers: BTreeMap::new(),
            now: Time::ZERO,
            ended: Vec::new(),
        };
        for unit in world.units() {
            world.hand(given, unit, Input::Start);
        }
        while !world.under_way.is_empty() {
            world.deliver(given, 0);
        }
        world
    }

    pub(super) fn units(&self) -> Vec<UnitId> {
        let gcus = (0..self.gcus.len() as u32).map(gcu);
        gcus.chain((0..self.gbus.len() as u32).map(gbu)).collect()
    }

    /// Lets `unit` handle `input`; what is for nobody is lost.
    pub(super) fn hand(
        &mut self,
        given: &Given<Drawn>,
        unit: UnitId,
        input: Input<ArigatoniProtocol>,
    ) {
        let mut effects = Vec::new();
        let context = &mut Context::new(self.now, unit, RandomStreams::new(1, 0), &mut effects);
        let index = unit.index() as usize;
        match unit.kind() {
            GCU if index < self.gcus.len() => self.gcus[index].handle(given, input, context),
            GBU if index < self.gbus.len() => self.gbus[index].handle(given, input, context),
            _ => return,
        }
        for effect in effects {
            match effect {
                Effect::Send { to, message, .. } => self.under_way.push((unit, to, message)),
                Effect::Arm { timer, after } => {
                    let due = (self.now + after, timer);
                    self.timers.insert((unit, timer.slot()), due);
                }
                Effect::Disarm { timer } => {
                    self.timers.remove(&(unit, timer.slot()));
                }
                Effect::Observation(Observation::Ended { request, .. }) => {
                    if let Some(ended) = self.ended.get_mut(request.0 as usize) {
                        *ended += 1;
                    }
                }
                Effect::Observation(_) => {}
            }
        }
    }

    /// GCU `index` issues the next request.
    pub(super) fn issue(&mut self, given: &Given<Drawn>, index: u32, instances: u32) {
        let request = RequestId(self.ended.len() as u32);
        self.ended.push(0);
        let command = Command::Issue {
            request,
            demand: DEMAND,
            instances,
        };
        self.hand(given, gcu(index), Input::Command(command));
    }

    /// The message at `index` of those under way arrives.
    pub(super) fn deliver(&mut self, given: &Given<Drawn>, index: usize) {
        let (from, to, message) = self.under_way.remove(index);
        self.hand(given, to, Input::Message { from, message });
    }

    /// A timer fires, at its time or later.
    pub(super) fn fire(&mut self, given: &Given<Drawn>, owner: UnitId, slot: u32) {
        if let Some((due, timer)) = self.timers.remove(&(owner, slot)) {
            self.now = self.now.max(due);
            self.hand(given, owner, Input::Timer(timer));
        }
    }

    /// The timer that is due first; deadlines give way. Of those that are due for ever, none.
    pub(super) fn next_timer(&self) -> Option<(UnitId, u32)> {
        let armed = self.timers.iter();
        let armed = armed.filter(|(_, (_, timer))| *timer != Reminder::Leave);
        let first = armed.min_by_key(|(owner, (due, timer))| (*due, timer.class(), **owner));
        first.map(|(owner, _)| *owner)
    }

    /// Lets everything run to its end, in order.
    pub(super) fn settle(&mut self, given: &Given<Drawn>) {
        loop {
            while !self.under_way.is_empty() {
                self.deliver(given, 0);
            }
            let Some((owner, slot)) = self.next_timer() else {
                return;
            };
            self.fire(given, owner, slot);
        }
    }

    /// This world with its clock at 0, and the messages under way in one fixed order.
    pub(super) fn canonical(&self) -> Self {
        let now = self.now;
        let mut world = self.clone();
        world.now = Time::ZERO;
        world.gcus = self.gcus.iter().map(|gcu| gcu.canonical(now)).collect();
        world.gbus = self.gbus.iter().map(|gbu| gbu.canonical(now)).collect();
        world.under_way.sort_by_cached_key(|(from, to, message)| {
            (*from, *to, super::super::wire::encode(message))
        });
        for (due, _) in world.timers.values_mut() {
            *due = due.from_zero(now);
        }
        world
    }
}
