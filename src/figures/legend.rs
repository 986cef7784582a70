//! The legend, in rows above the panels, where it hides no data.

use super::canvas::{Across, Canvas, Colour, Down, Point, Stroke, TextStyle};
use super::palette::{INK, Look};
use super::panel::{BOX_FILL, BOX_LINE, bar};

/// What an entry explains.
pub(super) enum Key {
    /// A curve, with or without a band.
    Curve { look: Look, band: bool },
    /// A box with whiskers.
    Box,
}

/// The entries in rows; of several rows, the entries stand in columns.
pub(super) struct Legend {
    entries: Vec<(Key, String)>,
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

impl Legend {
    /// A legend at most `width` logical pixels wide (but at least one entry).
    pub(super) fn new(entries: Vec<(Key, String)>, width: f32) -> Self {
        let widths: Vec<f32> = entries
            .iter()
            .map(|(_, label)| KEY + GAP + Canvas::text_width(label, &STYLE) + BETWEEN)
            .collect();
        let in_columns = |count: usize| {
            let widest = |column: usize| {
                let own = widths.iter().skip(column).step_by(count);
                own.copied().fold(0.0, f32::max)
            };
            let mut end = 0.0;
            let lefts: Vec<f32> = (0..count)
                .map(|column| {
                    end += widest(column);
                    end - widest(column)
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
        let ends = self.entries.iter().enumerate().map(|(i, (_, label))| {
            self.columns[i % count] + KEY + GAP + Canvas::text_width(label, &STYLE)
        });
        ends.fold(0.0, f32::max)
    }

    pub(super) fn height(&self) -> f32 {
        self.entries.len().div_ceil(self.columns.len()) as f32 * ROW_HEIGHT
    }

    /// Draws the legend with its upper left corner at (`left`, `top`).
    pub(super) fn draw(&self, canvas: &mut Canvas, (left, top): Point) {
        let count = self.columns.len();
        for (i, (key, label)) in self.entries.iter().enumerate() {
            let x = left + self.columns[i % count];
            let y = top + ((i / count) as f32 + 0.5) * ROW_HEIGHT;
            key.draw(canvas, (x, y));
            canvas.text(label, (x + KEY + GAP, y), &STYLE);
        }
    }
}

impl Key {
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
