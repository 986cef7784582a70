//! What is kept of a run besides what its numbers need, so that it can be written down: each request, each
//! division, each update, and who served whom.
//!
//! It is kept only if it is asked for. This module does *not* know where it is written.

use std::sync::Arc;

use super::message::{CLIENTS, Message, Reminder, Utility};
use super::world::World;
use crate::time::Time;
use crate::unit::{Effect, Input, UnitId};

/// A request.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeptRequest {
    pub(super) issued: Time,
    /// To which node it was sent last.
    pub(super) node: Option<u32>,
    /// To how many nodes it was sent.
    pub(super) sent: u32,
    pub(super) answered: Option<Time>,
}

/// What was decided of one application when the nodes were divided.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeptDivision {
    pub(super) at: Time,
    pub(super) application: u16,
    /// The demand in requests a second as the policy knew it, and as it was.
    pub(super) rates: [f64; 2],
    /// How many nodes had it, as far as the manager knew, how many it should have, and how many it has after the
    /// moves that pay.
    pub(super) nodes: [u32; 3],
    /// How many nodes did serve it.
    pub(super) serving: u32,
}

/// An update, and a node to which it was due.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeptUpdate {
    pub(super) application: u16,
    pub(super) number: u32,
    pub(super) published: Time,
    pub(super) node: u32,
    pub(super) received: Option<Time>,
}

/// A node serves an application from an instant on, or none.
pub(super) type Serves = (Time, u32, Option<u16>);

/// What is kept.
#[derive(Debug)]
pub(super) struct Kept {
    world: Arc<World>,
    /// By population and number.
    requests: Vec<Vec<KeptRequest>>,
    pub(super) divisions: Vec<KeptDivision>,
    pub(super) serves: Vec<Serves>,
}

impl Kept {
    /// Nothing yet.
    pub(super) fn new(world: Arc<World>) -> Self {
        Self {
            requests: vec![Vec::new(); world.curves.len()],
            divisions: Vec::new(),
            serves: Vec::new(),
            world,
        }
    }

    /// A unit is given something.
    pub(super) fn input(&mut self, now: Time, unit: UnitId, input: &Input<Utility>) {
        if unit.kind() != CLIENTS {
            return;
        }
        let requests = &mut self.requests[unit.index() as usize];
        match input {
            Input::Timer(Reminder::Arrival) => requests.push(KeptRequest {
                issued: now,
                node: None,
                sent: 0,
                answered: None,
            }),
            Input::Message {
                from,
                message: Message::Answer { issued, .. },
            } => {
                let first = requests.partition_point(|request| request.issued < *issued);
                let own = |request: &&mut KeptRequest| {
                    request.answered.is_none() && request.node == Some(from.index())
                };
                if let Some(request) = requests[first..].iter_mut().find(own) {
                    request.answered = Some(now);
                }
            }
            _ => {}
        }
    }

    /// A unit does something.
    pub(super) fn effect(&mut self, unit: UnitId, effect: &Effect<Utility>) {
        let Effect::Send {
            to,
            message: Message::Request { request, .. },
            ..
        } = effect
        else {
            return;
        };
        let requests = &mut self.requests[unit.index() as usize];
        if let Some(kept) = requests.get_mut(request.number as usize) {
            kept.node = Some(to.index());
            kept.sent += 1;
        }
    }

    /// All requests in order of issue, with their populations and the numbers in these.
    pub(super) fn requests(&self) -> Vec<(u32, u32, KeptRequest)> {
        let each = (0..).zip(&self.requests);
        let mut all: Vec<(u32, u32, KeptRequest)> = each
            .flat_map(|(population, requests)| {
                let numbered = (0..).zip(requests);
                numbered.map(move |(number, request)| (population, number, *request))
            })
            .collect();
        all.sort_by_key(|&(population, number, request)| (request.issued, population, number));
        all
    }

    /// Whether a request was answered in the time that is promised.
    pub(super) fn outcome(&self, population: u32, request: &KeptRequest) -> &'static str {
        let application = self.world.application_of(population);
        let promised = self.world.applications[usize::from(application)]
            .sla
            .latency();
        match request.answered {
            Some(answered) if answered - request.issued <= promised => "in-time",
            Some(_) => "late",
            None => "lost",
        }
    }
}
