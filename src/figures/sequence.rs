//! Sequence charts: a line down for each unit, an arrow for each message, downwards in the order of events.
//!
//! This module does *not* know where the events come from.

use super::canvas::{Across, Canvas, Colour, Down, Point, Stroke, TextStyle};
use super::palette::{MAIN, STRIKING};
use super::text::wrapped;

/// What a chart shows. Rows count downwards from 0, lifelines from the left.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sequence {
    /// What it shows, in a word or two.
    pub title: String,
    /// What it shows, in a sentence.
    pub about: String,
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

/// The maximum number of rows that are drawn.
pub const ROWS_MAX: usize = 280;

const LIFELINE_GAP: f32 = 170.0;
const ROW_HEIGHT: f32 = 26.0;
/// Left and right of all lifelines, at least.
const SIDE: f32 = 40.0;
/// Between a text and what is beside it.
const PAD: f32 = 8.0;
/// The minimum width of a text, in logical pixels.
const WIDTH_MIN: f32 = 420.0;
const SIZE: f32 = 11.0;
const LINE_HEIGHT: f32 = 15.0;
/// The length of an arrow's head, and half of its width.
const HEAD: (f32, f32) = (8.0, 3.5);
/// How far a cross reaches from its middle.
const CROSS: f32 = 5.0;
/// Where on its arrow a name may stand. The first one that hides nothing is taken: near the sender, where arrows
/// that cross are apart.
const NAME_PLACES: [f32; 6] = [0.35, 0.5, 0.62, 0.24, 0.74, 0.42];

const TITLE: TextStyle = TextStyle {
    bold: true,
    ..TextStyle::new(14.0)
};
const ABOUT: TextStyle = TextStyle::new(SIZE);
const EVENT: Colour = Colour::hex(0x6a_3d_00);
const LIFELINE: Colour = Colour::hex(0x99_99_99);

impl Sequence {
    /// Draws the chart; of more than [`ROWS_MAX`] rows the first ones.
    pub fn draw(&self) -> Canvas {
        let rows = self.rows.min(ROWS_MAX);
        let layout = Layout::of(self, rows);
        let (width, height) = layout.size;
        let description = format!(
            "A sequence chart of {} units and {} events. {}",
            self.lifelines.len(),
            self.rows,
            self.about
        );
        let mut canvas = Canvas::new(width, height, &self.title, &description);
        canvas.text(&self.title, (PAD, 24.0), &TITLE);
        for (number, line) in layout.about.iter().enumerate() {
            let y = 42.0 + LINE_HEIGHT * number as f32;
            canvas.text(line, (PAD, y), &ABOUT);
        }
        self.draw_lifelines(&layout, &mut canvas);
        let arrows = || self.arrows.iter().filter(|arrow| arrow.to.1 < rows);
        for arrow in arrows() {
            draw_arrow(&mut canvas, arrow, &layout);
        }
        // Names and texts stand above all arrows, and keep off their heads.
        let mut taken: Vec<Room> = arrows().map(|arrow| head(arrow, &layout)).collect();
        for mark in self.marks.iter().filter(|mark| mark.at.1 < rows) {
            let side = self.free_side(mark.at);
            taken.push(draw_mark(&mut canvas, mark, side, &layout));
        }
        for arrow in arrows() {
            draw_name(&mut canvas, arrow, &layout, &mut taken);
        }
        if self.rows > rows {
            let text = format!("and {} more events", self.rows - rows);
            canvas.text(&text, (PAD, height - 10.0), &TextStyle::new(SIZE));
        }
        canvas
    }

    fn draw_lifelines(&self, layout: &Layout, canvas: &mut Canvas) {
        let style = TextStyle {
            bold: true,
            ..TextStyle::new(12.0).anchored(Across::Middle, Down::Bottom)
        };
        let bottom = layout.size.1 - ROW_HEIGHT;
        for (number, name) in self.lifelines.iter().enumerate() {
            let (x, top) = layout.place((number, 0));
            canvas.text(name, (x, top - 14.0), &style);
            let stroke = Stroke::new(LIFELINE, 1.0);
            canvas.line((x, top - 10.0), (x, bottom), &stroke);
        }
        if let Some(row) = self.left_alone.filter(|row| *row < ROWS_MAX) {
            let y = layout.place((0, row)).1 - ROW_HEIGHT * 0.5;
            let stroke = Stroke::new(LIFELINE, 1.0).dashed(&[4.0, 4.0]);
            canvas.line((0.0, y), (layout.size.0, y), &stroke);
            let style = TextStyle {
                colour: LIFELINE,
                ..TextStyle::new(9.0).anchored(Across::Left, Down::Top)
            };
            canvas.text("left alone", (4.0, y + 2.0), &style);
        }
    }

    /// On which side of a unit's lifeline there is room for a text: where none of its arrows begins, if there is
    /// such a side.
    fn free_side(&self, at: (usize, usize)) -> Across {
        let (unit, _) = at;
        let goes = |is_right: bool| {
            let mut sent = self.arrows.iter().filter(|arrow| arrow.from == at);
            sent.any(|arrow| (arrow.to.0 > unit) == is_right)
        };
        let is_last = unit + 1 == self.lifelines.len();
        if unit > 0 && (is_last || goes(true) && !goes(false)) || unit == 0 && goes(true) {
            // The text ends at the lifeline.
            Across::Right
        } else {
            Across::Left
        }
    }
}

/// Where everything stands.
struct Layout {
    size: (f32, f32),
    /// The first lifeline, and the first row.
    first: Point,
    about: Vec<String>,
}

impl Layout {
    fn of(chart: &Sequence, rows: usize) -> Self {
        let last = chart.lifelines.len().saturating_sub(1);
        let margin = |unit: usize, side: Across| {
            let marks = chart.marks.iter().filter(|mark| mark.at.0 == unit);
            let marks = marks.filter(|mark| chart.free_side(mark.at) == side);
            let widths = marks.map(|mark| Canvas::text_width(&mark.text, &ABOUT) + 2.0 * PAD);
            widths.fold(SIDE, f32::max)
        };
        let left = margin(0, Across::Right);
        let right = margin(last, Across::Left);
        let title = Canvas::text_width(&chart.title, &TITLE) + 2.0 * PAD;
        let width = left + right + LIFELINE_GAP * last as f32;
        let width = width.max(WIDTH_MIN).max(title);
        let about = wrapped(&chart.about, width - 2.0 * PAD, &ABOUT);
        let top = 74.0 + LINE_HEIGHT * about.len() as f32;
        Self {
            size: (width, top + ROW_HEIGHT * (rows as f32 + 2.0)),
            first: (left, top),
            about,
        }
    }

    /// Where a lifeline and a row meet.
    fn place(&self, (lifeline, row): (usize, usize)) -> Point {
        (
            self.first.0 + LIFELINE_GAP * lifeline as f32,
            self.first.1 + ROW_HEIGHT * row as f32,
        )
    }
}

/// A rectangle: its corners at the top left and at the bottom right.
type Room = [Point; 2];

/// How much of two rectangles lies on each other.
fn common(one: &Room, other: &Room) -> f32 {
    let along = |of: fn(&Point) -> f32| {
        let end = of(&one[1]).min(of(&other[1]));
        (end - of(&one[0]).max(of(&other[0]))).max(0.0)
    };
    along(|point| point.0) * along(|point| point.1)
}

/// The point at a share of the way from one to another.
fn between(from: Point, to: Point, share: f32) -> Point {
    (
        from.0 + (to.0 - from.0) * share,
        from.1 + (to.1 - from.1) * share,
    )
}

/// Where an arrow begins and ends, and its colour.
fn course(arrow: &Arrow, layout: &Layout) -> (Point, Point, Colour) {
    let (from, to) = (layout.place(arrow.from), layout.place(arrow.to));
    match arrow.fate {
        Fate::Arrives => (from, to, MAIN),
        Fate::Lost => (from, between(from, to, 0.6), STRIKING),
        Fate::UnderWay => (from, between(from, to, 0.6), MAIN),
    }
}

fn draw_arrow(canvas: &mut Canvas, arrow: &Arrow, layout: &Layout) {
    let (from, end, colour) = course(arrow, layout);
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
}

/// The room of an arrow's head.
fn head(arrow: &Arrow, layout: &Layout) -> Room {
    let (_, (x, y), _) = course(arrow, layout);
    [(x - HEAD.0, y - HEAD.1), (x + HEAD.0, y + HEAD.1)]
}

/// Writes an arrow's name where it hides as little as can be of what is `taken`.
fn draw_name(canvas: &mut Canvas, arrow: &Arrow, layout: &Layout, taken: &mut Vec<Room>) {
    let (from, end, colour) = course(arrow, layout);
    let style = TextStyle {
        colour,
        halo: Some(2.0),
        ..TextStyle::new(SIZE).anchored(Across::Middle, Down::Bottom)
    };
    let half = Canvas::text_width(&arrow.name, &style) / 2.0;
    let room = |share: f32| {
        let (x, y) = between(from, end, share);
        let y = y - 4.0;
        ((x, y), [(x - half, y - SIZE), (x + half, y)])
    };
    let hidden = |share: &f32| -> f32 {
        let (_, own) = room(*share);
        taken.iter().map(|other| common(&own, other)).sum()
    };
    let places = NAME_PLACES.iter().copied();
    let best = places.min_by(|one, other| hidden(one).total_cmp(&hidden(other)));
    let (at, own) = room(best.unwrap_or(NAME_PLACES[0]));
    canvas.text(&arrow.name, at, &style);
    taken.push(own);
}

/// Draws a mark with its text on one side; the room that the text takes.
fn draw_mark(canvas: &mut Canvas, mark: &Mark, side: Across, layout: &Layout) -> Room {
    let (x, y) = layout.place(mark.at);
    canvas.circle((x, y), 3.5, Some(EVENT), None);
    let style = TextStyle {
        colour: EVENT,
        halo: Some(2.0),
        ..TextStyle::new(SIZE).anchored(side, Down::Middle)
    };
    let width = Canvas::text_width(&mark.text, &style);
    let (start, end) = if side == Across::Right {
        (x - PAD - width, x - PAD)
    } else {
        (x + PAD, x + PAD + width)
    };
    let edge = if side == Across::Right { end } else { start };
    canvas.text(&mark.text, (edge, y), &style);
    [(start, y - SIZE / 2.0), (end, y + SIZE / 2.0)]
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
