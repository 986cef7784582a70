//! Labels that the values of some axes have been given.
//!
//! They do *not* know which of the axes become curves, and which panels.

use crate::measure::{Cell, FigureSpec};
use crate::results::{SweepResults, csv};

/// Labels for the values of axes that vary together.
#[derive(Debug)]
pub(super) struct Given<'a> {
    /// Their numbers in the study.
    axes: Vec<usize>,
    /// The values as texts.
    labels: Vec<(Vec<String>, &'a str)>,
}

impl<'a> Given<'a> {
    /// Those that a figure has for the axes of `study`.
    pub(super) fn all(spec: &'a FigureSpec, study: &SweepResults) -> Vec<Self> {
        let number = |pointer: &String| study.axes.iter().position(|axis| axis.pointer == *pointer);
        let given = spec.labels.iter().filter_map(|given| {
            let labels = given.labels.iter().map(|(values, label)| {
                let texts = values.iter().map(csv::cell_text).collect();
                (texts, &**label)
            });
            Some(Self {
                axes: given.axes.iter().map(number).collect::<Option<_>>()?,
                labels: labels.collect(),
            })
        });
        given.collect()
    }

    /// What the value of axis number `axis` is called where the axes have `values`, if it has been given a label.
    pub(super) fn label(&self, axis: usize, values: &[Cell]) -> Option<&'a str> {
        if !self.axes.contains(&axis) {
            return None;
        }
        let texts: Vec<String> = self
            .axes
            .iter()
            .map(|&axis| csv::cell_text(&values[axis]))
            .collect();
        let mut labels = self.labels.iter();
        labels.find(|(of, _)| *of == texts).map(|(_, label)| *label)
    }
}
