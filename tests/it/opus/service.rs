//! Dissemination overlays inside the whole service: their shape at every moment, whom updates reach
//! once things are quiet, what is counted.
#![allow(clippy::float_cmp, reason = "counts are exact")]

mod shaken;

use arigatoni::error::Result;
use arigatoni::measure::{Cell, Detail, FigureSpec, Metric};
use arigatoni::opus::allocation::config::{Application, Failures, Goal, Policy};
use arigatoni::opus::allocation::message::{
    Envelope, MANAGER, Message, NODE, Observation, Utility, node,
};
use arigatoni::opus::allocation::{Allocation, AllocationRecord};
use arigatoni::opus::config::Opus;
use arigatoni::opus::overlay::OverlayMember;
use arigatoni::opus::overlay::message as overlay;
use arigatoni::parameters::decode;
use arigatoni::parameters::number::{NonNegative, Period, PeriodMs};
use arigatoni::random::RandomStreams;
use arigatoni::simulation::Run;
use arigatoni::system::{
    Model, Observed, Procedure, Report, Site, Stage, System, Totals, Underlay,
};
use arigatoni::time::{Span, Time};
use arigatoni::unit::{Context, Effect, Input, UnitId};
use proptest::prelude::*;
use serde_json::json;

use super::by_fidelity;
use crate::support::{run_allocation as run, t100};

/// What moves and fails does so before this; from `QUIET` on all must be well.
const CHURN_S: u64 = 240;
const QUIET_S: f64 = 420.0;
const NODES: u32 = 40;

fn goal(delay_factor: f64, degree_limit: Option<u32>, redundancy: u8) -> Goal {
    let goal = json!({
        "delay_factor": delay_factor, "degree_limit": degree_limit, "redundancy": redundancy,
        "updates_per_s": 0.5,
    });
    decode(&goal, "").unwrap()
}

fn application(rate: f64, overlay: Option<&Goal>) -> Application {
    let demand = json!([{"constant": {"rate_per_s": rate}}]);
    let application = json!({"demand": demand, "work": 0.5, "overlay": overlay});
    decode(&application, "").unwrap()
}

/// Three applications, two of them with overlays.
fn config(policy: Policy) -> Opus {
    let opus = json!({
        "study": "allocation",
        "nodes": {"count": NODES},
        "overlay": {"timeout_ms": 5000, "heartbeat_ms": 5000},
        "applications": [
            application(8.0, Some(&goal(1.5, Some(2), 1))),
            application(5.0, None),
            application(8.0, Some(&goal(2.0, Some(3), 2))),
        ],
        "allocation": {
            "policy": policy, "regions": 3, "duration_s": 600, "epoch_s": 20, "heartbeat_s": 5,
            "bin_s": 20,
        },
    });
    decode(&opus, "").unwrap()
}

fn metric<S: System>(report: &Report, name: &str) -> Cell {
    let mut columns = S::METRICS.iter();
    let column = columns.position(|metric| metric.name == name).unwrap();
    report.cells[column].clone()
}

fn number(run: &Run<Allocation>, name: &str) -> f64 {
    let report = run.system.report(&run.measures, run.totals);
    metric::<Allocation>(&report, name).number().unwrap()
}

#[test]
fn where_nothing_fails_all_updates_come_and_keep_the_goal() {
    let mut config = config(Policy::Static);
    for application in &mut config.applications {
        if let Some(overlay) = &mut application.overlay {
            overlay.degree_limit = None;
            overlay.start_s = NonNegative(200.0);
        }
    }
    let run = run(&config, 3);
    assert_eq!(number(&run, "update_delivery_ratio"), 1.0);
    assert_eq!(number(&run, "update_deadline_miss_ratio"), 0.0);
    assert!((1.0..2.0).contains(&number(&run, "update_stretch")));
    assert!((1.0..4.0).contains(&number(&run, "overlay_cost_ratio")));
    // Two publishers for 400 s.
    assert!((320.0..480.0).contains(&number(&run, "updates")));
    let report = run.system.report(&run.measures, run.totals);
    let [one, two] = [0, 1].map(|row| &report.details[3][row]);
    assert_eq!([&one[0], &two[0]], [&Cell::Count(0), &Cell::Count(2)]);
    let published = one[1].number().unwrap() + two[1].number().unwrap();
    assert_eq!(published, number(&run, "updates"));
    assert!(
        one[6].number() < two[6].number(),
        "two trees cost more than one: {one:?} {two:?}"
    );
    assert_eq!([&one[7], &two[7]], [&Cell::Real(1.0); 2]);
}

/// Who is a child and has not been able to say so yet is not struck off.
#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn where_nothing_fails_all_updates_come_however_short_the_heartbeats_are() {
    for (heartbeat_ms, redundancy) in [(10.0, 1), (50.0, 2), (200.0, 1)] {
        let mut config = config(Policy::Static);
        let mut overlay = goal(1.5, None, redundancy);
        overlay.start_s = NonNegative(200.0);
        config.overlay.heartbeat_ms = PeriodMs(heartbeat_ms);
        config.applications = vec![application(1.0, Some(&overlay))];
        config.allocation.duration_s = Period(300.0);
        let run = run(&config, 1);
        assert_eq!(
            number(&run, "update_delivery_ratio"),
            1.0,
            "{heartbeat_ms} ms"
        );
        let members = run.system.nodes().iter().filter_map(|node| node.member());
        let members: Vec<&OverlayMember> = members.map(|(.., member)| member).collect();
        let parents: usize = members
            .iter()
            .map(|member| member.parents().flatten().count())
            .sum();
        let source = run.system.publishers()[0].source();
        let children = members
            .into_iter()
            .chain([source])
            .flat_map(OverlayMember::degrees);
        assert_eq!(children.sum::<usize>(), parents, "{heartbeat_ms} ms");
        assert_eq!(parents, usize::from(redundancy) * NODES as usize);
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn failures_are_missed_for_a_while_and_two_trees_miss_fewer() {
    let mut config = config(Policy::Greedy);
    config.failures = Some(Failures {
        mean_up_s: Period(300.0),
        mean_down_s: Period(60.0),
    });
    let (mut one, mut two) = (0.0, 0.0);
    for seed in 0..4 {
        let run = run(&config, seed);
        let report = run.system.report(&run.measures, run.totals);
        one += report.details[3][0][2].number().unwrap() / 4.0;
        two += report.details[3][1][2].number().unwrap() / 4.0;
    }
    assert!(0.7 < one && one < two && two < 1.0, "{one} {two}");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn both_fidelities_do_the_same_and_other_policies_meet_the_same_updates() {
    let mut config = config(Policy::Greedy);
    config.allocation.duration_s = Period(200.0);
    config.failures = Some(Failures {
        mean_up_s: Period(200.0),
        mean_down_s: Period(20.0),
    });
    let [path, hop] = by_fidelity::<Allocation>(&config);
    assert_eq!(path, hop);
    let updates = number(&run(&config, 9), "updates");
    config.allocation.policy = Policy::Static;
    assert_eq!(number(&run(&config, 9), "updates"), updates);
}

#[test]
fn without_overlays_nothing_is_said_of_them() {
    let mut config = config(Policy::Static);
    config.allocation.duration_s = Period(60.0);
    for application in &mut config.applications {
        application.overlay = None;
    }
    let run = run(&config, 1);
    let report = run.system.report(&run.measures, run.totals);
    for name in [
        "updates",
        "update_delivery_ratio",
        "overlay_messages_per_node_s",
    ] {
        assert_eq!(metric::<Allocation>(&report, name), Cell::Absent, "{name}");
    }
    assert!(report.details[2].is_empty() && report.details[3].is_empty());
}

/// Hands `input` to a node, and returns the effects.
fn hand(system: &mut Allocation, at: u32, input: Input<Utility>) -> Vec<Effect<Utility>> {
    let mut effects = Vec::new();
    let now = Time::from_ns(1);
    let mut context = Context::new(now, node(at), RandomStreams::new(1, 0), &mut effects);
    system.handle(node(at), input, &mut context);
    effects
}

/// Whether packet 7 has been taken for received.
fn received(effects: &[Effect<Utility>]) -> bool {
    let observation = |effect: &Effect<Utility>| {
        matches!(
            effect,
            Effect::Observation(Observation::Overlay {
                observation: overlay::Observation::Received { number: 7 },
                ..
            })
        )
    };
    effects.iter().any(observation)
}

/// Whether node 5 is told that member 0 is gone.
fn gone(effects: &[Effect<Utility>]) -> bool {
    effects.iter().any(|effect| match effect {
        Effect::Send {
            to,
            message: Message::Overlay(envelope),
            ..
        } => {
            *to == node(5)
                && (envelope.from, envelope.to) == (0, 5)
                && envelope.message == overlay::Message::Gone
        }
        _ => false,
    })
}

#[test]
fn what_is_said_to_a_former_member_is_not_acted_on_but_answered() {
    let mut system =
        Allocation::build(t100(), &config(Policy::Static), RandomStreams::new(1, 0)).unwrap();
    // Node 0 serves application 0 from the beginning.
    hand(&mut system, 0, Input::Start);
    assert_eq!(system.nodes()[0].member().unwrap().1, 0);
    let assign = |application| Input::Message {
        from: MANAGER,
        message: Message::Assign {
            application,
            at_once: false,
            life: 0,
        },
    };
    let update = |to| {
        let message = overlay::Message::Packet { number: 7 };
        let envelope = Envelope {
            from: 5,
            to,
            message,
        };
        Input::Message {
            from: node(5),
            message: Message::Overlay(Box::new(envelope)),
        }
    };
    for (application, number) in [(1, None), (0, Some(NODES)), (2, Some(2 * NODES))] {
        hand(&mut system, 0, assign(application));
        let member = system.nodes()[0].member();
        assert_eq!(member.map(|(_, own, _)| own), number);
        let effects = hand(&mut system, 0, update(0));
        assert!(!received(&effects) && gone(&effects), "{effects:?}");
        if let Some(number) = number {
            let effects = hand(&mut system, 0, update(number));
            assert!(received(&effects) && !gone(&effects), "{effects:?}");
        }
    }
    system.forget(node(0));
    assert!(system.nodes()[0].member().is_none());
    hand(&mut system, 0, Input::Start);
    assert!(!received(&hand(&mut system, 0, update(2 * NODES))));
}

#[test]
fn what_was_assigned_to_a_former_life_is_not_served() {
    let mut system =
        Allocation::build(t100(), &config(Policy::Static), RandomStreams::new(1, 0)).unwrap();
    hand(&mut system, 7, Input::Start);
    let assign = |life| Input::Message {
        from: MANAGER,
        message: Message::Assign {
            application: 1,
            at_once: true,
            life,
        },
    };
    let serves = |effects: &[Effect<Utility>]| {
        let ready = |effect: &Effect<Utility>| matches!(effect, Effect::Send { to, message: Message::Ready { .. }, .. } if *to == MANAGER);
        effects.iter().any(ready)
    };
    system.forget(node(7));
    hand(&mut system, 7, Input::Start);
    // It was on its way when the node failed. What the manager hears next, that the node lives
    // again, makes it forget that it has assigned it.
    assert!(!serves(&hand(&mut system, 7, assign(0))));
    assert!(serves(&hand(&mut system, 7, assign(1))));
}
