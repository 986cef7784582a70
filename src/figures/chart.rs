//! The sheet of a figure: title, legend, panels with shared axes, caption.

use super::About;
use super::axes::{label_width, x_axis, y_axis};
use super::canvas::{Across, Canvas, Down, Point, TextStyle, Turn};
use super::categories::{CategoryNames, PLACE_MIN};
use super::layout::{Format, Layout};
use super::legend::{Key, Legend};
use super::names;
use super::palette::{INK, Look, MARKS, SHADE, SOFT_INK, looks};
use super::panel::{self, PanelLayout, TICK_LENGTH, TICK_SIZE};
use super::plot::{Panel, Plot};
use super::sheet::{Sheet, values};
use super::text::{balanced, caption, description, wrapped};
use super::ticks::Axis;
use crate::error::{Error, Result};
use crate::measure::{FigureSpec, Period};

const MARGIN: f32 = 14.0;
/// The gaps between panels, across and down; the latter has room for a panel's title.
const GAP: f32 = 16.0;
const PANEL_TITLE: f32 = 20.0;
/// The gap between a row of panels and the titles of the next.
const BETWEEN: f32 = 6.0;
const LINE_HEIGHT: f32 = 1.35;

const TITLE: TextStyle = TextStyle {
    bold: true,
    colour: INK,
    ..TextStyle::new(13.0).anchored(Across::Left, Down::Top)
};
const HEAD: TextStyle = TextStyle {
    bold: true,
    colour: INK,
    ..TextStyle::new(10.5).anchored(Across::Middle, Down::Baseline)
};
const LABEL: TextStyle = TextStyle {
    colour: INK,
    ..TextStyle::new(11.0).anchored(Across::Middle, Down::Top)
};
const CAPTION: TextStyle = TextStyle {
    colour: SOFT_INK,
    ..TextStyle::new(9.5).anchored(Across::Left, Down::Top)
};

/// From how many curves on, with more points than the second number, curves are thin lines without markers and
/// dashes, which would cover everything else.
const CROWD: [usize; 2] = [9, 30];

/// The panels on the sheet, and what is written at their edges.
struct Grid {
    columns: usize,
    rows: usize,
    /// The width and height of a panel.
    panel: Point,
    /// The height of a panel's title, of all its lines.
    head: f32,
    /// The upper left corner of the first panel's title.
    corner: Point,
    /// The room for tick labels at the left and at the bottom.
    ticks: Point,
    axes: [Axis; 2],
    /// The lines of the axes' labels.
    labels: [Vec<String>; 2],
    /// The names below the x axis, if it is one of categories.
    categories: Option<CategoryNames>,
}

impl Grid {
    /// The grid below `top` on a sheet that is `inside` wide between its margins.
    fn new(spec: &FigureSpec, plot: &Plot, format: Format, inside: f32, top: f32) -> Self {
        let (columns, height) = (format.columns, format.height);
        let rows = plot.panels.len().div_ceil(columns);
        let y = y_axis(spec, plot, height);
        let left = label_width(&y) + 2.0 * TICK_LENGTH;
        // Without the titles of panels, whose lines depend on how wide these are.
        let upright = rows as f32 * (height + BETWEEN) - BETWEEN;
        let y_label = balanced(&spec.y_label, upright, &LABEL);
        let gutter = lines_height(&y_label, &LABEL) + 8.0 + left;
        let across = inside - gutter;
        let width = (across - GAP * (columns - 1) as f32) / columns as f32;
        let lines = plot
            .panels
            .iter()
            .map(|panel| head_lines(panel, width).len());
        let head = match lines.max().unwrap_or(0) {
            0 => 4.0,
            lines => PANEL_TITLE + line_top(lines - 1, &HEAD),
        };
        let categories = (!plot.categories.is_empty())
            .then(|| CategoryNames::new(&plot.categories, width / plot.categories.len() as f32));
        let below = categories.as_ref().map_or(TICK_SIZE, CategoryNames::height);
        Self {
            columns,
            rows,
            panel: (width, height),
            head,
            corner: (MARGIN + gutter, top),
            ticks: (left, 2.0 * TICK_LENGTH + below),
            axes: [x_axis(plot, width), y],
            labels: [balanced(&plot.x_label, across, &LABEL), y_label],
            categories,
        }
    }

    /// The lower end of the panels.
    fn end(&self) -> f32 {
        self.corner.1 + self.rows as f32 * (self.head + self.panel.1 + BETWEEN) - BETWEEN
    }

    /// The lower end of all, the label of the x axis included.
    fn bottom(&self) -> f32 {
        self.end() + self.ticks.1 + 6.0 + lines_height(&self.labels[0], &LABEL)
    }

    /// Where panel `i` of `count` stands.
    fn place(&self, i: usize, count: usize) -> PanelLayout {
        let (row, column) = (i / self.columns, i % self.columns);
        let lowest = i + self.columns >= count;
        let ((left, top), (width, height)) = (self.corner, self.panel);
        PanelLayout {
            corner: (
                left + column as f32 * (width + GAP),
                top + self.head + row as f32 * (self.head + height + BETWEEN),
            ),
            size: self.panel,
            left: if column == 0 { self.ticks.0 } else { 0.0 },
            bottom: if lowest { self.ticks.1 } else { 0.0 },
        }
    }

    /// Writes the labels of the axes, each in the middle of its side.
    fn write_labels(&self, canvas: &mut Canvas, right: f32) {
        let [x_label, y_label] = &self.labels;
        let middle = (
            f32::midpoint(self.corner.0, right),
            f32::midpoint(self.corner.1 + self.head, self.end()),
        );
        let below = self.end() + self.ticks.1 + 6.0;
        for (i, line) in x_label.iter().enumerate() {
            canvas.text(line, (middle.0, below + line_top(i, &LABEL)), &LABEL);
        }
        let upwards = TextStyle {
            turn: Turn::Up,
            ..LABEL
        };
        for (i, line) in y_label.iter().enumerate() {
            canvas.text(line, (MARGIN + line_top(i, &LABEL), middle.1), &upwards);
        }
    }
}

/// Draws `plot`.
///
/// # Errors
/// If the layout is too narrow.
pub(super) fn draw(
    spec: &FigureSpec,
    plot: &Plot,
    about: About<'_>,
    layout: Layout,
) -> Result<Sheet> {
    let format = layout.format(plot);
    let inside = format.width - 2.0 * MARGIN;
    let caption = caption(spec, plot, about);
    let shown = |text: &str, is_shown: bool| {
        if is_shown {
            text.to_owned()
        } else {
            String::new()
        }
    };
    let title = balanced(&shown(&plot.title, layout.title), inside, &TITLE);
    let lines = wrapped(&shown(&caption, layout.caption), inside, &CAPTION);
    let curves = plot.panels.iter().map(|panel| panel.curves.len()).max();
    let looks = looks_of(plot, curves.unwrap_or(0));
    let legend = Legend::new(entries(plot, &looks), inside);
    let legend_at = MARGIN + block(&title, &TITLE);
    let grid = Grid::new(
        spec,
        plot,
        format,
        inside,
        legend_at + legend.height() + 8.0,
    );
    let places = PLACE_MIN * plot.categories.len() as f32;
    let spare = [inside - legend.width(), grid.panel.0 - places];
    layout.check(&spec.name, format, spare[0].min(spare[1]), grid.panel.0)?;
    let caption_at = grid.bottom() + 12.0;
    let height = caption_at + block(&lines, &CAPTION) + MARGIN - 6.0;

    let words = description(plot, &caption, &spec.y_label);
    let mut canvas = Canvas::new(format.width, height, &plot.title, &words).scaled(format.scale);
    let mut points = Vec::new();
    write(&mut canvas, &title, MARGIN, &TITLE);
    legend.draw(&mut canvas, (MARGIN, legend_at));
    let [x, y] = &grid.axes;
    for (i, panel) in plot.panels.iter().enumerate() {
        let place = grid.place(i, plot.panels.len());
        for period in &spec.periods {
            shade(&mut canvas, &place, x, period);
        }
        draw_panel(&mut canvas, &place, [x, y], panel, &looks)?;
        if let Some(names) = grid.categories.as_ref().filter(|_| place.bottom > 0.0) {
            names.draw(&mut canvas, &place, x);
        }
        points.extend(values(i, &place, [x, y], panel, &looks));
    }
    grid.write_labels(&mut canvas, MARGIN + inside);
    write(&mut canvas, &lines, caption_at, &CAPTION);
    Ok(Sheet::new(canvas, plot, spec, caption, points))
}

/// A grey band over the part of the x axis on which `period` lies.
fn shade(canvas: &mut Canvas, place: &PanelLayout, x: &Axis, period: &Period) {
    let ((left, top), (width, height)) = (place.corner, place.size);
    let [from, to] = [period.from_s, period.to_s].map(|at| x.share_at(at).clamp(0.0, 1.0) as f32);
    if from < to {
        let corner = (left + from * width, top);
        let other = (left + to * width, top + height);
        canvas.rectangle(corner, other, Some(SHADE), None);
    }
}

fn draw_panel(
    canvas: &mut Canvas,
    place: &PanelLayout,
    axes: [&Axis; 2],
    panel: &Panel,
    looks: &[Look],
) -> Result<()> {
    panel::draw(canvas, place, axes, panel, looks)
        .map_err(|error| Error::new(format!("the panel cannot be drawn: {error}")))?;
    names::draw(canvas, place, axes, &panel.names);
    let middle = place.corner.0 + place.size.0 / 2.0;
    let lines = head_lines(panel, place.size.0);
    for (i, line) in lines.iter().rev().enumerate() {
        let at = (middle, place.corner.1 - 6.0 - line_top(i, &HEAD));
        canvas.text(line, at, &HEAD);
    }
    let empty = panel.curves.iter().flatten().all(|s| s.mean.is_none());
    if empty {
        let at = (middle, place.corner.1 + place.size.1 / 2.0);
        canvas.text(
            "no values",
            at,
            &TextStyle {
                bold: false,
                ..HEAD
            },
        );
    }
    Ok(())
}

/// The lines of a panel's title.
fn head_lines(panel: &Panel, width: f32) -> Vec<String> {
    let title = panel.title.as_deref().unwrap_or_default();
    balanced(title, width, &HEAD)
}

/// The looks of the curves; the mean line over boxes has one of its own.
fn looks_of(plot: &Plot, curves: usize) -> Vec<Look> {
    if plot.boxes_over.is_some() {
        return looks(2, 0, false, &[])
            .split_off(1)
            .into_iter()
            .map(|look| Look {
                joined: !plot.places,
                ..look.before_boxes()
            })
            .collect();
    }
    let looks = looks(
        curves,
        plot.references,
        plot.curves.ordered,
        &plot.curves.pairs,
    );
    let samples = plot.panels.iter().flat_map(|panel| &panel.curves);
    let longest = samples.map(Vec::len).max().unwrap_or(0);
    let crowded = curves >= CROWD[0] && longest > CROWD[1];
    let marks = curves - plot.marks.min(curves);
    let looks = looks.into_iter().enumerate().map(|(i, look)| match i {
        // Two curves of named marks often lie on one another.
        1 if plot.named => look.framed(),
        _ => look,
    });
    looks
        .zip(&plot.twins)
        .enumerate()
        .map(|(i, (look, &twins))| Look {
            marker: match i.checked_sub(marks) {
                Some(mark) => Some(MARKS[mark % MARKS.len()]),
                None => look.marker.filter(|_| !crowded),
            },
            dash: if crowded { &[] } else { look.dash },
            width: if crowded { 1.0 } else { look.width },
            joined: !plot.places && !plot.named && i < marks,
            beside: plot.places,
            // Beside each other none hides another.
            twins: if plot.places { [0, 1] } else { twins },
            ..look
        })
        .collect()
}

fn entries(plot: &Plot, looks: &[Look]) -> Vec<(Key, String)> {
    let banded = |curve: usize| {
        let curves = plot
            .panels
            .iter()
            .filter_map(|panel| panel.curves.get(curve));
        curves.flatten().any(|sample| sample.band.is_some())
    };
    let key = |curve: usize, look: &Look| Key::Curve {
        look: look.clone(),
        band: banded(curve),
    };
    if let Some(over) = &plot.boxes_over {
        let boxes = format!("quartiles, median and extremes over {over}");
        let mean = looks
            .iter()
            .map(|look| (key(0, look), format!("mean over {over}")));
        return mean.chain([(Key::Box, boxes)]).collect();
    }
    let (head, labels) = common(plot);
    let head = head.map(|name| (Key::Head, format!("{name}:")));
    let labelled = labels.iter().zip(looks).enumerate();
    let curves = labelled.map(|(i, (label, look))| (key(i, look), (*label).to_owned()));
    let thin = plot.thin.iter().map(|label| {
        let look = looks[0].thin().dark();
        (Key::Curve { look, band: false }, label.clone())
    });
    head.into_iter().chain(curves).chain(thin).collect()
}

/// What the labels of all curves begin with, `policy` of `policy = even`, and the rest of each; a number is
/// no rest, since it says nothing alone. Nothing is common to the curves that these are compared with.
fn common(plot: &Plot) -> (Option<&str>, Vec<&str>) {
    let labels = || plot.curves.labels.iter().map(String::as_str);
    let whole = (None, labels().collect());
    let own = plot.curves.labels.len() - plot.references.min(plot.curves.labels.len());
    let parts: Option<Vec<(&str, &str)>> = labels()
        .take(own)
        .map(|label| label.split_once(" = "))
        .collect();
    let Some(parts) = parts.filter(|parts| parts.len() > 1) else {
        return whole;
    };
    let name = parts[0].0;
    let is_word = |text: &str| text.starts_with(char::is_alphabetic) && !text.contains(" = ");
    if parts
        .iter()
        .all(|(own, value)| *own == name && is_word(value))
    {
        let values = parts.iter().map(|(_, value)| *value);
        return (Some(name), values.chain(labels().skip(own)).collect());
    }
    whole
}

/// The height of some lines, with the gap below them.
fn block(lines: &[String], style: &TextStyle) -> f32 {
    line_top(lines.len(), style) + 6.0
}

/// The height of some lines alone.
fn lines_height(lines: &[String], style: &TextStyle) -> f32 {
    line_top(lines.len().saturating_sub(1), style) + style.size
}

/// How far line `i` is below the first.
fn line_top(i: usize, style: &TextStyle) -> f32 {
    i as f32 * style.size * LINE_HEIGHT
}

fn write(canvas: &mut Canvas, lines: &[String], top: f32, style: &TextStyle) {
    for (i, line) in lines.iter().enumerate() {
        canvas.text(line, (MARGIN, top + line_top(i, style)), style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::plot::tests::{figure_of, plot_of};
    use crate::measure::Content;

    /// The label of a figure that is one row high, below a legend of two, as in a study of load.
    #[test]
    fn a_label_that_is_longer_than_the_panels_are_high_is_wrapped() {
        let label = "requests handled by a broker ÷ issued by connected GCUs";
        let mut plot = plot_of(&[(0.5, None, 5), (0.4, None, 5)]);
        plot.panels.push(Panel::default());
        let grid = |y_label: &str| {
            let spec = FigureSpec {
                y_label: y_label.into(),
                ..figure_of(Content::Series { series: Vec::new() })
            };
            Grid::new(&spec, &plot, Layout::default().format(&plot), 692.0, 80.0)
        };
        let (short, long) = (grid("load"), grid(label));
        let [_, lines] = &long.labels;
        assert_eq!(lines.join(" "), label);
        let longest = lines.iter().map(|line| Canvas::text_width(line, &LABEL));
        assert!(longest.fold(0.0, f32::max) <= long.panel.1, "{lines:?}");
        let wider = long.corner.0 - short.corner.0;
        assert!((wider - LABEL.size * LINE_HEIGHT).abs() < 1e-3, "{wider}");
    }
}
