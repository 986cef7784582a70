//! One leader and one member, each driven by hand.

use super::*;
use crate::arigatoni::Context;
use crate::arigatoni::membership::Membership;
use crate::arigatoni::message::{ArigatoniProtocol, Message, Reminder};
use crate::arigatoni::tests::{effects_of, sent};
use crate::discovery::{gbu, gcu};
use crate::random::{RandomStreams, StreamId};
use crate::unit::Effect;

fn rule(misses: u32) -> Heartbeats {
    Heartbeats {
        every: Span::from_s(2),
        timeout: Span::from_s(3),
        misses,
    }
}

/// The spans for which timers are armed.
fn armed(said: &[Effect<ArigatoniProtocol>]) -> Vec<(Reminder, Span)> {
    let armed = said.iter().filter_map(|effect| match effect {
        Effect::Arm { timer, after } => Some((*timer, *after)),
        _ => None,
    });
    armed.collect()
}

fn quietly<T>(act: impl FnOnce(&mut Context<'_>) -> T) -> T {
    let mut result = None;
    effects_of(|context| result = Some(act(context)));
    result.expect("it has acted")
}

#[test]
fn every_member_gets_every_heartbeat() {
    let mut beats = Beats::default();
    let members = [gcu(3), gbu(1)];
    let said = effects_of(|context| beats.beat(&members, rule(2), context));
    let number = 1;
    let heartbeat = Message::Heartbeat { number };
    assert_eq!(sent(&said), [(gcu(3), &heartbeat), (gbu(1), &heartbeat)]);
    let every = (Reminder::Heartbeat, Span::from_s(2));
    assert_eq!(
        armed(&said),
        [every, (Reminder::HeartbeatDue, Span::from_s(3))]
    );
    let said = effects_of(|context| beats.beat(&members[..1], rule(2), context));
    assert_eq!(sent(&said).len(), 1);
    assert_eq!(armed(&said), [every], "the next one is due after the first");
}

#[test]
fn who_misses_so_many_in_a_row_is_gone() {
    let mut beats = Beats::default();
    let members = [gcu(3), gcu(4)];
    let beat = |beats: &mut Beats| quietly(|c| beats.beat(&members, rule(2), c));
    let due = |beats: &mut Beats| quietly(|context| beats.take_due(rule(2), context));
    beat(&mut beats);
    assert_eq!(due(&mut beats), [], "one is not enough");
    beat(&mut beats);
    beats.acknowledged(gcu(4), 2);
    beats.acknowledged(gcu(5), 2);
    assert_eq!(due(&mut beats), [gcu(3)]);
    beat(&mut beats);
    beat(&mut beats);
    beats.acknowledged(gcu(4), 9);
    beats.entered(gcu(3));
    assert_eq!(due(&mut beats), []);
    // What comes late is heard all the same.
    beats.acknowledged(gcu(4), 3);
    assert_eq!(due(&mut beats), []);
}

#[test]
fn who_comes_between_two_heartbeats_is_waited_for_from_the_next_one_on() {
    let mut beats = Beats::default();
    let members = [gcu(3), gcu(4)];
    quietly(|context| beats.beat(&members[1..], rule(1), context));
    quietly(|context| beats.beat(&members, rule(1), context));
    beats.acknowledged(gcu(4), 1);
    beats.acknowledged(gcu(4), 2);
    assert_eq!(quietly(|context| beats.take_due(rule(1), context)), []);
    assert_eq!(
        quietly(|context| beats.take_due(rule(1), context)),
        [gcu(3)]
    );
}

/// A leader that was restarted may hear of heartbeats of its former life: they say nothing of those of this one.
#[test]
fn more_than_was_sent_cannot_be_acknowledged() {
    let mut beats = Beats::default();
    quietly(|context| beats.beat(&[gcu(3)], rule(1), context));
    // The 65th has the bit of the first.
    for number in [9, 65] {
        beats.acknowledged(gcu(3), number);
    }
    assert_eq!(
        quietly(|context| beats.take_due(rule(1), context)),
        [gcu(3)]
    );
}

/// Acknowledgements overtake each other: the later heartbeat counts.
#[test]
fn an_overtaken_acknowledgement_takes_nothing_back() {
    let mut beats = Beats::default();
    for _ in 0..2 {
        quietly(|context| beats.beat(&[gcu(3)], rule(1), context));
    }
    for number in [2, 1] {
        beats.acknowledged(gcu(3), number);
    }
    for _ in 0..2 {
        assert_eq!(quietly(|context| beats.take_due(rule(1), context)), []);
    }
    // The later heartbeat also counts once both are due.
    let mut beats = Beats::default();
    let due = |beats: &mut Beats| quietly(|context| beats.take_due(rule(2), context));
    for _ in 0..3 {
        quietly(|context| beats.beat(&[gcu(3)], rule(2), context));
    }
    beats.acknowledged(gcu(3), 2);
    assert_eq!([due(&mut beats), due(&mut beats)], [[], []]);
    beats.acknowledged(gcu(3), 1);
    assert_eq!(due(&mut beats), [], "the third is the first that is missed");
}

#[test]
fn a_member_waits_for_its_leader_and_nobody_else() {
    let mut watch = Watch::default();
    let member = Membership::Member(gbu(1)).watched();
    let said = effects_of(|context| watch.heard(member, Some(rule(3)), context));
    assert!(said.is_empty(), "it does not watch yet");
    watch = Watch::on();
    let said = effects_of(|context| watch.begin(member, Some(rule(3)), context));
    assert_eq!(armed(&said), [(Reminder::Silence, Span::from_s(7 + 2))]);
    let said = effects_of(|context| watch.heard(member, Some(rule(3)), context));
    assert_eq!(armed(&said), [(Reminder::Silence, Span::from_s(7))]);
    let alone = Membership::Orphan(gbu(1)).watched();
    assert!(effects_of(|context| watch.heard(alone, Some(rule(3)), context)).is_empty());
    effects_of(|context| watch.end([member, alone], context));
    assert!(effects_of(|context| watch.heard(member, Some(rule(3)), context)).is_empty());
}

/// What is acknowledged later does not excuse what was missed earlier, however many are under way.
#[test]
fn each_heartbeat_is_waited_for_by_itself() {
    for others in [3_u32, 100] {
        let rule = Heartbeats {
            timeout: Span::from_s(2 * u64::from(others)),
            ..rule(2)
        };
        let mut beats = Beats::default();
        let beat = |beats: &mut Beats| quietly(|c| beats.beat(&[gcu(3)], rule, c));
        let due = |beats: &mut Beats| quietly(|context| beats.take_due(rule, context));
        for number in 1..=others {
            beat(&mut beats);
            if ![2, 3].contains(&number) {
                beats.acknowledged(gcu(3), number);
            }
        }
        assert_eq!(
            due(&mut beats),
            [],
            "{others}: the first one is acknowledged"
        );
        assert_eq!(due(&mut beats), [], "{others}: one is not enough");
        assert_eq!(due(&mut beats), [gcu(3)], "{others}: two in a row");
        beats.entered(gcu(3));
        for _ in 4..=others {
            assert_eq!(due(&mut beats), [], "{others}: it has been entered since");
        }
        assert_eq!(due(&mut beats), []);
        assert_eq!(due(&mut beats), [gcu(3)]);
    }
}

/// A heartbeat or its acknowledgement is lost with the probability p each, so an exchange fails with q = 1 − (1 −
/// p)², and on average (q⁻ᵐ − 1) ÷ (1 − q) exchanges pass until m in a row have failed, however long each
/// acknowledgement is waited for: three seconds here, or as many heartbeats as given.
#[test]
fn wrong_suspicions_are_as_rare_as_runs_of_failed_exchanges() {
    const STREAM: StreamId = StreamId(250);
    const EXCHANGES: u32 = 50_000;
    let streams = RandomStreams::new(14, 0);
    let cases = [(0.1, 1), (0.1, 2), (0.2, 3), (0.4, 4)];
    let cases = cases
        .into_iter()
        .flat_map(|case| [1_u32, 2, 5, 70].map(|late| (case, late)));
    for (case, ((p, misses), late)) in cases.enumerate() {
        let mut beats = Beats::default();
        let rule = Heartbeats {
            timeout: Span::from_s(2 * u64::from(late)),
            ..rule(misses)
        };
        let lost = |exchange, way| streams.unit(STREAM, case as u64 * 2 + way, exchange) < p;
        let mut suspicions = 0_u32;
        // Those before do not matter to a member that has been entered.
        let mut first = 0;
        for exchange in 1..=EXCHANGES {
            quietly(|context| beats.beat(&[gcu(1)], rule, context));
            if !lost(exchange, 0) && !lost(exchange, 1) {
                beats.acknowledged(gcu(1), exchange);
            }
            if exchange < late {
                continue;
            }
            for member in quietly(|context| beats.take_due(rule, context)) {
                suspicions += 1;
                beats.entered(member);
                first += late - 1;
            }
        }
        let q = 1.0 - (1.0 - p) * (1.0 - p);
        let mean = (libm::pow(q, -f64::from(misses)) - 1.0) / (1.0 - q);
        let expected = f64::from(EXCHANGES - first) / mean;
        // The time between two is at most as spread as a geometric one: five deviations.
        let apart = (f64::from(suspicions) - expected).abs();
        assert!(
            apart < 5.0 * expected.sqrt(),
            "{p} {misses} {late}: {suspicions}, not {expected}"
        );
    }
}

/// Heartbeats are lost with the probability p, so a member hears nothing during the silence once m − 1 + ⌊timeout ÷ every⌋
/// in a row are lost.
#[test]
fn a_member_waits_for_as_many_heartbeats_as_fit_into_the_silence() {
    for (timeout_s, misses, heartbeats) in [(2, 1, 1), (3, 1, 1), (3, 2, 2), (5, 2, 3), (8, 1, 4)] {
        let rule = Heartbeats {
            timeout: Span::from_s(timeout_s),
            ..rule(misses)
        };
        let fit = rule.silence().as_ns() / rule.every.as_ns();
        assert_eq!(fit, heartbeats);
        assert_eq!(fit, u64::from(misses) - 1 + timeout_s / 2);
    }
}
