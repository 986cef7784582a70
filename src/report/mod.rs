//! A results folder as one page that proves itself: what was run, what came out, how far it can be trusted.
//!
//! [`page`] makes the page of one study, [`comparison`] that of two side by side. Both are HTML documents
//! that contain all that they need: they load nothing, and the same results give the same bytes. This room
//! does *not* know files, nor what was simulated; it computes no estimate that `statistics` does not have.

mod checklist;
mod document;
mod facts;
mod html;
mod pictures;
mod provenance;
mod side_by_side;
mod tables;
mod theory;
mod warnings;

use std::collections::BTreeMap;

use crate::figures::{PointNames, Sheet};
use crate::measure::{Metric, Table};
use crate::program::Program;
use crate::results::{Manifest, SweepResults};

pub use document::BEGINNING;
pub use side_by_side::{Differences, comparison};

/// What a report is about: a results folder that was read.
#[derive(Debug)]
pub struct Subject<'a> {
    /// Where the results are, as the reader calls it.
    pub place: &'a str,
    /// Their provenance.
    pub manifest: &'a Manifest,
    /// The underlays, in words; none: they are generated for each replication.
    pub networks: &'a [String],
    /// The runs.
    pub study: &'a SweepResults,
    /// What its points are called.
    pub names: &'a PointNames,
    /// What each column means.
    pub metrics: &'a [Metric],
    /// The metrics that matter most.
    pub headline: &'a [String],
    /// The metrics that the scenario's own figures show.
    pub own: &'a [String],
    /// What figures call metrics.
    pub labels: &'a BTreeMap<String, String>,
    /// The figures, by name.
    pub figures: &'a [(String, Sheet)],
    /// Why others are not there, a sentence each.
    pub undrawn: &'a [String],
    /// Where each point stopped, and why, if a precision was asked for: `precision.csv`.
    pub stops: Option<&'a Table>,
    /// What is wrong with the tables, a sentence each.
    pub altered: &'a [String],
    /// Why theory does not say anything of it, where it does not: words behind "for this scenario".
    pub beyond_theory: &'a str,
    /// The program that makes the report.
    pub program: Program<'a>,
}

/// The report of a study, as the bytes of an HTML document.
pub fn page(subject: &Subject<'_>) -> String {
    let facts = facts::Facts::of(subject);
    let warnings = warnings::of(subject, &facts);
    let name = document::name(subject);
    let sections = [
        ("warnings", "Warnings", warnings::section(&warnings)),
        ("figures", "Figures", pictures::section(subject, "figure")),
        ("worst", "The least certain point", facts.worst(subject)),
        ("tables", "Tables", tables::section(subject, &facts)),
        ("theory", "Theory", theory::section(subject, &facts)),
        ("what", "What was run", provenance::what(subject, &facts)),
        (
            "trust",
            "Checklist of a credible study",
            checklist::section(subject, &facts),
        ),
        (
            "reproduce",
            "How to reproduce",
            provenance::reproduce(subject),
        ),
    ];
    let lede = document::lede(subject, &facts, warnings.len());
    document::document(&name, &lede, &sections, subject.program)
}
