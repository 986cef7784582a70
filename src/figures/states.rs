//! Pictures of state spaces: a column for all states that are equally far from the first one, and arrows between them.
//!
//! This module does *not* know what the states are.

use super::canvas::{Across, Canvas, Colour, Down, Point, Stroke, TextStyle};

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

/// So many states are drawn at most.
pub const STATES_MAX: usize = 400;

/// Texts are written only next to so many states and arrows.
const TEXTS_MAX: usize = 40;

const COLUMN: f32 = 250.0;
const ROW: f32 = 34.0;
const TOP: f32 = 64.0;
const SIDE: f32 = 40.0;
const RADIUS: f32 = 5.0;
const SIZE: f32 = 9.0;

const STATE: Colour = Colour::hex(0x1f_4e_79);
const ARROW: Colour = Colour::hex(0x88_88_88);
const BACK: Colour = Colour::hex(0xb3_1b_1b);
const LABEL: Colour = Colour::hex(0x44_44_44);

impl States {
    /// Draws them; of more than [`STATES_MAX`] states the first ones.
    pub fn draw(&self) -> Canvas {
        let shown = self.states.len().min(STATES_MAX);
        let columns = self.states[..shown].iter().map(|(column, _)| column + 1);
        let columns = columns.max().unwrap_or(1);
        let mut rows = vec![0_usize; columns];
        let mut places: Vec<Point> = Vec::new();
        for (column, _) in &self.states[..shown] {
            let row = rows[*column];
            rows[*column] += 1;
            places.push((
                SIDE + COLUMN * *column as f32,
                TOP + ROW * (row as f32 + 1.0),
            ));
        }
        let height = TOP + ROW * (rows.iter().max().map_or(0, |rows| *rows) as f32 + 2.0);
        let width = SIDE * 2.0 + COLUMN * columns as f32;
        let title = TextStyle {
            bold: true,
            ..TextStyle::new(14.0)
        };
        let width = width.max(Canvas::text_width(&self.title, &title) + 2.0 * SIDE);
        let mut canvas = Canvas::new(width, height, &self.title, &self.in_words(shown));
        canvas.text(&self.title, (SIDE, 26.0), &title);
        let legend = "grey: a step to a state further on; red, dashed: a step back or aside";
        canvas.text(legend, (SIDE, 44.0), &TextStyle::new(SIZE + 1.0));
        self.draw_arrows(&mut canvas, &places);
        self.draw_states(&mut canvas, &places);
        if shown < self.states.len() {
            let text = format!("and {} more states", self.states.len() - shown);
            canvas.text(&text, (SIDE, height - 10.0), &TextStyle::new(SIZE + 1.0));
        }
        canvas
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
        let back = Stroke::new(BACK, 0.6).dashed(&[3.0, 3.0]);
        let are_few = self.arrows.len() <= TEXTS_MAX;
        let mut style = TextStyle::new(SIZE - 1.0).anchored(Across::Middle, Down::Middle);
        style.colour = LABEL;
        style.halo = Some(2.0);
        for (from, to, label) in &self.arrows {
            let (Some(&start), Some(&end)) = (places.get(*from), places.get(*to)) else {
                continue;
            };
            let is_forward = start.0 < end.0;
            let stroke = if is_forward { &forward } else { &back };
            if (start.0 - end.0).abs() < COLUMN / 2.0 {
                // Beside the column, so that it does not go through the states between.
                let side = (start.0 - 14.0, f32::midpoint(start.1, end.1));
                canvas.polyline(&[start, side, end], stroke);
            } else {
                canvas.line(start, end, stroke);
            }
            if are_few && is_forward {
                // Nearer to the end, where arrows from one state are apart.
                let at = (
                    start.0 + (end.0 - start.0) * 0.7,
                    start.1 + (end.1 - start.1) * 0.7,
                );
                canvas.text(label, at, &style);
            }
        }
    }

    fn draw_states(&self, canvas: &mut Canvas, places: &[Point]) {
        let rim = Stroke::new(Colour::WHITE, 0.8);
        let mut style = TextStyle::new(SIZE);
        style.halo = Some(2.0);
        for (place, (_, text)) in places.iter().zip(&self.states) {
            canvas.circle(*place, RADIUS, Some(STATE), Some(&rim));
            if places.len() <= TEXTS_MAX {
                canvas.text(text, (place.0 + 8.0, place.1 - 6.0), &style);
            }
        }
    }
}
