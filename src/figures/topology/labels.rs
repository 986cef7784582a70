//! Names beside the routers, where there is room for them.

use super::super::canvas::{Across, Canvas, Down, Point, TextStyle};
use super::layout::Layout;
use super::{INK, LEFT, SIDE, TOP, WIDTH, on_sheet};
use crate::topology::{Domain, Graph};

/// Pictures with more routers than this have no names on them.
const ROUTERS_MAX: usize = 100;
const TEXT_SIZE: f32 = 9.5;

/// Draws the labels of routers without a domain, each on that of its sides and corners where it covers no
/// router and no other label, and the fewest links; of such places the one that points away from the
/// middle. Where there is none, it is left out.
pub(super) fn draw(canvas: &mut Canvas, graph: &Graph, layout: &Layout, radius: f32) {
    let named = graph
        .routers
        .iter()
        .any(|router| router.domain == Domain::None);
    if !named || graph.routers.len() > ROUTERS_MAX {
        return;
    }
    let places: Vec<Point> = layout.places.iter().map(|place| on_sheet(*place)).collect();
    let links: Vec<[Point; 2]> = graph
        .links
        .iter()
        .flat_map(|link| layout.pieces(link.ends[0].index(), link.ends[1].index()))
        .map(|piece| piece.map(on_sheet))
        .collect();
    let middle = middle(&places);
    let marks = places
        .iter()
        .map(|(x, y)| [x - radius, y - radius, x + radius, y + radius]);
    let mut taken: Vec<[f32; 4]> = marks.collect();
    for (router, &place) in graph.routers.iter().zip(&places) {
        let mut style = TextStyle::new(TEXT_SIZE);
        style.colour = INK;
        style.halo = Some(1.5);
        let width = Canvas::text_width(&router.label, &style);
        let sides = sides(place, radius + 2.5, width);
        if let Some(side) = best(sides, [place, middle], &links, &taken) {
            taken.push(side.area);
            let style = style.anchored(side.across, side.down);
            canvas.text(&router.label, side.at, &style);
        }
    }
}

/// The side of a router at `place` that is best for its label.
fn best(
    sides: [Side; 8],
    [place, middle]: [Point; 2],
    links: &[[Point; 2]],
    taken: &[[f32; 4]],
) -> Option<Side> {
    let free = sides.into_iter().filter(|side| {
        let is_taken = taken.iter().any(|other| overlap(side.area, *other));
        on_picture(side.area) && !is_taken
    });
    let inwards = |side: &Side| {
        let [x, y] = side.away;
        x * (middle.0 - place.0) + y * (middle.1 - place.1)
    };
    let covered = |side: &Side| {
        let crossing = links.iter().filter(|link| crosses(**link, side.area));
        crossing.count()
    };
    free.min_by(|one, other| {
        let links = covered(one).cmp(&covered(other));
        links.then(inwards(one).total_cmp(&inwards(other)))
    })
}

/// The middle of all routers.
fn middle(places: &[Point]) -> Point {
    let mean = |of: fn(&Point) -> f32| places.iter().map(of).sum::<f32>() / places.len() as f32;
    (mean(|place| place.0), mean(|place| place.1))
}

fn on_picture(area: [f32; 4]) -> bool {
    area[0] >= LEFT / 2.0
        && area[2] <= WIDTH - LEFT / 2.0
        && area[1] >= TOP - 10.0
        && area[3] <= TOP + SIDE + 10.0
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
struct Side {
    at: Point,
    across: Across,
    down: Down,
    /// Left, top, right, bottom.
    area: [f32; 4],
    /// The direction from the router to it.
    away: [f32; 2],
}

/// The places for a text of a width beside, above, below and at the corners of a router.
fn sides((x, y): Point, gap: f32, width: f32) -> [Side; 8] {
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
            0 => (Down::Middle, at.1 - TEXT_SIZE / 2.0),
            _ => (Down::Bottom, at.1 - TEXT_SIZE),
        };
        Side {
            at,
            across,
            down,
            area: [left, top, left + width, top + TEXT_SIZE],
            away,
        }
    };
    let straight = [[1, 0], [-1, 0], [0, -1], [0, 1]];
    let corners = [[1, -1], [1, 1], [-1, -1], [-1, 1]];
    let all = [straight, corners];
    std::array::from_fn(|i| side(all[i / 4][i % 4]))
}

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
            let side = best(sides(at, 6.0, 40.0), [at, middle], &links, &[]).unwrap();
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
