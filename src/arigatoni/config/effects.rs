//! Members of a scenario that are given and have no effect, or one that nobody can want.
//!
//! It does *not* know what is wrong: that is refused.

use super::{After, Own, To};
use crate::discovery;
use crate::discovery::config::{Placement, World};

/// What a person should know of `own` in a scenario with `world`; a sentence each.
pub(in crate::arigatoni) fn notes(own: &Own, world: &World) -> Vec<String> {
    let issued_s = world.issued_s();
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
        let every_s = trust.revocation_s.0;
        note(
            trust.revoked.0 == 0.0 && every_s > 0.0,
            "no credential is revoked, since `revoked` of `trust` is 0: `revocation_s` has no effect".into(),
        );
        note(
            trust.revoked.0 > 0.0 && every_s >= issued_s,
            format!(
                "`revocation_s` of `trust`, {every_s} s, is not shorter than requests are issued, about {issued_s:.0} s: \
                 few revocations take effect"
            ),
        );
    }
    if let Some(links) = &own.colony_links {
        note(
            links.count.0 == 0 && links.up.is_some(),
            "no colonies are linked, since `count` of `colony_links` is 0: `up` and `down` have no effect".into(),
        );
    }
    if let Some(migrate) = &own.migration {
        let has_more = migrate.probability.0 < 1.0 || migrate.delay_ms.0 > 0.0;
        note(
            migrate.to == To::None && has_more,
            "nobody migrates, since `to` of `migration` is \"none\": `probability` and `delay_ms` have no effect".into(),
        );
    }
    for (applies, sentence) in of_riders(own, world) {
        note(applies, sentence);
    }
    note(
        world.brokers.queue().is_some() && world.brokers.service().is_none(),
        "brokers take no time over messages, since `service_s` of `brokers` is 0: nothing waits, and `queue` has no effect".into(),
    );
    notes
}

/// Notes that depend on the world as it is drawn.
pub(in crate::arigatoni) fn remarks(own: &Own, world: &discovery::World) -> Vec<String> {
    let is_alone = own.election && world.gbus().len() == 1;
    let remark = is_alone.then(|| {
        "nobody can be elected, since there is one broker only: `election` has no effect".into()
    });
    remark.into_iter().collect()
}

/// Notes about free riders, each with whether it applies to `own` and `world`.
fn of_riders(own: &Own, world: &World) -> Vec<(bool, String)> {
    let Some(riders) = &own.free_riders else {
        return Vec::new();
    };
    let (issued_s, grace_s) = (world.issued_s(), riders.grace_s.0);
    let has_limit = riders.limit.is_some();
    let goes_elsewhere = riders.after == After::Elsewhere;
    let stays = own.firewall && world.brokers.placement == Placement::Domains;
    vec![
        (
            !has_limit && (grace_s > 0.0 || goes_elsewhere),
            "nobody is logged out, since `free_riders` has no `limit`: `grace_s` and `after` have no effect".into(),
        ),
        (
            has_limit && grace_s >= issued_s,
            format!(
                "nobody can be logged out, since `grace_s` of `free_riders`, {grace_s} s, is not shorter than requests are \
                 issued, about {issued_s:.0} s"
            ),
        ),
        (
            riders.share.0 >= 1.0,
            "nobody agrees to anything, since `share` of `free_riders` is 1: no request is accepted".into(),
        ),
        (
            has_limit && goes_elsewhere && stays,
            "behind a firewall a computer that is logged out goes to another broker of its domain, and each domain has one \
             broker: `after` of `free_riders` has no effect"
                .into(),
        ),
    ]
}
