//! The names of marks in a panel.
//!
//! It does *not* know what the marks are.

use super::beside::{Around, best, sides};
use super::canvas::{Canvas, Point, TextStyle};
use super::palette::INK;
use super::panel::PanelLayout;
use super::plot::MarkName;
use super::ticks::Axis;

const TEXT_SIZE: f32 = 9.0;
/// Half the side of a square that a mark fills, in logical pixels.
const MARK: f32 = 4.0;
/// How far from its mark a name may stand; farther only if there is no room.
const GAPS: [f32; 4] = [5.5, 9.0, 14.0, 20.0];

/// Writes each name beside its first mark that has room.
pub(super) fn draw(canvas: &mut Canvas, place: &PanelLayout, axes: [&Axis; 2], names: &[MarkName]) {
    let ((left, top), (width, height)) = (place.corner, place.size);
    let on_sheet = |&(x, y): &(f64, f64)| -> Point {
        let [across, upwards] = [axes[0].share_at(x), axes[1].share_at(y)];
        (
            left + across as f32 * width,
            top + (1.0 - upwards as f32) * height,
        )
    };
    let marks = |name: &MarkName| -> Vec<Point> { name.marks.iter().map(on_sheet).collect() };
    let all: Vec<Vec<Point>> = names.iter().map(marks).collect();
    let lines = all.iter().flat_map(|marks| marks.windows(2));
    let lines: Vec<[Point; 2]> = lines.map(|pair| [pair[0], pair[1]]).collect();
    let area = |&(x, y): &Point| [x - MARK, y - MARK, x + MARK, y + MARK];
    let mut taken: Vec<[f32; 4]> = all.iter().flatten().map(area).collect();
    let mut style = TextStyle::new(TEXT_SIZE);
    style.colour = INK;
    style.halo = Some(1.5);
    for (name, marks) in names.iter().zip(&all) {
        let size = [Canvas::text_width(&name.text, &style), TEXT_SIZE];
        let around = Around {
            middle: (left + width / 2.0, top + height / 2.0),
            lines: &lines,
            taken: &taken,
            within: [left, top, left + width, top + height],
        };
        let near = GAPS
            .iter()
            .flat_map(|gap| marks.iter().map(|mark| (*gap, *mark)));
        let mut sides_of = near.map(|(gap, mark)| (mark, sides(mark, gap, size)));
        let found = sides_of.find_map(|(mark, sides)| best(sides, mark, &around));
        // A name on others is better than a mark without one.
        let anyway = || marks.first().map(|&mark| sides(mark, GAPS[0], size));
        let side = found.or_else(|| anyway()?.into_iter().next());
        if let Some(side) = side {
            taken.push(side.area);
            let style = style.anchored(side.across, side.down);
            canvas.text(&name.text, side.at, &style);
        }
    }
}
