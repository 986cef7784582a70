//! A figure on its sheet, ready to be encoded, and the values that its points stand for.
//!
//! It does *not* know how the values are shown to a reader.

use super::canvas::{Canvas, Point};
use super::palette::Look;
use super::panel::{PanelLayout, beside_each_other};
use super::plot::{Panel, Plot};
use super::ticks::Axis;
use crate::measure::FigureSpec;

/// A figure that was drawn.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// What is drawn.
    pub canvas: Canvas,
    /// The line above the picture.
    pub title: String,
    /// What the caption says of it.
    pub caption: String,
    /// The labels of the x axis and of the y axis, with their units.
    pub axes: [String; 2],
    /// The titles of the panels; empty if there is one panel without a title.
    pub panels: Vec<String>,
    /// What the categories on the x axis are called, whose places are 0, 1, …; empty if it is one of numbers.
    pub categories: Vec<String>,
    /// The labels of the curves; empty if there is only one.
    pub curves: Vec<String>,
    /// The points of all curves, panel by panel, and curve by curve in each.
    pub points: Vec<PlottedPoint>,
}

/// A point of a curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlottedPoint {
    /// Where it is on the sheet, in logical pixels from the upper left corner.
    pub at: (f32, f32),
    /// The number of its panel.
    pub panel: usize,
    /// The number of its curve.
    pub curve: usize,
    /// The number it is plotted against, as the x axis shows it; or the place of its category.
    pub x: f64,
    /// The mean.
    pub mean: f64,
    /// The ends of the band around it, if it has one.
    pub band: Option<[f64; 2]>,
    /// Over how many values the mean is; 0 if it is known from elsewhere.
    pub n: u64,
    /// The least value, the quartiles and the greatest value of the box at the same place, if there is one.
    pub five: Option<[f64; 5]>,
}

impl Sheet {
    /// The sheet of `plot`, which is drawn on `canvas`.
    pub(super) fn new(
        canvas: Canvas,
        plot: &Plot,
        spec: &FigureSpec,
        caption: String,
        points: Vec<PlottedPoint>,
    ) -> Self {
        let titles = plot.panels.iter().map(|panel| panel.title.clone());
        Self {
            canvas,
            title: plot.title.clone(),
            caption,
            axes: [plot.x_label.clone(), spec.y_label.clone()],
            panels: titles.collect::<Option<_>>().unwrap_or_default(),
            categories: plot.categories.clone(),
            curves: plot.curves.labels.clone(),
            points,
        }
    }
}

/// The points of panel number `number`, which stands at `place`.
pub(super) fn values(
    number: usize,
    place: &PanelLayout,
    [x, y]: [&Axis; 2],
    panel: &Panel,
    looks: &[Look],
) -> Vec<PlottedPoint> {
    let ((left, top), (width, height)) = (place.corner, place.size);
    let at = |across: f64, upwards: f64| -> Point {
        let [across, upwards] = [x.share_at(across), y.share_at(upwards)].map(|share| share as f32);
        (left + across * width, top + (1.0 - upwards) * height)
    };
    let drawn = beside_each_other(&panel.curves, looks);
    let curves = drawn.iter().zip(&panel.curves).enumerate();
    let points = curves.flat_map(|(curve, (drawn, own))| {
        let pairs = drawn.iter().zip(own);
        pairs.filter_map(move |(drawn, own)| Some((curve, drawn, own, own.mean?)))
    });
    let boxed = |x: f64| panel.boxes.iter().find(|at| at.x.total_cmp(&x).is_eq());
    let points = points.map(|(curve, drawn, own, mean)| PlottedPoint {
        at: at(drawn.x, mean),
        panel: number,
        curve,
        x: own.x,
        mean,
        band: own.band,
        n: own.n,
        five: boxed(own.x).map(|at| at.five),
    });
    points.collect()
}
