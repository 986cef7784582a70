//! Pictures of state spaces: a column for all states that are equally far from the first one, and arrows between them.
//!
//! This module does *not* know what the states are.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::canvas::{Across, Canvas, Colour, Down, Point, Stroke, TextStyle};
use super::palette::{MAIN, STRIKING};

/// What a picture shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct States {
    /// What it shows, in words.
    pub title: String,
    /// Of each state, in their order: its column, and its text.
    pub states: Vec<(usize, String)>,
    /// From which state to which, and what the step is called.
    pub arrows: Vec<(usize, usize, String)>,
}

/// The maximum number of states that are drawn.
const STATES_MAX: usize = 400;

/// The maximum number of states and arrows with texts next to them. If there are more states, they have numbers
/// instead.
const TEXTS_MAX: usize = 40;

/// The maximum number of labels of one arrow.
const LABELS_MAX: usize = 3;

/// By how much a column is wider than the widest text in it, in logical pixels.
const GAP: f32 = 40.0;
/// A column is at least so wide.
const COLUMN_MIN: f32 = 150.0;
/// How far an arrow back is bent.
const BEND: f32 = 12.0;
const ROW: f32 = 34.0;
const TOP: f32 = 64.0;
const SIDE: f32 = 40.0;
const RADIUS: f32 = 5.0;
const SIZE: f32 = 9.0;

const ARROW: Colour = Colour::hex(0x88_88_88);
const LABEL: Colour = Colour::hex(0x44_44_44);

impl States {
    /// Draws them; the first ones, if there are too many.
    pub fn draw(&self) -> Canvas {
        let shown = self.states.len().min(STATES_MAX);
        let (columns, right) = self.columns(shown);
        let mut rows = vec![0_usize; columns.len()];
        let mut places: Vec<Point> = Vec::new();
        for (column, _) in &self.states[..shown] {
            let row = rows[*column];
            rows[*column] += 1;
            places.push((columns[*column], TOP + ROW * (row as f32 + 1.0)));
        }
        let height = TOP + ROW * (rows.iter().max().map_or(0, |rows| *rows) as f32 + 2.0);
        let width = right + SIDE;
        let title = TextStyle {
            bold: true,
            ..TextStyle::new(14.0)
        };
        let width = width.max(Canvas::text_width(&self.title, &title) + 2.0 * SIDE);
        let mut canvas = Canvas::new(width, height, &self.title, &self.in_words(shown));
        canvas.text(&self.title, (SIDE, 26.0), &title);
        let legend = "grey: a step to a state further on; red, dashed: a step back or aside, without its label";
        canvas.text(legend, (SIDE, 44.0), &TextStyle::new(SIZE + 1.0));
        self.draw_arrows(&mut canvas, &places);
        self.draw_states(&mut canvas, &places);
        if shown < self.states.len() {
            let text = format!("and {} more states", self.states.len() - shown);
            canvas.text(&text, (SIDE, height - 10.0), &TextStyle::new(SIZE + 1.0));
        }
        canvas
    }

    /// What is written next to one of `shown` states: its text, or its number from 0.
    fn text(&self, state: usize, shown: usize) -> String {
        if shown <= TEXTS_MAX {
            self.states[state].1.clone()
        } else {
            state.to_string()
        }
    }

    /// Where each column begins, and where the last one ends.
    fn columns(&self, shown: usize) -> (Vec<f32>, f32) {
        let mut widths: Vec<f32> = Vec::new();
        let style = TextStyle::new(SIZE);
        for (state, (column, _)) in self.states[..shown].iter().enumerate() {
            if widths.len() <= *column {
                widths.resize(column + 1, COLUMN_MIN);
            }
            let width = Canvas::text_width(&self.text(state, shown), &style) + GAP;
            widths[*column] = widths[*column].max(width);
        }
        let mut right = SIDE;
        let starts = widths.iter().map(|width| {
            let start = right;
            right += width;
            start
        });
        (starts.collect(), right)
    }

    fn in_words(&self, shown: usize) -> String {
        let mut text = format!("A state space: {}", self.title);
        for (_, state) in self.states[..shown].iter().take(TEXTS_MAX) {
            text += "; ";
            text += state;
        }
        text
    }

    fn draw_arrows(&self, canvas: &mut Canvas, places: &[Point]) {
        let forward = Stroke::new(ARROW, 0.8);
        let back = Stroke::new(STRIKING, 0.6).dashed(&[3.0, 3.0]);
        let mut style = TextStyle::new(SIZE - 1.0).anchored(Across::Middle, Down::Middle);
        style.colour = LABEL;
        style.halo = Some(2.0);
        let mut arrows: BTreeMap<(usize, usize), Vec<&str>> = BTreeMap::new();
        for (from, to, label) in &self.arrows {
            arrows.entry((*from, *to)).or_default().push(label);
        }
        let are_few = arrows.len() <= TEXTS_MAX;
        for ((from, to), labels) in arrows {
            let (Some(&start), Some(&end)) = (places.get(from), places.get(to)) else {
                continue;
            };
            let [start_column, end_column] = [from, to].map(|state| self.states[state].0);
            let middle = f32::midpoint(start.1, end.1);
            match start_column.cmp(&end_column) {
                // Beside the column, so that it does not go through the states between.
                Ordering::Equal => {
                    canvas.polyline(&[start, (start.0 - 14.0, middle), end], &back);
                }
                // Bent, so that it does not lie on one forward.
                Ordering::Greater => {
                    let bend = (f32::midpoint(start.0, end.0), middle + BEND);
                    canvas.polyline(&[start, bend, end], &back);
                }
                Ordering::Less => canvas.line(start, end, &forward),
            }
            if are_few && start_column < end_column {
                // Nearer to the end, where arrows from one state are apart.
                let at = (
                    start.0 + (end.0 - start.0) * 0.7,
                    start.1 + (end.1 - start.1) * 0.7,
                );
                write_labels(canvas, &labels, at, &style);
            }
        }
    }

    fn draw_states(&self, canvas: &mut Canvas, places: &[Point]) {
        let rim = Stroke::new(Colour::WHITE, 0.8);
        let mut style = TextStyle::new(SIZE);
        style.halo = Some(2.0);
        for (place, state) in places.iter().zip(0..) {
            canvas.circle(*place, RADIUS, Some(MAIN), Some(&rim));
            let text = self.text(state, places.len());
            canvas.text(&text, (place.0 + 8.0, place.1 - 6.0), &style);
        }
    }
}

/// Writes the labels of one arrow around `at`, one below another.
fn write_labels(canvas: &mut Canvas, labels: &[&str], at: Point, style: &TextStyle) {
    let mut lines: Vec<String> = labels.iter().map(|&label| label.into()).collect();
    if lines.len() > LABELS_MAX {
        let more = lines.len() - (LABELS_MAX - 1);
        lines.truncate(LABELS_MAX - 1);
        lines.push(format!("and {more} more"));
    }
    let above = SIZE * (lines.len() as f32 - 1.0) / 2.0;
    for (line, number) in lines.iter().zip(0_u8..) {
        let y = at.1 - above + SIZE * f32::from(number);
        canvas.text(line, (at.0, y), style);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_room_for_their_texts() {
        let long = "g1 | g2 | ".repeat(20);
        let states = States {
            title: "2 terms".into(),
            states: vec![(0, "g1".into()), (1, long.clone())],
            arrows: [(0, 1, "a"), (0, 1, "b"), (1, 0, "c")]
                .map(|(from, to, label)| (from, to, label.into()))
                .into(),
        };
        let canvas = states.draw();
        let widest = Canvas::text_width(&long, &TextStyle::new(SIZE));
        assert!(canvas.size().0 >= SIDE + COLUMN_MIN + widest + GAP);
    }

    #[test]
    fn many_states_have_numbers() {
        let states = States {
            states: (0..=TEXTS_MAX).map(|_| (0, "g1".into())).collect(),
            ..States::default()
        };
        assert_eq!(states.text(7, TEXTS_MAX + 1), "7");
        assert_eq!(states.text(7, TEXTS_MAX), "g1");
    }
}
