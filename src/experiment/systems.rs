//! What the systems of a sweep report, as one: the union of their columns, tables and figures.
//!
//! Columns of one name are one column; what a system does not report is absent from its runs. This
//! module does *not* know which systems there are.

use crate::error::{Error, Result};
use crate::measure::{Cell, Detail, Domain, FigureSpec, Metric, RunOutcome};
use crate::results::Columns;
use crate::scenario::{Scenario, SystemConfig};
use crate::system::{Procedure, System, Visitor};

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
            "two systems of this sweep have a table `{}` with different columns",
            other.name
        )
    } else if let Some(other) = metrics.iter().find(|own| !has(own)) {
        format!(
            "the axes together give a system that none of them gives alone; it has a column `{}`",
            other.name
        )
    } else {
        return Ok(());
    };
    Err(Error::new(error)
        .at("/sweep/axes")
        .help("sweep each system in its own scenario"))
}

/// What came out of a run of `system`, with a cell and a table for each of `columns`.
pub(super) fn spread(system: &SystemConfig, columns: &Columns, outcome: RunOutcome) -> RunOutcome {
    let (metrics, details) = system.visit(Measured);
    // Every one of a system's own has its place there, in the same order if there are no others.
    if (metrics.len(), details.len()) == (columns.metrics.len(), columns.details.len()) {
        return outcome;
    }
    let mut cells = outcome.metrics;
    let mut tables = outcome.details;
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
    RunOutcome {
        metrics: columns.metrics.iter().map(cell).collect(),
        fingerprint: outcome.fingerprint,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arigatoni::Arigatoni;
    use crate::system::System;

    fn named(name: &'static str, metrics: &'static [Metric]) -> Described {
        Described {
            name,
            metrics,
            details: &[],
            figures: Arigatoni::figures().into_iter().take(1).collect(),
            procedure: Arigatoni::PROCEDURE,
        }
    }

    #[test]
    fn a_column_of_two_systems_is_one_and_can_be_what_either_says() {
        const ONE: &[Metric] = &[Metric::share("a", ""), Metric::new("b", "")];
        const OTHER: &[Metric] = &[Metric::new("c", ""), Metric::new("a", "")];
        let metrics = metrics(&[named("one", ONE), named("other", OTHER)]);
        let names: Vec<&str> = metrics.iter().map(|metric| metric.name).collect();
        assert_eq!(names, ["a", "b", "c"]);
        assert_eq!(metrics[0].domain, Domain::NotNegative);
    }

    #[test]
    fn equal_figures_are_one_and_others_of_one_name_are_told_apart() {
        let systems = ["one", "one", "two", "two"].map(|name| named(name, &[]));
        let mut systems = Vec::from(systems);
        for (system, title) in systems[1..].iter_mut().zip(["x", "y", "z"]) {
            system.figures[0].title = title.into();
        }
        let again = named("three", &[]);
        systems.push(again);
        let names: Vec<String> = figures(&systems).into_iter().map(|one| one.name).collect();
        let expected = [
            "acceptance",
            "one-acceptance",
            "two-acceptance",
            "two-acceptance-2",
        ];
        assert_eq!(names, expected);
    }
}
