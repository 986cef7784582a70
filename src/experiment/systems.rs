//! What the systems of a sweep report, as one: the union of their columns, tables and figures.
//!
//! Columns of one name are one column; what a system does not report is absent from its runs. This
//! module does *not* know which systems there are.

use crate::error::{Error, Result};
use crate::measure::{Cell, Detail, Domain, FigureSpec, Metric, RunOutcome};
use crate::results::Columns;
use crate::scenario::Scenario;
use crate::systems::{Configured, Description};

/// A system under the name that a scenario gives it.
#[derive(Debug, PartialEq)]
pub(super) struct Named {
    pub(super) name: &'static str,
    pub(super) system: Description,
}

/// The systems of a scenario's points, each once.
pub(super) fn of(scenario: &Scenario) -> Vec<Named> {
    let mut all: Vec<Named> = Vec::new();
    for chosen in scenario.systems() {
        let (name, system) = (chosen.name(), chosen.description());
        let named = Named { name, system };
        if !all.contains(&named) {
            all.push(named);
        }
    }
    all
}

/// The columns of `systems` in order, each name once.
pub(super) fn metrics(systems: &[Named]) -> Vec<Metric> {
    let mut all: Vec<Metric> = Vec::new();
    for metric in systems.iter().flat_map(|named| named.system.metrics) {
        match all.iter_mut().find(|known| known.name == metric.name) {
            None => all.push(*metric),
            Some(known) if known.domain != metric.domain => known.domain = Domain::NotNegative,
            Some(_) => {}
        }
    }
    all
}

/// The detail tables of `systems` in order, each name once.
pub(super) fn details(systems: &[Named]) -> Vec<Detail> {
    let mut all: Vec<Detail> = Vec::new();
    for detail in systems.iter().flat_map(|named| named.system.details) {
        if all.iter().all(|known| known.name != detail.name) {
            all.push(*detail);
        }
    }
    all
}

/// The figures of `systems` in order. Equal ones are one; one whose name another has is called after
/// its system.
pub(super) fn figures(systems: &[Named]) -> Vec<FigureSpec> {
    let mut all: Vec<FigureSpec> = Vec::new();
    // As their systems name them.
    let mut known: Vec<&FigureSpec> = Vec::new();
    for Named { name, system } in systems {
        for figure in &system.figures {
            if known.contains(&figure) {
                continue;
            }
            known.push(figure);
            let of_system = (1..).map(|number| match number {
                1 => format!("{name}-{}", figure.name),
                _ => format!("{name}-{}-{number}", figure.name),
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

/// Checks that every run of `system` finds its place in `columns`.
///
/// # Errors
/// If a table has other columns there.
pub(super) fn check(system: &dyn Configured, columns: &Columns) -> Result<()> {
    let Description {
        metrics, details, ..
    } = system.description();
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
pub(super) fn spread(
    system: &dyn Configured,
    columns: &Columns,
    outcome: RunOutcome,
) -> RunOutcome {
    let Description {
        metrics, details, ..
    } = system.description();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arigatoni::Arigatoni;

    fn named(name: &'static str, metrics: &'static [Metric]) -> Named {
        let mut system = Description::of::<Arigatoni>();
        (system.metrics, system.details) = (metrics, &[]);
        system.figures.truncate(1);
        Named { name, system }
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
            system.system.figures[0].title = title.into();
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
