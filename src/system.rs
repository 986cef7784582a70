//! What a simulated system must offer to be run, swept and plotted.
//!
//! The driver, sweeps, results and figures are generic over [`System`] and do *not* know which one
//! they handle.

mod expected;
mod explorable;
mod following;
mod history;
mod invariant;
mod naming;
mod outages;
mod procedure;
mod report;
mod site;
mod stage;
mod totals;

pub use expected::Expected;
pub use explorable::{
    About, Course, Disturbed, Explorable, Occasion, Property, Said, Task, Tasks, told_again,
    told_by,
};
pub use following::{Follower, Following, Happened, Watcher};
pub use history::{Event, Flight, History, Step};
pub use invariant::{Invariant, Violation, violations};
pub use naming::{content, unit_name};
pub use outages::{NetworkOutages, Periods};
pub use procedure::Procedure;
pub use report::Report;
pub use site::Site;
pub use stage::{Act, Environment, Inputs, Schedule, Stage};
pub use totals::{Queueing, Serving, Totals};

use crate::error::{Error, Result};
use crate::measure::{Cell, Detail, FigureSpec, Metric, Prediction};
use crate::parameters::ReadFile;
use crate::random::RandomStreams;
use crate::time::{Span, Time};
use crate::topology::Graph;
use crate::topology::RouterId;
use crate::topology::Routes;
use crate::unit::{Context, Effect, Input, Protocol, UnitId};

/// The network under an overlay, shared by all runs on it.
#[derive(Debug)]
pub struct Underlay {
    /// The routers and links as their file tells them.
    pub graph: Graph,
    /// The exact routes over them.
    pub routes: Routes,
}

/// About how much memory a run takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// At the peak, in bytes.
    pub bytes: f64,
    /// The member of the system's parameters that asks for most of them, such as `requests/count`.
    pub member: &'static str,
}

/// What is simulated: units and their workload.
///
/// What has a default is for systems that name files, trace requests, or are large.
pub trait Model: Sized + Send {
    /// What its units say.
    type Protocol: Protocol;
    /// Its parameters, which fit each other.
    type Config: Clone + std::fmt::Debug + Send + Sync + 'static;

    /// What the units of each kind are called, such as `gcu`: unit 17 of that kind is `gcu/17`.
    const KINDS: &'static [&'static str];

    /// Whether `config` fits `underlay`; cheap, so that a whole sweep is checked before it starts.
    ///
    /// # Errors
    /// If it does not: a root router that does not exist, say.
    fn check(underlay: &Underlay, config: &Self::Config) -> Result<()> {
        let _ = (underlay, config);
        Ok(())
    }

    /// Builds the units of one replication.
    ///
    /// # Errors
    /// The same as [`Self::check`], and no others.
    fn build(underlay: &Underlay, config: &Self::Config, streams: RandomStreams) -> Result<Self>;

    /// Every unit, with its place on the underlay. Numbers of each kind count from 0 upwards.
    fn sites(&self) -> impl Iterator<Item = (UnitId, Site)>;

    /// The parts of the run, one after another; at least the last one is measured.
    fn stages(&self) -> Vec<Stage<Self::Protocol>>;

    /// The stages of a run that comes to rest: none ends while something is pending, and what would go on for
    /// ever ends after a while. Such a run shows what is left over in the end.
    fn to_rest(&self) -> Vec<Stage<Self::Protocol>> {
        self.stages()
    }

    /// Why a stage that [must come to rest](Stage::must_rest) has not: what a person can do about it. The
    /// units are as they were left.
    fn overdue(&self) -> Error {
        Error::new("a stage of the run does not come to rest in its time")
    }

    /// Hands an input to one of its units.
    fn handle(
        &mut self,
        unit: UnitId,
        input: Input<Self::Protocol>,
        context: &mut Context<'_, Self::Protocol>,
    );

    /// `unit` has crashed, and its memory is lost: puts in its place what it begins with if it comes
    /// to life again.
    fn forget(&mut self, unit: UnitId);

    /// What a person should know of `config`, which is not wrong: of the files that it has been
    /// [supplied](Self::supplied) with, and of members that have no effect.
    fn notes(_config: &Self::Config) -> Vec<String> {
        Vec::new()
    }

    /// What a person should know of `config` on a network that may be late with a packet by any time.
    fn late_note(_config: &Self::Config) -> Option<&'static str> {
        None
    }

    /// What a person should know of `config` on a network in which links, routers or domains go down.
    fn outage_note(_config: &Self::Config) -> Option<&'static str> {
        None
    }

    /// Checks that the units as built fit a network that is late with each packet, by up to `late`.
    ///
    /// # Errors
    /// If they do not: where they wait for less time than an answer takes, say.
    fn fit_late(&self, underlay: &Underlay, late: Span) -> Result<()> {
        let _ = (underlay, late);
        Ok(())
    }

    /// The members because of which theory does not say what becomes of runs, where the network loses each packet with the
    /// probability `loss`; `None`: it never does.
    fn beyond_theory(_config: &Self::Config, _loss: f64) -> Option<Vec<&'static str>> {
        None
    }

    /// The parameters `config` with the files that they name, read by `read`; `None`: they name none.
    ///
    /// # Errors
    /// If one cannot be read, or is wrong in itself.
    fn supplied(config: &Self::Config, read: ReadFile<'_>) -> Result<Option<Self::Config>> {
        let _ = (config, read);
        Ok(None)
    }

    /// Whether what a replication draws may not fit the parameters, though they fit the network.
    fn depends_on_draws(config: &Self::Config) -> bool {
        let _ = config;
        false
    }

    /// What this replication draws fits the parameters, where that [matters](Self::depends_on_draws). It is asked of all
    /// replications before the first run of a sweep.
    ///
    /// # Errors
    /// If it does not.
    fn check_draws(
        underlay: &Underlay,
        config: &Self::Config,
        streams: RandomStreams,
    ) -> Result<()> {
        let _ = (underlay, config, streams);
        Ok(())
    }

    /// The number of the request that `input` is about, if it says so, for tracing one request.
    /// (A timer belongs to the request of the input at which it was armed.)
    fn subject(input: &Input<Self::Protocol>) -> Option<u64> {
        let _ = input;
        None
    }

    /// What the network of the run does. Told before the run begins, of each part of a run on several threads.
    fn expect(&mut self, network: &Expected) {
        let _ = network;
    }

    /// The units that take time over each message, if any do.
    fn serving(&self) -> Option<Serving> {
        None
    }

    /// For how long from the beginning of each measured stage work keeps coming in: over that time the use of units
    /// and links is measured. `None`: to the end.
    fn loaded(&self) -> Option<Span> {
        None
    }

    /// The chance that the network loses a packet with `message`, besides what the scenario's
    /// `network.loss` says.
    #[inline]
    fn loss(&self, message: &<Self::Protocol as Protocol>::Message) -> f64 {
        let _ = message;
        0.0
    }

    /// About how much memory a run takes at its peak; `None`: not known, or hardly any. Cheap.
    fn memory(underlay: &Underlay, config: &Self::Config) -> Option<Memory> {
        let _ = (underlay, config);
        None
    }

    /// Fetches `unit`'s state (see [`crate::prefetch`]), so that the processor has it at hand when
    /// the unit's turn comes. Changes nothing; a driver may call it or not. Pays where units are many.
    #[inline]
    fn fetch(&self, unit: UnitId) {
        let _ = unit;
    }

    /// Prefetches what a message keeps elsewhere in memory, before it is delivered.
    #[inline]
    fn fetch_message(message: &<Self::Protocol as Protocol>::Message) {
        let _ = message;
    }
}

/// What is observed of a run of a model.
pub trait Observed: Model {
    /// What is observed of one run.
    type Measures: Measures<Self::Protocol> + Send;

    /// The columns of `runs.csv`, in order, between the axes and the fingerprint.
    const METRICS: &'static [Metric];
    /// The further tables it fills.
    const DETAILS: &'static [Detail] = &[];

    /// An empty record of a run.
    fn measures(&self) -> Self::Measures;

    /// A measured stage begins: tells the record how the units stand then, of which it has seen nothing before. In a run on
    /// several threads each part tells of its own units.
    fn begins(&self, _measures: &mut Self::Measures) {}

    /// Looks back at the finished run with the underlay at hand, for what [`Self::report`] cannot
    /// tell without it (which links the routes between its units cross, say).
    fn conclude(&mut self, _underlay: &Underlay, _measures: &Self::Measures) {}

    /// The cells of [`Self::METRICS`] and of each of [`Self::DETAILS`] for a finished run.
    fn report(&self, measures: &Self::Measures, totals: Totals) -> Report;

    /// When all that counts of a finished run had ended, from the beginning of what is measured, if that is known.
    fn ended(&self, _measures: &Self::Measures) -> Option<Span> {
        None
    }

    /// What of its parameters came to nothing in a finished run; a sentence each.
    fn remarks(&self, _measures: &Self::Measures) -> Vec<String> {
        Vec::new()
    }

    /// What theory expects of a finished run, of which [`Self::METRICS`] are `cells`, where a closed form or an exact
    /// computation is known: given all that was drawn before the run began. The network loses each packet
    /// with the probability `loss`, and does nothing else to it.
    fn theory(&self, _measures: &Self::Measures, _cells: &[Cell], _loss: f64) -> Vec<Prediction> {
        Vec::new()
    }

    /// What was observed of a finished run one after another, by name: series whose steady state
    /// can be asked for. None unless a system says otherwise.
    fn series(&self, _measures: &Self::Measures) -> Vec<(&'static str, Vec<f64>)> {
        Vec::new()
    }

    /// What must hold and does not, now that nothing is pending any more (see [`Model::to_rest`]); `lives`
    /// says of each unit whether it does. A system without [invariants](Invariant) violates none.
    fn violations(
        &self,
        _measures: &Self::Measures,
        _lives: &dyn Fn(UnitId) -> bool,
    ) -> Vec<Violation> {
        Vec::new()
    }

    /// Of what must hold then under some conditions only, the names of what the run has put to the test.
    fn asked(&self, _measures: &Self::Measures) -> Vec<&'static str> {
        Vec::new()
    }

    /// What must hold of all that was observed of such a run, and does not.
    fn strays(&self, _measures: &Self::Measures) -> Option<Violation> {
        None
    }

    /// The watcher that follows such a run by rules outside the system, whose first measured stage begins; `None`: there
    /// are no such rules.
    fn watcher(&self) -> Option<Box<dyn Watcher<Self>>> {
        None
    }
}

/// A system that scenarios can name: a model, what is observed of it, and how it is presented.
pub trait System: Observed {
    /// What a scenario calls it.
    const NAME: &'static str;
    /// What it is, in a sentence, for the JSON Schema of scenarios.
    const ABOUT: &'static str = "";
    /// How its runs go.
    const PROCEDURE: Procedure;

    /// Whether a column never has a value, as it is there for what other systems measure.
    fn is_absent(column: &str) -> bool {
        let _ = column;
        false
    }

    /// Its standard figures.
    fn figures() -> Vec<FigureSpec> {
        Vec::new()
    }

    /// What can be written of a single run.
    fn exports() -> Vec<Export<Self>> {
        Vec::new()
    }

    /// Exports with these names are going to be written of the run: its measures must keep what these need. Told
    /// once, before the run begins; for systems that keep less otherwise.
    fn expect_exports(&mut self, names: &[&str]) {
        let _ = names;
    }

    /// How one of its runs is taken apart, so that parts of it can go on side by side; `None`: it
    /// cannot be.
    fn divisible() -> Option<Divisible<Self>> {
        None
    }
}

/// A file that can be written of a finished run.
#[derive(Debug)]
pub struct Export<S: System> {
    /// What its option is called: `world` for `--world FILE`.
    pub name: &'static str,
    /// What is in it, for the help: "the overlay: …".
    pub about: &'static str,
    /// Its bytes.
    pub write: fn(&S, &Underlay, &S::Measures) -> Vec<u8>,
}

/// The name of an export, and what is in it.
pub type NamedExport = (&'static str, &'static str);

/// The exports of the system `S`.
pub fn exports<S: System>() -> impl Iterator<Item = NamedExport> {
    S::exports()
        .into_iter()
        .map(|export| (export.name, export.about))
}

/// How a run of the system `S` is taken apart. For systems whose units, handled by
/// [`Model::handle`], touch nothing but their own state and what never changes, and stay where
/// they are.
#[derive(Debug)]
pub struct Divisible<S: System> {
    /// A system with the same units at the same sites, the same stages and no observations, whose
    /// units are placeholders without any state: they are never handed anything.
    pub placeholder: fn(&S) -> S,
    /// Swaps the states of a unit in the system and in its placeholder.
    pub swap: fn(&mut S, &mut S, UnitId),
    /// What was observed of the run, out of what was observed of each of its parts: all that its
    /// own units were told and said.
    pub merge: fn(Vec<S::Measures>) -> S::Measures,
}

/// Watches a run. Sees everything in the measured stages, changes nothing.
pub trait Measures<P: Protocol> {
    /// A measured stage begins.
    #[inline]
    fn begin(&mut self, now: Time) {
        let _ = now;
    }

    /// `unit` is going to handle an input soon: asks for the memory that this will need, see [`crate::prefetch`].
    #[inline]
    fn fetch(&self, unit: UnitId) {
        let _ = unit;
    }

    /// `unit` is about to handle `input`.
    #[inline]
    fn input(&mut self, now: Time, unit: UnitId, input: &Input<P>) {
        let _ = (now, unit, input);
    }

    /// A dead `unit` was to handle `input`, and does not.
    #[inline]
    fn unhandled(&mut self, now: Time, unit: UnitId, input: &Input<P>) {
        let _ = (now, unit, input);
    }

    /// The network loses what `from` has sent to `to`.
    fn lost(&mut self, now: Time, from: UnitId, to: UnitId, message: &P::Message) {
        let _ = (now, from, to, message);
    }

    /// `unit`, which lived, crashes.
    fn crashed(&mut self, now: Time, unit: UnitId) {
        let _ = (now, unit);
    }

    /// The stage ends at its last instant with something pending, which is dropped.
    fn cut(&mut self, now: Time) {
        let _ = now;
    }

    /// The run has ended; `queueing` is what has waited at `unit`, which takes time over messages. In a run on
    /// several threads each part reports what it has seen.
    fn queued(&mut self, unit: UnitId, queueing: Queueing) {
        let _ = (unit, queueing);
    }

    /// The run has ended; `queueing` is what has waited for the link from a router to the next, if links have a
    /// bandwidth. Each direction of each link is reported once, in the same order in each part of a run.
    fn queued_for_link(&mut self, link: (RouterId, RouterId), queueing: Queueing) {
        let _ = (link, queueing);
    }

    /// `unit` has said `effect`.
    #[inline]
    fn effect(&mut self, now: Time, unit: UnitId, effect: &Effect<P>) {
        let _ = (now, unit, effect);
    }
}

/// Watches nothing.
impl<P: Protocol> Measures<P> for () {}
