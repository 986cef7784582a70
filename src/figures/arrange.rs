//! Which point of a sweep belongs where: to which panel, which curve and which x.

use std::collections::BTreeMap;

use super::given::Given;
use super::labels::{
    axis_is_percent, axis_label, joined, long_axis_label, value_labels, value_names,
};
use super::pairs;
use super::palette::CURVES_MAX;
use super::plot::Trouble;
use crate::measure::{AxisColumn, Cell, Content, FigureSpec, pointer_matches};
use crate::results::{SweepResults, axis_value, csv};

/// So many curves are drawn in one panel if the other axes can make panels instead.
const CURVES_COMFORTABLE: usize = 8;
/// A figure has at most so many panels.
const PANELS_MAX: usize = 15;

/// Numbers of which the greatest is so many times the least, or more, can be on a logarithmic axis.
const SPREAD_MIN: f64 = 100.0;
/// And that only if no ratio of two neighbours is so many times another, or more: 1, 2, 5, 10, … are
/// evenly spread.
const UNEVEN: f64 = 1.7;

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
    /// One label for each curve of a panel; empty if there is only one.
    pub(super) curves: Vec<String>,
    /// Whether the curves, or the first of two axes of theirs, follow a number.
    pub(super) ordered: bool,
    /// If the curves are all combinations of two axes, the place of each one's value on both.
    pub(super) pairs: Vec<[usize; 2]>,
    /// Whether the axes are those of the study that is credited with the figure.
    pub(super) credited: bool,
    /// What the reader should know of the axes that are neither plotted nor told apart.
    pub(super) notes: Vec<String>,
}

/// What is plotted against.
pub(super) struct Across {
    /// The label of the x axis.
    pub(super) label: String,
    /// Whether its values are spread so evenly over decades that the x axis should be logarithmic.
    pub(super) logarithmic: bool,
    /// The axis of the sweep, if it is one or stands for one.
    axis: Option<usize>,
    /// By how much its values are multiplied.
    scale: f64,
    /// The names of its values, where these name marks.
    pub(super) names: Vec<String>,
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
struct Swept<'a> {
    /// Its number in the study.
    number: usize,
    pointer: &'a str,
    values: Vec<Cell>,
    /// For each point the number of its value in `values`.
    of_point: Vec<usize>,
}

impl Swept<'_> {
    fn is_numeric(&self) -> bool {
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
    let across = across(spec, &axes)?;
    let (others, notes) = tell_apart(spec, &axes, &across);
    let split = if become_curves(&spec.content) {
        split(&others, points.len())
    } else {
        others.len()
    };
    let given = Given::all(spec, study);
    let known = (&values[..], &given[..]);
    let combined = |axes, check| combine(spec, axes, known, check).map_err(Trouble::Unfit);
    let (panels, panel_of) = combined(&others[..split], &check_panels)?;
    let (curves, curve_of) = combined(&others[split..], &check_curves)?;
    let x_of = |point: usize| {
        let axis = &axes[across.axis?];
        Some(axis.values[axis.of_point[point]].number()? * across.scale)
    };
    let places = points.iter().enumerate().map(|(i, point)| PlotPoint {
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
        ordered: match &others[split..] {
            [only] => only.is_numeric(),
            [first, _] => first.is_numeric() && !pairs.is_empty(),
            _ => false,
        },
        pairs,
        last_axis: last_axis(&others[..split], panels.len()),
        credited: is_credited(spec, &axes, &across),
        across,
        panels,
        curves,
        notes,
    })
}

/// What the figure is plotted against: an axis of the sweep, or what its content has of its own.
fn across(spec: &FigureSpec, axes: &[Swept<'_>]) -> Result<Across, Trouble> {
    let own = |column: &String, axis| Across {
        label: spec.x_label.as_ref().unwrap_or(column).clone(),
        logarithmic: false,
        axis,
        scale: 1.0,
        names: Vec::new(),
    };
    match &spec.content {
        Content::TimeSeries { x, .. } | Content::Categorical { place: x, .. } => Ok(own(x, None)),
        Content::TradeOff { x_metric, .. } => Ok(own(x_metric, Some(plotted(spec, axes)?))),
        Content::Scatter { x_metric, .. } => {
            let axis = naming(spec, axes)?;
            Ok(Across {
                names: value_names(spec, axes[axis].pointer, &axes[axis].values),
                ..own(x_metric, Some(axis))
            })
        }
        Content::Curves { .. }
        | Content::BoxPlot { .. }
        | Content::Series { .. }
        | Content::ByGroup { .. } => {
            let axis = plotted(spec, axes)?;
            let pointer = axes[axis].pointer;
            let label = spec.x_label.clone();
            let label = label.filter(|_| pointer_matches(&spec.x, pointer));
            let percent = label.is_none() && axis_is_percent(spec, pointer);
            Ok(Across {
                label: label.unwrap_or_else(|| long_axis_label(spec, pointer)),
                logarithmic: is_spread_evenly(&axes[axis].values),
                axis: Some(axis),
                scale: if percent { 100.0 } else { 1.0 },
                names: Vec::new(),
            })
        }
    }
}

/// Whether numbers are spread over two decades and more, each about as many times the one before.
fn is_spread_evenly(values: &[Cell]) -> bool {
    let mut numbers: Vec<f64> = values.iter().filter_map(Cell::number).collect();
    numbers.sort_by(f64::total_cmp);
    let (Some(&least), Some(&greatest)) = (numbers.first(), numbers.last()) else {
        return false;
    };
    let ratios = || numbers.windows(2).map(|pair| pair[1] / pair[0]);
    let [low, high] = [
        ratios().fold(f64::INFINITY, f64::min),
        ratios().fold(1.0, f64::max),
    ];
    numbers.len() >= 3 && least > 0.0 && greatest / least >= SPREAD_MIN && high < UNEVEN * low
}

/// The axes whose values become curves and panels, and what is to be said of the others.
fn tell_apart<'a>(
    spec: &FigureSpec,
    axes: &'a [Swept<'a>],
    across: &Across,
) -> (Vec<&'a Swept<'a>>, Vec<String>) {
    let mut others: Vec<&Swept<'_>> = Vec::new();
    let mut notes = Vec::new();
    for (i, axis) in axes.iter().enumerate() {
        if Some(i) == across.axis {
        } else if axis.values.len() == 1 {
            notes.extend(value_labels(spec, axis.pointer, &axis.values));
        } else if across.axis.is_some_and(|x| axis.follows(&axes[x])) {
            // What names the marks says all of it.
            if across.names.is_empty() {
                let name = axis_label(spec, axis.pointer);
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
    if let (Content::TradeOff { .. }, Some(x)) = (&spec.content, across.axis) {
        let name = axis_label(spec, axes[x].pointer);
        if name != across.label {
            notes.push(format!("Along a curve: {name}"));
        }
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

/// The number of the axis whose values name the marks.
fn naming(spec: &FigureSpec, axes: &[Swept<'_>]) -> Result<usize, Trouble> {
    let fit = |axis: &Swept<'_>| axis.values.len() >= 2 && pointer_matches(&spec.x, axis.pointer);
    let why = || format!("{} is not an axis with at least two values", spec.x);
    let found = axes.iter().position(fit);
    found.ok_or_else(|| absent(spec, why))
}

/// Why there is no figure of what a study does without.
pub(super) fn absent(spec: &FigureSpec, why: impl FnOnce() -> String) -> Trouble {
    if spec.asked {
        Trouble::Unfit(why())
    } else {
        Trouble::Absent
    }
}

/// Why there is no figure; that is no news if nobody has asked for it.
fn unfit(spec: &FigureSpec, why: String) -> Trouble {
    if spec.asked {
        Trouble::Unfit(why)
    } else {
        Trouble::Unasked(why)
    }
}

/// The number of the axis to plot against: the one that is asked for, or the first of numbers.
fn plotted(spec: &FigureSpec, axes: &[Swept<'_>]) -> Result<usize, Trouble> {
    let fit = |axis: &Swept<'_>| axis.values.len() >= 2 && axis.is_numeric();
    let asked = |axis: &Swept<'_>| pointer_matches(&spec.x, axis.pointer) && fit(axis);
    let asked = axes.iter().position(asked);
    if spec.x_required && asked.is_none() {
        let why = format!("{} is not an axis with at least two numbers", spec.x);
        return Err(unfit(spec, why));
    }
    asked.or_else(|| axes.iter().position(fit)).ok_or_else(|| {
        let why = "there is no axis with at least two numbers to plot against";
        Trouble::Unfit(why.into())
    })
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
