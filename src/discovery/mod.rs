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
mod crossing;
mod environment;
mod explored;
mod export;
mod faults;
mod features;
mod figures;
mod finding;
mod following;
mod forbidden;
mod healing;
mod invariants;
mod load;
mod matching;
mod mechanism;
mod memory;
mod occasions;
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
mod slots;
mod stages;
mod stream;
mod summaries;
pub mod theory;
mod unit_states;
mod ways;
mod workload;
mod world;

use std::sync::Arc;

pub use adequacy::Memberships;
#[cfg(test)]
pub(crate) use adequacy::{name, watcher};
pub use brokers::{Broker, Brokers, Listed};
pub use catalogue::Catalogue;
use columns::Joined;
pub use config::Config;
pub use crossing::{Crossing, CrossingView, TunnelOf};
pub(crate) use environment::merged;
pub use features::Features;
pub use finding::Finds;
#[cfg(test)]
pub(crate) use following::Communities;
use healing::Healing;
pub use matching::{Descriptor, Matcher, Matching, SameService};
pub use mechanism::{BrokerUnits, ContextOf, InputOf, Mechanism, Observe};
pub(crate) use overlay::{Crossings, MadeLink, MadeTunnel};
pub use population::{Computer, Population};
pub use record::Record;
pub use request::{
    Command, Confirms, CredentialStatus, GBU, GCU, MemberChange, Observation, Providers, RequestId,
    RequestOutcome, RequestSet, gbu, gcu,
};
pub use slots::{HeldSlots, ServiceTimer};
pub use unit_states::ExplorableMechanism;
pub use workload::Request;
pub use world::World;

use crate::calculus::Community;
use crate::error::{Error, Result};
use crate::measure::{Cell, Detail, FigureSpec, Metric, Prediction};
use crate::parameters::ReadFile;
use crate::prefetch::prefetch_all;
use crate::random::RandomStreams;
use crate::system::{
    Divisible, Expected, Export, Memory, Model, NetworkOutages, Observed, Procedure, Report,
    Serving, Site, Stage, System, Totals, Underlay, Violation, Watcher,
};
use crate::time::Span;
use crate::unit::{Input, UnitId};

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
    /// When everything has arrived, counted from an instant from which the network can be calm, if it can.
    calm: Option<Span>,
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

    /// This world with empty units.
    fn placeholder(&self) -> Self {
        Self {
            world: Arc::clone(&self.world),
            mechanism: self.mechanism.clone(),
            lossy: self.lossy,
            outages: self.outages.clone(),
            calm: self.calm,
            gcus: self.gcus.iter().map(|_| M::Computer::default()).collect(),
            gbus: self.gbus.iter().map(|_| M::Broker::default()).collect(),
        }
    }
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
        notes.extend(finding::note::<M>(&config.world));
        notes.extend(M::notes(config));
        notes
    }

    fn late_note(config: &Self::Config) -> Option<&'static str> {
        M::late_note(&config.own)
    }

    fn fit_late(&self, underlay: &Underlay, late: Span) -> Result<()> {
        self.mechanism.fit_late(underlay, late)
    }

    fn beyond_theory(config: &Self::Config, loss: f64) -> Option<Vec<&'static str>> {
        M::beyond_theory(config, loss)
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
        finding::check::<M>(overlay)?;
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
        mechanism.expect(&Expected {
            losses: lossy,
            delays: load::serving(&world).is_some(),
            ..Expected::default()
        });
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
            calm: None,
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

    fn expect(&mut self, network: &Expected) {
        self.lossy |= network.losses;
        self.outages.clone_from(&network.outages);
        self.calm = network.calm;
        self.mechanism.expect(network);
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
                | Command::Revoke { .. }
                | Command::Settle { .. }
                | Command::Expel { .. }
                | Command::OpenTunnel
                | Command::CloseTunnel,
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
    const DETAILS: &'static [Detail] = columns::DETAILS;

    fn measures(&self) -> Record<M> {
        let mechanism = &self.mechanism;
        let features = mechanism.features();
        let breaks = self.outages.is_some() || self.world.config.has_failures();
        let heals = breaks || mechanism.watches().is_some();
        let healing =
            heals.then(|| Healing::new(features.elects, self.outages.clone(), !self.lossy));
        // Where packets get lost a query is sent anew to a peer that has been restarted.
        let asks_again = features.tells_ways || self.lossy;
        Record::new(&self.world, asks_again, healing)
    }

    fn begins(&self, record: &mut Record<M>) {
        record.begin_with(|| self.mechanism.membership(&self.gcus, &self.gbus));
    }

    fn report(&self, record: &Record<M>, totals: Totals) -> Report {
        let entries = self.gbus.iter().map(|it| self.mechanism.entries(it));
        let entries: Option<Vec<u64>> = entries.collect();
        let system = (&*self.world, &self.mechanism, entries);
        report::report(system, record, totals)
    }

    fn ended(&self, record: &Record<M>) -> Option<Span> {
        Some(record.end())
    }

    fn remarks(&self, record: &Record<M>) -> Vec<String> {
        let mut remarks = faults::remarks(&self.world, record.end());
        remarks.extend(self.mechanism.remarks());
        remarks.extend(report::still_broken((&self.world, &self.mechanism), record));
        remarks
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

    fn asked(&self, record: &Record<M>) -> Vec<&'static str> {
        let mut asked = invariants::asked((&self.mechanism, self.lossy), record);
        let membership = self.mechanism.membership(&self.gcus, &self.gbus);
        asked.extend(membership.map(|_| adequacy::ADEQUATE.0));
        asked
    }

    fn strays(&self, record: &Record<M>) -> Option<Violation> {
        invariants::not_healed((&self.world, &self.mechanism), record)
    }

    fn watcher(&self) -> Option<Box<dyn Watcher<Self>>> {
        adequacy::watcher(self, Community::change)
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

    fn is_absent(column: &str) -> bool {
        columns::is_absent(M::BROKERS, column)
    }

    fn figures() -> Vec<FigureSpec> {
        figures::standard(M::MESSAGES)
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
}
