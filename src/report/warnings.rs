//! What a reader must know before the numbers are believed.

use super::Subject;
use super::facts::{Facts, Gap, REPLICATIONS_MIN, place};
use super::html::{escaped, list, paragraph};
use crate::measure::Cell;
use crate::results::csv;
use crate::statistics::told;
use crate::words::{brief, counted};

/// What `precision.csv` says of a point that needs no more runs.
const REACHED: &str = "reached";

/// The warnings, a sentence each.
pub(super) fn of(subject: &Subject<'_>, facts: &Facts) -> Vec<String> {
    let manifest = subject.manifest;
    let mut warnings = Vec::new();
    if !manifest.complete && !manifest.is_baseline() {
        warnings.push(format!(
            "The sweep is not complete: {} of {} runs are in the tables.",
            manifest.runs_done, manifest.runs
        ));
    }
    let failed = subject.study.failures.rows.len() as u64;
    if failed > 0 {
        warnings.push(format!(
            "{} failed and {} in no mean; failures.csv has the messages.",
            counted(failed, "run"),
            if failed == 1 { "is" } else { "are" }
        ));
    }
    warnings.extend(subject.altered.iter().map(|why| format!("{why}.")));
    if facts.few > 0 {
        warnings.push(format!(
            "Too few replications: {} of {} have fewer than {REPLICATIONS_MIN}. An interval over so few \
             runs is wide, and one run has none.",
            facts.few,
            counted(facts.points as u64, "point"),
        ));
    }
    warnings.extend(unresolved(subject));
    if let Some(all) = &facts.theory {
        let (_, disagreeing) = told(
            all,
            &|point| place(subject, point, ""),
            subject.beyond_theory,
        );
        warnings.extend(disagreeing.iter().map(|why| format!("{}.", capital(why))));
    }
    warnings.extend(facts.gaps.iter().map(|gap| without_value(gap, facts)));
    for (name, meaning, sum, runs) in &facts.trouble {
        warnings.push(format!(
            "{name} is {} in all ({meaning}), in {} of {} runs.",
            brief(*sum),
            runs,
            subject.study.runs.rows.len(),
        ));
    }
    warnings.extend(
        subject
            .undrawn
            .iter()
            .map(|why| format!("{}.", capital(why))),
    );
    warnings
}

/// The sentence that some metrics lack a value at the same points.
fn without_value(gap: &Gap, facts: &Facts) -> String {
    let (has, it) = match &gap.metrics[..] {
        [_] => ("has", "it"),
        _ => ("have", "them"),
    };
    format!(
        "{} {has} no value in {}, at {} of {}{}: there was nothing to compute {it} from. Means are over the \
         other runs.",
        gap.metrics.join(", "),
        counted(gap.runs, "run"),
        gap.points.len(),
        counted(facts.points as u64, "point"),
        match gap.empty_points {
            0 => String::new(),
            empty => format!(" ({empty} without any value)"),
        },
    )
}

/// The points whose precision was not reached.
fn unresolved(subject: &Subject<'_>) -> Option<String> {
    let stops = subject.stops?;
    let column = stops.column("stopped")?;
    let word = |row: &Vec<Cell>| csv::cell_text(&row[column]);
    let open = stops.rows.iter().filter(|row| word(row) != REACHED).count();
    (open > 0).then(|| {
        format!(
            "The precision was not reached at {open} of {}; precision.csv says why.",
            counted(stops.rows.len() as u64, "point")
        )
    })
}

/// `text` with a capital at its beginning.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// The section about them.
pub(super) fn section(warnings: &[String]) -> String {
    if warnings.is_empty() {
        return paragraph(
            "None: all runs are there, no metric that a figure shows lacks a value, and nothing that \
             counts as trouble happened.",
        );
    }
    list(warnings.iter().map(|warning| escaped(warning)))
}
