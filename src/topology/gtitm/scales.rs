//! The sizes of a transit-stub graph: how many routers, and on which squares they lie. What can
//! be refused from the parameters alone is refused here, before anything is drawn or allocated.

use super::parameters::TransitStubParameters;
use super::refusal::{ParameterGroup, Refusal};
use super::{LINKS_MAX, ROUTERS_MAX};

/// The sides of the squares, in grid units. The original computes them from the sizes, whatever
/// scales its spec file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scales {
    /// Of the whole graph.
    pub(super) global: u32,
    /// Of a transit domain.
    pub(super) transit: u32,
    /// Of a stub domain.
    pub(super) stub: u32,
}

impl Scales {
    /// The scales for `parameters`; refuses what can be seen to lead nowhere.
    pub(super) fn of(parameters: &TransitStubParameters) -> Result<Self, Refusal> {
        let routers = router_count(parameters)?;
        check_extra_links(parameters, routers)?;
        let p = parameters;
        for (law, part) in [
            (&p.top, ParameterGroup::Top),
            (&p.transit, ParameterGroup::Transit),
            (&p.stub, ParameterGroup::Stub),
        ] {
            law.check(part)?;
        }
        let global = ((80 * routers) as f64).sqrt().round_ties_even() as u32;
        let half = (f64::from(global) / 2.0).round_ties_even() as u32;
        // Estimates of the largest domains: means plus the most that may be moved to one of them.
        // As floating point because a mean may be as large as its type where another is 0.
        let largest_domain = (p.transit_routers + 3 * p.transit_domains) as f64;
        let most_stubs = p.stubs_per_transit_router as f64 + 3.0 * largest_domain;
        let largest_stub = p.stub_routers as f64 + 3.0 * most_stubs;
        let scales = Self {
            global,
            transit: half + half % 2,
            stub: (16.0 * largest_stub).sqrt().round_ties_even() as u32,
        };
        if scales.stub >= scales.global {
            return Err(Refusal::new(
                ParameterGroup::Counts,
                format!(
                    "the graph of {routers} routers lies on a square of side {}, and its stub \
                     domains on squares of side {}, which do not fit into it (the original aborts)",
                    scales.global, scales.stub
                ),
                "give fewer transit domains, or more or larger stub domains",
            ));
        }
        Ok(scales)
    }
}

/// The number of routers, T·t·(1 + K·s).
pub(super) fn router_count(p: &TransitStubParameters) -> Result<usize, Refusal> {
    for (value, part) in [
        (p.transit_domains, ParameterGroup::Top),
        (p.transit_routers, ParameterGroup::Transit),
        (p.stub_routers, ParameterGroup::Stub),
    ] {
        if value == 0 {
            return Err(Refusal::new(
                part,
                format!("{} has no routers", part.name()),
                "give a number n of at least 1",
            ));
        }
    }
    let in_stubs = p.stubs_per_transit_router.checked_mul(p.stub_routers);
    in_stubs
        .and_then(|routers| routers.checked_add(1))
        .and_then(|routers| routers.checked_mul(p.transit_routers))
        .and_then(|routers| routers.checked_mul(p.transit_domains))
        .filter(|&routers| routers <= ROUTERS_MAX as u64)
        .map(|routers| routers as usize)
        .ok_or_else(|| {
            Refusal::new(
                ParameterGroup::Counts,
                format!(
                    "the graph would have {} × {} × (1 + {} × {}) routers, more than the {} that \
                     this generator makes",
                    p.transit_domains,
                    p.transit_routers,
                    p.stubs_per_transit_router,
                    p.stub_routers,
                    ROUTERS_MAX
                ),
                "give smaller numbers of domains or routers",
            )
        })
}

/// Refuses extra links that have no place to go, for which the original would search for ever.
fn check_extra_links(p: &TransitStubParameters, routers: usize) -> Result<(), Refusal> {
    let transit_routers = p.transit_domains * p.transit_routers;
    let stub_domains = transit_routers * p.stubs_per_transit_router;
    let refuse = |member, what: &str, help| {
        let what = format!("{what} (the original would search for ever)");
        Err(Refusal::new(ParameterGroup::Counts, what, help).of(member))
    };
    let (transit_stub, stub_stub) = ("extra_transit_stub_links", "extra_stub_stub_links");
    if p.extra_transit_stub_links > 0 && transit_routers == 1 {
        return refuse(
            transit_stub,
            "extra transit-stub links join a transit router to a stub domain of another one, but \
             there is only one transit router",
            "ask for no extra transit-stub links, or for more transit routers",
        );
    }
    if p.extra_transit_stub_links > 0 && stub_domains == 0 {
        return refuse(
            transit_stub,
            "extra transit-stub links are asked for, but there is no stub domain",
            "ask for no extra transit-stub links, or for stub domains",
        );
    }
    if p.extra_stub_stub_links > 0 && stub_domains < 2 {
        return refuse(
            stub_stub,
            "extra stub-stub links join two stub domains, but there are not two of them",
            "ask for no extra stub-stub links, or for more stub domains",
        );
    }
    let links = (p.extra_transit_stub_links)
        .saturating_add(p.extra_stub_stub_links)
        .saturating_add(routers as u64);
    if links > LINKS_MAX as u64 {
        return Err(too_many_links(ParameterGroup::Counts));
    }
    Ok(())
}

/// The refusal of a graph with more links than fit.
pub(super) fn too_many_links(part: ParameterGroup) -> Refusal {
    Refusal::new(
        part,
        format!("the graph has more than {LINKS_MAX} links, the most that this generator makes"),
        "ask for fewer extra links, or for smaller probabilities of a link",
    )
}
