//! Members of a scenario that are given and have no effect, or one that nobody can want.
//!
//! It does *not* know what is wrong: that is refused.

use super::{After, Detection, Own, To};
use crate::arigatoni::rules::Rules;
use crate::discovery;
use crate::discovery::config::{Placement, World};
use crate::time::Span;

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
    let failures = of_failures(own, world).into_iter();
    for (applies, sentence) in failures.chain(of_riders(own, world)) {
        note(applies, sentence);
    }
    note(
        world.brokers.queue().is_some() && world.brokers.service().is_none(),
        "brokers take no time over messages, since `service_s` of `brokers` is 0: nothing waits, and `queue` has no effect".into(),
    );
    notes
}

/// Notes that depend on the world as it is drawn, and on what the network does.
pub(in crate::arigatoni) fn remarks(
    own: &Own,
    rules: &Rules,
    world: &discovery::World,
) -> Vec<String> {
    let is_alone = own.election && world.gbus().len() == 1;
    let alone = is_alone.then(|| {
        "nobody can be elected, since there is one broker only: `election` has no effect".into()
    });
    let both = rules.retransmission.zip(rules.heartbeats);
    let spans = both.map(|(link, beats)| (link.total(), beats.silence()));
    let sooner = spans.filter(|(gives_up, silence)| gives_up < silence);
    let sooner = sooner.map(|(gives_up, silence)| {
        format!(
            "a unit takes its peer for gone when a packet to it has been sent in vain for {} s (`retransmission`), before \
             heartbeats do, after a silence of {} s (`detection`): a greater `limit` makes that later",
            seconds_of(gives_up),
            seconds_of(silence)
        )
    });
    alone.into_iter().chain(sooner).collect()
}

fn seconds_of(span: Span) -> f64 {
    span.as_ns() as f64 / 1e9
}

/// Notes about failures that are found out, or followed by a move, when all is over, each with whether it applies to `own` and
/// `world`.
fn of_failures(own: &Own, world: &World) -> Vec<(bool, String)> {
    let phase_s = world.phase_s();
    let mut notes = Vec::new();
    if let Some(beats) = own.detection.as_ref().map(Detection::validated) {
        let silence_s = seconds_of(beats.silence());
        notes.push((
            silence_s >= phase_s,
            format!(
                "heartbeats find nobody out, since the silence of `detection`, {silence_s} s, is not shorter than the run, about \
                 {phase_s:.0} s"
            ),
        ));
    }
    if let Some(migrate) = &own.migration {
        let delay_s = seconds_of(migrate.delay_ms.span());
        notes.push((
            migrate.to != To::None && delay_s >= phase_s,
            format!(
                "nobody migrates, since `delay_ms` of `migration`, {delay_s} s, is not shorter than the run, about {phase_s:.0} s"
            ),
        ));
    }
    notes
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
