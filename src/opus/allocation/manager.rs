//! The manager: divides the nodes among the applications every epoch, and tells everybody.
//!
//! It learns who lives from heartbeats and, if its policy says so, the demand from the clients or from
//! node 0, beside which it stands. It does *not* know requests, nor anything that nobody has told it, but for
//! policies with perfect knowledge, which look up the true demand: of this instant, and for the
//! optimum alone of the coming epoch.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::config::Policy;
use super::decision::Decision;
use super::divide;
use super::margin;
use super::message::{Message, Observation, Reminder, Utility, clients, node};
use super::moves::{self, Rule};
use super::world::World;
use super::worth::Worth;
use crate::time::{Span, Time};
use crate::unit::{Input, Unit, UnitId};

type Context<'a> = crate::unit::Context<'a, Utility>;

/// The number of silent heartbeats after which a node counts as gone.
pub(super) const SILENT_HEARTBEATS: u64 = 3;
/// Floors are made for a demand this many standard deviations of a reported rate above the known one. Made for the
/// known one, they would be too low half of the time.
const CAUTION: f64 = 2.0;

/// What the manager knows of a node.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// Whether it lives, as far as is known.
    here: bool,
    /// When it was last heard.
    heard: Time,
    /// How often it has recovered.
    life: u32,
    /// Whom it was told to serve.
    application: Option<u16>,
    /// When it was told.
    ordered: Time,
    /// Whether its clients have been told since that it serves them.
    told: bool,
}

/// The manager.
#[derive(Debug)]
pub(super) struct Manager {
    world: Arc<World>,
    nodes: Vec<Known>,
    /// The last reported rate, by population.
    rates: Vec<f64>,
    worth: Worth,
    /// Whether what it says may be lost.
    losses: bool,
}

impl Manager {
    /// A manager that knows the division at the beginning.
    pub(super) fn new(world: Arc<World>) -> Self {
        let known = |application: &Option<u16>| Known {
            here: true,
            heard: Time::ZERO,
            life: 0,
            application: *application,
            ordered: Time::ZERO,
            told: true,
        };
        Self {
            nodes: world.assigned.iter().map(known).collect(),
            rates: vec![0.0; world.curves.len()],
            worth: Worth::new(Arc::clone(&world)),
            losses: false,
            world,
        }
    }

    /// What it says may be lost.
    pub(super) fn expect_losses(&mut self) {
        self.losses = true;
    }

    /// The demand by population as the policy knows it, in requests a second.
    fn believed(&self, now: Time) -> Vec<f64> {
        let curves = &self.world.curves;
        match self.world.config.allocation.policy {
            // Static needs none; for the other, node 0 is asked, and knows totals only.
            Policy::Static | Policy::GreedyTracked => Vec::new(),
            Policy::Proportional | Policy::Greedy => {
                curves.iter().map(|curve| curve.rate(now)).collect()
            }
            Policy::Optimum => {
                let next = now + self.world.config.allocation.epoch_s.span();
                curves.iter().map(|curve| curve.mean(now, next)).collect()
            }
            Policy::GreedyReported => self.rates.clone(),
        }
    }

    /// Divides the nodes anew, or asks what is believed first.
    fn begin_epoch(&mut self, context: &mut Context<'_>) {
        if self.losses {
            self.say_again(context);
        }
        if self.world.config.allocation.policy == Policy::GreedyTracked {
            context.send(node(0), Message::Ask);
        } else {
            let rates = self.believed(context.now());
            let demand = self.world.by_application(&rates);
            self.divide(&demand, &rates, context);
        }
    }

    /// Divides the nodes anew at this demand by application; by population it may be unknown.
    fn divide(&mut self, demand: &[f64], rates: &[f64], context: &mut Context<'_>) {
        for (application, &rate) in (0..).zip(demand) {
            context.emit(Observation::Believes { application, rate });
        }
        let decision = self.decide(demand, rates);
        decision.tell(context);
        let moves = decision.moves;
        if moves.is_empty() {
            return;
        }
        let mut counts: BTreeMap<(usize, Option<usize>), usize> = BTreeMap::new();
        for step in moves {
            *counts.entry((step.to, step.from)).or_default() += 1;
        }
        let mut leaving: BTreeMap<u16, Vec<u32>> = BTreeMap::new();
        for ((to, from), count) in counts {
            for chosen in self.nearest(to as u16, from.map(|from| from as u16), count, rates) {
                let known = &mut self.nodes[chosen as usize];
                if let Some(left) = known.application.replace(to as u16) {
                    leaving.entry(left).or_default().push(chosen);
                }
                self.assign(chosen, to as u16, context);
            }
        }
        self.tell_leaving(leaving, context);
    }

    /// How many nodes each application has, as far as is known, replicas aside and these alone, and how many nobody has.
    fn present(&self) -> ([Vec<u32>; 2], u32) {
        let none = vec![0; self.world.applications.len()];
        let (mut present, mut spare) = ([none.clone(), none], 0);
        for (node, known) in (0..).zip(&self.nodes).filter(|(_, known)| known.here) {
            let is_replica = self.world.replicas.of(node).is_some();
            match known.application {
                Some(own) => present[usize::from(is_replica)][usize::from(own)] += 1,
                // A replica that nobody has is on its way back.
                None => spare += u32::from(!is_replica),
            }
        }
        (present, spare)
    }

    /// What each application would be worth by its number of nodes besides its `replicas`, of which so many more are to
    /// be had, and how many of these it gets first.
    fn tables(
        &mut self,
        (demand, rates): (&[f64], &[f64]),
        nodes: u32,
        replicas: &[u32],
    ) -> (Vec<Vec<f64>>, Vec<u32>) {
        let most = replicas.iter().max().map_or(0, |most| *most);
        let mut tables = self.worth.tables(demand, rates, nodes + most);
        for (table, &kept) in tables.iter_mut().zip(replicas) {
            table.drain(..(kept as usize).min(table.len() - 1));
        }
        let mut floors = vec![0; tables.len()];
        if self.world.config.allocation.isolation {
            let cautious = self.cautious(demand);
            // Replicas are nodes, too: who has more of them leaves others no less.
            let all = nodes + replicas.iter().sum::<u32>();
            let needed = self.worth.needed(&cautious, rates, all);
            let world = &self.world;
            let missing = world.applications.iter();
            let missing = missing.map(|one| margin::missing(&world.config, one.move_s.0));
            let needed = needed.into_iter().zip(missing);
            let shares = divide::equal(tables.len(), all).into_iter().zip(replicas);
            let floor = |((needed, missing), (share, kept)): ((u32, f64), (u32, &u32))| {
                let enough = margin::with_margin(needed, missing, share);
                share.min(enough).saturating_sub(*kept)
            };
            floors = needed.zip(shares).map(floor).collect();
            divide::with_floors(&mut tables, &floors);
        }
        (tables, floors)
    }

    /// The demand by application as it may be: [`CAUTION`] standard deviations of a reported rate higher, from
    /// wherever it is known, since the bins for which the promise is made differ as well.
    fn cautious(&self, demand: &[f64]) -> Vec<f64> {
        let period_s = self.world.config.allocation.report_s.0;
        let more = |rate: &f64| rate + CAUTION * (rate / period_s).sqrt();
        demand.iter().map(more).collect()
    }

    /// What the policy decides at this demand.
    fn decide(&mut self, demand: &[f64], rates: &[f64]) -> Decision {
        let ([present, replicas], spare) = self.present();
        let world = Arc::clone(&self.world);
        let allocation = &world.config.allocation;
        let nodes = present.iter().sum::<u32>() + spare;
        let flat = || vec![vec![0.0]; world.applications.len()];
        let (target, moves) = match allocation.policy {
            Policy::Static => {
                // A node that has come back fills the gap that it left; no other node is moved.
                let target = divide::equal(world.applications.len(), nodes);
                let mut moves = moves::towards(&flat(), &present, spare, &target, None);
                moves.retain(|step| step.from.is_none());
                (target, moves)
            }
            Policy::Proportional => {
                let all = world.applications.iter().zip(demand);
                let loads: Vec<f64> = all.map(|(one, rate)| one.work.0 * rate).collect();
                let target = divide::proportional(&loads, nodes);
                let moves = moves::towards(&flat(), &present, spare, &target, None);
                (target, moves)
            }
            Policy::Greedy | Policy::GreedyReported | Policy::GreedyTracked => {
                let (tables, floors) = self.tables((demand, rates), nodes, &replicas);
                let target = divide::greedy(&tables, nodes);
                let delays = world.applications.iter().map(|one| one.move_s.0);
                let rule = Rule {
                    horizon_s: allocation.horizon_s.0,
                    cost: allocation.move_cost.0,
                    delays_s: &delays.collect::<Vec<f64>>(),
                    floors: &floors,
                };
                let moves = moves::towards(&tables, &present, spare, &target, Some(rule));
                (target, moves)
            }
            Policy::Optimum => {
                let (tables, _) = self.tables((demand, rates), nodes, &replicas);
                let target = divide::optimum(&tables, nodes);
                let moves = moves::towards(&tables, &present, spare, &target, None);
                (target, moves)
            }
        };
        Decision {
            present,
            target,
            replicas,
            moves,
        }
    }

    /// The `count` nodes of `from` that are nearest to the demand of application `to`: by the mean
    /// latency from its regions, weighted by their rates (alike, if nothing is known of them).
    fn nearest(&self, to: u16, from: Option<u16>, count: usize, rates: &[f64]) -> Vec<u32> {
        let regions = self.world.regions;
        let first = self.world.population(to, 0) as usize;
        let own = rates.get(first..first + regions as usize);
        let own = own.filter(|rates| rates.iter().any(|rate| *rate > 0.0));
        let weight = |region: u32| own.map_or(1.0, |rates| rates[region as usize]);
        let distance = |node: u32| -> f64 {
            (0..regions)
                .map(|region| weight(region) * self.world.latency(region, node).as_ns() as f64)
                .sum()
        };
        let known = (0..).zip(&self.nodes);
        let mut candidates: Vec<(f64, u32)> = known
            .filter(|(_, known)| known.here && known.application == from)
            .filter(|(node, _)| self.world.replicas.of(*node).is_none())
            .map(|(node, _)| (distance(node), node))
            .collect();
        candidates.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        candidates
            .into_iter()
            .take(count)
            .map(|(_, node)| node)
            .collect()
    }

    /// Tells clients and publishers which nodes serve them no longer.
    fn tell_leaving(&self, leaving: BTreeMap<u16, Vec<u32>>, context: &mut Context<'_>) {
        for (application, nodes) in leaving {
            for region in 0..self.world.regions {
                let nodes = nodes.clone().into_boxed_slice();
                let to = clients(self.world.population(application, region));
                context.send(to, Message::Remove { nodes });
            }
            if let Some(publisher) = self.world.publisher(application) {
                let nodes = nodes.into_boxed_slice();
                context.send(publisher, Message::Remove { nodes });
            }
        }
    }

    /// Tells all clients who serves them: what they were told before may have been lost.
    fn say_again(&self, context: &mut Context<'_>) {
        let mut serving: BTreeMap<u16, Vec<u32>> = BTreeMap::new();
        let told = |(_, known): &(u32, &Known)| known.here && known.told;
        for (node, known) in (0..).zip(&self.nodes).filter(told) {
            if let Some(application) = known.application {
                serving.entry(application).or_default().push(node);
            }
        }
        for (application, nodes) in serving {
            for region in 0..self.world.regions {
                let nodes = nodes.clone().into_boxed_slice();
                let to = clients(self.world.population(application, region));
                context.send(to, Message::Serving { nodes });
            }
        }
    }

    /// A node serves from now on: its clients are told, unless they have been or it has been moved on.
    fn ready(&mut self, from: u32, application: u16, context: &mut Context<'_>) {
        let known = &mut self.nodes[from as usize];
        if known.here && known.application == Some(application) && !known.told {
            known.told = true;
            for region in 0..self.world.regions {
                let nodes = Box::new([from]);
                let to = clients(self.world.population(application, region));
                context.send(to, Message::Add { nodes });
            }
        }
    }

    /// A node lives, and says which application it has and whether it serves.
    fn alive(
        &mut self,
        from: u32,
        life: u32,
        (serves, ready): (Option<u16>, bool),
        context: &mut Context<'_>,
    ) {
        let heartbeat = self.world.config.allocation.heartbeat_s.span();
        let known = &mut self.nodes[from as usize];
        known.heard = context.now();
        if known.here && known.life == life {
            // Before, it may have said this when the order had not come.
            let settled = known.heard.saturating_since(known.ordered) >= heartbeat;
            if let Some(application) = known.application.filter(|_| settled) {
                if serves != Some(application) {
                    self.assign(from, application, context);
                } else if ready {
                    self.ready(from, application, context);
                }
            }
            return;
        }
        // It has forgotten whom it served, or was given up.
        (known.here, known.life) = (true, life);
        let replica = self.world.replicas.of(from);
        if let Some(left) = std::mem::replace(&mut known.application, replica) {
            self.tell_leaving(BTreeMap::from([(left, vec![from])]), context);
        }
        if let Some(application) = replica {
            self.assign(from, application, context);
        }
    }

    /// Tells a node to serve an application.
    fn assign(&mut self, to: u32, application: u16, context: &mut Context<'_>) {
        let known = &mut self.nodes[to as usize];
        (known.ordered, known.told) = (context.now(), false);
        let assign = Message::Assign {
            application,
            at_once: self.world.config.allocation.policy == Policy::Optimum,
            life: known.life,
        };
        context.send(node(to), assign);
    }

    /// Gives up on nodes that have been silent for long.
    fn look_for_silent(&mut self, context: &mut Context<'_>) {
        let heartbeat = self.world.config.allocation.heartbeat_s.span();
        let patience = Span::from_ns(heartbeat.as_ns() * SILENT_HEARTBEATS);
        let mut leaving: BTreeMap<u16, Vec<u32>> = BTreeMap::new();
        for (node, known) in (0..).zip(&mut self.nodes) {
            if known.here && context.now().saturating_since(known.heard) > patience {
                known.here = false;
                if let Some(left) = known.application.take() {
                    leaving.entry(left).or_default().push(node);
                }
            }
        }
        self.tell_leaving(leaving, context);
        context.arm(Reminder::Silence, heartbeat);
    }

    fn message(&mut self, from: UnitId, message: Message, context: &mut Context<'_>) {
        match message {
            Message::Ready { application } => self.ready(from.index(), application, context),
            Message::Alive {
                life,
                application,
                ready,
            } => self.alive(from.index(), life, (application, ready), context),
            Message::Rate { rate } => self.rates[from.index() as usize] = rate,
            Message::Demand { rates } => self.divide(&rates, &[], context),
            Message::Request { .. }
            | Message::Answer { .. }
            | Message::Refused { .. }
            | Message::Assign { .. }
            | Message::Add { .. }
            | Message::Serving { .. }
            | Message::Remove { .. }
            | Message::Heard
            | Message::Ask
            | Message::Track(_)
            | Message::Overlay(_) => {}
        }
    }
}

impl Unit<Utility> for Manager {
    fn handle(&mut self, input: Input<Utility>, context: &mut Context<'_>) {
        let allocation = &self.world.config.allocation;
        match input {
            Input::Start => {
                context.arm(Reminder::Epoch, allocation.epoch_s.span());
                context.arm(Reminder::Silence, allocation.heartbeat_s.span());
            }
            Input::Message { from, message } => self.message(from, message, context),
            Input::Timer(Reminder::Epoch) => {
                let epoch = allocation.epoch_s.span();
                self.begin_epoch(context);
                context.arm(Reminder::Epoch, epoch);
            }
            Input::Timer(Reminder::Silence) => self.look_for_silent(context),
            Input::Timer(_) => {}
        }
    }
}
