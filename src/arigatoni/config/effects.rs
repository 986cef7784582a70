//! Members of a scenario that are given and have no effect, or one that nobody can want.
//!
//! It does *not* know what is wrong: that is refused.

use super::{After, Own};
use crate::discovery::config::World;

/// What a person should know of `own` in a scenario with `world`; a sentence each.
pub(in crate::arigatoni) fn notes(own: &Own, world: &World) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |applies: bool, sentence: String| {
        if applies {
            notes.push(sentence);
        }
    };
    if let Some(tunnels) = &own.tunnels {
        note(
            tunnels.share.0 == 0.0 && tunnels.colonies.0 == 0.0,
            "no unit has a tunnel, since `share` and `colonies` of `tunnels` are 0: its other members have no effect".into(),
        );
    }
    if let Some(trust) = &own.trust {
        let (check, deadline) = (trust.check_ms.span(), world.deadline());
        note(
            check >= deadline,
            format!(
                "`check_ms` of `trust`, {} ms, is not shorter than the deadline of {} ms: no request that is checked can be answered in time",
                check.as_ms(),
                deadline.as_ms()
            ),
        );
        note(
            trust.revoked.0 == 0.0 && trust.revocation_s.0 > 0.0,
            "no credential is revoked, since `revoked` of `trust` is 0: `revocation_s` has no effect".into(),
        );
    }
    if let Some(links) = &own.colony_links {
        note(
            links.count.0 == 0 && links.up.is_some(),
            "no colonies are linked, since `count` of `colony_links` is 0: `up` and `down` have no effect".into(),
        );
    }
    if let Some(riders) = &own.free_riders {
        note(
            riders.limit.is_none() && (riders.grace_s.0 > 0.0 || riders.after == After::Elsewhere),
            "nobody is logged out, since `free_riders` has no `limit`: `grace_s` and `after` have no effect".into(),
        );
    }
    note(
        world.brokers.queue().is_some() && world.brokers.service().is_none(),
        "brokers take no time over messages, since `service_s` of `brokers` is 0: nothing waits, and `queue` has no effect".into(),
    );
    notes
}
