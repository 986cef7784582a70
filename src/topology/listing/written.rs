//! What is written of a graph in every format whose data have names.
//!
//! This module does *not* know any format.

use super::names;
use crate::topology::options::LengthUnit;
use crate::topology::{Graph, Origin};

/// What the two coordinates of a router are called.
pub(in crate::topology) const fn axes(origin: Origin) -> [&'static str; 2] {
    match origin {
        Origin::Other => [names::LONGITUDE, names::LATITUDE],
        Origin::Flat { .. } | Origin::TransitStub { .. } => [names::X, names::Y],
    }
}

/// What is said of a graph as a whole.
pub(in crate::topology) fn graph_data(graph: &Graph) -> Vec<(&'static str, String)> {
    let mut data = vec![(names::ID, graph.id.clone())];
    match graph.origin {
        Origin::Other => data.push((names::LENGTH_UNIT, LengthUnit::Ms.sign().into())),
        Origin::Flat { scale } => {
            data.push((names::METHOD, "geo".into()));
            data.push((names::SCALE, scale.to_string()));
        }
        Origin::TransitStub {
            scale,
            transit_diameter,
            stub_diameter,
            top_diameter,
        } => {
            data.push((names::METHOD, "ts".into()));
            data.push((names::SCALE, scale.to_string()));
            data.push((names::TRANSIT_DIAMETER, transit_diameter.to_string()));
            data.push((names::STUB_DIAMETER, stub_diameter.to_string()));
            data.push((names::TOP_DIAMETER, top_diameter.to_string()));
        }
    }
    if graph.loops_unlisted > 0 {
        data.push((names::LOOPS_UNLISTED, graph.loops_unlisted.to_string()));
    }
    data
}
