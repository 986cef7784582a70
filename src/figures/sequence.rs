//! Sequence charts: a line down for each unit, an arrow for each message, downwards in the order of events.
//!
//! This module does *not* know where the events come from.

use super::canvas::{Across, Canvas, Colour, Down, Point, Stroke, TextStyle};

/// What a chart shows. Rows count downwards from 0, lifelines from the left.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sequence {
    /// What it shows, in words.
    pub title: String,
    /// The names of the units.
    pub lifelines: Vec<String>,
    /// How many rows there are.
    pub rows: usize,
    /// The row from which on everything only follows.
    pub left_alone: Option<usize>,
    /// The messages.
    pub arrows: Vec<Arrow>,
    /// What happens to a unit otherwise.
    pub marks: Vec<Mark>,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrow {
    /// The lifeline and the row of its sending.
    pub from: (usize, usize),
    /// Those of its arrival or loss.
    pub to: (usize, usize),
    /// Its name.
    pub name: String,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It arrives.
    Arrives,
    /// It is lost.
    Lost,
    /// It is still under way at the end.
    UnderWay,
}

/// Something that happens to a unit and is no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The lifeline and the row.
    pub at: (usize, usize),
    /// What it is.
    pub text: String,
}

/// So many rows are drawn at most.
pub const ROWS_MAX: usize = 280;

const LIFELINE_GAP: f32 = 190.0;
const ROW_HEIGHT: f32 = 26.0;
const TOP: f32 = 74.0;
const SIDE: f32 = 70.0;
const SIZE: f32 = 11.0;
/// The length of an arrow's head, and half of its width.
const HEAD: (f32, f32) = (8.0, 3.5);
/// How far a cross reaches from its middle.
const CROSS: f32 = 5.0;

const MESSAGE: Colour = Colour::hex(0x1f_4e_79);
const LOST: Colour = Colour::hex(0xb3_1b_1b);
const EVENT: Colour = Colour::hex(0x6a_3d_00);
const LIFELINE: Colour = Colour::hex(0x99_99_99);

impl Sequence {
    /// Draws the chart; of more than [`ROWS_MAX`] rows the first ones.
    pub fn draw(&self) -> Canvas {
        let rows = self.rows.min(ROWS_MAX);
        let width = 2.0 * SIDE + LIFELINE_GAP * self.lifelines.len().saturating_sub(1) as f32;
        let width = width.max(Canvas::text_width(&self.title, &TextStyle::new(14.0)) + 2.0 * SIDE);
        let height = TOP + ROW_HEIGHT * (rows as f32 + 2.0);
        let description = format!(
            "A sequence chart of {} units and {} events",
            self.lifelines.len(),
            self.rows
        );
        let mut canvas = Canvas::new(width, height, &self.title, &description);
        let title = TextStyle {
            bold: true,
            ..TextStyle::new(14.0)
        };
        canvas.text(&self.title, (SIDE / 2.0, 24.0), &title);
        self.draw_lifelines(&mut canvas, height - ROW_HEIGHT);
        for arrow in self.arrows.iter().filter(|arrow| arrow.to.1 < rows) {
            draw_arrow(&mut canvas, arrow);
        }
        for mark in self.marks.iter().filter(|mark| mark.at.1 < rows) {
            draw_mark(&mut canvas, mark);
        }
        if self.rows > rows {
            let text = format!("and {} more events", self.rows - rows);
            canvas.text(&text, (SIDE / 2.0, height - 10.0), &TextStyle::new(SIZE));
        }
        canvas
    }

    fn draw_lifelines(&self, canvas: &mut Canvas, bottom: f32) {
        let style = TextStyle {
            bold: true,
            ..TextStyle::new(12.0).anchored(Across::Middle, Down::Bottom)
        };
        for (number, name) in self.lifelines.iter().enumerate() {
            let (x, _) = place((number, 0));
            canvas.text(name, (x, TOP - 14.0), &style);
            let stroke = Stroke::new(LIFELINE, 1.0);
            canvas.line((x, TOP - 10.0), (x, bottom), &stroke);
        }
        if let Some(row) = self.left_alone.filter(|row| *row < ROWS_MAX) {
            let y = TOP + ROW_HEIGHT * (row as f32 - 0.5);
            let stroke = Stroke::new(LIFELINE, 1.0).dashed(&[4.0, 4.0]);
            canvas.line((0.0, y), (canvas.size().0, y), &stroke);
            let style = TextStyle {
                colour: LIFELINE,
                ..TextStyle::new(9.0).anchored(Across::Left, Down::Bottom)
            };
            canvas.text("left alone", (6.0, y - 2.0), &style);
        }
    }
}

/// Where a lifeline and a row meet.
fn place((lifeline, row): (usize, usize)) -> Point {
    (
        SIDE + LIFELINE_GAP * lifeline as f32,
        TOP + ROW_HEIGHT * row as f32,
    )
}

/// The point at a share of the way from one to another.
fn between(from: Point, to: Point, share: f32) -> Point {
    (
        from.0 + (to.0 - from.0) * share,
        from.1 + (to.1 - from.1) * share,
    )
}

fn draw_arrow(canvas: &mut Canvas, arrow: &Arrow) {
    let (from, to) = (place(arrow.from), place(arrow.to));
    let (end, colour) = match arrow.fate {
        Fate::Arrives => (to, MESSAGE),
        Fate::Lost => (between(from, to, 0.6), LOST),
        Fate::UnderWay => (between(from, to, 0.6), MESSAGE),
    };
    let stroke = Stroke::new(colour, 1.3);
    let stroke = if arrow.fate == Fate::UnderWay {
        stroke.dashed(&[3.0, 3.0])
    } else {
        stroke
    };
    canvas.line(from, end, &stroke);
    let (across, down) = (end.0 - from.0, end.1 - from.1);
    let length = across.hypot(down).max(1.0);
    let (ux, uy) = (across / length, down / length);
    match arrow.fate {
        Fate::Lost => {
            for slope in [1.0, -1.0] {
                let reach = (CROSS, slope * CROSS);
                let ends = [
                    (end.0 - reach.0, end.1 - reach.1),
                    (end.0 + reach.0, end.1 + reach.1),
                ];
                canvas.line(ends[0], ends[1], &Stroke::new(colour, 2.0));
            }
        }
        Fate::Arrives | Fate::UnderWay => {
            let base = (end.0 - ux * HEAD.0, end.1 - uy * HEAD.0);
            let corners = [
                end,
                (base.0 - uy * HEAD.1, base.1 + ux * HEAD.1),
                (base.0 + uy * HEAD.1, base.1 - ux * HEAD.1),
            ];
            canvas.polygon(&corners, Some(colour), None);
        }
    }
    let style = TextStyle {
        colour,
        halo: Some(2.0),
        ..TextStyle::new(SIZE).anchored(Across::Middle, Down::Bottom)
    };
    // Near the sender: there, arrows that cross are apart.
    let (x, y) = between(from, to, 0.35);
    canvas.text(&arrow.name, (x, y - 2.0), &style);
}

fn draw_mark(canvas: &mut Canvas, mark: &Mark) {
    let (x, y) = place(mark.at);
    canvas.circle((x, y), 3.5, Some(EVENT), None);
    let style = TextStyle {
        colour: EVENT,
        halo: Some(2.0),
        ..TextStyle::new(SIZE).anchored(Across::Left, Down::Middle)
    };
    canvas.text(&mark.text, (x + 7.0, y), &style);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arrow_and_mark_is_drawn() {
        let arrow = |fate| Arrow {
            from: (0, 0),
            to: (1, 2),
            name: "query".into(),
            fate,
        };
        let mut chart = Sequence {
            title: "A request".into(),
            lifelines: ["gcu/0", "gbu/0"].map(str::to_owned).to_vec(),
            rows: 3,
            left_alone: Some(2),
            ..Sequence::default()
        };
        let paths = |chart: &Sequence| chart.draw().svg().matches("<path").count();
        let mut last = paths(&chart);
        for fate in [Fate::Arrives, Fate::Lost, Fate::UnderWay] {
            chart.arrows.push(arrow(fate));
            let more = paths(&chart);
            assert!(more > last, "{fate:?}");
            last = more;
        }
        let text = "crash".into();
        chart.marks.push(Mark { at: (1, 1), text });
        assert!(paths(&chart) > last);
    }

    #[test]
    fn of_many_rows_the_first_are_drawn() {
        let chart = Sequence {
            lifelines: vec!["gcu/0".into()],
            rows: 10 * ROWS_MAX,
            ..Sequence::default()
        };
        assert!(chart.draw().size().1 < 8192.0);
    }
}
