//! Systems whose type is known at run time only.
//!
//! A scenario chooses a system by name. From then on it is a [`Configured`] one: its type is known
//! nowhere but here, where a run of it is set up, and the event loop inside is compiled for that type.
//! This room does *not* know scenarios, nor how many runs are made.

mod examining;
mod exploring;
mod families;
mod running;
mod standard;
mod trace;

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use serde_json::Value;

pub use examining::Examined;
use exploring::Exploring;
pub use exploring::Replayed;
pub use families::{
    Chosen, Family, exports, exports_named, families, find, metrics_named, register,
    register_explorable,
};

use crate::error::Result;
use crate::explore::{Bounds, Covered, Explored, Properties};
use crate::measure::{Detail, FigureSpec, Metric, Prediction, RunOutcome};
use crate::parameters::ReadFile;
use crate::simulation;
pub use crate::simulation::Setting;
use crate::simulation::network::Conditions;
use crate::system::{Explorable, History, Memory, Procedure, System, Underlay};
use crate::time::Span;
use crate::unit::Protocol;

/// A system with its parameters.
pub trait Configured: fmt::Debug + Send + Sync {
    /// What a scenario calls it.
    fn name(&self) -> &'static str;

    /// Its parameters as a scenario writes them, every default written out.
    fn written(&self) -> &Value;

    /// This system with the files that its parameters name, read by `read`; `None`: they name none.
    ///
    /// # Errors
    /// If one cannot be read, or is wrong in itself.
    fn supplied(&self, read: ReadFile<'_>) -> Result<Option<Arc<dyn Configured>>>;

    /// What a person should know of the files that it has been supplied with.
    fn notes(&self) -> Vec<String>;

    /// What a person should know of it on a network that may be late with a packet by any time.
    fn late_note(&self) -> Option<&'static str>;

    /// What a person should know of it on a network in which links, routers or domains go down.
    fn outage_note(&self) -> Option<&'static str>;

    /// The members because of which theory does not say what becomes of its runs, where the network loses each packet with
    /// the probability `loss`; `None`: it never does.
    fn beyond_theory(&self, loss: f64) -> Option<Vec<&'static str>>;

    /// What it reports, and how its runs go.
    fn description(&self) -> Description;

    /// Whether its parameters fit `underlay`.
    ///
    /// # Errors
    /// If they do not: see [`Model::check`](crate::system::Model::check).
    fn check(&self, underlay: &Underlay) -> Result<()>;

    /// About how much memory a run takes: see [`Model::memory`](crate::system::Model::memory).
    fn memory(&self, underlay: &Underlay) -> Option<Memory>;

    /// Whether the sizes of its messages are known: see [`Protocol::HAS_SIZES`].
    fn has_sizes(&self) -> bool;

    /// Whether what a replication draws may not fit the system: see [`Model::depends_on_draws`](crate::system::Model::depends_on_draws).
    fn depends_on_draws(&self) -> bool;

    /// What a replication draws fits the system.
    ///
    /// # Errors
    /// If it does not.
    fn check_draws(&self, setting: Setting<'_>) -> Result<()>;

    /// Sets up the units of a run, and does no more.
    ///
    /// # Errors
    /// As of [`Self::check`].
    fn set_up(&self, setting: Setting<'_>) -> Result<()>;

    /// Makes a run.
    ///
    /// # Errors
    /// As of [`Self::check`].
    fn run(&self, setting: Setting<'_>) -> Result<RunOutcome>;

    /// Makes the same run, and says what theory expects of it: see [`Observed::theory`](crate::system::Observed::theory).
    ///
    /// # Errors
    /// As of [`Self::check`].
    fn run_beside_theory(&self, setting: Setting<'_>) -> Result<(RunOutcome, Vec<Prediction>)>;

    /// Makes a run, with what else is `asked` for.
    ///
    /// # Errors
    /// As of [`Self::check`], and if the system has no way to do what is asked for.
    fn run_for(&self, setting: Setting<'_>, asked: &Asked) -> Result<Done>;

    /// Makes a run that comes to rest, after at most `inputs_max` inputs of each stage, and says what must
    /// hold then and does not: see [`Observed::violations`](crate::system::Observed::violations).
    ///
    /// # Errors
    /// As of [`Self::check`].
    fn examine(&self, setting: Setting<'_>, inputs_max: u64) -> Result<Examined>;

    /// Makes the same run, and gives its trace.
    ///
    /// # Errors
    /// As of [`Self::check`].
    fn trace_to_rest(&self, setting: Setting<'_>, inputs_max: u64) -> Result<Vec<u8>>;

    /// Makes the same run on two threads; `None`: it cannot be split.
    ///
    /// # Errors
    /// As of [`Self::check`], and if a thread cannot be started.
    fn examine_divided(&self, setting: Setting<'_>) -> Result<Option<RunOutcome>>;

    /// Visits all histories of its world, within `bounds`; what is covered so far is told to `go_on`, which says
    /// whether to.
    ///
    /// # Errors
    /// As of [`Self::check`], and if the world is too large or cannot be explored.
    fn explore(
        &self,
        setting: Setting<'_>,
        bounds: &Bounds,
        go_on: &mut dyn FnMut(Covered) -> bool,
    ) -> Result<Explored>;

    /// What its parameters and the conditions on the network say that changes nothing then: a sentence each.
    ///
    /// # Errors
    /// If its worlds cannot be explored.
    fn idle_when_explored(&self, conditions: &Conditions) -> Result<Vec<String>>;

    /// What is checked then.
    ///
    /// # Errors
    /// If its worlds cannot be explored.
    fn properties(&self) -> Result<Properties>;

    /// Replays exactly the events of a schedule.
    ///
    /// # Errors
    /// As of [`Self::check`], and if the schedule does not fit.
    fn replay(&self, setting: Setting<'_>, history: &History) -> Result<Replayed>;
}

/// What a system reports, and how its runs go: see [`System`].
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// The columns of `runs.csv`, between the axes and the fingerprint.
    pub metrics: &'static [Metric],
    /// Its further tables.
    pub details: &'static [Detail],
    /// Its standard figures.
    pub figures: Vec<FigureSpec>,
    /// How its runs go.
    pub procedure: Procedure,
}

impl Description {
    /// The entry of the system `S`.
    pub fn of<S: System>() -> Self {
        Self {
            metrics: S::METRICS,
            details: S::DETAILS,
            figures: S::figures(),
            procedure: S::PROCEDURE,
        }
    }
}

/// What is wanted of a run besides its outcome.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The names of the exports to be made.
    pub exports: Vec<&'static str>,
    /// A trace of all inputs, or of those of one request.
    pub trace: Option<Traced>,
    /// The series whose steady state can be asked for.
    pub series: bool,
    /// Over how many threads the run is spread; `None`: it is not.
    pub threads: Option<NonZeroUsize>,
}

/// Which inputs a trace tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traced {
    /// All.
    All,
    /// Those of the request with this number.
    Request(u64),
}

/// A run, with what was asked for.
#[derive(Debug)]
pub struct Done {
    /// What came out of it.
    pub outcome: RunOutcome,
    /// How many inputs were handled.
    pub events: u64,
    /// The bytes of each export, in the order in which they were asked for.
    pub exports: Vec<Vec<u8>>,
    /// The trace, as CSV.
    pub trace: Option<Vec<u8>>,
    /// What was observed one after another, by name.
    pub series: Vec<(&'static str, Vec<f64>)>,
    /// What a person should know of how it was made, and of what came to nothing in it.
    pub notes: Vec<String>,
}

impl PartialEq for dyn Configured {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.written() == other.written()
    }
}

/// The system `S` with its parameters.
pub struct Of<S: System + 'static> {
    name: &'static str,
    written: Value,
    config: S::Config,
    /// How its histories are visited; `None`: they cannot be.
    exploring: Option<&'static Exploring<S>>,
}

impl<S: System + 'static> fmt::Debug for Of<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.config.fmt(f)
    }
}

impl<S: System + 'static> Of<S> {
    /// The system under a scenario's `name`, with the parameters `config`, which a scenario has `written`.
    pub fn new(name: &'static str, written: Value, config: S::Config) -> Self {
        Self {
            name,
            written,
            config,
            exploring: None,
        }
    }

    /// This system, with histories that can be visited.
    pub fn explorable(self) -> Self
    where
        S: Explorable,
    {
        Self {
            exploring: Some(Exploring::POINTERS),
            ..self
        }
    }

    fn exploring(&self) -> Result<&'static Exploring<S>> {
        self.exploring.ok_or_else(|| exploring::refused(S::NAME))
    }

    fn build(&self, setting: Setting<'_>) -> Result<S> {
        let system = S::build(setting.underlay, &self.config, setting.streams)?;
        if let Some(late) = setting
            .conditions
            .latest()
            .filter(|late| *late > Span::ZERO)
        {
            system.fit_late(setting.underlay, late)?;
        }
        Ok(system)
    }
}

impl<S: System + 'static> Configured for Of<S> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn written(&self) -> &Value {
        &self.written
    }

    fn supplied(&self, read: ReadFile<'_>) -> Result<Option<Arc<dyn Configured>>> {
        let supplied = S::supplied(&self.config, read)?;
        Ok(supplied.map(|config| -> Arc<dyn Configured> {
            Arc::new(Self {
                config,
                written: self.written.clone(),
                ..*self
            })
        }))
    }

    fn notes(&self) -> Vec<String> {
        S::notes(&self.config)
    }

    fn late_note(&self) -> Option<&'static str> {
        S::late_note(&self.config)
    }

    fn outage_note(&self) -> Option<&'static str> {
        S::outage_note(&self.config)
    }

    fn beyond_theory(&self, loss: f64) -> Option<Vec<&'static str>> {
        S::beyond_theory(&self.config, loss)
    }

    fn description(&self) -> Description {
        Description::of::<S>()
    }

    fn check(&self, underlay: &Underlay) -> Result<()> {
        S::check(underlay, &self.config)
    }

    fn memory(&self, underlay: &Underlay) -> Option<Memory> {
        S::memory(underlay, &self.config)
    }

    fn has_sizes(&self) -> bool {
        S::Protocol::HAS_SIZES
    }

    fn depends_on_draws(&self) -> bool {
        S::depends_on_draws(&self.config)
    }

    fn check_draws(&self, setting: Setting<'_>) -> Result<()> {
        S::check_draws(setting.underlay, &self.config, setting.streams)
    }

    fn set_up(&self, setting: Setting<'_>) -> Result<()> {
        let system = self.build(setting)?;
        std::hint::black_box(system.stages());
        Ok(())
    }

    fn run(&self, setting: Setting<'_>) -> Result<RunOutcome> {
        let run = simulation::run(self.build(setting)?, setting);
        Ok(run.in_time()?.outcome())
    }

    fn run_beside_theory(&self, setting: Setting<'_>) -> Result<(RunOutcome, Vec<Prediction>)> {
        running::run_beside_theory::<S>(self.build(setting)?, setting)
    }

    fn run_for(&self, setting: Setting<'_>, asked: &Asked) -> Result<Done> {
        running::run::<S>(|| self.build(setting), setting, asked)
    }

    fn examine(&self, setting: Setting<'_>, inputs_max: u64) -> Result<Examined> {
        Ok(examining::examine(
            self.build(setting)?,
            setting,
            inputs_max,
        ))
    }

    fn trace_to_rest(&self, setting: Setting<'_>, inputs_max: u64) -> Result<Vec<u8>> {
        examining::trace(self.build(setting)?, setting, inputs_max)
    }

    fn examine_divided(&self, setting: Setting<'_>) -> Result<Option<RunOutcome>> {
        examining::examine_divided(self.build(setting)?, setting)
    }

    fn explore(
        &self,
        setting: Setting<'_>,
        bounds: &Bounds,
        go_on: &mut dyn FnMut(Covered) -> bool,
    ) -> Result<Explored> {
        let exploring = self.exploring()?;
        (exploring.check)(setting, &self.config)?;
        (exploring.explore)(self.build(setting)?, setting, bounds, go_on)
    }

    fn idle_when_explored(&self, conditions: &Conditions) -> Result<Vec<String>> {
        Ok((self.exploring()?.idle)(&self.config, conditions))
    }

    fn properties(&self) -> Result<Properties> {
        Ok((self.exploring()?.properties)())
    }

    fn replay(&self, setting: Setting<'_>, history: &History) -> Result<Replayed> {
        let exploring = self.exploring()?;
        (exploring.check)(setting, &self.config)?;
        (exploring.replay)(self.build(setting)?, setting, history)
    }
}
