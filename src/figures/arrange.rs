//! Which point of a sweep belongs where: to which panel, which curve and which x.

use std::collections::BTreeMap;

use super::across::{Across, across};
use super::given::Given;
use super::labels::{axis_label, joined, value_labels};
use super::pairs;
use super::palette::CURVES_MAX;
use super::plot::{CurveLabels, Trouble};
use crate::measure::{AxisColumn, Cell, Content, FigureSpec, pointer_matches};
use crate::results::{SweepResults, axis_value, csv};

/// The maximum number of curves in one panel, if the other axes can make panels instead.
const CURVES_COMFORTABLE: usize = 8;
/// The maximum number of panels of a figure.
const PANELS_MAX: usize = 15;
/// The maximum number of panels that can be read if each has a curve for each of many things.
const PANELS_OF_GROUPS: usize = 6;

/// The points of a sweep, each with its place in the figure.
pub(super) struct Arrangement {
    /// The places, in the canonical order of the points.
    pub(super) places: Vec<PlotPoint>,
    /// What the places' x are.
    pub(super) across: Across,
    /// One title for each panel; empty if there is only one.
    pub(super) panels: Vec<String>,
    /// How many values the last of several axes has of which each combination is a panel.
    pub(super) last_axis: Option<usize>,
    /// How the curves of a panel are told apart.
    pub(super) curves: CurveLabels,
    /// Whether the axes are those of the study that is credited with the figure.
    pub(super) credited: bool,
    /// What the reader should know of the axes that are neither plotted nor told apart.
    pub(super) notes: Vec<String>,
}

/// A point of the sweep and its place in the figure.
pub(super) struct PlotPoint {
    /// The rows of the study's `runs`, one a replication.
    pub(super) rows: Vec<usize>,
    pub(super) x: f64,
    pub(super) panel: usize,
    pub(super) curve: usize,
    /// Which value it has of the axis that is plotted against.
    pub(super) name: usize,
}

/// An axis with its different values, in the order in which they occur.
pub(super) struct Swept<'a> {
    /// Its number in the study.
    pub(super) number: usize,
    pub(super) pointer: &'a str,
    pub(super) values: Vec<Cell>,
    /// For each point the number of its value in `values`.
    pub(super) of_point: Vec<usize>,
}

impl Swept<'_> {
    pub(super) fn is_numeric(&self) -> bool {
        self.values.iter().all(|value| value.number().is_some())
    }

    /// Whether it has the same values at all points.
    fn repeats(&self, other: &Self) -> bool {
        self.values == other.values && self.of_point == other.of_point
    }

    /// Whether its words follow from the objects of `other`, whose labels are long enough.
    fn is_told_by(&self, other: &Self) -> bool {
        let is_object = |value: &Cell| axis_value(value).is_object();
        let told = !self.is_numeric() && self.follows(other) && !other.follows(self);
        told && other.values.iter().any(is_object)
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
pub(super) fn arrange(spec: &FigureSpec, study: &SweepResults) -> Result<Arrangement, Trouble> {
    let points = study.points();
    let values: Vec<&[Cell]> = points.iter().map(|point| point.values).collect();
    let axes = swept_axes(study, &values);
    let given = Given::all(spec, study);
    let known = (&values[..], &given[..]);
    let across = across(spec, &axes, known)?;
    let (mut others, mut notes) = tell_apart(spec, &axes, &across);
    let fixed = fix_some(spec, study, &mut others);
    notes.extend(fixed.iter().map(|(_, note)| note.clone()));
    let split = if become_curves(&spec.content) {
        split(&others, points.len())
    } else {
        others.len()
    };
    let combined = |axes, check| combine(spec, axes, known, check).map_err(Trouble::Unfit);
    let (panels, panel_of) = combined(&others[..split], &check_panels)?;
    let (curves, curve_of) = combined(&others[split..], &check_curves)?;
    let x_of = |point: usize| {
        let axis = &axes[across.axis?];
        if across.categorical {
            return Some(axis.of_point[point] as f64);
        }
        Some(axis.values[axis.of_point[point]].number()? * across.scale)
    };
    let is_shown = |point: &usize| fixed.iter().all(|(axis, _)| axis.of_point[*point] == 0);
    let places = points.iter().enumerate().filter(|(i, _)| is_shown(i));
    let places = places.map(|(i, point)| PlotPoint {
        rows: point.rows.clone(),
        x: x_of(i).unwrap_or_default(),
        panel: panel_of[i],
        curve: curve_of[i],
        name: across.axis.map_or(0, |axis| axes[axis].of_point[i]),
    });
    let (combinations, _) = number_combinations(&others[split..], points.len());
    let counts: Vec<usize> = others[split..]
        .iter()
        .map(|axis| axis.values.len())
        .collect();
    let pairs = pairs::of(&combinations, &counts);
    Ok(Arrangement {
        places: places.collect(),
        curves: CurveLabels {
            labels: curves,
            ordered: match &others[split..] {
                [only] => only.is_numeric(),
                [first, _] => first.is_numeric() && !pairs.is_empty(),
                _ => false,
            },
            pairs,
        },
        last_axis: last_axis(&others[..split], panels.len()),
        credited: is_credited(spec, &axes, &across),
        across,
        panels,
        notes,
    })
}

/// Takes all axes but the last out of `others` if too many panels with a curve for each of many things would come
/// of them: these, of which only the first value is shown, and what is to be said of each.
fn fix_some<'a>(
    spec: &FigureSpec,
    study: &SweepResults,
    others: &mut Vec<&'a Swept<'a>>,
) -> Vec<(&'a Swept<'a>, String)> {
    let of_groups = matches!(&spec.content, Content::TimeSeries { by: Some(_), .. });
    let panels = others.first().map_or(0, |axis| {
        number_combinations(others, axis.of_point.len()).0.len()
    });
    if !of_groups || panels <= PANELS_OF_GROUPS {
        return Vec::new();
    }
    let last = others.len() - 1;
    let fixed = others.drain(..last).map(|axis| {
        let first = value_labels(spec, axis.pointer, &axis.values).swap_remove(0);
        let column = &study.axes[axis.number].column;
        let note =
            format!("Shown where {first}; `figures DIR --filter {column}=VALUE` draws others");
        (axis, note)
    });
    fixed.collect()
}

/// The axes whose values become curves and panels, and what is to be said of the others.
fn tell_apart<'a>(
    spec: &FigureSpec,
    axes: &'a [Swept<'a>],
    across: &Across,
) -> (Vec<&'a Swept<'a>>, Vec<String>) {
    let mut others: Vec<&Swept<'_>> = Vec::new();
    let (mut notes, mut along) = (Vec::new(), Vec::new());
    let trades = matches!(spec.content, Content::TradeOff { .. });
    for (i, axis) in axes.iter().enumerate() {
        if Some(i) == across.axis {
        } else if axis.values.len() == 1 {
            notes.extend(value_labels(spec, axis.pointer, &axis.values));
        } else if across.axis.is_some_and(|x| axis.follows(&axes[x])) {
            // What names the marks says all of it, and so do labels for both.
            let name = axis_label(spec, axis.pointer);
            if trades {
                along.push(name);
            } else if !across.names_all {
                notes.push(format!("Along the x axis also: {name}"));
            }
        } else if axes[..i].iter().any(|other| axis.repeats(other)) {
            // The other one says it.
        } else if let Some(other) = axes.iter().find(|other| axis.is_told_by(other)) {
            let [name, other] = [axis, other].map(|axis| axis_label(spec, axis.pointer));
            notes.push(format!("Varied with {other}: {name}"));
        } else {
            others.push(axis);
        }
    }
    // On its x axis is a metric.
    if let Some(x) = across.axis.filter(|_| trades) {
        let name = axis_label(spec, axes[x].pointer);
        if name != across.label {
            along.insert(0, name);
        }
    }
    if !along.is_empty() {
        notes.push(format!("Along a curve: {}", along.join(", ")));
    }
    (others, notes)
}

/// Whether the study that is credited with the figure has these axes, and x all of its values.
fn is_credited(spec: &FigureSpec, axes: &[Swept<'_>], across: &Across) -> bool {
    let (Some(credit), Some(x)) = (&spec.credit, across.axis) else {
        return false;
    };
    let numbers = || axes[x].values.iter().filter_map(Cell::number);
    let ends = [
        numbers().fold(f64::INFINITY, f64::min),
        numbers().fold(f64::NEG_INFINITY, f64::max),
    ];
    let same_ends = ends
        .iter()
        .zip(&credit.x)
        .all(|(own, theirs)| own.total_cmp(theirs).is_eq());
    let is_theirs = |(i, axis): (usize, &Swept<'_>)| {
        let theirs = || {
            credit
                .others
                .iter()
                .any(|other| pointer_matches(other, axis.pointer))
        };
        i == x || theirs()
    };
    pointer_matches(&spec.x, axes[x].pointer) && same_ends && axes.iter().enumerate().all(is_theirs)
}

/// Whether the axes that are not plotted against can become curves; else they become panels only.
fn become_curves(content: &Content) -> bool {
    match content {
        Content::Curves { .. }
        | Content::TradeOff { .. }
        | Content::Scatter { .. }
        | Content::Categorical { .. } => true,
        Content::TimeSeries { by, .. } => by.is_none(),
        Content::BoxPlot { .. } | Content::Series { .. } | Content::ByGroup { .. } => false,
    }
}

fn swept_axes<'a>(study: &'a SweepResults, points: &[&[Cell]]) -> Vec<Swept<'a>> {
    let axis = |(i, axis): (usize, &'a AxisColumn)| {
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
            number: i,
            pointer: &axis.pointer,
            values,
            of_point,
        }
    };
    study.axes.iter().enumerate().map(axis).collect()
}

/// How many of the other axes become panels: the fewest, from the first on, that leave few enough
/// curves for one panel; the last stays for the curves. Axes that are varied together are one.
fn split(others: &[&Swept<'_>], points: usize) -> usize {
    let varied = |pair: &[&Swept<'_>]| pair[0].follows(pair[1]) && pair[1].follows(pair[0]);
    if others.len() > 1 && others.windows(2).all(varied) {
        return 0;
    }
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
        "there would be {count} curves in one panel, but at most {CURVES_MAX} can be \
        distinguished; draw some of the points with `figures DIR --filter AXIS=VALUE`"
    ))
}

fn check_panels(count: usize) -> Result<(), String> {
    if count <= PANELS_MAX {
        return Ok(());
    }
    Err(format!(
        "there would be {count} panels, but at most {PANELS_MAX} fit; draw some of the points with \
        `figures DIR --filter AXIS=VALUE`"
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

/// The label of each combination of the axes' values, and the number of each point's, of which the values are known
/// and labels may be given; an error if `check` refuses their number.
fn combine(
    spec: &FigureSpec,
    axes: &[&Swept<'_>],
    (points, given): (&[&[Cell]], &[Given<'_>]),
    check: &dyn Fn(usize) -> Result<(), String>,
) -> Result<(Vec<String>, Vec<usize>), String> {
    let (combinations, of_point) = number_combinations(axes, points.len());
    if axes.is_empty() {
        return Ok((Vec::new(), of_point));
    }
    check(combinations.len())?;
    let labels: Vec<Vec<String>> = axes
        .iter()
        .map(|axis| value_labels(spec, axis.pointer, &axis.values))
        .collect();
    let label = |(combination, number): (&Vec<usize>, usize)| {
        let first = of_point.iter().position(|&of| of == number);
        let values = points[first.expect("each combination occurs")];
        let mut parts: Vec<String> = Vec::new();
        for ((axis, &value), labels) in axes.iter().zip(combination).zip(&labels) {
            let given = given
                .iter()
                .find_map(|given| given.label(axis.number, values));
            let part = given.map_or_else(|| labels[value].clone(), str::to_owned);
            // One label stands for several axes.
            if given.is_none() || !parts.contains(&part) {
                parts.push(part);
            }
        }
        joined(&parts)
    };
    let labels = combinations.iter().zip(0..).map(label).collect();
    Ok((labels, of_point))
}
