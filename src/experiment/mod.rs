//! A scenario brought to life: its underlays, its points, and the runs on them.
//!
//! This module does *not* know which system is simulated, nor what becomes of the runs.

#[cfg(test)]
mod allocations;
mod constants;
mod draws;
mod failing;
mod files;
mod periods;
mod systems;
mod underlays;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

pub use self::files::{Files, read};
pub use self::underlays::Underlays;
use crate::error::{Error, Result, nearest};
use crate::measure::{AxisName, Content, FigureSpec, GivenLabels, Prediction, RunOutcome};
use crate::parameters::json::{escape, shortened};
use crate::parameters::{Problem, suggest};
use crate::random::RandomStreams;
use crate::results::{Columns, axis_cell, axis_columns, unknown_metric};
use crate::scenario::{Labelled, RunConfig, Scenario, Selection};
use crate::system::{Memory, Procedure};
use crate::systems::Setting;
use crate::topology::Graph;

/// The maximum number of points that are kept decoded: the first that are needed, each a few kilobytes. A sweep
/// goes through all points once for each replication, so those that are kept are needed again. In a larger sweep
/// the others are decoded for each run.
const DECODED_MAX: usize = 4_096;

/// The maximum number of points of a scenario at which it is explained why theory makes no prediction.
const POINTS_EXPLAINED_MAX: u64 = 100;

/// Everything about a sweep that its runs have in common.
#[derive(Debug)]
pub struct Experiment {
    scenario: Scenario,
    columns: Columns,
    underlays: Underlays,
    memory: Option<Memory>,
    /// What is run at some points, by number: their replications are often made one after another.
    decoded: Mutex<BTreeMap<u64, Arc<RunConfig>>>,
}

impl Experiment {
    /// Prepares the `selection` of points of `scenario`, whose `files` are told (or the folder in which
    /// the scenario is): afterwards a run of theirs cannot fail for what is in the scenario.
    ///
    /// # Errors
    /// If a point is wrong, does not fit its topology, or has a table like another's with other columns.
    pub fn prepare(
        scenario: Scenario,
        selection: &Selection,
        files: impl Into<Files>,
    ) -> Result<Self> {
        Self::prepare_reporting(scenario, selection, files, &mut |_| ())
    }

    /// Like [`Self::prepare`]; `report` gets the notes that the user should see of the graphs that are read, as
    /// soon as each is.
    ///
    /// # Errors
    /// As of [`Self::prepare`].
    pub fn prepare_reporting(
        scenario: Scenario,
        selection: &Selection,
        files: impl Into<Files>,
        report: &mut dyn FnMut(&str),
    ) -> Result<Self> {
        let mut underlays = Underlays::new(files);
        let columns = columns(&scenario);
        check_figures(&scenario, &columns)?;
        check_limits(&scenario, &columns)?;
        let mut most: Option<Memory> = None;
        for index in selection.iter() {
            let point = scenario.point(index)?;
            let prepared = underlays.supplied(point.run).and_then(|run| {
                underlays.prepare(&run, report)?;
                draws::check(&underlays, &run, scenario.replications())?;
                let needed = underlays.memory(&run)?;
                Ok((run, needed))
            });
            let (run, needed) =
                prepared.map_err(|error| scenario.locate_error(error, &point.axis_values))?;
            if most.map_or(0.0, |most| most.bytes) < needed.map_or(0.0, |needed| needed.bytes) {
                most = needed;
            }
            systems::check(&*run.system, &columns)
                .map_err(|error| scenario.locate_error(error, &[]))?;
        }
        Ok(Self {
            scenario,
            columns,
            underlays,
            memory: most,
            decoded: Mutex::default(),
        })
    }

    /// The scenario.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The columns of its study.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Checks that its study has these metrics.
    ///
    /// # Errors
    /// If one is none of them, with the one that is probably meant.
    pub fn check_metrics(&self, wanted: &[String]) -> Result<()> {
        let known: Vec<&str> = names_of(&self.columns);
        let unknown = wanted.iter().find(|name| !known.contains(&name.as_str()));
        unknown.map_or(Ok(()), |name| Err(unknown_metric(name, &known)))
    }

    /// Its figures: the systems' standard ones but for those that it omits, then the scenario's own.
    pub fn figures(scenario: &Scenario) -> Vec<FigureSpec> {
        let systems = systems::of(scenario);
        let mut figures = systems::figures(&systems);
        let own = scenario.figures().iter().cloned();
        let own: Vec<FigureSpec> = own.map(|own| with_names(own, &figures)).collect();
        figures.retain(|figure| !scenario.omitted_figures().contains(&figure.name));
        figures.extend(own);
        let metrics = systems::metrics(&systems);
        let labels: Vec<GivenLabels> = scenario.labels().map(given).collect();
        let periods = periods::of(scenario);
        let complete = |figure: FigureSpec| FigureSpec {
            labels: labels.clone(),
            periods: if figure.content.is_over_time() {
                periods.clone()
            } else {
                Vec::new()
            },
            ..figure.with_domain(&metrics)
        };
        figures.into_iter().map(complete).collect()
    }

    /// How the runs of each of a scenario's systems go, by what the scenario calls it.
    pub fn procedures(scenario: &Scenario) -> Vec<(&'static str, Procedure)> {
        let systems = systems::of(scenario).into_iter();
        systems
            .map(|named| (named.name, named.system.procedure))
            .collect()
    }

    /// Why theory does not say anything of a scenario, where it does not: words behind "for this scenario".
    pub fn beyond_theory(scenario: &Scenario) -> String {
        let points = 0..scenario.point_count().min(POINTS_EXPLAINED_MAX);
        let points = points.filter_map(|index| scenario.point(index).ok());
        let (mut members, mut is_known) = (Vec::new(), false);
        for run in points.map(|point| point.run) {
            let loss = run.network.loss_alone();
            let Some(found) = run.system.beyond_theory(loss.unwrap_or_default()) else {
                continue;
            };
            is_known = true;
            for member in found
                .into_iter()
                .chain(loss.is_none().then_some("/network"))
            {
                if !members.contains(&member) {
                    members.push(member);
                }
            }
        }
        if !is_known {
            let names = systems::of(scenario).into_iter().map(|named| named.name);
            let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
            return format!(": nothing is known of requests in {}", names.join(", "));
        }
        if members.is_empty() {
            return String::new();
        }
        let members: Vec<String> = members.iter().map(|name| format!("`{name}`")).collect();
        format!(", because of {}", members.join(", "))
    }

    /// What holds at every point of a scenario, by the names that figures use: the topology, the seed
    /// and the parameters that are swept most.
    pub fn constants(scenario: &Scenario) -> Map<String, Value> {
        let figures = systems::figures(&systems::of(scenario));
        constants::of(
            scenario,
            figures.iter().flat_map(|figure| figure.axis_names.iter()),
        )
    }

    /// The metrics that matter most: those that a figure draws as a curve over the points.
    pub fn headline(scenario: &Scenario) -> Vec<String> {
        let metric = |figure: FigureSpec| match figure.content {
            Content::Curves { metric }
            | Content::TradeOff { metric, .. }
            | Content::Scatter { metric, .. } => Some(metric),
            Content::BoxPlot { .. }
            | Content::Series { .. }
            | Content::ByGroup { .. }
            | Content::TimeSeries { .. }
            | Content::Categorical { .. } => None,
        };
        let figures = Self::figures(scenario).into_iter();
        figures.filter_map(metric).collect()
    }

    /// Makes a replication of point number `point`.
    ///
    /// # Errors
    /// If the point is wrong, which [`Self::prepare`] has excluded, or fails in this replication only.
    pub fn observe(&self, point: u64, replication: u32) -> Result<RunOutcome> {
        let run = self.decoded(point)?;
        let underlay = self.underlays.of(&run, replication)?;
        let setting = Setting {
            underlay: &underlay,
            streams: RandomStreams::new(run.seed, replication),
            conditions: &run.network,
        };
        let observed = if self.scenario.wants_theory() {
            run.system.run_beside_theory(setting)
        } else {
            run.system.run(setting).map(|outcome| (outcome, Vec::new()))
        };
        let (outcome, theory) = observed.map_err(|error| match self.scenario.point(point) {
            Ok(point) => self.scenario.locate_error(error, &point.axis_values),
            Err(_) => error,
        })?;
        let mut outcome = systems::spread(&*run.system, &self.columns, outcome);
        // Its table is the last one, and no system's.
        if let Some(rows) = outcome.details.last_mut().filter(|_| !theory.is_empty()) {
            *rows = theory.into_iter().map(Prediction::row).collect();
        }
        Ok(outcome)
    }

    /// What is run at point number `point`.
    fn decoded(&self, point: u64) -> Result<Arc<RunConfig>> {
        let lock = || self.decoded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(run) = lock().get(&point) {
            return Ok(Arc::clone(run));
        }
        let run = Arc::new(self.underlays.supplied(self.scenario.point(point)?.run)?);
        let mut decoded = lock();
        if decoded.len() < DECODED_MAX {
            decoded.insert(point, Arc::clone(&run));
        }
        Ok(run)
    }

    /// The underlays that all replications share, by the names of their sources, and the hash of each
    /// one's routers and links, or of the text of a file that a system names: a file that has changed
    /// is seen.
    pub fn topologies(&self) -> BTreeMap<String, String> {
        let texts = self.underlays.texts().into_iter();
        self.underlays.graphs().into_iter().chain(texts).collect()
    }

    /// Whether `source` names an underlay of its, and not another file.
    pub fn is_topology(&self, source: &str) -> bool {
        self.underlays.graphs().contains_key(source)
    }

    /// About how much memory the run takes that takes most, if that is known.
    pub fn memory(&self) -> Option<Memory> {
        self.memory
    }

    /// Every file that its runs are made from, but the scenario's own: where it is, by the path that
    /// the scenario writes.
    pub fn inputs(&self) -> BTreeMap<String, PathBuf> {
        self.underlays.inputs()
    }

    /// The graphs that were generated and that all replications share, by the names of their sources.
    pub fn generated(&self) -> BTreeMap<String, &Graph> {
        self.underlays.generated()
    }
}

/// The columns of a study of `scenario`: those of all systems of its points.
pub fn columns(scenario: &Scenario) -> Columns {
    let systems = systems::of(scenario);
    let metrics = systems::metrics(&systems);
    let figures = systems::figures(&systems);
    let names = figures.iter().flat_map(|figure| figure.axis_names.iter());
    let names: Vec<&AxisName> = names.collect();
    let other = metrics.iter().map(|metric| metric.name);
    let mut details = systems::details(&systems);
    if scenario.wants_theory() {
        details.push(Prediction::TABLE);
    }
    Columns {
        axes: axis_columns(scenario.axes(), &names, other),
        details,
        metrics,
    }
}

/// What `figures` call a metric: the label of the y axis of the first that shows it alone.
pub fn label_of<'f>(metric: &str, figures: &'f [FigureSpec]) -> Option<&'f str> {
    let shows = |figure: &&FigureSpec| matches!(&figure.content, Content::Curves { metric: own } if own == metric);
    let label = figures.iter().find(shows)?.y_label.as_str();
    (label != metric).then_some(label)
}

/// Labels as figures have them.
fn given(labelled: Labelled<'_>) -> GivenLabels {
    let values = labelled.values.into_iter();
    let cells = |values: Vec<Value>| values.iter().map(axis_cell).collect();
    GivenLabels {
        axes: labelled.axes.into_iter().map(str::to_owned).collect(),
        labels: values
            .map(|(of, label)| (cells(of), label.to_owned()))
            .collect(),
    }
}

/// A figure of the scenario's own, with what the system's figures know of its axes, and of its metric if the scenario
/// does not say what that is called.
fn with_names(mut own: FigureSpec, standard: &[FigureSpec]) -> FigureSpec {
    if let Content::Curves { metric } = &own.content
        && let Some(label) = label_of(metric, standard)
    {
        for text in [&mut own.y_label, &mut own.title] {
            if text == metric {
                label.clone_into(text);
            }
        }
    }
    for name in standard.iter().flat_map(|other| other.axis_names.iter()) {
        if own
            .axis_names
            .iter()
            .all(|known| known.pointer != name.pointer)
        {
            Arc::make_mut(&mut own.axis_names).push(name.clone());
        }
    }
    own
}

/// The scenario's own figures show metrics that exist, under names that are free, and those that it omits exist.
///
/// # Errors
/// If one does not, or takes the name of one of the system's.
pub fn check_figures(scenario: &Scenario, columns: &Columns) -> Result<()> {
    find_figures(scenario, columns).map_err(|error| scenario.locate_error(error, &[]))
}

/// The names of the metrics.
fn names_of(columns: &Columns) -> Vec<&str> {
    columns.metrics.iter().map(|metric| metric.name).collect()
}

/// The scenario's own figures are drawn against axes of its sweep. An axis that `--set` has replaced is not missed: its figure
/// is left out, and that is said.
///
/// # Errors
/// If a figure names a member that is no axis.
pub fn check_x_of_figures(scenario: &Scenario) -> Result<()> {
    for (figure, number) in scenario.figures().iter().zip(0_u32..) {
        let x = &figure.x;
        let is_axis = scenario.axes().any(|axis| scenario.same_member(axis, x));
        if !figure.x_required || is_axis || scenario.is_replaced(x) {
            continue;
        }
        let axes: Vec<&str> = scenario.axes().collect();
        let what = format!("{x} is not an axis of the sweep");
        let help = match nearest(x, axes.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if axes.is_empty() => {
                "the scenario has no axes: sweep this member, or leave `x` out".to_owned()
            }
            None => format!(
                "give one of {}, or leave `x` out",
                axes.iter()
                    .map(|axis| format!("`{axis}`"))
                    .collect::<Vec<_>>()
                    .join(", ")
            ),
        };
        let error = Error::new(what).at(format!("/figures/{number}/x"));
        return Err(scenario.locate_error(error.help(help), &[]));
    }
    Ok(())
}

/// The metrics whose changes have limits exist.
fn check_limits(scenario: &Scenario, columns: &Columns) -> Result<()> {
    let known = names_of(columns);
    let limits = scenario.limits(None).metrics;
    match limits.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let pointer = format!("/check/metrics/{}", escape(name));
            let error = unknown_metric(name, &known).at(pointer);
            Err(scenario.locate_error(error, &[]))
        }
    }
}

fn find_figures(scenario: &Scenario, columns: &Columns) -> Result<()> {
    let standard = systems::figures(&systems::of(scenario));
    let known: Vec<&str> = standard.iter().map(|figure| &*figure.name).collect();
    for (name, number) in scenario.omitted_figures().iter().zip(0_u32..) {
        if !known.contains(&name.as_str()) {
            let what = format!("the system has no figure {}", shortened(name));
            let problem = Problem::new(format!("/omit_figures/{number}"), what);
            return Err(suggest(problem, name, &known).error());
        }
    }
    for (figure, number) in scenario.figures().iter().zip(0_u32..) {
        if standard.iter().any(|other| other.name == figure.name) {
            return Err(Error::new(format!(
                "the system has a figure {} of its own",
                figure.name
            ))
            .at(format!("/figures/{number}/name"))
            .help("choose another name"));
        }
        let Content::Curves { metric } = &figure.content else {
            continue;
        };
        let known = names_of(columns);
        if !known.contains(&metric.as_str()) {
            let place = format!("/figures/{number}/metric");
            return Err(unknown_metric(metric, &known).at(place));
        }
    }
    Ok(())
}
