//! What the systems of a sweep report, as one: the union of their columns, tables and figures.
//!
//! Columns of one name are one column; what a system does not report is absent from its runs. This
//! module does *not* know which systems there are.

use crate::error::{Error, Result};
use crate::measure::{Cell, Detail, Domain, FigureSpec, Metric};
use crate::scenario::{Scenario, SystemConfig};
use crate::study::Columns;
use crate::system::{Procedure, Report, System, Visitor};

/// What a system reports, and how its runs go.
#[derive(Debug, PartialEq)]
pub(super) struct Described {
    /// What a scenario calls it.
    pub(super) name: &'static str,
    metrics: &'static [Metric],
    details: &'static [Detail],
    figures: Vec<FigureSpec>,
    pub(super) procedure: Procedure,
}

impl Described {
    /// The system that has these parameters.
    pub(super) fn of(system: &SystemConfig) -> Self {
        system.visit(Describe(system.name()))
    }
}

/// The systems of a scenario's points, each once.
pub(super) fn of(scenario: &Scenario) -> Vec<Described> {
    let mut all: Vec<Described> = Vec::new();
    for system in scenario.systems() {
        let described = Described::of(&system);
        if !all.contains(&described) {
            all.push(described);
        }
    }
    all
}

/// The columns of `systems` in order, each name once.
pub(super) fn metrics(systems: &[Described]) -> Vec<Metric> {
    let mut all: Vec<Metric> = Vec::new();
    for metric in systems.iter().flat_map(|system| system.metrics) {
        match all.iter_mut().find(|known| known.name == metric.name) {
            None => all.push(*metric),
            Some(known) if known.domain != metric.domain => known.domain = Domain::NotNegative,
            Some(_) => {}
        }
    }
    all
}

/// The detail tables of `systems` in order, each name once.
pub(super) fn details(systems: &[Described]) -> Vec<Detail> {
    let mut all: Vec<Detail> = Vec::new();
    for detail in systems.iter().flat_map(|system| system.details) {
        if all.iter().all(|known| known.name != detail.name) {
            all.push(*detail);
        }
    }
    all
}

/// The figures of `systems` in order. Equal ones are one; one whose name another has is called after
/// its system.
pub(super) fn figures(systems: &[Described]) -> Vec<FigureSpec> {
    let mut all: Vec<FigureSpec> = Vec::new();
    for system in systems {
        for figure in &system.figures {
            if all.contains(figure) {
                continue;
            }
            let of_system = (1..).map(|number| match number {
                1 => format!("{}-{}", system.name, figure.name),
                _ => format!("{}-{}-{number}", system.name, figure.name),
            });
            let mut names = [figure.name.clone()].into_iter().chain(of_system);
            let free = |name: &String| all.iter().all(|other| other.name != *name);
            let mut figure = figure.clone();
            figure.name = names.find(free).expect("numbers do not end");
            all.push(figure);
        }
    }
    all
}

/// That every run of `system` finds its place in `columns`.
///
/// # Errors
/// If a table has other columns there.
pub(super) fn check(system: &SystemConfig, columns: &Columns) -> Result<()> {
    let (metrics, details) = system.visit(Measured);
    let has = |metric: &Metric| {
        columns
            .metrics
            .iter()
            .any(|known| known.name == metric.name)
    };
    let error = if let Some(other) = details.iter().find(|own| !columns.details.contains(own)) {
        format!(
            "two systems of this sweep have a table `{}`, with different columns",
            other.name
        )
    } else if let Some(other) = metrics.iter().find(|own| !has(own)) {
        format!(
            "the axes bring about a system together that none does alone; it has a column `{}`",
            other.name
        )
    } else {
        return Ok(());
    };
    Err(Error::new(error)
        .at("/sweep/axes")
        .help("sweep each system in a scenario of its own"))
}

/// What a run of `system` reports, with a cell and a table for each of `columns`.
pub(super) fn spread(system: &SystemConfig, columns: &Columns, report: Report) -> Report {
    let (metrics, details) = system.visit(Measured);
    // Every one of a system's own has its place there, in the same order if there are no others.
    if (metrics.len(), details.len()) == (columns.metrics.len(), columns.details.len()) {
        return report;
    }
    let mut cells = report.cells;
    let mut tables = report.details;
    let cell = |metric: &Metric| {
        let own = metrics.iter().position(|own| own.name == metric.name);
        own.map_or(Cell::Absent, |own| {
            std::mem::replace(&mut cells[own], Cell::Absent)
        })
    };
    let table = |detail: &Detail| {
        let own = details.iter().position(|own| own == detail);
        own.map_or_else(Vec::new, |own| std::mem::take(&mut tables[own]))
    };
    Report {
        cells: columns.metrics.iter().map(cell).collect(),
        details: columns.details.iter().map(table).collect(),
    }
}

struct Describe(&'static str);

impl Visitor for Describe {
    type Output = Described;
    fn visit<S: System>(self, _: &S::Config) -> Described {
        Described {
            name: self.0,
            metrics: S::METRICS,
            details: S::DETAILS,
            figures: S::figures(),
            procedure: S::PROCEDURE,
        }
    }
}

struct Measured;

impl Visitor for Measured {
    type Output = (&'static [Metric], &'static [Detail]);
    fn visit<S: System>(self, _: &S::Config) -> Self::Output {
        (S::METRICS, S::DETAILS)
    }
}
