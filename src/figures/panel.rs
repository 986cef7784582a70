//! One pair of axes with its grid, curves, bands and boxes, by `plotters` on a canvas.

use std::convert::Infallible;

use plotters::chart::{ChartBuilder, ChartContext, LabelAreaPosition};
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Drawable, PointCollection};
use plotters::style::{Color, IntoFont, RGBColor, ShapeStyle, TRANSPARENT, TextStyle};
use plotters_backend::{BackendCoord, DrawingErrorKind};

use super::canvas::{Canvas, Colour, Point, Stroke, UNITS_PER_PX};
use super::palette::{GRID, INK, Look};
use super::plot::{BoxAt, Panel, Sample};
use super::ticks::Axis;

/// The colours of boxes and whiskers.
pub(super) const BOX_LINE: Colour = Colour::hex(0x00_44_88);
pub(super) const BOX_FILL: Colour = Colour::hex(0x66_99_cc).opacity(0.5);
/// The colour of lines between marks of one name.
const JOINED: Colour = Colour::hex(0x99_99_99);

/// The size of tick labels, in logical pixels.
pub(super) const TICK_SIZE: f32 = 10.0;
/// The length of tick marks; labels stand twice as far from the axis.
pub(super) const TICK_LENGTH: f32 = 3.0;
/// Curves of more points have a marker at every second, third, … point only.
const MARKERS_MAX: usize = 30;

/// Points of different curves at one place stand within such a distance of each other around their place, and
/// neighbours at most so far apart; the next place is 1 away.
const PLACE_WIDTH: f64 = 0.8;
const APART_MAX: f64 = 0.2;
/// Half the width of the caps of a bar, in logical pixels.
const CAP: f32 = 2.5;
/// Half the length of a short line at a point that is joined to no other.
const DASH: f32 = 5.0;

type Chart<'a, 'b> = ChartContext<'a, &'b mut Canvas, Cartesian2d<Axis, Axis>>;
type Drawn<T = ()> = Result<T, DrawingAreaErrorKind<Infallible>>;

/// Where a panel stands and what is written at its axes.
pub(super) struct PanelLayout {
    /// The upper left corner of the plotting area.
    pub(super) corner: Point,
    /// Its width and height.
    pub(super) size: Point,
    /// The room for tick labels at the left; 0 if another panel shows them.
    pub(super) left: f32,
    /// The room for tick labels at the bottom; 0 if another panel shows them.
    pub(super) bottom: f32,
}

/// Draws `panel` at `place`.
pub(super) fn draw(
    canvas: &mut Canvas,
    place: &PanelLayout,
    [x, y]: [&Axis; 2],
    panel: &Panel,
    looks: &[Look],
) -> Drawn {
    let area = canvas.into_drawing_area();
    let (left, top) = (place.corner.0 - place.left, place.corner.1);
    let (width, height) = (place.size.0 + place.left, place.size.1 + place.bottom);
    let area = area.shrink((units(left), units(top)), (units(width), units(height)));
    let mut chart = ChartBuilder::on(&area)
        .set_label_area_size(LabelAreaPosition::Left, units(place.left))
        .set_label_area_size(LabelAreaPosition::Bottom, units(place.bottom))
        .build_cartesian_2d(x.clone(), y.clone())?;
    mesh(&mut chart)?;
    chart.draw_series(frame(x, y))?;
    let beside_each_other = beside_each_other(&panel.curves, looks);
    let curves = || beside_each_other.iter().map(Vec::as_slice).zip(looks);
    for (i, (curve, look)) in curves().enumerate() {
        // One on another would look like one that is denser.
        if !beside_each_other[..i]
            .iter()
            .any(|other| same_bands(other, curve))
        {
            chart.draw_series(bands(curve, look, y.range))?;
        }
    }
    let width = box_width(&panel.boxes, x, place.size.0);
    chart.draw_series(panel.boxes.iter().map(|at| boxed(at, width)))?;
    for name in &panel.names {
        let joined = Element {
            points: name.marks.clone(),
            shape: Shape::Line(Stroke::new(JOINED, 0.7)),
        };
        chart.draw_series([joined])?;
    }
    // What the others are compared with lies below them, unless it would not be seen there.
    let thin_beside = self::beside_each_other(&panel.thin, looks);
    let thin = || thin_beside.iter().map(Vec::as_slice).zip(looks);
    for (thin, look) in thin().filter(|_| !panel.thin_above) {
        chart.draw_series(thin_lines(thin, &look.thin()))?;
    }
    let (marked, bare): (Vec<_>, Vec<_>) = curves().partition(|(_, look)| look.marker.is_some());
    for (curve, look) in bare.into_iter().chain(marked) {
        chart.draw_series(lines(curve, look))?;
    }
    for (thin, look) in thin().filter(|_| panel.thin_above) {
        chart.draw_series(thin_lines(thin, &look.thin().dark()))?;
    }
    for (curve, look) in curves() {
        chart.draw_series(marks(curve, look))?;
    }
    Ok(())
}

/// The curves, moved a little to the sides where their points stand beside each other, so that none hides
/// another.
pub(super) fn beside_each_other(curves: &[Vec<Sample>], looks: &[Look]) -> Vec<Vec<Sample>> {
    let apart = (PLACE_WIDTH / curves.len().max(1) as f64).min(APART_MAX);
    let moved = |(i, (curve, look)): (usize, (&Vec<Sample>, &Look))| {
        let by = if look.beside {
            apart * (i as f64 - (curves.len() - 1) as f64 / 2.0)
        } else {
            0.0
        };
        let moved = |sample: &Sample| Sample {
            x: sample.x + by,
            ..*sample
        };
        curve.iter().map(moved).collect()
    };
    curves.iter().zip(looks).enumerate().map(moved).collect()
}

/// Whether two curves have the same bands in the same places.
fn same_bands(one: &[Sample], other: &[Sample]) -> bool {
    let places = |curve: &[Sample]| -> Vec<_> { curve.iter().map(|s| (s.x, s.band)).collect() };
    places(one) == places(other)
}

/// The grid and the tick labels.
fn mesh(chart: &mut Chart<'_, '_>) -> Drawn {
    let ink = rgb(INK);
    let label = TextStyle::from(("sans-serif", units(TICK_SIZE)).into_font()).color(&ink);
    chart
        .configure_mesh()
        .bold_line_style(line_style(GRID, 0.7))
        .light_line_style(TRANSPARENT)
        .axis_style(line_style(INK, 0.8))
        .set_all_tick_mark_size(units(TICK_LENGTH))
        .label_style(label)
        .draw()
}

/// The two axes.
fn frame(x: &Axis, y: &Axis) -> [Element; 1] {
    let ([x0, x1], [y0, y1]) = (x.range, y.range);
    [Element {
        points: vec![(x0, y1), (x0, y0), (x1, y0)],
        shape: Shape::Line(Stroke::new(INK, 0.8)),
    }]
}

/// Something that is drawn at points of the panel.
struct Element {
    points: Vec<(f64, f64)>,
    shape: Shape,
}

enum Shape {
    /// A line through the points.
    Line(Stroke),
    /// A filled shape with its corners at the points.
    Area(Colour),
    /// A vertical bar with caps, between two points.
    Bar(Stroke),
    /// A marker at each point.
    Marks(Look),
    /// A short level line at each point.
    Dashes(Stroke),
    /// A box of this width in logical pixels: least value, quartiles, greatest value.
    Box(f32),
}

impl<'a> PointCollection<'a, (f64, f64)> for &'a Element {
    type Point = &'a (f64, f64);
    type IntoIter = &'a [(f64, f64)];

    fn point_iter(self) -> Self::IntoIter {
        &self.points
    }
}

impl Drawable<&mut Canvas> for Element {
    #[expect(clippy::mut_mut, reason = "the backend is itself a reference")]
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        positions: I,
        canvas: &mut &mut Canvas,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<Infallible>> {
        let points: Vec<Point> = positions
            .map(|(x, y)| (x as f32 / UNITS_PER_PX, y as f32 / UNITS_PER_PX))
            .collect();
        match (&self.shape, &*points) {
            (Shape::Line(stroke), points) => canvas.polyline(points, stroke),
            (Shape::Area(colour), points) => canvas.polygon(points, Some(*colour), None),
            (Shape::Marks(look), points) => {
                for &point in points {
                    look.mark(canvas, point);
                }
            }
            (Shape::Dashes(stroke), points) => {
                for &(x, y) in points {
                    canvas.line((x - DASH, y), (x + DASH, y), stroke);
                }
            }
            (Shape::Bar(stroke), &[low, high]) => bar(canvas, [low, high], stroke),
            (Shape::Box(width), &[least, q1, median, q3, greatest]) => {
                draw_box(canvas, [least, q1, median, q3, greatest], width / 2.0);
            }
            (Shape::Bar(_) | Shape::Box(_), _) => {}
        }
        Ok(())
    }
}

/// A vertical bar with caps.
pub(super) fn bar(canvas: &mut Canvas, ends: [Point; 2], stroke: &Stroke) {
    canvas.line(ends[0], ends[1], stroke);
    for (x, y) in ends {
        canvas.line((x - CAP, y), (x + CAP, y), stroke);
    }
}

fn draw_box(canvas: &mut Canvas, [least, q1, median, q3, greatest]: [Point; 5], half: f32) {
    let line = Stroke::new(BOX_LINE, 0.8);
    let cap = half * 0.6;
    for (end, quartile) in [(least, q1), (greatest, q3)] {
        canvas.line(end, quartile, &line);
        canvas.line((end.0 - cap, end.1), (end.0 + cap, end.1), &line);
    }
    let (from, to) = ((q1.0 - half, q1.1), (q3.0 + half, q3.1));
    canvas.rectangle(from, to, Some(BOX_FILL), Some(&line));
    let (from, to) = ((median.0 - half, median.1), (median.0 + half, median.1));
    canvas.line(from, to, &Stroke::new(BOX_LINE, 1.8));
}

/// The stretches of a curve in which every point has a mean (and, with `banded`, a band) and is
/// joined to the next.
fn stretches<'a>(
    curve: &'a [Sample],
    look: &Look,
    banded: bool,
) -> impl Iterator<Item = &'a [Sample]> {
    let longest = if look.joined { curve.len().max(1) } else { 1 };
    curve
        .split(move |sample| sample.mean.is_none() || (banded && sample.band.is_none()))
        .flat_map(move |stretch| stretch.chunks(longest))
}

fn lines(curve: &[Sample], look: &Look) -> Vec<Element> {
    stretches(curve, look, false)
        .filter(|stretch| stretch.len() > 1)
        .map(|stretch| Element {
            points: stretch.iter().filter_map(mean_of).collect(),
            shape: Shape::Line(look.stroke()),
        })
        .collect()
}

/// The thin line that a curve is to be compared with; a short one at each point that is joined to no other.
fn thin_lines(thin: &[Sample], look: &Look) -> Vec<Element> {
    if look.joined {
        return lines(thin, look);
    }
    vec![Element {
        points: thin.iter().filter_map(mean_of).collect(),
        shape: Shape::Dashes(look.stroke()),
    }]
}

fn marks(curve: &[Sample], look: &Look) -> [Element; 1] {
    let [place, count] = look.twins;
    let every = curve.len().div_ceil(MARKERS_MAX).max(1);
    let marked = stretches(curve, look, false).flat_map(|stretch| {
        let marked = stretch.iter().enumerate().step_by(every);
        marked.filter(move |(i, _)| i / every % count == place % count.min(stretch.len()))
    });
    [Element {
        points: marked.filter_map(|(_, sample)| mean_of(sample)).collect(),
        shape: Shape::Marks(look.clone()),
    }]
}

fn mean_of(sample: &Sample) -> Option<(f64, f64)> {
    sample.mean.map(|mean| (sample.x, mean))
}

/// The bands of a curve, cut off at the ends of the axis; a bar where a point stands alone.
fn bands(curve: &[Sample], look: &Look, range: [f64; 2]) -> Vec<Element> {
    let band = |stretch: &[Sample]| {
        let ends = |i: usize| {
            let end = move |sample: &Sample| Some((sample.x, sample.band?[i]));
            stretch.iter().filter_map(end)
        };
        let mut points: Vec<(f64, f64)> = ends(0).chain(ends(1).rev()).collect();
        if stretch.len() == 1 {
            for point in &mut points {
                point.1 = point.1.clamp(range[0], range[1]);
            }
            let shape = Shape::Bar(look.bar());
            return Element { points, shape };
        }
        Element {
            points: clipped(&points, range),
            shape: Shape::Area(look.band()),
        }
    };
    stretches(curve, look, true).map(band).collect()
}

/// The part of a polygon between two heights (Sutherland and Hodgman, CACM 17(1), 1974).
fn clipped(polygon: &[(f64, f64)], [low, high]: [f64; 2]) -> Vec<(f64, f64)> {
    let cut = |polygon: Vec<(f64, f64)>, height: f64, inside: fn(f64, f64) -> bool| {
        let mut kept = Vec::new();
        for (i, &to) in polygon.iter().enumerate() {
            let from = polygon[(i + polygon.len() - 1) % polygon.len()];
            if inside(from.1, height) != inside(to.1, height) {
                let share = (height - from.1) / (to.1 - from.1);
                kept.push((from.0 + share * (to.0 - from.0), height));
            }
            if inside(to.1, height) {
                kept.push(to);
            }
        }
        kept
    };
    let above = cut(polygon.to_vec(), low, |y, height| y >= height);
    cut(above, high, |y, height| y <= height)
}

fn boxed(at: &BoxAt, width: f32) -> Element {
    Element {
        points: at.five.iter().map(|&y| (at.x, y)).collect(),
        shape: Shape::Box(width),
    }
}

/// Boxes fill 60 % of the least distance between two of them, but are not wider than 14 pixels
/// and do not reach over the ends of the axis.
fn box_width(boxes: &[BoxAt], x: &Axis, width: f32) -> f32 {
    let mut places: Vec<f64> = boxes.iter().map(|at| x.share_at(at.x)).collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    let distances = places.windows(2).map(|pair| pair[1] - pair[0]);
    let least = distances.fold(f64::INFINITY, f64::min);
    let ends = places.first().zip(places.last());
    let beside = ends.map_or(f64::INFINITY, |(first, last)| first.min(1.0 - last));
    let pixels = |share: f64| (share * f64::from(width)) as f32;
    (0.6 * pixels(least))
        .min(2.0 * pixels(beside))
        .clamp(1.5, 14.0)
}

fn units(px: f32) -> i32 {
    (px * UNITS_PER_PX).round() as i32
}

fn rgb(colour: Colour) -> RGBColor {
    let [red, green, blue] = colour.rgb;
    RGBColor(red, green, blue)
}

fn line_style(colour: Colour, width: f32) -> ShapeStyle {
    rgb(colour).stroke_width(units(width) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_polygon_is_cut_off_where_it_crosses_the_ends_of_the_axis() {
        let inside = [(0.0, 0.2), (1.0, 0.4), (1.0, 0.6), (0.0, 0.5)];
        assert_eq!(clipped(&inside, [0.0, 1.0]), inside);
        let peak = [(0.0, 0.5), (1.0, 1.5), (2.0, 0.5)];
        assert_eq!(
            clipped(&peak, [0.0, 1.0]),
            [(0.0, 0.5), (0.5, 1.0), (1.5, 1.0), (2.0, 0.5)]
        );
        assert_eq!(clipped(&peak, [2.0, 3.0]), []);
    }

    #[test]
    fn boxes_do_not_touch_and_are_not_too_wide() {
        let at = |x| BoxAt { x, five: [0.0; 5] };
        let axis = Axis::exact([0.0, 1.0], 5);
        let length = (axis.range[1] - axis.range[0]) as f32;
        let boxes: Vec<BoxAt> = (0..=20).map(|i| at(f64::from(i) / 20.0)).collect();
        let width = box_width(&boxes, &axis, 212.0);
        assert!(
            (width - 0.6 * 0.05 / length * 212.0).abs() < 1e-3,
            "{width}"
        );
        // The axis goes on for 6 pixels beyond its ends.
        assert!((box_width(&[at(0.0), at(1.0)], &axis, 212.0) - 12.0).abs() < 1e-4);
        assert!((box_width(&[at(0.5)], &axis, 212.0) - 14.0).abs() < 1e-6);
        // On a logarithmic axis the narrowest place is not at the lower end.
        let axis = Axis::logarithmic([1.0, 1000.0], 4);
        let boxes = [1.0, 10.0, 100.0, 1000.0].map(at);
        assert!(box_width(&boxes, &axis, 212.0) > 10.0);
    }
}
