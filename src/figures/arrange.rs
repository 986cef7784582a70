//! Which point of a sweep belongs where: to which panel, which curve and which x.

use std::collections::BTreeMap;

use super::labels::{axis_label, matches, value_labels};
use super::palette::CURVES_MAX;
use crate::measure::{Cell, Content, FigureSpec};
use crate::results::{Study, csv};

/// So many curves are drawn in one panel if the other axes can make panels instead.
const CURVES_COMFORTABLE: usize = 8;
/// A figure has at most so many panels.
const PANELS_MAX: usize = 15;

/// The points of a sweep, each with its place in the figure.
pub(super) struct Arrangement {
    /// The places, in the canonical order of the points.
    pub(super) places: Vec<Place>,
    /// The label of the x axis.
    pub(super) x_label: String,
    /// One title for each panel; empty if there is only one.
    pub(super) panels: Vec<String>,
    /// How many values the last of several axes has of which each combination is a panel.
    pub(super) last_axis: Option<usize>,
    /// One label for each curve of a panel; empty if there is only one.
    pub(super) curves: Vec<String>,
    /// Whether the curves follow a number.
    pub(super) ordered: bool,
    /// What the reader should know of the axes that are neither plotted nor told apart.
    pub(super) notes: Vec<String>,
}

/// A point of the sweep and its place in the figure.
pub(super) struct Place {
    /// The rows of the study's `runs`, one a replication.
    pub(super) rows: Vec<usize>,
    pub(super) x: f64,
    pub(super) panel: usize,
    pub(super) curve: usize,
}

/// An axis with its different values, in the order in which they occur.
struct Swept<'a> {
    pointer: &'a str,
    values: Vec<Cell>,
    /// For each point the number of its value in `values`.
    of_point: Vec<usize>,
}

impl Swept<'_> {
    fn is_numeric(&self) -> bool {
        self.values.iter().all(|value| value.number().is_some())
    }

    /// Whether it has one value only for each value of `other`.
    fn follows(&self, other: &Self) -> bool {
        let mut known = vec![None; other.values.len()];
        let pairs = self.of_point.iter().zip(&other.of_point);
        pairs.into_iter().all(|(&own, &others)| {
            let first = known[others].get_or_insert(own);
            *first == own
        })
    }
}

/// Finds a place for every point. An error says why the study cannot be drawn so.
pub(super) fn arrange(spec: &FigureSpec, study: &Study) -> Result<Arrangement, String> {
    let points = study.points();
    let axes = swept_axes(
        study,
        &points.iter().map(|point| point.values).collect::<Vec<_>>(),
    );
    // A course is not plotted against any axis.
    let x = match spec.content {
        Content::Course { .. } => None,
        Content::Curves { .. }
        | Content::Against { .. }
        | Content::Spread { .. }
        | Content::Series { .. }
        | Content::ByGroup { .. } => Some(plotted(spec, &axes)?),
    };
    let mut others: Vec<&Swept<'_>> = Vec::new();
    let mut notes = Vec::new();
    for (i, axis) in axes.iter().enumerate() {
        if Some(i) == x {
        } else if axis.values.len() == 1 {
            notes.extend(value_labels(spec, axis.pointer, &axis.values));
        } else if x.is_some_and(|x| axis.follows(&axes[x])) {
            let name = axis_label(spec, axis.pointer);
            notes.push(format!("{name} varies along the x axis"));
        } else {
            others.push(axis);
        }
    }
    let split = if become_curves(&spec.content) {
        split(&others, points.len())
    } else {
        others.len()
    };
    let (panel_labels, panel_of) = combine(spec, &others[..split], points.len(), check_panels)?;
    let (curve_labels, curve_of) = combine(spec, &others[split..], points.len(), check_curves)?;
    let x_of = |point: usize| {
        let axis = &axes[x?];
        let scale = if x_is_percent(spec, axis) { 100.0 } else { 1.0 };
        Some(axis.values[axis.of_point[point]].number()? * scale)
    };
    let places = points.into_iter().enumerate().map(|(i, point)| Place {
        rows: point.rows,
        x: x_of(i).unwrap_or_default(),
        panel: panel_of[i],
        curve: curve_of[i],
    });
    let named = !matches!(spec.content, Content::Against { .. });
    if let (false, Some(x)) = (named, x) {
        let name = axis_label(spec, axes[x].pointer);
        if name != spec.x_label {
            notes.push(format!("{name} varies along a curve"));
        }
    }
    Ok(Arrangement {
        places: places.collect(),
        x_label: match x {
            // Without a label of its own `spec.x_label` is the pointer: the axis has a better name.
            Some(x) if named && (!matches(&spec.x, axes[x].pointer) || spec.x_label == spec.x) => {
                axis_label(spec, axes[x].pointer)
            }
            _ => spec.x_label.clone(),
        },
        ordered: matches!(others[split..], [only] if only.is_numeric()),
        last_axis: last_axis(&others[..split], panel_labels.len()),
        panels: panel_labels,
        curves: curve_labels,
        notes,
    })
}

/// Whether the axes that are not plotted against can become curves; else they become panels only.
fn become_curves(content: &Content) -> bool {
    match content {
        Content::Curves { .. } | Content::Against { .. } => true,
        Content::Course { by, .. } => by.is_none(),
        Content::Spread { .. } | Content::Series { .. } | Content::ByGroup { .. } => false,
    }
}

fn x_is_percent(spec: &FigureSpec, axis: &Swept<'_>) -> bool {
    spec.x_percent && matches(&spec.x, axis.pointer)
}

fn swept_axes<'a>(study: &'a Study, points: &[&[Cell]]) -> Vec<Swept<'a>> {
    let axis = |(i, pointer): (usize, &'a String)| {
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        let mut values: Vec<Cell> = Vec::new();
        let of_point = points
            .iter()
            .map(|point| {
                let next = values.len();
                let number = *numbers.entry(csv::cell_text(&point[i])).or_insert(next);
                if number == next {
                    values.push(point[i].clone());
                }
                number
            })
            .collect();
        Swept {
            pointer,
            values,
            of_point,
        }
    };
    study.axes.iter().enumerate().map(axis).collect()
}

/// The number of the axis to plot against: the one that is asked for, or the first of numbers.
fn plotted(spec: &FigureSpec, axes: &[Swept<'_>]) -> Result<usize, String> {
    let fit = |axis: &Swept<'_>| axis.values.len() >= 2 && axis.is_numeric();
    let asked = |axis: &Swept<'_>| matches(&spec.x, axis.pointer) && fit(axis);
    let asked = axes.iter().position(asked);
    if spec.x_required && asked.is_none() {
        return Err(format!(
            "{} is not an axis with at least two numbers",
            spec.x
        ));
    }
    asked
        .or_else(|| axes.iter().position(fit))
        .ok_or_else(|| "no axis with at least two numbers is there to plot against".into())
}

/// How many of the other axes become panels: the fewest, from the first on, that leave few enough
/// curves for one panel; the last stays for the curves.
fn split(others: &[&Swept<'_>], points: usize) -> usize {
    let last = others.len().saturating_sub(1);
    (0..last)
        .find(|&split| number_combinations(&others[split..], points).0.len() <= CURVES_COMFORTABLE)
        .unwrap_or(last)
}

/// Refuses more curves than can be told apart.
fn check_curves(count: usize) -> Result<(), String> {
    if count <= CURVES_MAX {
        return Ok(());
    }
    Err(format!(
        "it would have {count} curves in one panel, and at most {CURVES_MAX} can be told apart; \
         sweep part of the points with --filter POINTER=VALUE"
    ))
}

fn check_panels(count: usize) -> Result<(), String> {
    if count <= PANELS_MAX {
        return Ok(());
    }
    Err(format!(
        "it would have {count} panels, and at most {PANELS_MAX} fit; sweep part of the points \
         with --filter POINTER=VALUE"
    ))
}

fn last_axis(axes: &[&Swept<'_>], panels: usize) -> Option<usize> {
    let (last, first) = axes.split_last()?;
    let all: usize = axes.iter().map(|axis| axis.values.len()).product();
    (!first.is_empty() && all == panels).then_some(last.values.len())
}

/// The combinations of the axes' values that occur, in order, and the number of each point's.
fn number_combinations(axes: &[&Swept<'_>], points: usize) -> (Vec<Vec<usize>>, Vec<usize>) {
    let mut numbers: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
    let mut combinations = Vec::new();
    let of_point = (0..points)
        .map(|point| {
            let key: Vec<usize> = axes.iter().map(|axis| axis.of_point[point]).collect();
            *numbers.entry(key.clone()).or_insert_with(|| {
                combinations.push(key);
                combinations.len() - 1
            })
        })
        .collect();
    (combinations, of_point)
}

/// The label of each combination of the axes' values, and the number of each point's; an error if
/// `check` refuses their number.
fn combine(
    spec: &FigureSpec,
    axes: &[&Swept<'_>],
    points: usize,
    check: impl Fn(usize) -> Result<(), String>,
) -> Result<(Vec<String>, Vec<usize>), String> {
    let (combinations, of_point) = number_combinations(axes, points);
    if axes.is_empty() {
        return Ok((Vec::new(), of_point));
    }
    check(combinations.len())?;
    let labels: Vec<Vec<String>> = axes
        .iter()
        .map(|axis| value_labels(spec, axis.pointer, &axis.values))
        .collect();
    let label = |combination: &Vec<usize>| {
        let parts = combination.iter().zip(&labels);
        let parts: Vec<&str> = parts.map(|(&value, labels)| &*labels[value]).collect();
        parts.join(", ")
    };
    Ok((combinations.iter().map(label).collect(), of_point))
}
