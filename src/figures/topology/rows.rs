//! Stub domains in concentric rows around the ring of transit routers, each as large as possible.
//!
//! This module does *not* know links: only which transit router each stub domain belongs to.

use std::f64::consts::{PI, TAU};

use super::layout::{Position, Wedge, polar};

/// Stub domains lie between these radii.
const STUBS: [f64; 2] = [0.225, 0.495];
/// The angle left free between two transit domains.
const DOMAIN_GAP: f64 = 0.035;
/// The maximum number of rows of stub domains.
const ROWS_MAX: usize = 24;
/// Routers of a stub domain are not farther apart than this, however much room there is.
const SPACING_MAX: f64 = 0.05;
/// The maximum number of routers of a stub domain that are put on a circle; more fill a disc.
pub(super) const CIRCLE_ROUTERS_MAX: usize = 24;

/// A stub domain to be laid out, or the gap that a transit router without one needs.
pub(super) struct Disc {
    pub(super) wedge: usize,
    /// In spacings between its routers; 0 for a gap.
    radius: f64,
    /// The piece of the whole turn that it takes.
    pub(super) angles: [f64; 2],
}

/// The discs, wedge by wedge around the ring, each with an angle in proportion to its radius.
pub(super) fn disc_sizes(wedges: &[((u32, u32), Wedge)]) -> Vec<Disc> {
    let mut discs = Vec::new();
    for (wedge, (_, data)) in wedges.iter().enumerate() {
        let sizes = data
            .stubs
            .values()
            .map(|routers| disc_radius(routers.len()));
        let radii: Vec<f64> = if data.stubs.is_empty() {
            vec![0.0]
        } else {
            sizes.collect()
        };
        discs.extend(radii.into_iter().map(|radius| Disc {
            wedge,
            radius,
            angles: [0.0; 2],
        }));
    }
    let domain_of = |disc: &Disc| wedges[disc.wedge].0.0;
    let changes = discs
        .windows(2)
        .filter(|pair| domain_of(&pair[0]) != domain_of(&pair[1]))
        .count();
    let gaps = if changes == 0 { 0 } else { changes + 1 };
    let gap = DOMAIN_GAP.min(PI / gaps.max(1) as f64);
    let need = |disc: &Disc| disc.radius.max(0.5);
    let scale = (TAU - gap * gaps as f64) / discs.iter().map(need).sum::<f64>();
    let mut angle = if gaps == 0 { 0.0 } else { gap / 2.0 };
    let mut domain = discs.first().map(domain_of);
    for disc in &mut discs {
        let own = Some(domain_of(disc));
        if own != domain {
            domain = own;
            angle += gap;
        }
        let end = angle + scale * need(disc);
        disc.angles = [angle, end];
        angle = end;
    }
    discs
}

/// The discs in concentric rows, one after another on different rows.
pub(super) struct Rows {
    pub(super) centres: Vec<Position>,
    pub(super) spacing: f64,
}

impl Rows {
    /// Of all numbers of rows, the one that leaves the largest spacing.
    pub(super) fn roomiest(discs: &[Disc]) -> Self {
        let candidates = (1..=ROWS_MAX).map(|rows| Self::with(rows, discs));
        // The first of equal ones is kept.
        let better = |best: Self, next: Self| {
            if next.spacing > best.spacing {
                next
            } else {
                best
            }
        };
        candidates
            .reduce(better)
            .unwrap_or_else(|| Self::with(1, discs))
    }

    fn with(rows: usize, discs: &[Disc]) -> Self {
        let pitch = (STUBS[1] - STUBS[0]) / rows as f64;
        // Rows 0, 2, 4, … 1, 3, 5, …: neighbours are two rows apart if there are enough rows.
        let row_of = |index: usize| {
            let step = index % rows;
            let even = rows.div_ceil(2);
            if step < even {
                2 * step
            } else {
                2 * (step - even) + 1
            }
        };
        let centre = |(index, disc): (usize, &Disc)| {
            let distance = STUBS[0] + pitch * (row_of(index) as f64 + 0.5);
            polar(distance, f64::midpoint(disc.angles[0], disc.angles[1]))
        };
        let centres: Vec<Position> = discs.iter().enumerate().map(centre).collect();
        let mut spacing = SPACING_MAX;
        for (index, (a, at)) in discs.iter().zip(&centres).enumerate() {
            spacing = spacing.min(pitch / 2.0 / a.radius.max(0.1));
            // Discs far along the sequence are far away, except across its end.
            let near = (index + 1..index + 4 * rows).map(|other| other % discs.len());
            for other in near.filter(|other| *other != index) {
                let (b, there) = (&discs[other], &centres[other]);
                let apart = libm::hypot(at[0] - there[0], at[1] - there[1]);
                spacing = spacing.min(apart / (a.radius + b.radius).max(0.1));
            }
        }
        Self { centres, spacing }
    }
}

/// The radius of a stub domain's disc, in spacings between its routers.
pub(super) fn disc_radius(routers: usize) -> f64 {
    0.75 + routers_radius(routers)
}

/// The radius within which its routers lie.
pub(super) fn routers_radius(routers: usize) -> f64 {
    match routers {
        0 | 1 => 0.0,
        2..=CIRCLE_ROUTERS_MAX => (routers as f64 / TAU).max(0.55),
        _ => 0.62 * (routers as f64).sqrt(),
    }
}
