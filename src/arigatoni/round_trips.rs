//! Whether heartbeats can be waited for: no round trip between a leader and a member takes longer than the
//! timeout.
//!
//! It does *not* know who fails, nor when.

use crate::arigatoni::heartbeats::Heartbeats;
use crate::discovery::{GCU, World, gbu, gcu};
use crate::error::{Error, Result};
use crate::system::Underlay;
use crate::time::Span;
use crate::unit::UnitId;

/// That no member's acknowledgement is waited for in vain.
///
/// # Errors
/// If one is.
pub(super) fn check(
    world: &World,
    (rule, migrates): (Heartbeats, bool),
    underlay: &Underlay,
) -> Result<()> {
    let Some((longest, member, leader)) = longest(world, underlay) else {
        return Ok(());
    };
    if longest <= rule.timeout {
        return check_any(world, rule, underlay)
            .filter(|_| migrates)
            .map_or(Ok(()), Err);
    }
    let kind = if member.kind() == GCU { "gcu" } else { "gbu" };
    let (timeout, longest) = (rule.timeout.as_ms(), longest.as_ms());
    let what = format!(
        "the timeout of {timeout} ms is shorter than the round trip of {longest} ms between {kind}/{} and its \
         leader gbu/{}",
        member.index(),
        leader.index()
    );
    Err(Error::new(what)
        .at("/system/*/detection/timeout_ms")
        .help(format!("make it at least {longest}")))
}

/// What is wrong if a unit may migrate to any broker.
fn check_any(world: &World, rule: Heartbeats, underlay: &Underlay) -> Option<Error> {
    let list = world.brokers.list();
    let routers: Vec<_> = list.iter().map(|broker| broker.router).collect();
    let computers = world.population.computers().zip(0..);
    // Of equals the first one.
    let far = computers.map(|(it, id)| (world.access(it), std::cmp::Reverse(id)));
    let far = far.max();
    let access = far.map_or(Span::ZERO, |(access, _)| access);
    let way = underlay.routes.bound(&routers) + access;
    let (timeout, round_trip) = (rule.timeout.as_ms(), (way + way).as_ms());
    let who = far.map_or(
        "two brokers".to_owned(),
        |(access, std::cmp::Reverse(id))| {
            let access = access.as_ms();
            format!("gcu/{id}, whose access takes {access} ms each way, and another broker")
        },
    );
    let what = format!(
        "the timeout of {timeout} ms is shorter than a round trip can be between {who}: up to {round_trip} ms"
    );
    let error = Error::new(what).at("/system/*/detection/timeout_ms");
    (way + way > rule.timeout).then(|| error.help(format!("make it at least {round_trip}")))
}

/// The longest round trip, of which member, and to which leader.
fn longest(world: &World, underlay: &Underlay) -> Option<(Span, UnitId, UnitId)> {
    let list = world.brokers.list();
    let computers = world.population.computers().zip(0..);
    let there_and_back = |way: Span| way + way;
    let near =
        computers.map(|(it, id)| (there_and_back(world.access(it)), gcu(id), gbu(it.broker)));
    let brokers = list.iter().zip(0..);
    let far = brokers.filter_map(|(broker, id)| {
        let parent = broker.parent?;
        let (own, above) = (broker.router, list[parent as usize].router);
        let there = underlay.routes.latency(own, above);
        Some((
            there + underlay.routes.latency(above, own),
            gbu(id),
            gbu(parent),
        ))
    });
    // Of equals the first one.
    let ways = near.chain(far);
    ways.max_by_key(|(way, member, _)| (*way, std::cmp::Reverse(*member)))
}
