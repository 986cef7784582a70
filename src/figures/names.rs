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
/// Marks of one name that are nearer to each other share a text.
const TOGETHER: f32 = 25.0;
/// How far from its mark a name may stand; farther only if there is no room.
const GAPS: [f32; 4] = [5.5, 9.0, 14.0, 20.0];

/// Writes each name beside one of its marks that has room; again where others of its marks are far away.
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
        for near in groups(marks) {
            let around = Around {
                middle: (left + width / 2.0, top + height / 2.0),
                lines: &lines,
                taken: &taken,
                within: [left, top, left + width, top + height],
            };
            let tries = GAPS
                .iter()
                .flat_map(|gap| near.iter().map(|mark| (*gap, *mark)));
            let mut tries = tries.map(|(gap, mark)| (mark, sides(mark, gap, size)));
            let found = tries.find_map(|(mark, sides)| best(sides, mark, &around));
            // A name on others is better than a mark without one.
            let [beside, ..] = sides(near[0], GAPS[0], size);
            let side = found.unwrap_or(beside);
            taken.push(side.area);
            let style = style.anchored(side.across, side.down);
            canvas.text(&name.text, side.at, &style);
        }
    }
}

/// The marks of a name, those together that one text can stand beside.
fn groups(marks: &[Point]) -> Vec<Vec<Point>> {
    let mut groups: Vec<Vec<Point>> = Vec::new();
    for &mark in marks {
        let is_near = |group: &&mut Vec<Point>| {
            let (x, y) = (group[0].0 - mark.0, group[0].1 - mark.1);
            libm::hypotf(x, y) <= TOGETHER
        };
        match groups.iter_mut().find(is_near) {
            Some(group) => group.push(mark),
            None => groups.push(vec![mark]),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_repeated_only_where_its_marks_are_far_apart() {
        let marks = [(0.0, 0.0), (10.0, 5.0), (60.0, 0.0)];
        let groups = groups(&marks);
        assert_eq!(groups, [marks[..2].to_vec(), marks[2..].to_vec()]);
    }
}
