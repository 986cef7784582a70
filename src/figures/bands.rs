//! Confidence bands: where they end, and when they would hide the curves.
//!
//! It does *not* know how they are drawn, nor how the intervals were computed.

use super::plot::{Panel, Plot};
use crate::measure::Domain;

/// Below this number, curves with a band each can be told apart, however wide the bands are.
const CROWD_MIN: usize = 4;
/// Bands that are together higher than this share of what is plotted hide the curves.
const CROWDED: f64 = 0.5;

/// Cuts bands off where `domain` ends, of which Student's t knows nothing. An end with a mean beyond
/// it is none.
pub(super) fn keep_possible(plot: &mut Plot, domain: Domain) {
    let samples = plot.panels.iter().flat_map(|panel| panel.curves.iter());
    let means: Vec<f64> = samples.flatten().filter_map(|sample| sample.mean).collect();
    let [least, greatest] = domain.ends();
    let unless = |beyond: bool, end: f64, none: f64| if beyond { none } else { end };
    let low = unless(
        means.iter().any(|&mean| mean < least),
        least,
        -f64::INFINITY,
    );
    let high = unless(
        means.iter().any(|&mean| mean > greatest),
        greatest,
        f64::INFINITY,
    );
    let curves = plot.panels.iter_mut().flat_map(|panel| &mut panel.curves);
    for band in curves.flatten().filter_map(|sample| sample.band.as_mut()) {
        *band = band.map(|end| end.clamp(low, high));
    }
}

/// Leaves all bands out if in some panel many are so wide that they cover each other and the curves.
/// The caption says so.
pub(super) fn leave_out_crowded(plot: &mut Plot) {
    let Some([low, high]) = extent(&plot.panels) else {
        return;
    };
    let crowded = |panel: &Panel| {
        let points = panel.curves.iter().map(Vec::len).max().unwrap_or(0);
        let bands = panel.curves.iter().flatten().filter_map(|s| s.band);
        let heights: f64 = bands.map(|[from, to]| to - from).sum();
        panel.curves.len() >= CROWD_MIN && heights > CROWDED * (high - low) * points as f64
    };
    if plot.panels.iter().any(crowded) {
        let curves = plot.panels.iter_mut().flat_map(|panel| &mut panel.curves);
        curves.flatten().for_each(|sample| sample.band = None);
        let note = "Confidence bands are omitted, because they would cover the curves";
        plot.notes.push(note.into());
    }
}

/// The least and the greatest of all means and ends of bands.
fn extent(panels: &[Panel]) -> Option<[f64; 2]> {
    let samples = panels
        .iter()
        .flat_map(|panel| panel.curves.iter().flatten());
    let shown = samples.flat_map(|s| s.band.into_iter().flatten().chain(s.mean));
    shown.fold(None, |ends, value| {
        let [low, high] = ends.unwrap_or([value; 2]);
        Some([value.min(low), value.max(high)])
    })
}

#[cfg(test)]
mod tests {
    use super::super::plot::tests::plot_of;
    use super::*;

    fn kept(samples: &[(f64, Option<[f64; 2]>, u64)], domain: Domain) -> Vec<[f64; 2]> {
        let mut plot = plot_of(samples);
        keep_possible(&mut plot, domain);
        let samples = plot.panels[0].curves[0].iter();
        samples.filter_map(|sample| sample.band).collect()
    }

    #[test]
    fn bands_end_where_the_quantity_does() {
        let wide = (0.9, Some([-0.5, 1.5]), 3);
        assert_eq!(kept(&[wide], Domain::NotNegative), [[0.0, 1.5]]);
        assert_eq!(kept(&[wide], Domain::Share), [[0.0, 1.0]]);
        // A mean beyond an end shows that it is none.
        let above = (2.0, None, 1);
        assert_eq!(kept(&[wide, above], Domain::Share), [[0.0, 1.5]]);
        let below = (-0.1, None, 1);
        assert_eq!(kept(&[wide, below], Domain::Share), [[-0.5, 1.0]]);
    }

    #[test]
    fn bands_are_left_out_only_where_many_wide_ones_lie_over_each_other() {
        let bands_left = |half: f64, curves: usize| {
            let mut plot = plot_of(&[
                (0.0, Some([-half, half]), 5),
                (1.0, Some([1.0 - half, 1.0 + half]), 5),
            ]);
            let curve = plot.panels[0].curves[0].clone();
            plot.panels[0].curves = vec![curve; curves];
            leave_out_crowded(&mut plot);
            let samples = plot.panels[0].curves.iter().flatten();
            let left = samples.filter(|sample| sample.band.is_some()).count();
            assert_eq!(plot.notes.is_empty(), left > 0, "the caption tells");
            left
        };
        assert_eq!(bands_left(0.02, 8), 16);
        assert_eq!(bands_left(0.2, 8), 0);
        assert_eq!(bands_left(0.2, 3), 6);
    }
}
