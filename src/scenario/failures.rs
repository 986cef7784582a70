//! What may go down in the network, validated.
//!
//! This module does *not* know graphs: whether a domain is there, and how much can fail, `experiment` sees.

use super::file;
use crate::parameters::Problem;

use crate::random::alternation::Alternation;
use crate::simulation::network::{Failing, Failures, Partition};
use crate::time::Span;

/// What may go down by the members of `network`, or what is wrong with them.
pub(super) fn validate(file: &file::Network) -> Result<Failures, Problem> {
    let failing = |member: &Option<file::Alternation>, name: &str| {
        let member = member.as_ref();
        let validated = member.map(|member| failing(member, &format!("/network/{name}")));
        validated.transpose()
    };
    let partition = |partition: &file::Partition| Partition {
        at: seconds(partition.at_s.0),
        lasts: seconds(partition.for_s.0),
        domain: partition.domain.clone(),
    };
    Ok(Failures {
        links: failing(&file.link_failures, "link_failures")?,
        routers: failing(&file.router_failures, "router_failures")?,
        partitions: file.partitions.iter().map(partition).collect(),
    })
}

fn failing(file: &file::Alternation, pointer: &str) -> Result<Failing, Problem> {
    let up = file.up.with_mean(&format!("{pointer}/up"))?;
    let down = file.down.with_mean(&format!("{pointer}/down"))?;
    let alternation = Alternation::new(up, down).map_err(|what| {
        Problem::new(pointer, what).help("make one of them longer, or write null")
    })?;
    Ok(Failing {
        alternation,
        reroute: seconds(file.reroute_s.0),
    })
}

/// So many seconds, which are an [`Amount`](crate::parameters::number::Amount).
fn seconds(seconds: f64) -> Span {
    Span::from_ns((seconds * 1e9).round() as u64)
}
