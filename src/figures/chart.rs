//! The sheet of a figure: title, legend, panels with shared axes, caption.

use super::canvas::{Across, Canvas, Down, PX_PER_INCH, TextStyle, Turn};
use super::legend::{Key, Legend};
use super::palette::{INK, Look, SOFT_INK, looks};
use super::panel::{self, Place, TICK_LENGTH, TICK_SIZE};
use super::plot::{Panel, Plot};
use super::text::{balanced, caption, description, wrapped};
use super::ticks::Axis;
use crate::error::{Error, Result};
use crate::measure::{Content, FigureSpec};

const MARGIN: f32 = 14.0;
/// The gaps between panels, across and down; the latter has room for a panel's title.
const GAP: f32 = 16.0;
const PANEL_TITLE: f32 = 20.0;
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

/// The number of columns, and the width of the sheet and the height of a panel in inches. Where
/// the panels follow two axes and more, a row has one panel for each value of the last.
fn format(plot: &Plot) -> (usize, f32, f32) {
    let count = plot.panels.len();
    let columns = match (count, plot.last_axis) {
        (_, Some(values @ 2..=5)) => values,
        (0 | 1, _) => 1,
        (2 | 4, _) => 2,
        // Two or three full rows.
        (7 | 8 | 10.., _) => 4,
        _ => 3,
    };
    match columns {
        1 => (columns, 6.5, 3.5),
        2 if count <= 4 => (columns, 7.5, 2.7),
        2 => (columns, 7.5, 2.0),
        3 => (columns, 8.5, 2.2),
        4 => (columns, 10.0, 2.0),
        _ => (columns, 13.0, 2.0),
    }
}

/// Draws `plot`.
pub(super) fn draw(spec: &FigureSpec, plot: &Plot, name: &str) -> Result<Canvas> {
    let (columns, width, panel_height) = format(plot);
    let (width, panel_height) = (width * PX_PER_INCH, panel_height * PX_PER_INCH);
    let inside = width - 2.0 * MARGIN;
    let caption = caption(plot, name);
    let (title, lines) = (
        balanced(&spec.title, inside, &TITLE),
        wrapped(&caption, inside, &CAPTION),
    );
    let curves = plot.panels.iter().map(|panel| panel.curves.len()).max();
    let looks = looks_of(plot, curves.unwrap_or(0));
    let legend = Legend::new(entries(plot, &looks), inside);

    let y = y_axis(spec, plot, panel_height);
    let tick_width = label_width(&y);
    let left = tick_width + 2.0 * TICK_LENGTH;
    let gutter = LABEL.size + 8.0 + left;
    let panel_width = (inside - gutter - GAP * (columns - 1) as f32) / columns as f32;
    let x = x_axis(plot, panel_width);
    let bottom = 2.0 * TICK_LENGTH + TICK_SIZE;

    let titled = plot.panels.iter().any(|panel| panel.title.is_some());
    let head = if titled { PANEL_TITLE } else { 4.0 };
    let top = MARGIN + block(&title, &TITLE) + legend.height() + 8.0;
    let rows = plot.panels.len().div_ceil(columns);
    let grid_end = top + rows as f32 * (head + panel_height) + (rows - 1) as f32 * 6.0;
    let label_at = grid_end + bottom + 6.0;
    let caption_at = label_at + LABEL.size + 12.0;
    let height = caption_at + block(&lines, &CAPTION) + MARGIN - 6.0;

    let words = description(plot, &caption, &spec.y_label);
    let mut canvas = Canvas::new(width, height, &spec.title, &words);
    write(&mut canvas, &title, MARGIN, &TITLE);
    legend.draw(&mut canvas, (MARGIN, MARGIN + block(&title, &TITLE)));
    for (i, panel) in plot.panels.iter().enumerate() {
        let (row, column) = (i / columns, i % columns);
        let lowest = i + columns >= plot.panels.len();
        let place = Place {
            corner: (
                MARGIN + gutter + column as f32 * (panel_width + GAP),
                top + head + row as f32 * (head + panel_height + 6.0),
            ),
            size: (panel_width, panel_height),
            left: if column == 0 { left } else { 0.0 },
            bottom: if lowest { bottom } else { 0.0 },
        };
        draw_panel(&mut canvas, &place, [&x, &y], panel, &looks)?;
    }
    let x_middle = MARGIN + gutter + (inside - gutter) / 2.0;
    canvas.text(&plot.x_label, (x_middle, label_at), &LABEL);
    let upwards = TextStyle {
        turn: Turn::Up,
        ..LABEL
    };
    let y_middle = f32::midpoint(top + head, grid_end);
    canvas.text(&spec.y_label, (MARGIN, y_middle), &upwards);
    write(&mut canvas, &lines, caption_at, &CAPTION);
    Ok(canvas)
}

fn draw_panel(
    canvas: &mut Canvas,
    place: &Place,
    axes: [&Axis; 2],
    panel: &Panel,
    looks: &[Look],
) -> Result<()> {
    panel::draw(canvas, place, axes, panel, looks)
        .map_err(|error| Error::new(format!("the panel cannot be drawn: {error}")))?;
    let middle = place.corner.0 + place.size.0 / 2.0;
    if let Some(title) = &panel.title {
        canvas.text(title, (middle, place.corner.1 - 6.0), &HEAD);
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

/// The looks of the curves; the mean line over boxes has one of its own.
fn looks_of(plot: &Plot, curves: usize) -> Vec<Look> {
    if plot.boxes_over.is_some() {
        return looks(2, false)
            .split_off(1)
            .into_iter()
            .map(Look::before_boxes)
            .collect();
    }
    let looks = looks(curves, plot.ordered);
    let with_twins = looks.into_iter().zip(&plot.twins);
    with_twins
        .map(|(look, &twins)| Look { twins, ..look })
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
    let labelled = plot.curves.iter().zip(looks).enumerate();
    labelled
        .map(|(i, (label, look))| (key(i, look), label.clone()))
        .collect()
}

fn x_axis(plot: &Plot, width: f32) -> Axis {
    let samples = plot.panels.iter().flat_map(|p| p.curves.iter().flatten());
    let range = extent(samples.map(|sample| sample.x)).unwrap_or([0.0, 1.0]);
    let mut ticks_max = (width / 40.0) as usize;
    loop {
        let axis = if plot.logarithmic {
            Axis::logarithmic(range, ticks_max)
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
fn y_axis(spec: &FigureSpec, plot: &Plot, height: f32) -> Axis {
    let ticks_max = (height / 34.0) as usize;
    if plot.logarithmic {
        let samples = plot.panels.iter().flat_map(|p| p.curves.iter().flatten());
        // The lower end of a band can be anywhere, also below 0: it is cut off.
        let ends = samples.flat_map(|s| s.band.map(|band| band[1]).into_iter().chain(s.mean));
        let range = extent(ends.filter(|&end| end > 0.0)).unwrap_or([1.0, 10.0]);
        return Axis::logarithmic(range, ticks_max);
    }
    let samples = || plot.panels.iter().flat_map(|p| p.curves.iter().flatten());
    let means = samples().filter_map(|sample| sample.mean);
    let boxes = plot.panels.iter().flat_map(|p| &p.boxes);
    let shown = means.chain(boxes.flat_map(|at| at.five));
    if let Some([low, high]) = spec.y_range.or_else(|| share_range(spec, plot)) {
        let range = extent(shown.chain([low, high])).unwrap_or([low, high]);
        return Axis::exact(range, ticks_max);
    }
    let shown: Vec<f64> = shown.collect();
    let negative = shown.iter().any(|&value| value < 0.0);
    let bands = samples().filter_map(|sample| sample.band).flatten();
    let bands = bands.map(|end| if negative { end } else { end.max(0.0) });
    let range = extent(shown.iter().copied().chain(bands)).unwrap_or([0.0, 1.0]);
    Axis::rounded(range, ticks_max)
}

/// 0 to 1, if that is the natural range of what is plotted: by its name a ratio, or a share, of
/// which no mean is out of that range.
fn share_range(spec: &FigureSpec, plot: &Plot) -> Option<[f64; 2]> {
    let Content::Curves { metric } = &spec.content else {
        return None;
    };
    let mut words = metric.split('_');
    let is_share = words.any(|word| ["ratio", "share"].contains(&word));
    let is_spread = ["_sd", "_n"].iter().any(|end| metric.ends_with(end));
    let samples = plot.panels.iter().flat_map(|p| p.curves.iter().flatten());
    let mut means = samples.filter_map(|sample| sample.mean);
    (is_share && !is_spread && means.all(|mean| (0.0..=1.0).contains(&mean))).then_some([0.0, 1.0])
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

fn label_width(axis: &Axis) -> f32 {
    let style = TextStyle::new(TICK_SIZE);
    let labels = axis.ticks.iter().map(|&tick| axis.label(tick));
    labels.fold(0.0, |widest: f32, label| {
        widest.max(Canvas::text_width(&label, &style))
    })
}

/// The height of some lines, with the gap below them.
fn block(lines: &[String], style: &TextStyle) -> f32 {
    lines.len() as f32 * style.size * LINE_HEIGHT + 6.0
}

fn write(canvas: &mut Canvas, lines: &[String], top: f32, style: &TextStyle) {
    for (i, line) in lines.iter().enumerate() {
        let y = top + i as f32 * style.size * LINE_HEIGHT;
        canvas.text(line, (MARGIN, y), style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::plot::tests::{figure_of, plot_of};

    #[test]
    fn ratios_end_at_one_unless_a_mean_shows_otherwise() {
        let range = |metric: &str, mean: f64| {
            let metric = metric.into();
            let spec = figure_of(Content::Curves { metric });
            y_axis(&spec, &plot_of(&[(mean, Some([0.7, 1.3]), 5)]), 200.0).range
        };
        let unit = Axis::exact([0.0, 1.0], 5).range[1];
        for (metric, mean) in [("acceptance_ratio_connected", 0.9), ("ratio", 1.0)] {
            assert!((range(metric, mean)[1] - unit).abs() < 1e-12, "{metric}");
        }
        assert!(range("ratio", 1.1)[1] > 1.2);
        for other in ["hops_mean", "service_ratio_sd", "service_ratio_n"] {
            assert!(range(other, 0.9)[1] > 1.2, "{other}");
        }
    }
}
