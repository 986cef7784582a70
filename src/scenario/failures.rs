//! What may go down in the network, validated.
//!
//! This module does *not* know graphs: whether a domain is there, and how much can fail, `experiment` sees.

use super::file;
use crate::parameters::Problem;
use crate::parameters::law::Law;
use crate::simulation::network::{Alternation, Failures, Partition};
use crate::time::Span;

/// What may go down by the members of `network`, or what is wrong with them.
pub(super) fn validate(file: &file::Network) -> Result<Failures, Problem> {
    let alternation = |member: &Option<file::Alternation>, name: &str| {
        let member = member.as_ref();
        let validated = member.map(|member| alternation(member, &format!("/network/{name}")));
        validated.transpose()
    };
    let partition = |partition: &file::Partition| Partition {
        at: seconds(partition.at_s.0),
        lasts: seconds(partition.for_s.0),
        domain: partition.domain.clone(),
    };
    Ok(Failures {
        links: alternation(&file.link_failures, "link_failures")?,
        routers: alternation(&file.router_failures, "router_failures")?,
        partitions: file.partitions.iter().map(partition).collect(),
    })
}

fn alternation(file: &file::Alternation, pointer: &str) -> Result<Alternation, Problem> {
    // Else there is no steady state.
    let needed = "the fraction of time that it is up is undefined";
    let law = |law: &Law, name: &str| law.validate_with_mean(&format!("{pointer}/{name}"), needed);
    let alternation = Alternation {
        up: law(&file.up, "up")?,
        down: law(&file.down, "down")?,
        reroute: seconds(file.reroute_s.0),
    };
    if alternation.up.mean_s() + alternation.down.mean_s() > 0.0 {
        return Ok(alternation);
    }
    let what = "both `up` and `down` last 0 s, so it is never either";
    Err(Problem::new(pointer, what).help("make one of them longer, or write null"))
}

/// So many seconds, which are an [`Amount`](crate::parameters::number::Amount).
fn seconds(seconds: f64) -> Span {
    Span::from_ns((seconds * 1e9).round() as u64)
}
