//! Texts beside marks, where there is room for them.
//!
//! It does *not* know what the marks are.

use super::canvas::{Across, Down, Point};

/// What is around a label.
pub(super) struct Around<'a> {
    /// What labels point away from.
    pub(super) middle: Point,
    /// Lines that a label should not cover.
    pub(super) lines: &'a [[Point; 2]],
    /// Areas that a label must not cover: left, top, right, bottom.
    pub(super) taken: &'a [[f32; 4]],
    /// The area that it must not leave.
    pub(super) within: [f32; 4],
}

/// The side that is best for the label of a mark at `place`: within the area, covering nothing that is
/// taken and the fewest lines, pointing away from the middle.
pub(super) fn best(sides: [Side; 8], place: Point, around: &Around<'_>) -> Option<Side> {
    let [left, top, right, bottom] = around.within;
    let is_within =
        |area: [f32; 4]| area[0] >= left && area[1] >= top && area[2] <= right && area[3] <= bottom;
    let free = sides.into_iter().filter(|side| {
        let is_taken = around.taken.iter().any(|other| overlap(side.area, *other));
        is_within(side.area) && !is_taken
    });
    let inwards = |side: &Side| {
        let [x, y] = side.away;
        x * (around.middle.0 - place.0) + y * (around.middle.1 - place.1)
    };
    let covered = |side: &Side| {
        let crossing = around
            .lines
            .iter()
            .filter(|link| crosses(**link, side.area));
        crossing.count()
    };
    free.min_by(|one, other| {
        let links = covered(one).cmp(&covered(other));
        links.then(inwards(one).total_cmp(&inwards(other)))
    })
}

/// Whether a line has a point in an area (Liang and Barsky, ACM TOG 3(1), 1984).
fn crosses([from, to]: [Point; 2], area: [f32; 4]) -> bool {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut enters, mut leaves) = (0.0_f32, 1.0_f32);
    for (along, room) in [
        (-dx, from.0 - area[0]),
        (dx, area[2] - from.0),
        (-dy, from.1 - area[1]),
        (dy, area[3] - from.1),
    ] {
        if along < 0.0 {
            enters = enters.max(room / along);
        } else if along > 0.0 {
            leaves = leaves.min(room / along);
        } else if room < 0.0 {
            return false;
        }
    }
    enters <= leaves
}

/// A place for a label.
pub(super) struct Side {
    pub(super) at: Point,
    pub(super) across: Across,
    pub(super) down: Down,
    /// Left, top, right, bottom.
    pub(super) area: [f32; 4],
    /// The direction from the mark to it.
    away: [f32; 2],
}

/// The places for a text of a width and height beside, above, below and at the corners of a mark.
pub(super) fn sides((x, y): Point, gap: f32, [width, height]: [f32; 2]) -> [Side; 8] {
    let side = |[dx, dy]: [i8; 2]| {
        let diagonal = dx != 0 && dy != 0;
        // So that it is about as far from the mark, which is round.
        let away = [dx, dy].map(|d| f32::from(d) * if diagonal { 0.75 } else { 1.0 });
        let at = (x + gap * away[0], y + gap * away[1]);
        let (across, left) = match dx {
            1.. => (Across::Left, at.0),
            0 => (Across::Middle, at.0 - width / 2.0),
            _ => (Across::Right, at.0 - width),
        };
        let (down, top) = match dy {
            1.. => (Down::Top, at.1),
            0 => (Down::Middle, at.1 - height / 2.0),
            _ => (Down::Bottom, at.1 - height),
        };
        Side {
            at,
            across,
            down,
            area: [left, top, left + width, top + height],
            away,
        }
    };
    let straight = [[1, 0], [-1, 0], [0, -1], [0, 1]];
    let corners = [[1, -1], [1, 1], [-1, -1], [-1, 1]];
    let all = [straight, corners];
    std::array::from_fn(|i| side(all[i / 4][i % 4]))
}

/// Whether two areas have a point in common.
fn overlap(a: [f32; 4], b: [f32; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_on_a_ring_stand_outside_of_it_and_on_no_link() {
        let turn = |i: u16| f32::from(i) / 24.0 * std::f32::consts::TAU;
        let place = |i| {
            (
                480.0 + 300.0 * libm::cosf(turn(i)),
                500.0 + 300.0 * libm::sinf(turn(i)),
            )
        };
        let links: Vec<[Point; 2]> = (0..24).map(|i| [place(i), place(i + 1)]).collect();
        for i in 0..24 {
            let at = place(i);
            let middle = (480.0, 500.0);
            let around = Around {
                middle,
                lines: &links,
                taken: &[],
                within: [0.0, 0.0, 1000.0, 1000.0],
            };
            let side = best(sides(at, 6.0, [40.0, 9.5]), at, &around).unwrap();
            let outwards = side.away[0] * (at.0 - middle.0) + side.away[1] * (at.1 - middle.1);
            assert!(outwards > 0.0, "{i}");
            assert!(!links.iter().any(|link| crosses(*link, side.area)), "{i}");
        }
    }

    #[test]
    fn a_line_crosses_an_area_if_it_has_a_point_in_it() {
        let area = [1.0, 1.0, 3.0, 2.0];
        assert!(crosses([(0.0, 0.0), (4.0, 3.0)], area));
        assert!(crosses([(2.0, 1.5), (9.0, 9.0)], area), "it begins there");
        assert!(crosses([(2.0, 0.0), (2.0, 9.0)], area), "upright");
        assert!(!crosses([(0.0, 0.0), (0.5, 9.0)], area));
        assert!(!crosses([(0.0, 0.5), (9.0, 0.5)], area), "above it");
        assert!(!crosses([(0.0, 1.5), (0.5, 1.5)], area), "it ends before");
    }
}
