//! The picture of an underlay: routers, links and domains, with a legend that counts them.
//!
//! Everything is told apart in three ways at once (colour, darkness, and shape, size or dash), so
//! the picture can be read in shades of grey and with any colour vision. This module does *not*
//! know what is simulated on the underlay.

mod earth;
mod labels;
mod layout;
mod legend;
mod order;
mod rows;

use self::layout::{Layout, Position, SECTOR, polar};
use super::canvas::{Across, Canvas, Colour, Down, Point, Stroke, TextStyle};
use super::palette::{INK, SOFT_INK};
use crate::topology::{Domain, Graph, LinkClass, Reading, RouterId};

/// The sheet's width in logical pixels.
const WIDTH: f32 = 960.0;
/// The square of the picture: its left and upper edge, and its side.
const LEFT: f32 = 30.0;
const TOP: f32 = 88.0;
const SIDE: f32 = 900.0;

/// Dark, for transit routers and the links inside their domains.
const TRANSIT: Colour = Colour::hex(0x00_44_88);
/// Light with a dark rim, for stub routers.
const STUB: Colour = Colour::hex(0xdd_aa_33);
const STUB_RIM: Colour = Colour::hex(0x66_4d_0f);
const BETWEEN: Colour = Colour::hex(0xbb_33_44);
const DISC: Colour = Colour::hex(0xf2_f2_f2);
const DISC_RIM: Colour = Colour::hex(0xc4_c4_c4);
const SECTOR_TINTS: [Colour; 2] = [Colour::hex(0xdf_e9_f3), Colour::hex(0xc9_d9_ea)];

/// The classes of links, in the order of drawing and of the legend.
const CLASSES: [LinkClass; 6] = [
    LinkClass::IntraStub,
    LinkClass::NoDomain,
    LinkClass::TransitStub,
    LinkClass::StubStub,
    LinkClass::IntraTransit,
    LinkClass::InterTransit,
];

/// Draws the graph of `reading`, called `name` in the title.
pub fn draw(reading: &Reading, name: &str) -> Canvas {
    let graph = &reading.graph;
    let layout = Layout::of(reading);
    let legend = legend::Legend::of(reading);
    let title = title(graph, name);
    let bottom = TOP + SIDE * layout.height as f32 + 36.0;
    let height = bottom + legend.height();
    let mut canvas = Canvas::new(WIDTH, height, &title, &legend.in_words());
    heading(&mut canvas, graph, &title);
    let looks = Looks::of(&layout);
    sectors(&mut canvas, &layout);
    let whole = |[a, b]: [usize; 2]| layout.pieces(a, b);
    // Links that leave a domain pass behind the discs of others.
    for class in [LinkClass::TransitStub, LinkClass::StubStub] {
        links(&mut canvas, graph, class, &looks, whole);
    }
    discs(&mut canvas, &layout);
    for class in [LinkClass::TransitStub, LinkClass::StubStub] {
        // One piece, and nothing in the place of the second.
        let inside = |a, b| [layout.inside_disc(a, b), [layout.places[a]; 2]];
        links(&mut canvas, graph, class, &looks, |[a, b]| inside(a, b));
        links(&mut canvas, graph, class, &looks, |[a, b]| inside(b, a));
    }
    for class in [
        LinkClass::IntraStub,
        LinkClass::NoDomain,
        LinkClass::IntraTransit,
        LinkClass::InterTransit,
    ] {
        links(&mut canvas, graph, class, &looks, whole);
    }
    routers(&mut canvas, graph, &layout, &looks);
    labels::draw(&mut canvas, graph, &layout, looks.radius);
    legend.draw(&mut canvas, &looks, (LEFT, bottom));
    canvas
}

/// Draws the links of one class, each in two pieces, of which one may be a point.
fn links(
    canvas: &mut Canvas,
    graph: &Graph,
    class: LinkClass,
    looks: &Looks,
    pieces: impl Fn([usize; 2]) -> [[Position; 2]; 2],
) {
    let stroke = looks.link(class);
    for link in graph
        .links
        .iter()
        .filter(|link| graph.class_of(link) == class)
    {
        for piece in pieces(link.ends.map(RouterId::index)) {
            let [a, b] = piece.map(on_sheet);
            if a != b {
                canvas.line(a, b, &stroke);
            }
        }
    }
}

fn title(graph: &Graph, name: &str) -> String {
    let links = graph.links.len() + graph.loops_unlisted as usize;
    format!(
        "{name}: {}, {}",
        legend::counted(graph.routers.len(), "router"),
        legend::counted(links, "link")
    )
}

fn heading(canvas: &mut Canvas, graph: &Graph, title: &str) {
    let mut style = TextStyle::new(20.0);
    style.bold = true;
    style.colour = INK;
    canvas.text(&fitting(title, &style), (LEFT, 36.0), &style);
    let mut style = TextStyle::new(11.0);
    style.colour = SOFT_INK;
    canvas.text(&fitting(&graph.id, &style), (LEFT, 56.0), &style);
}

/// As much of the text as fits across the sheet.
fn fitting(text: &str, style: &TextStyle) -> String {
    let room = WIDTH - 2.0 * LEFT;
    if Canvas::text_width(text, style) <= room {
        return text.into();
    }
    let mut cut: String = text.chars().take(200).collect();
    while Canvas::text_width(&format!("{cut}…"), style) > room && cut.pop().is_some() {}
    format!("{cut}…")
}

/// From the unit square to the sheet.
fn on_sheet([x, y]: Position) -> Point {
    (LEFT + SIDE * x as f32, TOP + SIDE * y as f32)
}

/// The sectors of the transit domains.
fn sectors(canvas: &mut Canvas, layout: &Layout) {
    let last = layout.sectors.len().saturating_sub(1);
    for (index, sector) in layout.sectors.iter().enumerate() {
        // With an odd number of sectors the last would have its first neighbour's tint.
        let tint = SECTOR_TINTS[index % 2];
        let tint = if index == last && index % 2 == 0 {
            middle_tint()
        } else {
            tint
        };
        let [from, to] = sector.angles;
        let steps = 2 + ((to - from) * 60.0) as usize;
        let angle = |step: usize| from + (to - from) * step as f64 / steps as f64;
        let outer = (0..=steps).map(|step| polar(SECTOR[1], angle(step)));
        let inner = (0..=steps).rev().map(|step| polar(SECTOR[0], angle(step)));
        let corners: Vec<Point> = outer.chain(inner).map(on_sheet).collect();
        canvas.polygon(&corners, Some(tint), None);
        let mut style = TextStyle::new(12.0).anchored(Across::Middle, Down::Middle);
        style.colour = INK;
        style.bold = true;
        let place = polar(SECTOR[1] + 0.016, f64::midpoint(from, to));
        if layout.sectors.len() <= 24 {
            canvas.text(&format!("T:{}", sector.domain), on_sheet(place), &style);
        }
    }
}

/// The discs of the stub domains.
fn discs(canvas: &mut Canvas, layout: &Layout) {
    let rim = Stroke::new(DISC_RIM, 0.6);
    for (centre, radius) in &layout.discs {
        canvas.circle(
            on_sheet(*centre),
            SIDE * *radius as f32,
            Some(DISC),
            Some(&rim),
        );
    }
}

fn middle_tint() -> Colour {
    Colour::hex(0xee_f3_f8)
}

/// How large and how thick things are on this picture.
struct Looks {
    /// The radius of a stub router's mark.
    radius: f32,
    /// Half the side of a transit router's mark.
    half: f32,
}

impl Looks {
    fn of(layout: &Layout) -> Self {
        let spacing = SIDE * layout.spacing as f32;
        let radius = (0.27 * spacing).clamp(0.8, 5.0);
        Self {
            radius,
            half: (1.5 * radius).clamp(2.5, 7.0),
        }
    }

    fn link(&self, class: LinkClass) -> Stroke {
        // Thin lines on crowded pictures.
        let fine = (self.radius / 4.0).clamp(0.35, 1.0);
        match class {
            LinkClass::IntraStub | LinkClass::NoDomain => {
                Stroke::new(Colour::hex(0x80_80_80), 0.9 * fine)
            }
            LinkClass::TransitStub => Stroke::new(Colour::hex(0x44_44_44), 1.2 * fine.max(0.6)),
            LinkClass::StubStub => {
                Stroke::new(Colour::hex(0x99_66_00), 1.4 * fine.max(0.6)).dashed(&[5.0, 3.0])
            }
            LinkClass::IntraTransit => Stroke::new(TRANSIT, 1.6 * fine.max(0.6)),
            LinkClass::InterTransit => Stroke::new(BETWEEN, 2.6 * fine.max(0.7)),
        }
    }

    fn transit_mark(&self, canvas: &mut Canvas, (x, y): Point) {
        let seam = Stroke::new(Colour::WHITE, 1.0);
        let (from, to) = (
            (x - self.half, y - self.half),
            (x + self.half, y + self.half),
        );
        canvas.rectangle(from, to, Some(TRANSIT), Some(&seam));
    }

    /// A stub router on a piece of its domain's disc.
    fn stub_sample(&self, canvas: &mut Canvas, at: Point) {
        let rim = Stroke::new(DISC_RIM, 0.6);
        canvas.circle(at, self.radius + 4.0, Some(DISC), Some(&rim));
        self.stub_mark(canvas, at);
    }

    fn stub_mark(&self, canvas: &mut Canvas, at: Point) {
        let rim = Stroke::new(STUB_RIM, (0.22 * self.radius).min(0.9));
        canvas.circle(at, self.radius, Some(STUB), Some(&rim));
    }
}

fn routers(canvas: &mut Canvas, graph: &Graph, layout: &Layout, looks: &Looks) {
    let places = || graph.routers.iter().zip(&layout.places);
    let is_transit = |domain: Domain| matches!(domain, Domain::Transit(_));
    for (_, place) in places().filter(|(router, _)| !is_transit(router.domain)) {
        looks.stub_mark(canvas, on_sheet(*place));
    }
    for (_, place) in places().filter(|(router, _)| is_transit(router.domain)) {
        looks.transit_mark(canvas, on_sheet(*place));
    }
}
