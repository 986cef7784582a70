//! Discovery systems: computers that offer services and ask for some, and a mechanism that finds
//! providers.
//!
//! All of them stand on one [`World`]: brokers on routers, computers with what they offer, requests,
//! who is disconnected, who agrees. All of it is drawn by key, so rival mechanisms can be compared
//! request by request. [`Discovery`] is the system around a [`Mechanism`]: the stages of a run, what
//! is observed (`record`), reported (`report`, `columns`), exported and plotted. This room does *not*
//! know how a request is answered.

mod adequacy;
mod brokers;
mod by_class;
mod catalogue;
mod checks;
mod churn;
mod columns;
pub mod config;
mod environment;
mod explored;
mod export;
mod faults;
mod figures;
mod following;
mod healing;
mod invariants;
mod load;
mod matching;
mod mechanism;
mod memory;
mod offered;
mod overlay;
pub mod parts;
mod population;
mod presence;
mod promises;
mod record;
mod renewal;
mod report;
mod request;
mod rescues;
mod riding;
mod scripted;
mod sessions;
mod stages;
mod summaries;
pub mod theory;
mod ways;
mod workload;
mod world;

use std::sync::Arc;

pub use adequacy::Memberships;
pub use brokers::{Broker, Brokers, Listed};
pub use catalogue::Catalogue;
use columns::Joined;
pub use config::Config;
pub(crate) use environment::merged;
#[cfg(test)]
pub(crate) use following::Communities;
use healing::Healing;
pub use matching::{Descriptor, Matcher, Matching, SameService};
pub use mechanism::{
    BrokerUnits, ContextOf, Crossing, Finds, InputOf, Mechanism, Observe, UnitStates,
};
pub use population::{Computer, Population};
pub use record::Record;
pub use request::{
    Command, GBU, GCU, MemberChange, Observation, Providers, RequestId, RequestOutcome, RequestSet,
    Verdict, gbu, gcu,
};
pub use workload::Request;
pub use world::World;

use crate::error::{Error, Result};
use crate::measure::{Cell, Detail, FigureSpec, Metric, Prediction};
use crate::parameters::{Problem, ReadFile};
use crate::prefetch::prefetch_all;
use crate::random::{RandomStreams, StreamId};
use crate::system::{
    Divisible, Explorable, Export, Memory, Model, NetworkOutages, Observed, Procedure, Report,
    Serving, Site, Stage, System, Totals, Underlay, Violation,
};
use crate::time::Span;
use crate::unit::{Input, UnitId};

/// What the draws of this room decide.
mod stream {
    use super::StreamId;

    /// How many GCUs a broker has; by broker.
    pub(super) const POPULATION: StreamId = StreamId(1);
    /// A GCU's access latency; by GCU.
    pub(super) const ACCESS: StreamId = StreamId(2);
    /// Whether a GCU offers a service; by GCU and service.
    pub(super) const OFFER: StreamId = StreamId(3);
    /// A GCU's place in the order of disconnection; by GCU.
    pub(super) const DISCONNECT_COMPUTER: StreamId = StreamId(4);
    /// A GBU's place in the order of disconnection; by GBU.
    pub(super) const DISCONNECT_BROKER: StreamId = StreamId(5);
    /// The time between two requests; by request.
    pub(super) const GAP: StreamId = StreamId(6);
    /// Who issues a request; by request.
    pub(super) const REQUESTER: StreamId = StreamId(7);
    /// What a request asks for; by request.
    pub(super) const SERVICE: StreamId = StreamId(8);
    /// A period in which a GCU is up or down; by GCU and number of the period.
    pub(super) const COMPUTER_SESSION: StreamId = StreamId(9);
    /// A period in which a GBU is up or down; by GBU and number of the period.
    pub(super) const BROKER_SESSION: StreamId = StreamId(10);
    /// How long a GCU offers the same; by GCU and number of the change.
    pub(super) const RENEWAL: StreamId = StreamId(11);
    /// Whether a GCU offers a service after a change; by GCU, number of the change and service.
    pub(super) const OFFER_ANEW: StreamId = StreamId(12);
    /// Who offers a service, if so many do; by service.
    pub(super) const OFFERED_BY: StreamId = StreamId(20);
    /// A period in which a GCU has failed or not; by GCU and number of the period.
    pub(super) const COMPUTER_FAULT: StreamId = StreamId(23);
    /// A period in which a GBU has failed or not; by GBU and number of the period.
    pub(super) const BROKER_FAULT: StreamId = StreamId(24);
    /// Of which class a GCU is; by GCU.
    pub(super) const CLASS: StreamId = StreamId(22);
    /// The time between two requests, if it follows a law; by request.
    pub(super) const INTERARRIVAL: StreamId = StreamId(21);
    /// Whether a GCU agrees to a request; by GCU and request.
    pub(super) const AGREE: StreamId = StreamId(32);
    /// A GCU's place in the order in which computers are asked; by GCU and request.
    pub(super) const COMPUTER_ORDER: StreamId = StreamId(33);
}

/// How a run goes, unless a mechanism says more.
pub const PROCEDURE: Procedure = Procedure {
    from: "a whole overlay; then units that are disconnected, or down at first, leave it at one instant",
    until: "every request has ended and no event is pending; where units come and go, offers change or \
    packets get lost: the last service can have been rendered",
    transient: "none is removed: all requests count from the first one on; registering and leaving \
    before do not count, and sessions are in steady state",
};

/// A discovery system: the units of one replication in their world, under the mechanism `M`.
#[derive(Debug)]
pub struct Discovery<M: Mechanism> {
    world: Arc<World>,
    mechanism: M,
    /// Whether the network may lose packets.
    lossy: bool,
    /// Whether links, routers or domains of the network go down.
    outages: Option<NetworkOutages>,
    gcus: Vec<M::Computer>,
    gbus: Vec<M::Broker>,
}

impl<M: Mechanism> Discovery<M> {
    /// The world in which its units are.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// How requests are answered.
    pub fn mechanism(&self) -> &M {
        &self.mechanism
    }

    /// The brokers that are units, by number, as they are now.
    pub fn gbus(&self) -> &[M::Broker] {
        &self.gbus
    }

    /// The computers, by number, as they are now.
    pub fn gcus(&self) -> &[M::Computer] {
        &self.gcus
    }

    /// The same world, with units that know nothing.
    fn placeholder(&self) -> Self {
        Self {
            world: Arc::clone(&self.world),
            mechanism: self.mechanism.clone(),
            lossy: self.lossy,
            outages: self.outages.clone(),
            gcus: self.gcus.iter().map(|_| M::Computer::default()).collect(),
            gbus: self.gbus.iter().map(|_| M::Broker::default()).collect(),
        }
    }
}

/// Whether a mechanism that finds equal offers only can find any.
fn check_equals<M: Mechanism>(overlay: &config::World) -> Result<()> {
    let Some(constraints) = &overlay.services.constraints else {
        return Ok(());
    };
    if M::CONSTRAINTS == Finds::Matching || constraints.has_equals().map_err(Problem::error)? {
        return Ok(());
    }
    let what = format!(
        "no request is equal to an offer, and {} finds no others that match",
        M::NAME
    );
    Err(Error::new(what)
        .at("/system/*/services/constraints/requests")
        .help("ask for what is offered, or use another system"))
}

impl<M: Mechanism> Model for Discovery<M> {
    type Protocol = M::Protocol;
    type Config = Config<M::Config>;

    const KINDS: &'static [&'static str] = &["gcu", "gbu"];

    fn supplied(config: &Self::Config, read: ReadFile<'_>) -> Result<Option<Self::Config>> {
        let mut config = config.clone();
        Ok(config.world.supply(read)?.then_some(config))
    }

    fn notes(config: &Self::Config) -> Vec<String> {
        let mut notes = config.world.notes();
        if config.world.services.constraints.is_some() && M::CONSTRAINTS == Finds::Equal {
            notes.push(format!(
                "{} finds the offers that are equal to a request, and not the others that match it",
                M::NAME
            ));
        }
        notes.extend(M::notes(config));
        notes
    }

    fn beyond_theory(config: &Self::Config) -> Option<Vec<&'static str>> {
        let mut members = M::beyond_theory(&config.own)?;
        members.extend(theory::beyond(&config.world));
        Some(members)
    }

    fn check(underlay: &Underlay, config: &Self::Config) -> Result<()> {
        let overlay = &config.world;
        let brokers = Brokers::place(underlay, &overlay.brokers)?;
        Population::check(overlay, brokers.list().len() as u32)?;
        if overlay.requests.all.is_some() && !M::CONJUNCTIONS {
            let what = format!(
                "requests of several parts cannot be made in the system {}",
                M::NAME
            );
            let error = Error::new(what).at("/system/*/requests/all");
            return Err(error.help("use null, or another system"));
        }
        check_equals::<M>(overlay)?;
        load::check(overlay, M::BROKERS)?;
        M::check(underlay, config)?;
        sessions::check_count(sessions::expected::<M>(overlay, &brokers))?;
        renewal::check_count(overlay, &brokers)?;
        memory::check(memory::of::<M>(underlay, config, &brokers))
    }

    fn memory(underlay: &Underlay, config: &Self::Config) -> Option<Memory> {
        let overlay = &config.world;
        let brokers = Brokers::place(underlay, &overlay.brokers).ok()?;
        Some(memory::of::<M>(underlay, config, &brokers))
    }

    fn build(underlay: &Underlay, config: &Self::Config, streams: RandomStreams) -> Result<Self> {
        let world = Arc::new(World::draw(underlay, &config.world, M::BROKERS, streams)?);
        let mut mechanism = M::new(&world, &config.own);
        let lossy = config.world.brokers.drop_messages();
        if lossy {
            mechanism.expect_losses();
        }
        if load::serving(&world).is_some() {
            mechanism.expect_delays();
        }
        mechanism.fit(underlay)?;
        let gbus = mechanism.brokers(&world);
        let computers = 0..world.population.len();
        Ok(Self {
            gcus: computers.map(|id| mechanism.computer(id)).collect(),
            gbus,
            world,
            mechanism,
            lossy,
            outages: None,
        })
    }

    fn sites(&self) -> impl Iterator<Item = (UnitId, Site)> {
        self.world.sites()
    }

    fn stages(&self) -> Vec<Stage<M::Protocol>> {
        self.observed_stages()
    }

    fn to_rest(&self) -> Vec<Stage<M::Protocol>> {
        self.stages_to_rest()
    }

    fn overdue(&self) -> Error {
        self.mechanism.overdue(&self.gcus, &self.gbus)
    }

    fn handle(&mut self, unit: UnitId, input: InputOf<M>, context: &mut ContextOf<'_, M>) {
        let index = unit.index() as usize;
        let mechanism = &self.mechanism;
        match unit.kind() {
            GCU => mechanism.computer_handles(&mut self.gcus[index], input, context),
            GBU => mechanism.broker_handles(&mut self.gbus[index], input, context),
            _ => unreachable!("there are GCUs and GBUs only"),
        }
    }

    fn forget(&mut self, unit: UnitId) {
        let (id, mechanism) = (unit.index(), &self.mechanism);
        match unit.kind() {
            GCU => mechanism.forget_computer(id, &mut self.gcus[id as usize]),
            _ => mechanism.forget_broker(id, &mut self.gbus[id as usize]),
        }
    }

    fn expect_losses(&mut self) {
        self.lossy = true;
        self.mechanism.expect_losses();
    }

    fn expect_outages(&mut self, outages: NetworkOutages) {
        self.outages = Some(outages);
    }

    fn expect_delays(&mut self) {
        self.mechanism.expect_delays();
    }

    fn serving(&self) -> Option<Serving> {
        load::serving(&self.world)
    }

    fn loaded(&self) -> Option<Span> {
        Some(self.world.last_issue())
    }

    #[inline]
    fn fetch(&self, unit: UnitId) {
        let index = unit.index() as usize;
        match unit.kind() {
            GCU => prefetch_all(&self.gcus[index]),
            _ => prefetch_all(&self.gbus[index]),
        }
    }

    fn subject(input: &InputOf<M>) -> Option<u64> {
        let request = match input {
            Input::Command(Command::Issue { request, .. } | Command::IssueAll { request }) => {
                Some(*request)
            }
            Input::Message { message, .. } => M::request_of(message),
            Input::Command(
                Command::Leave
                | Command::Join
                | Command::Watch
                | Command::Unwatch
                | Command::Change { .. }
                | Command::Link { .. }
                | Command::Unlink { .. }
                | Command::Revoke { .. },
            )
            | Input::Start
            | Input::Timer(_) => None,
        };
        request.map(|RequestId(number)| number.into())
    }
}

impl<M: Mechanism> Observed for Discovery<M> {
    type Measures = Record<M>;

    const METRICS: &'static [Metric] = Joined::<M>::METRICS;
    const DETAILS: &'static [Detail] = Joined::<M>::DETAILS;

    fn measures(&self) -> Record<M> {
        let mechanism = &self.mechanism;
        let breaks = self.outages.is_some() || self.world.config.has_failures();
        let heals = breaks || mechanism.watches().is_some();
        let healing =
            heals.then(|| Healing::new(mechanism.elects(), self.outages.clone(), !self.lossy));
        Record::new(&self.world, mechanism.asks_again(), healing)
    }

    fn report(&self, record: &Record<M>, totals: Totals) -> Report {
        let entries = self.gbus.iter().map(|it| self.mechanism.entries(it));
        let entries: Option<Vec<u64>> = entries.collect();
        let system = (&*self.world, &self.mechanism, entries);
        report::report(system, record, totals)
    }

    fn theory(&self, record: &Record<M>, cells: &[Cell], loss: f64) -> Vec<Prediction> {
        let by_name = |name: &str| {
            let place = Self::METRICS.iter().position(|it| it.name == name);
            place.and_then(|place| cells[place].number())
        };
        theory::of((&self.world, &self.mechanism), record, &by_name, loss)
    }

    fn series(&self, record: &Record<M>) -> Vec<(&'static str, Vec<f64>)> {
        report::series(record.requests())
    }

    fn violations(&self, record: &Record<M>, lives: &dyn Fn(UnitId) -> bool) -> Vec<Violation> {
        let mut all = invariants::violations(&self.world, record);
        let units = self.mechanism.violations(&self.gcus, &self.gbus, lives);
        all.extend(units);
        all
    }

    fn strays(&self, record: &Record<M>, lives: &dyn Fn(UnitId) -> bool) -> Option<Violation> {
        let not_healed = || invariants::not_healed((&self.world, &self.mechanism), record);
        following::strays(self, record, lives).or_else(not_healed)
    }
}

impl<M: Mechanism> System for Discovery<M> {
    const NAME: &'static str = M::NAME;
    const ABOUT: &'static str = M::ABOUT;
    const PROCEDURE: Procedure = M::PROCEDURE;

    fn exports() -> Vec<Export<Self>> {
        let mut all = export::exports();
        all.extend(M::exports());
        all
    }

    fn figures() -> Vec<FigureSpec> {
        let mut all = figures::standard(M::MESSAGES);
        all.extend(M::figures());
        all
    }

    fn divisible() -> Option<Divisible<Self>> {
        Some(Divisible {
            placeholder: Self::placeholder,
            swap: |system, other, unit| {
                let index = unit.index() as usize;
                match unit.kind() {
                    GCU => std::mem::swap(&mut system.gcus[index], &mut other.gcus[index]),
                    _ => std::mem::swap(&mut system.gbus[index], &mut other.gbus[index]),
                }
            },
            merge: Record::merge,
        })
    }

    fn explorable() -> Option<Explorable<Self>> {
        M::unit_states().map(explored::explorable)
    }
}
