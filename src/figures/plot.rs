//! What a figure shows, in numbers: panels with curves and boxes, and what the caption tells of them.
//!
//! It does *not* know where the numbers come from, nor how they are drawn.

use super::arrange::PlotPoint;
use crate::error::Error;
use crate::statistics::Estimate;
use crate::words;

/// What the only curve is called that others are drawn beside.
pub(super) const SIMULATED: &str = "simulated";

/// A mean over fewer values has no band.
pub(super) const BAND_VALUES_MIN: u64 = 3;

/// Everything that is drawn, but for its looks.
pub(super) struct Plot {
    pub(super) title: String,
    pub(super) x_label: String,
    /// At least one.
    pub(super) panels: Vec<Panel>,
    /// How many values the last of several axes has of which each combination is a panel.
    pub(super) last_axis: Option<usize>,
    /// How the curves of a panel are told apart.
    pub(super) curves: CurveLabels,
    /// How many curves, the last ones, are there for the others to be compared with.
    pub(super) references: usize,
    /// How many of these, the last ones, are points that no line joins.
    pub(super) marks: usize,
    /// Whether the x axis, and the y axis, is logarithmic.
    pub(super) logarithmic: [bool; 2],
    /// The least and the greatest number that the y axis shows besides.
    pub(super) also: Option<[f64; 2]>,
    /// Whether each x is the name of something, and nothing lies between two of them.
    pub(super) places: bool,
    /// What the categories on the x axis are called, whose places are 0, 1, …; empty if there are none.
    pub(super) categories: Vec<String>,
    /// Whether the marks have names, and no order.
    pub(super) named: bool,
    /// What the thin lines are, if there are some.
    pub(super) thin: Option<String>,
    /// For each curve its place among those that coincide with it, and how many these are.
    pub(super) twins: Vec<[usize; 2]>,
    /// What the boxes are over, if there are boxes.
    pub(super) boxes_over: Option<String>,
    /// The least and the greatest number of values behind a mean, one a replication.
    pub(super) replications: [usize; 2],
    /// How many runs are left out for want of a value, of how many; where the runs themselves are
    /// plotted.
    pub(super) left_out: [usize; 2],
    /// Further sentences for the caption, without full stops.
    pub(super) notes: Vec<String>,
}

/// How the curves of a panel are told apart.
#[derive(Clone, Default)]
pub(super) struct CurveLabels {
    /// One label for each curve; empty if nothing needs to be told apart.
    pub(super) labels: Vec<String>,
    /// Whether the curves, or the first of two axes of theirs, follow a number.
    pub(super) ordered: bool,
    /// If the curves are all combinations of two axes, the place of each one's value on both.
    pub(super) pairs: Vec<[usize; 2]>,
}

/// One pair of axes.
#[derive(Default)]
pub(super) struct Panel {
    pub(super) title: Option<String>,
    /// The points of each curve, by ascending x.
    pub(super) curves: Vec<Vec<Sample>>,
    pub(super) boxes: Vec<BoxAt>,
    /// For each curve what it is to be compared with, where each has its own: a thin line.
    pub(super) thin: Vec<Vec<Sample>>,
    /// Whether the thin lines lie above the curves, and are as dark as in the legend.
    pub(super) thin_above: bool,
    /// The names of marks.
    pub(super) names: Vec<MarkName>,
}

/// A name and the marks that it is of, those of the first curve first.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MarkName {
    pub(super) text: String,
    pub(super) marks: Vec<(f64, f64)>,
}

impl Panel {
    /// Whether no number is so large that the axes would overflow.
    fn can_be_drawn(&self) -> bool {
        let samples = self.curves.iter().chain(&self.thin).flatten();
        let curves = samples.flat_map(|sample| {
            let band = sample.band.into_iter().flatten();
            band.chain(sample.mean).chain([sample.x])
        });
        let boxes = self.boxes.iter().flat_map(|at| at.five);
        curves.chain(boxes).all(|number| number.abs() <= 1e100)
    }
}

/// A point of a curve; without a mean it is a gap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    pub(super) x: f64,
    /// How many values the mean is over; none if it is known from elsewhere.
    pub(super) n: u64,
    pub(super) mean: Option<f64>,
    pub(super) band: Option<[f64; 2]>,
}

/// The spread at one x, each number averaged over replications.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BoxAt {
    pub(super) x: f64,
    /// The least value, the quartiles, the greatest value.
    pub(super) five: [f64; 5],
}

/// Why there is no plot.
pub(super) enum Trouble {
    /// The study is fine but cannot be shown in this figure.
    Unfit(String),
    /// The study cannot be shown in this figure, and nobody expects it to be.
    Unasked(String),
    /// The study lacks what the figure shows, and nobody asked for it.
    Absent,
    /// The results are broken, or the figure asks for what they never hold.
    Broken(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

/// Minimum ratio of a curve's greatest value to its least for a logarithmic y axis, where the x axis is logarithmic
/// as well.
const SPREAD_MIN: f64 = 100.0;

/// Leaves out the means that a logarithmic y axis cannot show.
pub(super) fn leave_out_not_positive(plot: &mut Plot) {
    let samples = plot
        .panels
        .iter_mut()
        .flat_map(|panel| panel.curves.iter_mut().flatten());
    let mut is_any = false;
    for sample in samples.filter(|sample| sample.mean.is_some_and(|mean| mean <= 0.0)) {
        (sample.mean, sample.band, is_any) = (None, None, true);
    }
    if is_any {
        plot.notes
            .push("Values that are not above 0 are left out".into());
    }
}

/// Makes the y axis logarithmic if that is `asked`, or else where the x axis is, if all curves are above 0 and spread over
/// two decades: of what grows as a power the logarithms are straight lines, and small values can be told apart.
pub(super) fn choose_y_scale(plot: &mut Plot, asked: Option<bool>) {
    if let Some(asked) = asked {
        plot.logarithmic[1] = asked;
        return;
    }
    let curves = plot.panels.iter().flat_map(|panel| &panel.curves);
    let means = || curves.clone().flatten().filter_map(|sample| sample.mean);
    let least = means().fold(f64::INFINITY, f64::min);
    let greatest = means().fold(0.0, f64::max);
    let only_curves = |panel: &Panel| panel.boxes.is_empty() && panel.thin.is_empty();
    let are_spread = least > 0.0 && greatest / least >= SPREAD_MIN;
    if plot.logarithmic[0] && are_spread && plot.panels.iter().all(only_curves) {
        plot.logarithmic[1] = true;
    }
}

/// Sorts the curves, drops those without any value, counts the values, and refuses what cannot be
/// drawn.
pub(super) fn finish(plot: &mut Plot) -> std::result::Result<(), Trouble> {
    let count = plot.panels.iter().map(|panel| panel.curves.len()).max();
    let has_value = |curve: &Vec<Sample>| curve.iter().any(|sample| sample.mean.is_some());
    let present: Vec<bool> = (0..count.unwrap_or(0))
        .map(|i| {
            plot.panels
                .iter()
                .any(|panel| panel.curves.get(i).is_some_and(has_value))
        })
        .collect();
    if !present.contains(&true) {
        let why = "no run has a value to show";
        return Err(Trouble::Unfit(why.into()));
    }
    if !plot.panels.iter().all(Panel::can_be_drawn) {
        let why = "its numbers are too large to draw";
        return Err(Trouble::Unfit(why.into()));
    }
    let own = present.len() - plot.references.min(present.len());
    plot.references = present[own..].iter().filter(|&&present| present).count();
    let missing: Vec<String> = retain(&mut plot.curves.labels, &present);
    retain(&mut plot.curves.pairs, &present);
    if !missing.is_empty() {
        plot.notes.push(format!(
            "Not shown, for lack of values: {}",
            missing.join(", ")
        ));
    }
    for panel in &mut plot.panels {
        retain(&mut panel.curves, &present);
        retain(&mut panel.thin, &present);
        for curve in panel.curves.iter_mut().chain(&mut panel.thin) {
            curve.sort_by(|a, b| a.x.total_cmp(&b.x));
        }
    }
    if plot.curves.labels.len() == 1 && missing.is_empty() && plot.curves.labels[0] != SIMULATED {
        plot.curves.labels.clear();
    }
    find_twins(plot, present.iter().filter(|&&present| present).count());
    count_values(plot);
    Ok(())
}

fn count_values(plot: &mut Plot) {
    let samples = plot.panels.iter().flat_map(|panel| panel.curves.iter());
    let shown = samples
        .flatten()
        .filter(|sample| sample.n > 0 && sample.mean.is_some());
    let counts = || shown.clone().map(|sample| sample.n as usize);
    plot.replications = [counts().min().unwrap_or(0), counts().max().unwrap_or(0)];
}

/// Finds the curves that coincide, whose markers would hide one another, and notes them.
fn find_twins(plot: &mut Plot, count: usize) {
    let points = |i: usize| -> Vec<Vec<(f64, Option<f64>)>> {
        let curves = plot.panels.iter().map(|panel| panel.curves.get(i));
        let points = |curve: &Vec<Sample>| curve.iter().map(|s| (s.x, s.mean)).collect();
        curves
            .map(|curve| curve.map(points).unwrap_or_default())
            .collect()
    };
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for i in 0..count {
        match groups
            .iter_mut()
            .find(|group| points(group[0]) == points(i))
        {
            Some(group) => group.push(i),
            None => groups.push(vec![i]),
        }
    }
    plot.twins = vec![[0, 1]; count];
    for group in groups.iter().filter(|group| group.len() > 1) {
        for (place, &i) in group.iter().enumerate() {
            plot.twins[i] = [place, group.len()];
        }
        let labels = group.iter().filter_map(|&i| plot.curves.labels.get(i));
        let labels: Vec<&str> = labels.map(String::as_str).collect();
        plot.notes
            .push(format!("Coinciding: {}", words::enumerated(&labels)));
    }
}

/// Keeps the items that are `present` and returns the others.
fn retain<T>(items: &mut Vec<T>, present: &[bool]) -> Vec<T> {
    let (kept, dropped): (Vec<_>, Vec<_>) = std::mem::take(items)
        .into_iter()
        .enumerate()
        .partition(|(i, _)| present.get(*i).copied().unwrap_or(false));
    items.extend(kept.into_iter().map(|(_, item)| item));
    dropped.into_iter().map(|(_, item)| item).collect()
}

/// Adds a point to a curve of a panel.
pub(super) fn add(plot: &mut Plot, place: &PlotPoint, curve: usize, sample: Sample) {
    add_to(&mut plot.panels[place.panel].curves, curve, sample);
}

/// Adds a point to the curve of that number.
pub(super) fn add_to(curves: &mut Vec<Vec<Sample>>, curve: usize, sample: Sample) {
    if curves.len() <= curve {
        curves.resize(curve + 1, Vec::new());
    }
    curves[curve].push(sample);
}

pub(super) fn sample(x: f64, estimate: Estimate) -> Sample {
    Sample {
        x,
        n: estimate.n,
        mean: estimate.mean,
        // An interval from two values is so wide (12.7 standard errors) that it would be all
        // that is seen.
        band: estimate.ci95.filter(|_| estimate.n >= BAND_VALUES_MIN),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::measure::{Content, FigureSpec};

    #[test]
    fn the_y_axis_is_logarithmic_where_the_x_axis_is_and_two_decades_are_spanned() {
        let is_chosen = |x_is, ends: [f64; 2]| {
            let mut plot = plot_of(&ends.map(|end| (end, None, 3)));
            plot.logarithmic[0] = x_is;
            choose_y_scale(&mut plot, None);
            plot.logarithmic[1]
        };
        assert!(is_chosen(true, [0.5, 50.0]) && is_chosen(true, [1e5, 1.0]));
        assert!(!is_chosen(false, [0.5, 50.0]) && !is_chosen(true, [0.5, 49.0]));
        assert!(!is_chosen(true, [0.0, 50.0]), "0 has no logarithm");
        let mut asked = plot_of(&[(0.0, None, 3), (1.0, None, 3)]);
        leave_out_not_positive(&mut asked);
        choose_y_scale(&mut asked, Some(true));
        assert!(asked.logarithmic[1] && asked.panels[0].curves[0][0].mean.is_none());
    }

    /// A figure of `content` without any words.
    pub(in crate::figures) fn figure_of(content: Content) -> FigureSpec {
        FigureSpec::new([""; 3], "", content)
    }

    /// A plot of one curve: at 0, 1, … the mean, its band and over how many values it is.
    pub(in crate::figures) fn plot_of(samples: &[(f64, Option<[f64; 2]>, u64)]) -> Plot {
        let samples = (0..).zip(samples);
        let sample = |(x, (mean, band, n)): (u32, &(f64, _, _))| Sample {
            x: x.into(),
            n: *n,
            mean: (*n > 0).then_some(*mean),
            band: *band,
        };
        Plot {
            title: String::new(),
            x_label: String::new(),
            panels: vec![Panel {
                curves: vec![samples.map(sample).collect()],
                ..Panel::default()
            }],
            last_axis: None,
            curves: CurveLabels::default(),
            twins: vec![[0, 1]],
            boxes_over: None,
            references: 0,
            marks: 0,
            logarithmic: [false; 2],
            also: None,
            places: false,
            categories: Vec::new(),
            named: false,
            thin: None,
            replications: [0; 2],
            left_out: [0; 2],
            notes: Vec::new(),
        }
    }

    #[test]
    fn values_are_counted_where_there_are_any() {
        let mut plot = plot_of(&[(1.0, None, 5), (1.0, None, 2), (0.0, None, 0)]);
        count_values(&mut plot);
        assert_eq!(plot.replications, [2, 5]);
    }
}
