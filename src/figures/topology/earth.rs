//! The layout of graphs whose routers have places of their own, on the earth, on a grid or on a plane.
//!
//! This module does *not* know domains.

use std::f64::consts::PI;

use super::layout::{CENTRE, Layout, Position, neighbours};
use crate::topology::{Link, Origin, Reading};

/// How far a router without a position is from the mean of its neighbours' places.
const ASIDE: f64 = 0.04;

/// The routers' own positions, north up, those without one beside the mean of their neighbours'
/// places; `None` if no two routers are at different places.
pub(super) fn by_position(reading: &Reading) -> Option<Layout> {
    let graph = &reading.graph;
    let is_plane = !reading.on_plane().is_empty();
    let positions = positions(reading);
    let bound = |axis: usize, pick: fn(f64, f64) -> f64| {
        let known = positions.iter().flatten();
        known.map(|position| position[axis]).reduce(pick)
    };
    let low = [bound(0, f64::min)?, bound(1, f64::min)?];
    let high = [bound(0, f64::max)?, bound(1, f64::max)?];
    // Degrees of longitude are shorter than degrees of latitude, except at the equator.
    let on_earth = graph.origin == Origin::Other && !is_plane;
    let narrowing = if on_earth {
        libm::cos(f64::midpoint(low[1], high[1]).to_radians()).clamp(0.1, 1.0)
    } else {
        1.0
    };
    let size = [(high[0] - low[0]) * narrowing, high[1] - low[1]];
    let extent = size[0].max(size[1]);
    if extent.is_nan() || extent <= 0.0 || extent.is_infinite() {
        return None;
    }
    let margin = 0.06;
    let scale = (1.0 - 2.0 * margin) / extent;
    let place = |position: [f64; 2]| {
        [
            0.5 + scale * ((position[0] - low[0]) * narrowing - size[0] / 2.0),
            margin + scale * (high[1] - position[1]),
        ]
    };
    let known: Vec<Option<Position>> = positions
        .iter()
        .map(|position| position.map(place))
        .collect();
    let neighbours = neighbours(graph);
    let places = known
        .iter()
        .zip(&neighbours)
        .enumerate()
        .map(|(number, (place, around))| {
            place.unwrap_or_else(|| {
                let middle = mean(around.iter().filter_map(|other| known[*other]));
                // Beside the middle, not on a neighbour; the golden angle keeps several apart.
                let angle = number as f64 * PI * (3.0 - 5.0_f64.sqrt());
                let aside = |part: f64| ASIDE * part;
                [
                    middle[0] + aside(libm::cos(angle)),
                    middle[1] + aside(libm::sin(angle)),
                ]
            })
        });
    Some(Layout {
        places: places.collect(),
        discs: Vec::new(),
        disc_of: vec![None; graph.routers.len()],
        sectors: Vec::new(),
        height: (scale * size[1] + 2.0 * margin).max(0.25),
        spacing: 0.5 / (graph.routers.len() as f64).sqrt(),
        around: on_earth.then_some(360.0 * narrowing * scale),
    })
}

/// The routers' positions, on a plane or elsewhere. If a link between two places on the earth is shorter over the
/// antimeridian, the picture begins east of the widest gap between longitudes instead of there.
fn positions(reading: &Reading) -> Vec<Option<Position>> {
    if !reading.on_plane().is_empty() {
        return reading.on_plane().to_vec();
    }
    let graph = &reading.graph;
    let mut positions: Vec<Option<Position>> =
        graph.routers.iter().map(|router| router.position).collect();
    let is_over = |link: &Link| {
        let [from, to] = link.ends.map(|end| positions[end.index()]);
        from.zip(to)
            .is_some_and(|(from, to)| (from[0] - to[0]).abs() > 180.0)
    };
    if graph.origin != Origin::Other || !graph.links.iter().any(is_over) {
        return positions;
    }
    let from_greenwich = |longitude: f64| (longitude + 180.0).rem_euclid(360.0) - 180.0;
    for position in positions.iter_mut().flatten() {
        position[0] = from_greenwich(position[0]);
    }
    let mut longitudes: Vec<f64> = positions
        .iter()
        .flatten()
        .map(|position| position[0])
        .collect();
    longitudes.sort_by(f64::total_cmp);
    let over = longitudes
        .first()
        .zip(longitudes.last())
        .map_or(0.0, |(first, last)| first + 360.0 - last);
    let gaps = longitudes
        .windows(2)
        .map(|pair| (pair[1] - pair[0], pair[1]));
    let widest = gaps.max_by(|one, other| one.0.total_cmp(&other.0));
    if let Some((_, begin)) = widest.filter(|(gap, _)| *gap > over) {
        for position in positions
            .iter_mut()
            .flatten()
            .filter(|position| position[0] < begin)
        {
            position[0] += 360.0;
        }
    }
    positions
}

/// The mean of some places; the middle of the sheet if there are none.
fn mean(places: impl Iterator<Item = Position>) -> Position {
    let (mut sum, mut count) = ([0.0; 2], 0_u32);
    for place in places {
        sum = [sum[0] + place[0], sum[1] + place[1]];
        count += 1;
    }
    if count == 0 {
        CENTRE
    } else {
        sum.map(|part| part / f64::from(count))
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::Layout;
    use crate::topology::{Domain, Graph, Link, Origin, Router, RouterId};

    /// Routers on the equator, with these links.
    fn row(longitudes: &[f64], links: &[[u32; 2]]) -> Graph {
        let router = |longitude: &f64| Router {
            label: String::new(),
            position: Some([*longitude, 0.0]),
            domain: Domain::None,
        };
        let link = |ends: &[u32; 2]| Link {
            ends: ends.map(RouterId),
            length: 1.0,
            weight: 0,
        };
        Graph {
            id: String::new(),
            origin: Origin::Other,
            routers: longitudes.iter().map(router).collect(),
            links: links.iter().map(link).collect(),
            loops_unlisted: 0,
            latencies: None,
        }
    }

    #[test]
    fn a_link_over_the_antimeridian_is_drawn_the_short_way() {
        let far_west = Layout::of(&row(&[177.4, -170.7], &[[0, 1]]).into());
        assert!(far_west.places[0][0] < far_west.places[1][0]);
        let [piece, rest] = far_west.pieces(0, 1);
        assert_eq!(piece, [far_west.places[0], far_west.places[1]]);
        assert_eq!(rest[0].map(f64::to_bits), rest[1].map(f64::to_bits));
    }

    #[test]
    fn a_link_around_the_back_of_the_picture_leaves_it_and_comes_back() {
        let links = [[0, 1], [1, 2], [2, 3], [3, 0]];
        let round = Layout::of(&row(&[-135.0, -45.0, 45.0, 135.0], &links).into());
        for [a, b] in [[0, 1], [1, 2], [2, 3]] {
            assert_eq!(round.pieces(a, b)[0], [round.places[a], round.places[b]]);
        }
        let [there, back] = round.pieces(3, 0);
        assert_eq!((there[0], back[0]), (round.places[3], round.places[0]));
        let [right, left] = [there[1][0], back[1][0]];
        assert!((right - 1.0).abs() < 1e-12 && left.abs() < 1e-12);
    }
}
