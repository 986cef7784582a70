//! The legend, in rows above the panels, where it hides no data.

use super::canvas::{Across, Canvas, Colour, Down, Point, Stroke, TextStyle};
use super::palette::{INK, Look};
use super::panel::{BOX_FILL, BOX_LINE, bar};
use super::text::wrapped;

/// What an entry explains.
pub(super) enum Key {
    /// A curve, with or without a band.
    Curve { look: Look, band: bool },
    /// A box with whiskers.
    Box,
    /// Nothing: the text is what the entries behind it have in common.
    Head,
}

/// The entries in rows; of several rows, the entries stand in columns.
pub(super) struct Legend {
    /// With the lines of their labels.
    entries: Vec<(Key, Vec<String>)>,
    /// The left end of each column, from the legend's left end.
    columns: Vec<f32>,
}

const STYLE: TextStyle = TextStyle {
    colour: INK,
    ..TextStyle::new(10.5).anchored(Across::Left, Down::Middle)
};
/// The width of a key, the gap between key and text, and that between entries.
const KEY: f32 = 30.0;
const GAP: f32 = 6.0;
const BETWEEN: f32 = 18.0;
const ROW_HEIGHT: f32 = 17.0;
/// What each further line of a label adds to its row.
const LINE_HEIGHT: f32 = 13.0;

impl Legend {
    /// A legend at most `width` logical pixels wide (but at least one entry).
    pub(super) fn new(entries: Vec<(Key, String)>, width: f32) -> Self {
        let lines = |label: String| match Canvas::text_width(&label, &STYLE) {
            // A label that is too long for a row of its own.
            own if own > width - KEY - GAP => wrapped(&label, width - KEY - GAP, &STYLE),
            _ => vec![label],
        };
        let entries = entries.into_iter();
        let entries: Vec<(Key, Vec<String>)> =
            entries.map(|(key, label)| (key, lines(label))).collect();
        let widths: Vec<f32> = entries
            .iter()
            .map(|(key, lines)| key.width() + widest(lines) + BETWEEN)
            .collect();
        let in_columns = |count: usize| {
            let widest_of = |column: usize| {
                let own = widths.iter().skip(column).step_by(count);
                own.copied().fold(0.0, f32::max)
            };
            let mut end = 0.0;
            let lefts: Vec<f32> = (0..count)
                .map(|column| {
                    end += widest_of(column);
                    end - widest_of(column)
                })
                .collect();
            (lefts, end - BETWEEN)
        };
        let fitting = (1..=entries.len().max(1)).rev().map(in_columns);
        let found = fitting.clone().find(|(_, end)| *end <= width);
        let most = found.map_or(1, |(lefts, _)| lefts.len());
        let rows = entries.len().div_ceil(most).max(1);
        let (columns, _) = in_columns(entries.len().div_ceil(rows).max(1));
        Self { entries, columns }
    }

    /// How wide the widest row is, in logical pixels.
    pub(super) fn width(&self) -> f32 {
        let count = self.columns.len();
        let ends = self.entries.iter().enumerate();
        let ends =
            ends.map(|(i, (key, lines))| self.columns[i % count] + key.width() + widest(lines));
        ends.fold(0.0, f32::max)
    }

    pub(super) fn height(&self) -> f32 {
        self.rows().sum()
    }

    /// Draws the legend with its upper left corner at (`left`, `top`).
    pub(super) fn draw(&self, canvas: &mut Canvas, (left, top): Point) {
        let count = self.columns.len();
        for (i, (key, lines)) in self.entries.iter().enumerate() {
            let x = left + self.columns[i % count];
            let y = top + self.rows().take(i / count).sum::<f32>() + 0.5 * ROW_HEIGHT;
            key.draw(canvas, (x, y));
            for (line, text) in lines.iter().enumerate() {
                let down = y + line as f32 * LINE_HEIGHT;
                canvas.text(text, (x + key.width(), down), &STYLE);
            }
        }
    }

    /// The heights of the rows.
    fn rows(&self) -> impl Iterator<Item = f32> {
        self.entries.chunks(self.columns.len()).map(|row| {
            let lines = row.iter().map(|(_, lines)| lines.len());
            ROW_HEIGHT + (lines.max().unwrap_or(1).max(1) - 1) as f32 * LINE_HEIGHT
        })
    }
}

/// The width of the widest of some lines.
fn widest(lines: &[String]) -> f32 {
    let widths = lines.iter().map(|line| Canvas::text_width(line, &STYLE));
    widths.fold(0.0, f32::max)
}

impl Key {
    /// How far its text is from its left end.
    fn width(&self) -> f32 {
        match self {
            Self::Curve { .. } | Self::Box => KEY + GAP,
            Self::Head => 0.0,
        }
    }

    /// Draws the key, its left end at (`x`, `y`).
    fn draw(&self, canvas: &mut Canvas, (x, y): Point) {
        match self {
            Self::Curve { look, band } => {
                if *band && !look.joined {
                    let middle = x + KEY / 2.0;
                    bar(canvas, [(middle, y - 6.5), (middle, y + 6.5)], &look.bar());
                } else if *band {
                    let (from, to) = ((x, y - 5.5), (x + KEY, y + 5.5));
                    canvas.rectangle(from, to, Some(look.band()), None);
                }
                if look.joined {
                    canvas.line((x, y), (x + KEY, y), &look.stroke());
                }
                look.mark(canvas, (x + KEY / 2.0, y));
            }
            Self::Head => {}
            Self::Box => {
                let line = Stroke::new(BOX_LINE, 0.9);
                canvas.line((x + 1.0, y), (x + KEY - 1.0, y), &line);
                let (from, to) = ((x + 7.0, y - 4.0), (x + KEY - 7.0, y + 4.0));
                canvas.rectangle(from, to, Some(Colour::WHITE), None);
                canvas.rectangle(from, to, Some(BOX_FILL), Some(&line));
                let middle = x + KEY / 2.0;
                let median = Stroke::new(BOX_LINE, 1.8);
                canvas.line((middle, y - 4.0), (middle, y + 4.0), &median);
            }
        }
    }
}
