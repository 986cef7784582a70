//! Names beside the routers, where there is room for them.

use super::super::beside::{Around, best, sides};
use super::super::canvas::{Canvas, Point, TextStyle};
use super::super::palette::INK;
use super::layout::Layout;
use super::{LEFT, SIDE, TOP, WIDTH, on_sheet};
use crate::topology::{Domain, Graph};

/// Pictures with more routers than this have no names on them.
const ROUTERS_MAX: usize = 100;
const TEXT_SIZE: f32 = 9.5;
/// Where labels may stand: left, top, right, bottom.
const PICTURE: [f32; 4] = [
    LEFT / 2.0,
    TOP - 10.0,
    WIDTH - LEFT / 2.0,
    TOP + SIDE + 10.0,
];

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
        let sides = sides(place, radius + 2.5, [width, TEXT_SIZE]);
        let around = Around {
            middle,
            lines: &links,
            taken: &taken,
            within: PICTURE,
        };
        if let Some(side) = best(sides, place, &around) {
            taken.push(side.area);
            let style = style.anchored(side.across, side.down);
            canvas.text(&router.label, side.at, &style);
        }
    }
}

/// The middle of all routers.
fn middle(places: &[Point]) -> Point {
    let mean = |of: fn(&Point) -> f32| places.iter().map(of).sum::<f32>() / places.len() as f32;
    (mean(|place| place.0), mean(|place| place.1))
}
