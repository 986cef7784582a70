//! Where routers lie on the picture of an underlay.
//!
//! GT-ITM's own coordinates put stub domains on top of each other, so a transit-stub graph is laid
//! out anew from its labels: transit routers on a ring, domain by domain, and outside the ring,
//! in the sector of its transit router, each stub domain on a small circle of its own. Other
//! graphs keep their positions, on the earth or on a plane, or go on a circle if they have none. Everything is computed from
//! the graph alone, so the same graph gives the same picture.
//!
//! Coordinates are those of a unit square, y downwards. This module does *not* know colours.

use std::collections::BTreeMap;
use std::f64::consts::{FRAC_PI_2, PI, TAU};

use super::earth::by_position;
use super::order::on_circle;
use super::rows::{CIRCLE_ROUTERS_MAX, Rows, disc_radius, disc_sizes, routers_radius};
use crate::topology::{Domain, Graph, Reading, RouterId};

/// A point of the unit square.
pub(super) type Position = [f64; 2];

/// The layout of a graph.
pub(super) struct Layout {
    /// Where each router is.
    pub(super) places: Vec<Position>,
    /// The circles of the stub domains: centre and radius.
    pub(super) discs: Vec<(Position, f64)>,
    /// The disc in which each router is; transit routers and those of flat graphs are in none.
    pub(super) disc_of: Vec<Option<usize>>,
    /// The sectors of the transit domains; none if there is but one domain.
    pub(super) sectors: Vec<Sector>,
    /// How much of the square's height is used, from the top.
    pub(super) height: f64,
    /// How far apart neighbouring routers of a stub domain (of a flat graph: routers) are.
    pub(super) spacing: f64,
    /// How far it is once around the earth, if routers are where they are on it.
    pub(super) around: Option<f64>,
}

/// What belongs to one transit domain.
pub(super) struct Sector {
    /// The domain's number.
    pub(super) domain: u32,
    /// Where it begins and ends, in radians from the top, clockwise.
    pub(super) angles: [f64; 2],
}

/// The middle of the square, around which transit-stub graphs are laid out.
pub(super) const CENTRE: Position = [0.5, 0.5];
/// The radius of the ring of transit routers.
const RING: f64 = 0.19;
/// The sectors' radii.
pub(super) const SECTOR: [f64; 2] = [RING - 0.02, 0.5];

impl Layout {
    /// The layout of a graph.
    pub(super) fn of(reading: &Reading) -> Self {
        let graph = &reading.graph;
        transit_stub(graph)
            .or_else(|| by_position(reading))
            .unwrap_or_else(|| circle(graph.routers.len()))
    }

    /// The piece of the link from router `a` to router `b` that lies in the disc of `a`; a point
    /// if `a` is in none.
    pub(super) fn inside_disc(&self, a: usize, b: usize) -> [Position; 2] {
        let (from, to) = (self.places[a], self.places[b]);
        let Some(disc) = self.disc_of[a] else {
            return [from, from];
        };
        let (centre, radius) = self.discs[disc];
        // Solve |from + share · (to − from) − centre| = radius for the share.
        let along = [to[0] - from[0], to[1] - from[1]];
        let off = [from[0] - centre[0], from[1] - centre[1]];
        let square = along[0] * along[0] + along[1] * along[1];
        let half = (along[0] * off[0] + along[1] * off[1]) / square;
        let rest = (off[0] * off[0] + off[1] * off[1] - radius * radius) / square;
        let share = (half * half - rest).max(0.0).sqrt() - half;
        let share = if share.is_finite() {
            share.clamp(0.0, 1.0)
        } else {
            0.0
        };
        [
            from,
            [from[0] + share * along[0], from[1] + share * along[1]],
        ]
    }
}

impl Layout {
    /// The pieces of the line from router `a` to router `b`: one, or two if it is shorter to leave the
    /// picture at one side and come back at the other. What is not needed is a point.
    pub(super) fn pieces(&self, a: usize, b: usize) -> [[Position; 2]; 2] {
        let (from, to) = (self.places[a], self.places[b]);
        let across = to[0] - from[0];
        match self.around {
            Some(around) if across.abs() > around / 2.0 => {
                let turn = around.copysign(across);
                let there = until_the_edge(from, [to[0] - turn, to[1]]);
                let back = until_the_edge(to, [from[0] + turn, from[1]]);
                [[from, there], [to, back]]
            }
            _ => [[from, to], [to, to]],
        }
    }
}

/// Where the line to a place outside the square leaves it at the left or right.
fn until_the_edge(from: Position, to: Position) -> Position {
    let edge = if to[0] < from[0] { 0.0 } else { 1.0 };
    let share = ((edge - from[0]) / (to[0] - from[0])).clamp(0.0, 1.0);
    [
        from[0] + share * (to[0] - from[0]),
        from[1] + share * (to[1] - from[1]),
    ]
}

/// A transit router with its stub domains.
#[derive(Default)]
pub(super) struct Wedge {
    /// The transit router; a damaged label can leave it out.
    router: Option<usize>,
    pub(super) stubs: BTreeMap<u32, Vec<usize>>,
}

/// The wedges by transit domain and transit node; `None` unless all routers have a domain.
fn wedges(graph: &Graph) -> Option<BTreeMap<(u32, u32), Wedge>> {
    let mut wedges: BTreeMap<(u32, u32), Wedge> = BTreeMap::new();
    for (router, data) in graph.routers.iter().enumerate() {
        match data.domain {
            Domain::Transit(transit) => {
                let node = data.label.rsplit('.').next()?.parse().ok()?;
                wedges.entry((transit, node)).or_default().router = Some(router);
            }
            Domain::Stub {
                transit,
                node,
                stub,
            } => {
                let stubs = &mut wedges.entry((transit, node)).or_default().stubs;
                stubs.entry(stub).or_default().push(router);
            }
            Domain::None => return None,
        }
    }
    (!wedges.is_empty()).then_some(wedges)
}

pub(super) fn neighbours(graph: &Graph) -> Vec<Vec<usize>> {
    let mut neighbours = vec![Vec::new(); graph.routers.len()];
    for link in &graph.links {
        let [a, b] = link.ends.map(RouterId::index);
        if a != b {
            neighbours[a].push(b);
            neighbours[b].push(a);
        }
    }
    neighbours
}

fn transit_stub(graph: &Graph) -> Option<Layout> {
    let wedges = in_drawing_order(wedges(graph)?, graph);
    let discs = disc_sizes(&wedges);
    let rows = Rows::roomiest(&discs);
    let mut layout = Layout {
        places: vec![CENTRE; graph.routers.len()],
        discs: Vec::new(),
        disc_of: vec![None; graph.routers.len()],
        sectors: Vec::new(),
        height: 1.0,
        spacing: rows.spacing,
        around: None,
    };
    let neighbours = neighbours(graph);
    let ring = if wedges.len() == 1 { 0.0 } else { RING };
    let mut discs = discs.iter().zip(&rows.centres).peekable();
    for (index, (key, wedge)) in wedges.iter().enumerate() {
        let mut of_wedge = Vec::new();
        while let Some(disc) = discs.next_if(|(disc, _)| disc.wedge == index) {
            of_wedge.push(disc);
        }
        let (Some(first), Some(last)) = (of_wedge.first(), of_wedge.last()) else {
            continue;
        };
        let range = [first.0.angles[0], last.0.angles[1]];
        let transit_place = polar(ring, f64::midpoint(range[0], range[1]));
        if let Some(router) = wedge.router {
            layout.places[router] = transit_place;
        }
        for (routers, (_, centre)) in wedge.stubs.values().zip(of_wedge) {
            let towards = (transit_place, wedge.router);
            place_stub(&mut layout, routers, *centre, towards, &neighbours);
        }
        match layout.sectors.last_mut() {
            Some(sector) if sector.domain == key.0 => sector.angles[1] = range[1],
            _ => layout.sectors.push(Sector {
                domain: key.0,
                angles: range,
            }),
        }
    }
    if layout.sectors.len() == 1 {
        layout.sectors.clear();
    }
    Some(layout)
}

/// The wedges, those of one domain ordered so that linked transit routers are near each other.
fn in_drawing_order(
    wedges: BTreeMap<(u32, u32), Wedge>,
    graph: &Graph,
) -> Vec<((u32, u32), Wedge)> {
    let neighbours = neighbours(graph);
    let mut wedges: Vec<((u32, u32), Wedge)> = wedges.into_iter().collect();
    let domains = wedges.chunk_by_mut(|(a, _), (b, _)| a.0 == b.0);
    for domain in domains {
        let routers: Vec<usize> = domain
            .iter()
            .filter_map(|(_, wedge)| wedge.router)
            .collect();
        if routers.len() < domain.len() {
            continue;
        }
        let order = on_circle(&routers, &neighbours);
        let rank = |wedge: &Wedge| {
            order
                .iter()
                .position(|router| Some(*router) == wedge.router)
        };
        domain.sort_by_key(|(_, wedge)| rank(wedge));
    }
    wedges
}

/// Puts the routers of one stub domain around `centre`, its way out towards the transit router.
fn place_stub(
    layout: &mut Layout,
    routers: &[usize],
    centre: Position,
    (transit_place, transit): (Position, Option<usize>),
    neighbours: &[Vec<usize>],
) {
    layout
        .discs
        .push((centre, layout.spacing * disc_radius(routers.len())));
    let mut order = if routers.len() <= CIRCLE_ROUTERS_MAX {
        on_circle(routers, neighbours)
    } else {
        routers.to_vec()
    };
    let is_exit = |router: &usize| transit.is_some_and(|t| neighbours[*router].contains(&t));
    let exit = order.iter().position(is_exit).unwrap_or(0);
    order.rotate_left(exit);
    let towards = libm::atan2(transit_place[1] - centre[1], transit_place[0] - centre[0]);
    let radius = layout.spacing * routers_radius(routers.len());
    for (index, router) in order.iter().enumerate() {
        let (distance, angle) = if routers.len() <= CIRCLE_ROUTERS_MAX {
            (radius, TAU * index as f64 / routers.len() as f64)
        } else {
            // A sunflower's head, seen from its rim inwards.
            let share = (routers.len() - index) as f64 / routers.len() as f64;
            (
                radius * share.sqrt(),
                index as f64 * PI * (3.0 - 5.0_f64.sqrt()),
            )
        };
        layout.disc_of[*router] = Some(layout.discs.len() - 1);
        layout.places[*router] = [
            centre[0] + distance * libm::cos(towards + angle),
            centre[1] + distance * libm::sin(towards + angle),
        ];
    }
}

/// The point at this distance from the middle, `angle` clockwise from the top.
pub(super) fn polar(distance: f64, angle: f64) -> Position {
    [
        CENTRE[0] + distance * libm::cos(angle - FRAC_PI_2),
        CENTRE[1] + distance * libm::sin(angle - FRAC_PI_2),
    ]
}

fn circle(routers: usize) -> Layout {
    let step = TAU / routers.max(1) as f64;
    Layout {
        places: (0..routers)
            .map(|router| polar(0.44, step * router as f64))
            .collect(),
        discs: Vec::new(),
        disc_of: vec![None; routers],
        sectors: Vec::new(),
        height: 1.0,
        spacing: 0.44 * step,
        around: None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::topology::read;

    fn apart(a: Position, b: Position) -> f64 {
        libm::hypot(a[0] - b[0], a[1] - b[1])
    }

    #[test]
    fn stub_domains_lie_side_by_side_and_hold_their_routers() {
        for name in ["t100-0", "ts108x-0", "ts600-0", "ts1000-0"] {
            let graph = read(Path::new(&format!("topologies/{name}.gb"))).unwrap();
            let layout = Layout::of(&graph.clone().into());
            for (index, (centre, radius)) in layout.discs.iter().enumerate() {
                assert!(
                    apart(*centre, CENTRE) + radius <= SECTOR[1],
                    "{name}: in its sector"
                );
                for (other, other_radius) in &layout.discs[..index] {
                    assert!(
                        apart(*centre, *other) >= 0.999 * (radius + other_radius),
                        "{name}"
                    );
                }
            }
            let stub =
                |router: &usize| matches!(graph.routers[*router].domain, Domain::Stub { .. });
            for router in 0..graph.routers.len() {
                assert_eq!(layout.disc_of[router].is_some(), stub(&router));
                if let Some(disc) = layout.disc_of[router] {
                    let (centre, radius) = layout.discs[disc];
                    assert!(
                        apart(layout.places[router], centre) < radius,
                        "{name}: {router}"
                    );
                }
            }
        }
    }

    #[test]
    fn routers_of_one_stub_domain_share_a_disc_and_no_place() {
        let graph = read(Path::new("topologies/ts1000-0.gb")).unwrap();
        let layout = Layout::of(&graph.clone().into());
        for (a, router) in graph.routers.iter().enumerate() {
            for (b, other) in graph.routers[..a].iter().enumerate() {
                let both = layout.disc_of[a].is_some() && layout.disc_of[b].is_some();
                let same_disc = both && layout.disc_of[a] == layout.disc_of[b];
                assert_eq!(same_disc, both && router.domain == other.domain);
                assert!(apart(layout.places[a], layout.places[b]) > 0.5 * layout.spacing);
            }
        }
    }

    #[test]
    fn flat_graphs_keep_their_positions_and_others_go_on_a_circle() {
        let mut graph = read(Path::new("topologies/t100-0.gb")).unwrap();
        for router in &mut graph.routers {
            router.domain = Domain::None;
        }
        let layout = Layout::of(&graph.clone().into());
        let [a, b] = [0, 1].map(|router| {
            (
                graph.routers[router].position.unwrap(),
                layout.places[router],
            )
        });
        assert_eq!(a.0[0] < b.0[0], a.1[0] < b.1[0], "x to the right");
        assert_eq!(a.0[1] < b.0[1], a.1[1] > b.1[1], "y upwards");
        for router in &mut graph.routers {
            router.position = Some([7.0, 7.0]);
        }
        let circle = Layout::of(&graph.into());
        assert!((apart(circle.places[0], circle.places[50]) - 0.88).abs() < 1e-12);
    }
}
