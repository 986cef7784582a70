//! The axes of a figure: which part of the numbers they show.
//!
//! It does *not* know where on the sheet they stand.

use super::canvas::{Canvas, TextStyle};
use super::panel::TICK_SIZE;
use super::plot::{Plot, Sample};
use super::ticks::Axis;
use crate::measure::{Domain, FigureSpec};

/// The x axis of all panels, so wide.
pub(super) fn x_axis(plot: &Plot, width: f32) -> Axis {
    let samples = plot.panels.iter().flat_map(|p| p.curves.iter().flatten());
    let all: Vec<f64> = samples.map(|sample| sample.x).collect();
    let range = extent(all.iter().copied()).unwrap_or([0.0, 1.0]);
    let ends = [
        all.iter().copied().fold(f64::INFINITY, f64::min),
        all.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    ];
    if !plot.categories.is_empty() {
        return Axis::categories(plot.categories.len());
    }
    let least = if plot.places { 15.0 } else { 40.0 };
    let mut ticks_max = (width / least) as usize;
    loop {
        let axis = if plot.places {
            Axis::places(ends, ticks_max)
        } else if plot.logarithmic[0] {
            Axis::logarithmic(range, ticks_max)
        } else if plot.named && range[0] >= 0.0 && range[1] <= 1.0 {
            Axis::share(range, ticks_max)
        } else {
            Axis::exact(range, ticks_max)
        };
        let needed = (label_width(&axis) + 8.0) * axis.ticks.len() as f32;
        if needed <= width || ticks_max <= 2 {
            return axis;
        }
        ticks_max -= 1;
    }
}

/// The y axis of all panels: what is asked for, and all means and boxes; bands too, unless the
/// range is given or they go below 0 where nothing else does.
pub(super) fn y_axis(spec: &FigureSpec, plot: &Plot, height: f32) -> Axis {
    let ticks_max = (height / 34.0) as usize;
    if plot.logarithmic[1] {
        let samples = plot.panels.iter().flat_map(|p| p.curves.iter().flatten());
        // The lower end of a band can be anywhere, also below 0: it is cut off.
        let ends = samples.flat_map(|s| s.band.map(|band| band[1]).into_iter().chain(s.mean));
        let ends = ends.chain(plot.also.into_iter().flatten());
        let range = extent(ends.filter(|&end| end > 0.0)).unwrap_or([1.0, 10.0]);
        return Axis::logarithmic(range, ticks_max);
    }
    let mut shown = means_and_boxes(plot);
    shown.extend(plot.also.into_iter().flatten());
    if let Some([low, high]) = spec.y_range {
        let range = extent(shown.into_iter().chain([low, high])).unwrap_or([low, high]);
        return Axis::exact(range, ticks_max);
    }
    let bands = ends_of_bands(plot, &shown);
    let range = extent(shown.iter().copied().chain(bands)).unwrap_or([0.0, 1.0]);
    let is_share = |value: &f64| (0.0..=1.0).contains(value);
    if spec.domain == Domain::Share && shown.iter().all(is_share) {
        return Axis::share(range, ticks_max);
    }
    Axis::rounded(range, ticks_max)
}

/// The means of all curves, and what boxes show.
fn means_and_boxes(plot: &Plot) -> Vec<f64> {
    let boxes = plot.panels.iter().flat_map(|p| &p.boxes);
    let means = samples(plot).filter_map(|sample| sample.mean);
    means.chain(boxes.flat_map(|at| at.five)).collect()
}

/// The ends of bands, below 0 only where something that is `shown` is.
fn ends_of_bands(plot: &Plot, shown: &[f64]) -> Vec<f64> {
    let negative = shown.iter().any(|&value| value < 0.0);
    let bands = samples(plot).filter_map(|sample| sample.band).flatten();
    let ends = bands.map(|end| if negative { end } else { end.max(0.0) });
    ends.collect()
}

fn samples(plot: &Plot) -> impl Iterator<Item = &Sample> {
    let panels = plot.panels.iter();
    panels.flat_map(|p| p.curves.iter().chain(&p.thin).flatten())
}

/// The least and the greatest number that a plot shows.
pub(super) fn y_extent(plot: &Plot) -> Option<[f64; 2]> {
    let shown = means_and_boxes(plot);
    let all = || shown.iter().copied().chain(ends_of_bands(plot, &shown));
    let least = all().fold(f64::INFINITY, f64::min);
    let greatest = all().fold(f64::NEG_INFINITY, f64::max);
    (least <= greatest).then_some([least, greatest])
}

/// The least and the greatest value, a little apart if they are the same.
fn extent(values: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    let (low, high) = values.fold(None, |ends: Option<(f64, f64)>, value| {
        let (low, high) = ends.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    })?;
    if low < high {
        return Some([low, high]);
    }
    let apart = if low == 0.0 { 1.0 } else { low.abs() * 0.1 };
    Some([
        (low - apart).max(if low >= 0.0 { 0.0 } else { low - apart }),
        high + apart,
    ])
}

/// How much room the widest tick label takes.
pub(super) fn label_width(axis: &Axis) -> f32 {
    let style = TextStyle::new(TICK_SIZE);
    let labels = axis.ticks.iter().map(|&tick| axis.label(tick));
    labels.fold(0.0, |widest: f32, label| {
        widest.max(Canvas::text_width(&label, &style))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::plot::tests::{figure_of, plot_of};
    use crate::measure::Content;

    #[test]
    fn shares_end_at_one_unless_a_mean_shows_otherwise() {
        let range = |domain: Domain, mean: f64| {
            let spec = FigureSpec {
                domain,
                ..figure_of(Content::Series { series: Vec::new() })
            };
            y_axis(&spec, &plot_of(&[(mean, Some([0.7, 1.3]), 5)]), 200.0).range
        };
        for mean in [0.9, 1.0] {
            assert!(range(Domain::Share, mean)[1] < 1.05);
        }
        assert!(range(Domain::Share, 1.1)[1] > 1.2);
        assert!(range(Domain::NotNegative, 0.9)[1] > 1.2);
    }
}
