//! Scenarios: what the user's file asks for, validated.
//!
//! A file is parsed strictly (`json`), read as what it is (`file`) and turned into a [`Scenario`], in which
//! nothing can be wrong. This room has the members that say how often and where a run is repeated; those of
//! the network, of graphs and of systems belong to the rooms that use them. It does *not* know how a run is
//! done, nor touch files: relative paths stay as written.

mod assignment;
mod check;
mod chosen;
mod comments;
mod distinct;
mod elsewhere;
mod explained;
mod file;
mod json;
mod labelled;
mod locate_error;
mod precision;
mod problem;
mod reading;
mod replaced;
mod run;
mod selection;
mod sought;
mod spaced;
mod sweep;
mod topology;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

pub use self::assignment::Assignment;
use self::assignment::resolve;
use self::check::Check;
pub use self::explained::{Explained, explain};
use self::file::File;
pub use self::labelled::Labelled;
pub use self::precision::Precision;
use self::problem::{Source, error_at, unknown_pointer};
pub use self::run::RunConfig;
pub use self::selection::Selection;
pub use self::sought::{member_names, members_named};
use self::sweep::Sweep;
pub use self::topology::{Generated, Generator, TopologySource};
use crate::error::Result;
use crate::measure::{FigureSpec, Limits};
use crate::parameters::Problem;
pub use crate::parameters::json::text as value_text;
use crate::systems::Configured;

/// Members that may differ between two scenarios whose results lie in one folder.
const UNIDENTIFYING: [&str; 5] = [
    "replications",
    "precision",
    "check",
    "figures",
    "omit_figures",
];

/// The maximum number of points of a sweep that is checked completely when the scenario is read.
const POINTS_CHECKED_AT_ONCE: u64 = 10_000;

/// A validated scenario: one experiment, and how it is swept and repeated.
#[derive(Debug, Clone)]
pub struct Scenario {
    name: String,
    replications: u32,
    precision: Option<Precision>,
    check: Check,
    theory: bool,
    base: RunConfig,
    figures: Vec<FigureSpec>,
    omitted_figures: Vec<String>,
    sweep: Sweep,
    effective: Value,
    source: Source,
}

/// One point of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Its number, from 0, in canonical order.
    pub index: u64,
    /// The value of each axis, in the order of [`Scenario::axes`].
    pub axis_values: Vec<Value>,
    /// What is run there.
    pub run: RunConfig,
}

impl Scenario {
    /// Reads a scenario from the `text` of a file (JSON, in which comments are allowed), which errors
    /// call `origin`, with `overrides` in the place of some of its members.
    ///
    /// An override whose member is an axis drops the axis. What is overridden may be wrong in the file. Missing members get
    /// their defaults before the overrides, and again after each.
    pub fn parse(text: &str, origin: &str, overrides: &[Assignment]) -> Result<Self> {
        let text = comments::blanked(text).map_err(|error| error.at(origin))?;
        let mut document = json::parse(&text).map_err(|error| error.at(origin))?;
        let mut source = Source {
            origin: origin.into(),
            text: text.into(),
            overrides: Vec::new(),
        };
        let mut unused: Vec<&Assignment> = overrides.iter().collect();
        // What is wrong in the file and replaced anyway is no error.
        let mut file = loop {
            let problem = match problem::read(&document) {
                Ok(file) => break file,
                Err(problem) => problem,
            };
            match assignment::replace(&problem.pointer, &mut unused, &mut document) {
                Some(replaced) => source.overrides.push(replaced),
                None => return Err(source.error(problem)),
            }
        };
        let mut effective = write(&file);
        for assignment in overrides {
            let applied = assignment::apply(assignment, &mut effective);
            let pointer = applied.map_err(|problem| {
                error_at(problem, &assignment.pointer).at(format!("--set {assignment}"))
            })?;
            source.overrides.push((pointer, assignment.clone()));
            file = problem::read(&effective).map_err(|problem| source.error(problem))?;
            effective = write(&file);
        }
        Self::validate(&file, effective, source)
    }

    fn validate(file: &File, effective: Value, source: Source) -> Result<Self> {
        let validated = run::validate(file).and_then(|base| {
            let figures = run::validate_figures(&file.figures, &effective)?;
            file.precision.as_ref().map_or(Ok(()), Precision::check)?;
            let sweep = Sweep::new(&file.sweep, &effective)?;
            Ok((base, figures, sweep))
        });
        let (base, figures, sweep) = validated.map_err(|problem| source.error(problem))?;
        let precision = file.precision.clone();
        let scenario = Self {
            name: file.name.0.clone(),
            replications: precision
                .as_ref()
                .map_or(file.replications.0, |precision| precision.max.0),
            precision,
            check: file.check.clone(),
            theory: file.theory,
            base,
            figures,
            omitted_figures: file.omit_figures.clone(),
            sweep,
            effective,
            source,
        };
        let runs = scenario
            .point_count()
            .checked_mul(scenario.replications.into());
        if runs.is_none() {
            let what = "points times replications are more than 2^64 runs";
            return Err(scenario.source.error(Problem::new("/sweep", what)));
        }
        if scenario.point_count() <= POINTS_CHECKED_AT_ONCE {
            scenario.check_points()?;
        }
        scenario.check_meanings()?;
        Ok(scenario)
    }

    /// Its name, which is also a safe name for files.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How often each point is run (with [`Self::precision`]: at most); at least 1, below 2²⁴.
    pub fn replications(&self) -> u32 {
        self.replications
    }

    /// When a point has been run often enough, unless that is always after
    /// [`Self::replications`] runs. That its metric exists is not known here.
    pub fn precision(&self) -> Option<&Precision> {
        self.precision.as_ref()
    }

    /// Whether what theory says is put beside what is simulated.
    pub fn wants_theory(&self) -> bool {
        self.theory
    }

    /// The run without the sweep.
    pub fn base(&self) -> &RunConfig {
        &self.base
    }

    /// The names of the system's figures that are not drawn. That there are such figures is not known here.
    pub fn omitted_figures(&self) -> &[String] {
        &self.omitted_figures
    }

    /// The figures that are drawn besides the system's own. That their metrics exist is not known
    /// here.
    pub fn figures(&self) -> &[FigureSpec] {
        &self.figures
    }

    /// What `check` lets pass, with this `tolerance` for all metrics that have none of their own if it
    /// is given.
    pub fn limits(&self, tolerance: Option<f64>) -> Limits {
        self.check.limits(tolerance)
    }

    /// The scenario as JSON with all defaults and overrides in it: it reads as the same scenario.
    pub fn effective(&self) -> &Value {
        &self.effective
    }

    /// What two scenarios have in common whose results may lie in one folder: everything but the
    /// number of replications, the precision, the figures, the values of the axes and their labels, and the base
    /// values that these replace. More replications or points leave existing rows valid.
    pub fn identity(&self) -> Value {
        let mut identity = self.effective.clone();
        for axis in &self.sweep.axes {
            let pointer = resolve(&axis.pointer, &identity);
            if let Some(base) = identity.pointer_mut(&pointer) {
                *base = Value::Null;
            }
        }
        if let Some(axes) = identity.pointer_mut("/sweep/axes") {
            *axes = self.axes().collect();
        }
        if let Some(sweep) = identity
            .pointer_mut("/sweep")
            .and_then(Value::as_object_mut)
        {
            sweep.shift_remove("labels");
        }
        if let Some(members) = identity.as_object_mut() {
            for name in UNIDENTIFYING {
                members.shift_remove(name);
            }
        }
        identity
    }

    /// The pointers of the axes as written, in the order of the columns.
    pub fn axes(&self) -> impl Iterator<Item = &str> {
        self.sweep.axes.iter().map(|axis| &*axis.pointer)
    }

    /// The value of the member at `pointer`, with or without `*`, before any axis replaces it.
    pub fn member(&self, pointer: &str) -> Option<&Value> {
        self.effective.pointer(&resolve(pointer, &self.effective))
    }

    /// The values that the member at `pointer`, with or without `*`, has at the points: those of its axis, or its own with
    /// what axes set in it. None if there is no such member, if an axis sets what it is a part of, or if an axis sets a
    /// part of it and the sweep has more points than are checked at once.
    pub fn values(&self, pointer: &str) -> Option<Vec<Value>> {
        let member = resolve(pointer, &self.effective);
        let mut inside = Vec::new();
        for (number, axis) in self.sweep.axes.iter().enumerate() {
            let at = resolve(&axis.pointer, &self.effective);
            if at == member {
                let values = (0..axis.values.len()).map(|index| axis.values.get(index));
                return Some(values.collect());
            }
            if json::is_within(&member, &at) {
                return None;
            }
            if let Some(part) = at
                .strip_prefix(&member)
                .filter(|part| part.starts_with('/'))
            {
                inside.push((number, part.to_owned()));
            }
        }
        let own = self.effective.pointer(&member)?;
        if inside.is_empty() {
            return Some(vec![own.clone()]);
        }
        self.values_with(own, &inside)
    }

    /// What becomes of the member `own` at the points, each once, where axes, by their numbers, set the parts `inside` it.
    fn values_with(&self, own: &Value, inside: &[(usize, String)]) -> Option<Vec<Value>> {
        let points = Some(self.point_count()).filter(|points| *points <= POINTS_CHECKED_AT_ONCE)?;
        let mut found: Vec<Value> = Vec::new();
        let mut seen = BTreeSet::new();
        for index in 0..points {
            let set = self.axis_values(index);
            let parts: Vec<&Value> = inside.iter().map(|(axis, _)| &set[*axis]).collect();
            if !seen.insert(serde_json::to_string(&parts).ok()?) {
                continue;
            }
            let mut value = own.clone();
            for ((_, part), new) in inside.iter().zip(parts) {
                *value.pointer_mut(part)? = new.clone();
            }
            found.push(value);
        }
        Some(found)
    }

    /// Whether two pointers, each with or without `*`, point to one member.
    pub fn same_member(&self, one: &str, other: &str) -> bool {
        resolve(one, &self.effective) == resolve(other, &self.effective)
    }

    /// Whether the member at `pointer`, with or without `*`, is an axis or lies in one.
    pub fn is_swept(&self, pointer: &str) -> bool {
        let member = resolve(pointer, &self.effective);
        self.axes()
            .any(|axis| json::is_within(&member, &resolve(axis, &self.effective)))
    }

    /// Whether the member at `pointer`, with or without `*`, has been set from outside the file.
    pub fn is_replaced(&self, pointer: &str) -> bool {
        let member = resolve(pointer, &self.effective);
        let set = &self.source.overrides;
        set.iter().any(|(pointer, _)| *pointer == member)
    }

    /// The systems of its points, in their order: each at least once, and few of them more often. A
    /// point that is wrong has none.
    pub fn systems(&self) -> impl Iterator<Item = Arc<dyn Configured>> + '_ {
        let points = self.sweep.along_systems();
        points.filter_map(|index| Some(self.point(index).ok()?.run.system))
    }

    /// How many points the sweep has; 1 without axes.
    pub fn point_count(&self) -> u64 {
        self.sweep.points()
    }

    /// How many runs the sweep has: points × replications.
    pub fn run_count(&self) -> u64 {
        self.point_count() * u64::from(self.replications)
    }

    /// Point number `index`, below [`Self::point_count`]. An error is possible only where the
    /// points have not been checked.
    pub fn point(&self, index: u64) -> Result<Point> {
        let axis_values = self.sweep.values(index);
        let run = self.run_at(&axis_values)?;
        Ok(Point {
            index,
            axis_values,
            run,
        })
    }

    /// The value of each axis at point number `index`, below [`Self::point_count`].
    pub fn axis_values(&self, index: u64) -> Vec<Value> {
        self.sweep.values(index)
    }

    /// Checks every point. Sweeps of at most 10,000 points have been checked when they were read;
    /// larger ones take about a second for each 100,000 points.
    pub fn check_points(&self) -> Result<()> {
        (0..self.point_count()).try_for_each(|index| self.point(index).map(drop))
    }

    /// The points that have the filters' values: one of those given for each axis that is named.
    /// Without filters: all.
    pub fn select(&self, filters: &[Assignment]) -> Result<Selection> {
        self.sweep.select(filters, &self.effective)
    }

    /// What is run where the axes have `values`.
    fn run_at(&self, values: &[Value]) -> Result<RunConfig> {
        let document = self.document_at(values)?;
        problem::run_of(&document).map_err(|problem| self.point_error(values, &document, problem))
    }

    /// The members that matter to a run where the axes have `values`.
    fn document_at(&self, values: &[Value]) -> Result<Value> {
        let mut document: Value = self
            .effective
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| *name != "sweep" && !UNIDENTIFYING.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect::<Map<_, _>>()
            .into();
        for column in self.sweep.outer_first() {
            let error = |problem| self.axis_error(column, values, &document, problem);
            let axis = &self.sweep.axes[column];
            let pointer = resolve(&axis.pointer, &document);
            if document.pointer(&pointer).is_none() {
                return Err(error(unknown_pointer(&pointer, &document)));
            }
            replaced::give_way(&axis.replaced, &pointer, &values[column], &mut document);
            if let Some(member) = document.pointer_mut(&pointer) {
                *member = values[column].clone();
            }
            if values[column].is_object() {
                // Inner axes find the defaults of what this value leaves out.
                let file = problem::read(&document)
                    .map_err(|problem| self.point_error(values, &document, problem))?;
                document = write(&file);
            }
        }
        Ok(document)
    }
}

/// The JSON Schema (draft 2020-12) of the scenario file.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(File).to_value();
    join_lines(&mut schema);
    // What the document is comes first.
    let mut members = Map::new();
    for name in ["$schema", "title", "description"] {
        if let Some(member) = schema.get(name) {
            members.insert(name.into(), member.clone());
        }
    }
    for (name, member) in schema.as_object().into_iter().flatten() {
        members.entry(name).or_insert_with(|| member.clone());
    }
    members.into()
}

/// Turns the line breaks of descriptions, which are those of this source code, into spaces.
fn join_lines(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "description" => {
                        *text = text.replace('\n', " ");
                    }
                    _ => join_lines(member),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(join_lines),
        _ => {}
    }
}

/// The file as JSON, every default written out.
fn write(file: &File) -> Value {
    serde_json::to_value(file).expect("a file is made of strings, finite numbers and lists")
}
