//! Whether heartbeats can be waited for: no round trip between a leader and a member takes longer than the
//! timeout.
//!
//! It does *not* know who fails, nor when.

use crate::arigatoni::drawn::Drawn;
use crate::arigatoni::heartbeats::Heartbeats;
use crate::arigatoni::policy::{Given, Policy as _, Tunnel};
use crate::discovery::{GCU, World, gbu, gcu};
use crate::error::{Error, Result};
use crate::system::Underlay;
use crate::time::Span;
use crate::unit::UnitId;

/// What a network that may be late with a packet by any time does to heartbeats.
pub(super) const LATE_NOTE: &str = "packets may be late by any time, as `jitter_s` of the network has no bound: a member \
     or leader whose heartbeats or acknowledgements are too late for `timeout_ms` of `detection` counts as gone \
     although it lives";

/// Checks that no member's acknowledgement is waited for in vain where each packet is late by up to `late`.
///
/// # Errors
/// If one is.
pub(super) fn check(given: &Given<Drawn>, late: Span, underlay: &Underlay) -> Result<()> {
    let (drawn, rules) = (&given.policy, &given.rules);
    let Some(rule) = rules.heartbeats else {
        return Ok(());
    };
    let Some((longest, member, leader)) = longest(drawn, late, underlay) else {
        return Ok(());
    };
    if longest <= rule.timeout {
        return check_any(&drawn.world, (rule, late), underlay)
            .filter(|_| rules.moves() || rules.settling.any)
            .map_or(Ok(()), Err);
    }
    let jitter = with_jitter(late);
    let kind = if member.kind() == GCU { "gcu" } else { "gbu" };
    let (timeout, longest) = (rule.timeout.as_ms(), longest.as_ms());
    let what = format!(
        "the timeout of {timeout} ms is shorter than the round trip of {longest} ms{jitter} between {kind}/{} and its \
         leader gbu/{}",
        member.index(),
        leader.index()
    );
    Err(Error::new(what)
        .at("/system/*/detection/timeout_ms")
        .help(format!("make it at least {longest}")))
}

/// The longest round trip between a member and its leader, where there are heartbeats and no jitter.
pub(super) fn longest_of_members(given: &Given<Drawn>, underlay: &Underlay) -> Span {
    let heartbeats = given.rules.heartbeats;
    let found = heartbeats.and_then(|_| longest(&given.policy, Span::ZERO, underlay));
    found.map_or(Span::ZERO, |(longest, ..)| longest)
}

/// What lengthens a round trip, for people.
fn with_jitter(late: Span) -> &'static str {
    if late > Span::ZERO {
        ", with the greatest jitter,"
    } else {
        ""
    }
}

/// What is wrong if a unit may migrate to any broker.
fn check_any(
    world: &World,
    (rule, late): (Heartbeats, Span),
    underlay: &Underlay,
) -> Option<Error> {
    let list = world.brokers.list();
    let routers: Vec<_> = list.iter().map(|broker| broker.router).collect();
    let computers = world.population.computers().zip(0..);
    // Of equals the first one.
    let far = computers.map(|(it, id)| (world.access(it), std::cmp::Reverse(id)));
    let far = far.max();
    let access = far.map_or(Span::ZERO, |(access, _)| access);
    let way = underlay.routes.bound(&routers) + access + late;
    let jitter = with_jitter(late);
    let (timeout, round_trip) = (rule.timeout.as_ms(), (way + way).as_ms());
    let who = far.map_or(
        "two brokers".to_owned(),
        |(access, std::cmp::Reverse(id))| {
            let access = access.as_ms();
            format!("gcu/{id}, whose access takes {access} ms each way, and another broker")
        },
    );
    let what = format!(
        "the timeout of {timeout} ms is shorter than a round trip{jitter} can be between {who}: up to {round_trip} ms"
    );
    let error = Error::new(what).at("/system/*/detection/timeout_ms");
    (way + way > rule.timeout).then(|| error.help(format!("make it at least {round_trip}")))
}

/// The longest round trip, of which member, and to which leader, where each packet is late by up to `late`.
fn longest(drawn: &Drawn, late: Span, underlay: &Underlay) -> Option<(Span, UnitId, UnitId)> {
    let world = &drawn.world;
    let list = world.brokers.list();
    let computers = world.population.computers().zip(0..);
    let twice = |way: Span| way + way;
    let near = computers.map(|(it, id)| (twice(world.access(it) + late), gcu(id), gbu(it.broker)));
    let brokers = list.iter().zip(0..);
    let far = brokers.filter_map(|(broker, id)| {
        let parent = broker.parent?;
        let (own, above) = (broker.router, list[parent as usize].router);
        let there = underlay.routes.latency(own, above);
        Some((
            there + underlay.routes.latency(above, own) + twice(late),
            gbu(id),
            gbu(parent),
        ))
    });
    let is_at_home = |member| drawn.tunnel(member).is_none_or(|it| it.besides);
    let own = near.chain(far).filter(|(_, member, _)| is_at_home(*member));
    let tunnels = drawn.tunnels.iter().flat_map(|all| all.all());
    let long = tunnels.map(|(member, tunnel)| {
        let way = tunnel_round_trip(world, (member, tunnel), underlay) + twice(late);
        // A friend passes on what it gets in packets of its own.
        let relayed = tunnel.friend.map_or(Span::ZERO, |_| twice(late));
        (way + relayed, member, tunnel.leader)
    });
    // Of equals the first one.
    let ways = own.chain(long);
    ways.max_by_key(|(way, member, _)| (*way, std::cmp::Reverse(*member)))
}

/// The time there and back from `member` to the leader at the end of its `tunnel`: through the friend, if there is one.
fn tunnel_round_trip(
    world: &World,
    (member, tunnel): (UnitId, Tunnel),
    underlay: &Underlay,
) -> Span {
    // The router of a unit, and its access.
    let place = |unit: UnitId| {
        let is_computer = unit.kind() == GCU;
        let computer = is_computer.then(|| world.population.computer(unit.index()));
        let broker = computer.map_or(unit.index(), |it| it.broker);
        let access = computer.map_or(Span::ZERO, |it| world.access(it));
        (world.brokers.list()[broker as usize].router, access)
    };
    let between = |one, other| {
        let ((from, own), (to, others)) = (place(one), place(other));
        let there = underlay.routes.latency(from, to) + own + others;
        there + underlay.routes.latency(to, from) + own + others
    };
    match tunnel.friend {
        Some(friend) => between(member, friend) + between(friend, tunnel.leader),
        None => between(member, tunnel.leader),
    }
}
