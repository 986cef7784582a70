//! The domains of a transit-stub graph, in the original's order of draws: the graph of transit
//! domains, then each transit domain with the stub domains of its routers.
//!
//! It does *not* know router numbers, nor any link between domains.

use super::flat::{Attempts, Flat, Limits, Line, Position};
use super::parameters::TransitStubParameters;
use super::random::{Flip, PlacementRandom, randomize};
use super::refusal::{ParameterGroup, Refusal};
use super::scales::Scales;
use super::watch::Watch;
use super::{LINKS_MAX, Variant};

/// The number of times that the original draws the graph of transit domains.
const TOP_ATTEMPTS: Attempts = Attempts::Original(100);
/// The number of times that the original draws a transit domain.
const TRANSIT_ATTEMPTS: Attempts = Attempts::Original(101);

/// All domains, at their final positions.
#[derive(Debug)]
pub(super) struct Drawn {
    /// The graph of transit domains.
    pub(super) top: Flat,
    /// The transit domains, as the routers of `top` are numbered.
    pub(super) domains: Vec<TransitDomain>,
    /// The hop diameter of `top`.
    pub(super) top_diameter: u32,
    /// The largest hop diameter of a transit domain.
    pub(super) transit_diameter: u32,
    /// The largest hop diameter of a stub domain; 0 if there is none.
    pub(super) stub_diameter: u32,
    /// How many links there are inside all transit and stub domains.
    pub(super) links_inside: usize,
}

/// A transit domain and what hangs on it.
#[derive(Debug)]
pub(super) struct TransitDomain {
    /// Its routers and the links among them.
    pub(super) flat: Flat,
    /// The stub domains of each of its routers, as they are numbered.
    pub(super) stubs: Vec<Vec<Flat>>,
}

/// What is being drawn, and with what.
struct Drawing<'a> {
    parameters: &'a TransitStubParameters,
    scales: Scales,
    variant: Variant,
    flip: &'a mut Flip,
    random: &'a mut PlacementRandom,
    limits: Limits<'a>,
    links_inside: usize,
    transit_diameter: u32,
    stub_diameter: u32,
}

impl Drawn {
    /// Draws all domains. `parameters` are those of which `scales` were computed.
    pub(super) fn draw(
        parameters: &TransitStubParameters,
        scales: Scales,
        variant: Variant,
        flip: &mut Flip,
        random: &mut PlacementRandom,
        watch: &Watch,
    ) -> Result<Self, Refusal> {
        let domain_count = parameters.transit_domains as usize;
        let mut drawing = Drawing {
            parameters,
            scales,
            variant,
            flip,
            random,
            limits: Limits::of_whole(watch),
            links_inside: 0,
            transit_diameter: 0,
            stub_diameter: 0,
        };
        let line = drawing.line(ParameterGroup::Top);
        let (flip, limits) = (&mut *drawing.flip, &mut drawing.limits);
        let top = Flat::connected(flip, domain_count, line, TOP_ATTEMPTS, limits)?;
        let mean = parameters.transit_routers as usize;
        let sizes = randomize(drawing.flip, domain_count, mean, 3 * domain_count);
        let mut domains = Vec::with_capacity(domain_count);
        for (number, (&size, &centre)) in sizes.iter().zip(&top.positions).enumerate() {
            domains.push(drawing.transit_domain(number, size, centre)?);
        }
        Ok(Self {
            top_diameter: top.diameter(),
            transit_diameter: drawing.transit_diameter,
            stub_diameter: drawing.stub_diameter,
            links_inside: drawing.links_inside,
            top,
            domains,
        })
    }
}

impl<'a> Drawing<'a> {
    /// The law and square for the domains that `part` describes.
    fn line(&self, part: ParameterGroup) -> Line<'a> {
        let (law, scale) = match part {
            ParameterGroup::Top => (&self.parameters.top, self.scales.global),
            ParameterGroup::Transit => (&self.parameters.transit, self.scales.transit),
            _ => (&self.parameters.stub, self.scales.stub),
        };
        Line {
            law,
            scale,
            part,
            subject: part.name(),
        }
    }

    /// The law and square for transit domain `number`.
    fn transit_line(&self, number: usize) -> Line<'a> {
        if number == 0 || self.variant == Variant::Documented {
            self.line(ParameterGroup::Transit)
        } else {
            // The original fills in one set of parameters for the first transit domain, then for
            // each stub domain, and never again for a transit domain.
            Line {
                subject: "a later transit domain (to which the original applies the stub law)",
                ..self.line(ParameterGroup::Stub)
            }
        }
    }

    /// Draws a connected domain of `n` routers, and counts its links.
    fn connected(&mut self, n: usize, line: Line<'_>, attempts: Attempts) -> Result<Flat, Refusal> {
        self.limits.links = LINKS_MAX - self.links_inside;
        let flat = Flat::connected(self.flip, n, line, attempts, &mut self.limits)?;
        self.links_inside += flat.links.len();
        Ok(flat)
    }

    /// Draws transit domain `number` of `size` routers, and what hangs on it.
    fn transit_domain(
        &mut self,
        number: usize,
        size: usize,
        centre: Position,
    ) -> Result<TransitDomain, Refusal> {
        let line = self.transit_line(number);
        let mut flat = self.connected(size, line, TRANSIT_ATTEMPTS)?;
        self.transit_diameter = self.transit_diameter.max(flat.diameter());
        let corner = centre.map(|middle| {
            let Scales {
                global, transit, ..
            } = self.scales;
            middle.saturating_sub(transit / 2).min(global - transit)
        });
        let mean = self.parameters.stubs_per_transit_router as usize;
        let stub_counts = randomize(self.flip, size, mean, 3 * size);
        let mut stubs = Vec::with_capacity(size);
        for (position, &count) in flat.positions.iter_mut().zip(&stub_counts) {
            *position = moved(*position, corner);
            stubs.push(self.stub_domains(*position, count)?);
        }
        Ok(TransitDomain { flat, stubs })
    }

    /// Draws the `count` stub domains of a transit router at `position`.
    fn stub_domains(&mut self, position: Position, count: usize) -> Result<Vec<Flat>, Refusal> {
        let mean = self.parameters.stub_routers as usize;
        let sizes = randomize(self.flip, count, mean, 3 * count);
        let mut stubs = Vec::with_capacity(count);
        for size in sizes {
            let mut stub = self.connected(size, self.line(ParameterGroup::Stub), Attempts::Ours)?;
            let [x, y] = position;
            let corner = [self.stub_corner(x), self.stub_corner(y)];
            for position in &mut stub.positions {
                *position = moved(*position, corner);
                if position.iter().any(|&at| at >= self.scales.global) {
                    return Err(self.outside());
                }
            }
            self.stub_diameter = self.stub_diameter.max(stub.diameter());
            stubs.push(stub);
        }
        // The original puts each new stub domain in front of the others.
        stubs.reverse();
        Ok(stubs)
    }

    /// Draws one coordinate of a stub domain's corner, near its transit router's coordinate `at`.
    fn stub_corner(&mut self, at: u32) -> u32 {
        let (global, side) = (self.scales.global, self.scales.stub);
        let low = at.saturating_sub(side);
        let high = if at + side > global {
            global - side
        } else {
            at
        };
        // The high end is below the low one where the transit router itself lies outside the
        // graph's square; the original then draws from a range of the same width.
        match high.abs_diff(low) {
            0 => low,
            range => low + self.random.next() % range,
        }
    }

    fn outside(&self) -> Refusal {
        Refusal::new(
            ParameterGroup::Counts,
            format!(
                "a stub router would lie outside the graph's square of side {} (the original \
                 aborts): the squares of stub domains, of side {}, are larger than those of \
                 transit domains, of side {}",
                self.scales.global, self.scales.stub, self.scales.transit
            ),
            "give fewer transit domains, more or larger stub domains, or another seed",
        )
    }
}

fn moved([x, y]: Position, [right, up]: Position) -> Position {
    [x + right, y + up]
}
