//! One flat random graph on a square grid: the whole of a `geo` graph, and every domain of a
//! transit-stub graph.
//!
//! It does *not* know where its square lies.

use std::collections::BTreeSet;
use std::f64::consts::SQRT_2;

use petgraph::unionfind::UnionFind;

use super::diameter::diameter;
use super::parameters::{EdgeLaw, EdgeMethod, FlatParameters};
use super::random::Flip;
use super::refusal::{ParameterGroup, Refusal};
use super::watch::Watch;
use super::{DOMAIN_ROUTERS_MAX, LINKS_MAX, PAIRS_MAX, REDRAWS_MAX, scales};
use crate::topology::{Domain, Graph, Link, Origin, Router, RouterId};

/// A cell of the grid.
pub(super) type Position = [u32; 2];

/// A flat random graph.
#[derive(Debug)]
pub(super) struct Flat {
    /// The routers' positions.
    pub(super) positions: Vec<Position>,
    /// The links in order of creation: by lower router, then by higher.
    pub(super) links: Vec<FlatLink>,
}

/// A link of a flat graph, its lower router first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FlatLink {
    pub(super) ends: [u32; 2],
    pub(super) length: f64,
}

/// A law, and the side of the square on which it is applied.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) law: &'a EdgeLaw,
    pub(super) scale: u32,
    /// The parameters to blame if nothing comes of it.
    pub(super) part: ParameterGroup,
    /// What is drawn, as the subject of a sentence.
    pub(super) subject: &'static str,
}

/// How often a graph is drawn at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempts {
    /// The original gives up after this many attempts.
    Original(u32),
    /// The original never gives up; we do after [`REDRAWS_MAX`].
    Ours,
}

/// What the domains of one graph may still come to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits<'a> {
    /// How many links a domain may have.
    pub(super) links: usize,
    /// How many pairs of routers may still be drawn for.
    pub(super) pairs: u64,
    /// The observer of each draw.
    watch: &'a Watch,
}

impl<'a> Limits<'a> {
    /// Those of a graph of which nothing has been drawn.
    pub(super) const fn of_whole(watch: &'a Watch) -> Self {
        Self {
            links: LINKS_MAX,
            pairs: PAIRS_MAX,
            watch,
        }
    }
}

/// The length of the straight line between two positions.
pub(super) fn distance([x, y]: [f64; 2], [u, v]: [f64; 2]) -> f64 {
    ((x - u) * (x - u) + (y - v) * (y - v)).sqrt()
}

impl Flat {
    /// A `geo` graph: drawn until it is connected.
    pub(super) fn whole(
        flip: &mut Flip,
        parameters: &FlatParameters,
        watch: &Watch,
    ) -> Result<Self, Refusal> {
        let part = ParameterGroup::Flat;
        if parameters.routers == 0 {
            return Err(Refusal::new(
                part,
                "the graph has no routers",
                "give a number n of at least 1",
            ));
        }
        let scale = u32::try_from(parameters.scale)
            .ok()
            .filter(|&scale| scale <= 0x7FFF_FFFF)
            .ok_or_else(|| {
                Refusal::new(
                    part,
                    "the scale is above 2147483647, the largest number that the generator draws",
                    "give a smaller scale",
                )
            })?;
        let line = Line {
            law: &parameters.law,
            scale,
            part,
            subject: part.name(),
        };
        line.law.check(part)?;
        let n = usize::try_from(parameters.routers).unwrap_or(usize::MAX);
        Self::connected(flip, n, line, Attempts::Ours, &mut Limits::of_whole(watch))
    }

    /// Draws a graph of `n` ≥ 1 routers again and again until it is connected. One that is beyond
    /// the `limits` is refused; pairs that were drawn for are taken off them.
    pub(super) fn connected(
        flip: &mut Flip,
        n: usize,
        line: Line<'_>,
        attempts: Attempts,
        limits: &mut Limits<'_>,
    ) -> Result<Self, Refusal> {
        line.check(n)?;
        let pairs = n as u64 * (n as u64 - 1) / 2;
        let tries = match attempts {
            Attempts::Original(tries) => tries,
            Attempts::Ours => REDRAWS_MAX,
        };
        let affordable = limits.pairs / pairs.max(1);
        let draws_max = tries.min(u32::try_from(affordable).unwrap_or(u32::MAX));
        for drawn in 0..tries {
            limits.watch.draw(line.subject, n, drawn, draws_max);
            limits.pairs = limits
                .pairs
                .checked_sub(pairs)
                .ok_or_else(|| line.too_long(n, drawn))?;
            let flat = Self::draw(flip, n, line, limits.links)?;
            if flat.is_connected() {
                return Ok(flat);
            }
        }
        let comparison = match attempts {
            Attempts::Original(_) => "the original gives up there, too",
            Attempts::Ours => "the original would go on for ever",
        };
        Err(Refusal::new(
            line.part,
            format!(
                "{} of {n} routers was not connected in any of {tries} draws ({comparison})",
                line.subject
            ),
            "give parameters that make links more probable, or another seed",
        ))
    }

    fn draw(flip: &mut Flip, n: usize, line: Line<'_>, links_max: usize) -> Result<Self, Refusal> {
        let positions = place(flip, n, line.scale);
        let diagonal = line.diagonal();
        let mut links = Vec::new();
        let points: Vec<_> = positions.iter().map(|cell| cell.map(f64::from)).collect();
        for (i, &from) in points.iter().enumerate() {
            for (j, &to) in points.iter().enumerate().skip(i + 1) {
                let distance = match line.law.method {
                    EdgeMethod::WaxmanRandomLength => flip.unit() * diagonal,
                    _ => distance(from, to),
                };
                let probability = line.law.probability(distance, diagonal, n);
                if flip.unit() < probability {
                    if links.len() == links_max {
                        return Err(scales::too_many_links(line.part));
                    }
                    links.push(FlatLink {
                        ends: [i as u32, j as u32],
                        length: distance.round_ties_even(),
                    });
                }
            }
        }
        Ok(Self { positions, links })
    }

    fn is_connected(&self) -> bool {
        let n = self.positions.len();
        let mut components = UnionFind::<u32>::new(n);
        let joined = self
            .links
            .iter()
            .filter(|link| components.union(link.ends[0], link.ends[1]))
            .count();
        joined + 1 == n
    }

    /// The neighbours of each router, in order of creation.
    pub(super) fn neighbours(&self) -> Vec<Vec<u32>> {
        let mut neighbours = vec![Vec::new(); self.positions.len()];
        for &FlatLink { ends: [u, v], .. } in &self.links {
            neighbours[u as usize].push(v);
            neighbours[v as usize].push(u);
        }
        neighbours
    }

    /// The largest number of links on a shortest path between two routers.
    pub(super) fn diameter(&self) -> u32 {
        diameter(&self.neighbours())
    }

    pub(super) fn into_graph(self, id: String, origin: Origin) -> Graph {
        let router = |(number, position): (usize, Position)| Router {
            label: number.to_string(),
            position: Some(position.map(f64::from)),
            domain: Domain::None,
        };
        let link = |FlatLink {
                        ends: [u, v],
                        length,
                    }| Link {
            ends: [RouterId(u), RouterId(v)],
            length,
            weight: 0,
        };
        Graph {
            id,
            origin,
            routers: self.positions.into_iter().enumerate().map(router).collect(),
            links: self.links.into_iter().map(link).collect(),
            loops_unlisted: 0,
            latencies: None,
        }
    }
}

impl Line<'_> {
    /// The error that drawing `n` routers once more, after `drawn` times, would take too long.
    fn too_long(&self, n: usize, drawn: u32) -> Refusal {
        let subject = self.subject;
        let so_far = match drawn {
            0 => format!("{subject} of {n} routers cannot be drawn any more"),
            1 => format!("{subject} of {n} routers was not connected in its first draw"),
            _ => format!("{subject} of {n} routers was not connected in any of {drawn} draws"),
        };
        Refusal::new(
            self.part,
            format!(
                "{so_far}, and the next goes beyond the {PAIRS_MAX} pairs of routers for which \
                 this generator draws in one graph"
            ),
            "give parameters that make links more probable, fewer routers, or another seed",
        )
    }

    fn diagonal(&self) -> f64 {
        SQRT_2 * f64::from(self.scale)
    }

    /// Refuses what cannot be placed, cannot be linked, or takes too long to draw.
    fn check(&self, n: usize) -> Result<(), Refusal> {
        if n > DOMAIN_ROUTERS_MAX {
            return Err(Refusal::new(
                self.part,
                format!(
                    "{} has {n} routers, more than the {DOMAIN_ROUTERS_MAX} that this generator \
                     draws in one piece",
                    self.subject
                ),
                "give fewer routers, or spread them over more domains",
            ));
        }
        if n as u64 > u64::from(self.scale).pow(2) {
            return Err(Refusal::new(
                self.part,
                format!(
                    "{n} routers do not fit on a grid of {0} × {0} cells",
                    self.scale
                ),
                "give a larger scale or fewer routers",
            ));
        }
        self.law
            .check_possible(self.part, self.subject, n, self.diagonal())
    }
}

/// Draws a free cell of the grid for each of `n` routers.
fn place(flip: &mut Flip, n: usize, scale: u32) -> Vec<Position> {
    let mut taken = BTreeSet::new();
    let mut positions = Vec::with_capacity(n);
    while positions.len() < n {
        let cell = [flip.next() % scale, flip.next() % scale];
        if taken.insert(cell) {
            positions.push(cell);
        }
    }
    positions
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    /// Draws once with seed 47: 5 routers, scale 20, α 0.9, β 0.6.
    fn draw(method: EdgeMethod) -> (Flat, Flip) {
        let law = EdgeLaw {
            method,
            alpha: 0.9,
            beta: 0.6,
            gamma: 0.0,
        };
        let line = Line {
            law: &law,
            scale: 20,
            part: ParameterGroup::Flat,
            subject: ParameterGroup::Flat.name(),
        };
        let mut flip = Flip::new(47);
        let flat = Flat::draw(&mut flip, 5, line, LINKS_MAX).unwrap();
        assert_eq!(
            flat.positions,
            [[7, 17], [18, 16], [19, 11], [19, 18], [4, 0]]
        );
        (flat, flip)
    }

    fn lengths(flat: &Flat) -> Vec<(u32, u32, f64)> {
        let triple = |link: &FlatLink| (link.ends[0], link.ends[1], link.length);
        flat.links.iter().map(triple).collect()
    }

    #[test]
    fn waxman_gives_the_links_and_leaves_the_generator_as_the_original_does() {
        let (flat, mut flip) = draw(EdgeMethod::Waxman);
        assert_eq!(
            lengths(&flat),
            [
                (0, 2, 13.0),
                (0, 3, 12.0),
                (1, 2, 5.0),
                (1, 3, 2.0),
                (1, 4, 21.0)
            ]
        );
        assert_eq!(flip.next(), 1_934_067_134);
        assert!(flat.is_connected());
        assert_eq!(flat.diameter(), 3);
    }

    #[test]
    fn waxman_with_random_lengths_draws_twice_a_pair() {
        let (flat, mut flip) = draw(EdgeMethod::WaxmanRandomLength);
        assert_eq!(
            lengths(&flat),
            [(0, 2, 8.0), (0, 3, 1.0), (2, 3, 7.0), (3, 4, 7.0)]
        );
        assert_eq!(flip.next(), 1_623_162_669);
        assert!(!flat.is_connected());
    }

    #[test]
    fn a_graph_that_takes_too_many_draws_is_refused() {
        let law = EdgeLaw::random(1e-9);
        let line = Line {
            law: &law,
            scale: 20,
            part: ParameterGroup::Flat,
            subject: ParameterGroup::Flat.name(),
        };
        // Five routers have ten pairs.
        let watch = Watch::default();
        let mut limits = Limits {
            pairs: 25,
            ..Limits::of_whole(&watch)
        };
        let drawn = Flat::connected(&mut Flip::new(1), 5, line, Attempts::Ours, &mut limits);
        let message = drawn.unwrap_err().error.to_string();
        expect![[r#"
            the flat graph of 5 routers was not connected in any of 2 draws, and the next goes beyond the 10000000000 pairs of routers for which this generator draws in one graph
              help: give parameters that make links more probable, fewer routers, or another seed
            graph 0, draw 3 of at most 2 of the flat graph, 5 routers"#]].assert_eq(&format!("{message}\n{}", watch.now()));
    }

    #[test]
    fn a_full_grid_takes_every_cell_once() {
        let mut cells = place(&mut Flip::new(1), 9, 3);
        cells.sort_unstable();
        let all: Vec<_> = (0..9).map(|cell| [cell / 3, cell % 3]).collect();
        assert_eq!(cells, all);
    }
}
