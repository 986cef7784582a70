//! Names beside the routers, where there is room for them.

use super::super::canvas::{Across, Canvas, Down, Point, TextStyle};
use super::layout::Layout;
use super::{INK, LEFT, SIDE, TOP, WIDTH, on_sheet};
use crate::topology::{Domain, Graph};

/// Pictures with more routers than this have no names on them.
const ROUTERS_MAX: usize = 100;
const TEXT_SIZE: f32 = 9.5;

/// Draws the labels of routers without a domain, each on the first of its four sides where it
/// covers no router and no other label; where there is none, it is left out.
pub(super) fn draw(canvas: &mut Canvas, graph: &Graph, layout: &Layout, radius: f32) {
    let named = graph
        .routers
        .iter()
        .any(|router| router.domain == Domain::None);
    if !named || graph.routers.len() > ROUTERS_MAX {
        return;
    }
    let marks = layout.places.iter().map(|place| {
        let (x, y) = on_sheet(*place);
        [x - radius, y - radius, x + radius, y + radius]
    });
    let mut taken: Vec<[f32; 4]> = marks.collect();
    for (router, place) in graph.routers.iter().zip(&layout.places) {
        let mut style = TextStyle::new(TEXT_SIZE);
        style.colour = INK;
        style.halo = Some(1.5);
        let width = Canvas::text_width(&router.label, &style);
        let sides = sides(on_sheet(*place), radius + 2.5, width);
        let free = |side: &&Side| {
            let inside = side.area[0] >= LEFT / 2.0
                && side.area[2] <= WIDTH - LEFT / 2.0
                && side.area[1] >= TOP - 10.0
                && side.area[3] <= TOP + SIDE + 10.0;
            inside && !taken.iter().any(|other| overlap(side.area, *other))
        };
        if let Some(side) = sides.iter().find(free) {
            taken.push(side.area);
            let style = style.anchored(side.across, side.down);
            canvas.text(&router.label, side.at, &style);
        }
    }
}

/// A place for a label.
struct Side {
    at: Point,
    across: Across,
    down: Down,
    /// Left, top, right, bottom.
    area: [f32; 4],
}

fn sides((x, y): Point, gap: f32, width: f32) -> [Side; 4] {
    let half = TEXT_SIZE / 2.0;
    let right = [x + gap, y - half, x + gap + width, y + half];
    let left = [x - gap - width, y - half, x - gap, y + half];
    let above = [
        x - width / 2.0,
        y - gap - 2.0 * half,
        x + width / 2.0,
        y - gap,
    ];
    let below = [
        x - width / 2.0,
        y + gap,
        x + width / 2.0,
        y + gap + 2.0 * half,
    ];
    let side = |at, across, down, area| Side {
        at,
        across,
        down,
        area,
    };
    [
        side((x + gap, y), Across::Left, Down::Middle, right),
        side((x - gap, y), Across::Right, Down::Middle, left),
        side((x, y - gap), Across::Middle, Down::Bottom, above),
        side((x, y + gap), Across::Middle, Down::Top, below),
    ]
}

fn overlap(a: [f32; 4], b: [f32; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}
