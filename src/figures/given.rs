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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::arrange::arrange;
    use crate::figures::plot::tests::figure_of;
    use crate::measure::{Content, GivenLabels, Metric, RunOutcome};

    /// Three points of two axes that vary together, and of two values of another one.
    #[test]
    fn a_label_stands_for_the_axes_that_vary_together() {
        let axes = ["/to", "/votes", "/x"].map(Into::into).to_vec();
        let mut study = SweepResults::new(axes, &[Metric::new("m", "")], &[]);
        let word = |word: &str| Cell::Text(word.into());
        let text = |word: &str| serde_json::Value::from(word);
        let pairs = [("none", "no"), ("near", "no"), ("none", "yes")];
        let points = pairs.iter().flat_map(|pair| [(pair, 1), (pair, 2)]);
        for (index, ((to, votes), x)) in (0..).zip(points) {
            let outcome = RunOutcome {
                metrics: vec![Cell::Count(index)],
                fingerprint: 0,
                details: Vec::new(),
            };
            study.add((index, 0), &[text(to), text(votes), x.into()], Ok(outcome));
        }
        let label = |(to, votes): (&str, &str), label: &str| {
            (vec![word(to), word(votes)], label.to_owned())
        };
        let metric = "m".into();
        let spec = FigureSpec {
            labels: vec![GivenLabels {
                axes: vec!["/to".into(), "/votes".into()],
                labels: vec![label(pairs[0], "they wait"), label(pairs[2], "they vote")],
            }],
            ..figure_of(Content::Curves { metric })
        };
        let Ok(arrangement) = arrange(&spec, &study) else {
            panic!("it can be drawn");
        };
        // The second has no label.
        assert_eq!(
            arrangement.curves.labels,
            ["they wait", "to = near, votes = no", "they vote"]
        );
    }
}
