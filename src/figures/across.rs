//! What a figure is plotted against: an axis of numbers, categories, or what its content has of its own.
//!
//! It does *not* know which of the other axes become curves, and which panels.

use super::arrange::Swept;
use super::given::Given;
use super::labels::{axis_is_percent, long_axis_label, value_names};
use super::plot::Trouble;
use crate::measure::{Cell, Content, FigureSpec, pointer_matches};

/// The minimum ratio of the greatest number to the least for a logarithmic axis.
const SPREAD_MIN: f64 = 100.0;
/// For a logarithmic axis, ratios of neighbours must differ by less than this factor: 1, 2, 5, 10, … are evenly
/// spread.
const UNEVEN: f64 = 1.7;
/// The maximum number of categories whose names have room.
pub(super) const CATEGORIES_MAX: usize = 24;

/// What is plotted against.
pub(super) struct Across {
    /// The label of the x axis.
    pub(super) label: String,
    /// Whether its values are spread so evenly over decades that the x axis should be logarithmic.
    pub(super) logarithmic: bool,
    /// The axis of the sweep, if it is one or stands for one.
    pub(super) axis: Option<usize>,
    /// By how much its values are multiplied.
    pub(super) scale: f64,
    /// Whether its values are categories, which have places in the order of the scenario, but no order that
    /// means something.
    pub(super) categorical: bool,
    /// The names of its values, where these name marks or places.
    pub(super) names: Vec<String>,
    /// Whether the names tell the values of the axes that vary with this one as well.
    pub(super) names_all: bool,
}

/// What the figure is plotted against: an axis of the sweep, or what its content has of its own. Of the points
/// the values are known, and labels may be given.
pub(super) fn across(
    spec: &FigureSpec,
    axes: &[Swept<'_>],
    known: (&[&[Cell]], &[Given<'_>]),
) -> Result<Across, Trouble> {
    let own = |column: &String, axis| Across {
        label: spec.x_label.as_ref().unwrap_or(column).clone(),
        logarithmic: false,
        axis,
        scale: 1.0,
        categorical: false,
        names: Vec::new(),
        names_all: false,
    };
    match &spec.content {
        Content::TimeSeries { x, .. } | Content::Categorical { place: x, .. } => Ok(own(x, None)),
        Content::TradeOff { x_metric, .. } => Ok(own(x_metric, Some(of_numbers(spec, axes)?))),
        Content::Scatter { x_metric, .. } => {
            let axis = naming(spec, axes)?;
            Ok(Across {
                names: value_names(spec, axes[axis].pointer, &axes[axis].values),
                names_all: true,
                ..own(x_metric, Some(axis))
            })
        }
        Content::Curves { .. }
        | Content::BoxPlot { .. }
        | Content::Series { .. }
        | Content::ByGroup { .. } => {
            let axis = plotted(spec, axes)?;
            if axes[axis].is_numeric() {
                Ok(numbers(spec, axes, axis))
            } else {
                categories(spec, axes, axis, known)
            }
        }
    }
}

/// An axis of numbers.
fn numbers(spec: &FigureSpec, axes: &[Swept<'_>], axis: usize) -> Across {
    let pointer = axes[axis].pointer;
    let label = own_label(spec, pointer);
    let percent = label.is_none() && axis_is_percent(spec, pointer);
    Across {
        label: label.unwrap_or_else(|| long_axis_label(spec, pointer)),
        logarithmic: is_spread_evenly(&axes[axis].values),
        axis: Some(axis),
        scale: if percent { 100.0 } else { 1.0 },
        categorical: false,
        names: Vec::new(),
        names_all: false,
    }
}

/// An axis of words, or of objects.
fn categories(
    spec: &FigureSpec,
    axes: &[Swept<'_>],
    axis: usize,
    (points, given): (&[&[Cell]], &[Given<'_>]),
) -> Result<Across, Trouble> {
    let own = &axes[axis];
    let count = own.values.len();
    if count > CATEGORIES_MAX {
        return Err(Trouble::Unfit(format!(
            "there would be {count} categories on the x axis, but at most {CATEGORIES_MAX} fit; draw \
            some of the points with `figures DIR --filter AXIS=VALUE`"
        )));
    }
    let label_of = |value: usize| {
        let first = own.of_point.iter().position(|&of| of == value)?;
        let mut given = given.iter();
        given.find_map(|given| given.label(own.number, points[first]))
    };
    let labels: Vec<Option<&str>> = (0..count).map(label_of).collect();
    let names = value_names(spec, own.pointer, &own.values);
    let named = labels.iter().zip(names);
    Ok(Across {
        label: own_label(spec, own.pointer).unwrap_or_else(|| long_axis_label(spec, own.pointer)),
        logarithmic: false,
        axis: Some(axis),
        scale: 1.0,
        categorical: true,
        names_all: labels.iter().all(Option::is_some),
        names: named
            .map(|(label, name)| label.map_or(name, str::to_owned))
            .collect(),
    })
}

/// The label that the figure has for the axis `pointer`, if it has one.
fn own_label(spec: &FigureSpec, pointer: &str) -> Option<String> {
    let label = spec.x_label.clone();
    label.filter(|_| pointer_matches(&spec.x, pointer))
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

/// The number of the axis whose values name the marks.
fn naming(spec: &FigureSpec, axes: &[Swept<'_>]) -> Result<usize, Trouble> {
    let fit = |axis: &Swept<'_>| is_varied(axis) && pointer_matches(&spec.x, axis.pointer);
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
pub(super) fn unfit(spec: &FigureSpec, why: String) -> Trouble {
    if spec.asked {
        Trouble::Unfit(why)
    } else {
        Trouble::Unasked(why)
    }
}

fn is_varied(axis: &Swept<'_>) -> bool {
    axis.values.len() >= 2
}

fn has_numbers(axis: &Swept<'_>) -> bool {
    is_varied(axis) && axis.is_numeric()
}

/// The number of the axis to plot against: the one that is asked for, or else the first of numbers, or else that
/// of the most categories.
fn plotted(spec: &FigureSpec, axes: &[Swept<'_>]) -> Result<usize, Trouble> {
    let asked = |axis: &Swept<'_>| is_varied(axis) && pointer_matches(&spec.x, axis.pointer);
    let asked = axes.iter().position(asked);
    if spec.x_required && asked.is_none() {
        let why = format!("{} is not an axis with at least two values", spec.x);
        return Err(unfit(spec, why));
    }
    let most = || {
        let count = |i: &usize| (axes[*i].values.len(), std::cmp::Reverse(*i));
        (0..axes.len())
            .filter(|&i| is_varied(&axes[i]))
            .max_by_key(count)
    };
    let found = asked
        .or_else(|| axes.iter().position(has_numbers))
        .or_else(most);
    found.ok_or_else(|| {
        let why = "there is no axis with at least two values to plot against";
        Trouble::Unfit(why.into())
    })
}

/// The number of the axis to plot against, where only an axis of numbers is suitable.
fn of_numbers(spec: &FigureSpec, axes: &[Swept<'_>]) -> Result<usize, Trouble> {
    let asked = |axis: &Swept<'_>| has_numbers(axis) && pointer_matches(&spec.x, axis.pointer);
    let asked = axes.iter().position(asked);
    if spec.x_required && asked.is_none() {
        let why = format!("{} is not an axis with at least two numbers", spec.x);
        return Err(unfit(spec, why));
    }
    asked
        .or_else(|| axes.iter().position(has_numbers))
        .ok_or_else(|| {
            let why = "there is no axis with at least two numbers to plot against";
            Trouble::Unfit(why.into())
        })
}
