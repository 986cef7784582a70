//! What the points of a study are called in tables for people: as legends call the values of axes.
//!
//! They do *not* know which of the axes a figure plots against.

use std::collections::{BTreeMap, BTreeSet};

use super::given::Given;
use super::labels::{axis_label, value_names};
use crate::measure::{Cell, Content, FigureSpec};
use crate::results::{SweepResults, csv};

/// A name for each axis, and for each value of each axis at each point.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PointNames {
    axes: Vec<String>,
    values: BTreeMap<Vec<String>, Vec<String>>,
}

impl PointNames {
    /// Those of `study`: by the labels that its `figures` have been given, else numbers as they are, and objects by what
    /// tells them apart.
    pub fn of(figures: &[FigureSpec], study: &SweepResults) -> Self {
        let plain = FigureSpec::new([""; 3], "", Content::Series { series: Vec::new() });
        let spec = figures.first().unwrap_or(&plain);
        let given = Given::all(spec, study);
        let points = study.points();
        let axes = study.axes.iter().enumerate();
        let of_axis: Vec<BTreeMap<String, String>> = axes
            .map(|(i, axis)| {
                let mut values: Vec<Cell> = Vec::new();
                for point in &points {
                    if !values.contains(&point.values[i]) {
                        values.push(point.values[i].clone());
                    }
                }
                let are_words = |cell: &Cell| cell.number().is_none();
                let names = if values.iter().any(are_words) {
                    value_names(spec, &axis.pointer, &values)
                } else {
                    values.iter().map(csv::cell_text).collect()
                };
                values.iter().map(csv::cell_text).zip(names).collect()
            })
            .collect();
        let names = points.iter().map(|point| {
            let texts: Vec<String> = point.values.iter().map(csv::cell_text).collect();
            let name = |(i, text): (usize, &String)| {
                let label = given.iter().find_map(|given| given.label(i, point.values));
                label.map_or_else(|| of_axis[i][text].clone(), str::to_owned)
            };
            let names = texts.iter().enumerate().map(name).collect();
            (texts, names)
        });
        Self {
            axes: axis_names(spec, study),
            values: names.collect(),
        }
    }

    /// Those of the values that the axes have at a point.
    pub fn at(&self, values: &[Cell]) -> Vec<String> {
        let texts: Vec<String> = values.iter().map(csv::cell_text).collect();
        self.values.get(&texts).cloned().unwrap_or(texts)
    }

    /// A point in words, `δ = 0, density = 0.1`; empty where there are no axes.
    pub fn place(&self, values: &[Cell]) -> String {
        let named = self.axes.iter().zip(self.at(values));
        let named = named.map(|(axis, value)| format!("{axis} = {value}"));
        named.collect::<Vec<_>>().join(", ")
    }
}

/// What the axes of `study` are called in legends; as their columns are, if two would be called the same.
fn axis_names(spec: &FigureSpec, study: &SweepResults) -> Vec<String> {
    let axes = || study.axes.iter();
    let names: Vec<String> = axes().map(|axis| axis_label(spec, &axis.pointer)).collect();
    if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
        return axes().map(|axis| axis.column.clone()).collect();
    }
    names
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::measure::{GivenLabels, Metric, RunOutcome};

    fn study(values: &[[Value; 2]]) -> SweepResults {
        let axes = ["/system", "/x"].map(Into::into).to_vec();
        let mut study = SweepResults::new(axes, &[Metric::new("m", "")], &[]);
        for (number, values) in (0..).zip(values) {
            let outcome = RunOutcome {
                metrics: vec![Cell::Count(number)],
                fingerprint: 0,
                details: Vec::new(),
            };
            study.add((number, 0), values, Ok(outcome));
        }
        study
    }

    #[test]
    fn systems_are_called_by_their_names_and_labels_come_first() {
        let one = json!({"arigatoni": {"requests": {"count": 2000}}});
        let other = json!({"central": {}});
        let study = study(&[[one.clone(), json!(0.5)], [other, json!(0.5)]]);
        let at = |names: &PointNames, row| names.at(study.values_of_row(row));
        let names = PointNames::of(&[], &study);
        assert_eq!(at(&names, 0), ["arigatoni", "0.5"]);
        assert_eq!(at(&names, 1), ["central", "0.5"]);
        let place = names.place(study.values_of_row(1));
        assert_eq!(place, "system = central, x = 0.5");
        let labels = GivenLabels {
            axes: vec!["/system".into()],
            labels: vec![(study.values_of_row(0)[..1].to_vec(), "colonies".into())],
        };
        let figure = FigureSpec {
            labels: vec![labels],
            ..FigureSpec::new([""; 3], "", Content::Series { series: Vec::new() })
        };
        let names = PointNames::of(&[figure], &study);
        assert_eq!(at(&names, 0), ["colonies", "0.5"]);
        assert_eq!(names.at(&[Cell::Count(7)]), ["7"], "of no point");
    }
}
