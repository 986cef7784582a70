//! The deadline rule: a query says how long its receiver may take to answer, counting from its
//! arrival, so that the answer is there when its asker needs it.

use std::collections::BTreeMap;

use arigatoni::arigatoni::config::Search;
use arigatoni::arigatoni::message::{ArigatoniProtocol, Message, Query, Ticket};
use arigatoni::arigatoni::{Arigatoni, Config};
use arigatoni::discovery::{GBU, RequestId};
use arigatoni::parameters::number::{Count, DurationMs, Fraction};
use arigatoni::random::RandomStreams;
use arigatoni::simulation::network::Fidelity;
use arigatoni::simulation::{Setting, run_watched};
use arigatoni::system::{Measures, Model};
use arigatoni::time::{Span, Time};
use arigatoni::unit::{Effect, Input, UnitId};

use crate::support::{config, metric, underlay};

/// Names a query that is open somewhere: whom it was put to, by whom, for what, under which ticket.
type Name = (UnitId, UnitId, RequestId, Ticket);

/// Follows each query on its way.
#[derive(Default)]
struct Watch {
    /// When a query was sent, and how long its asker waits from then on.
    sent: BTreeMap<Name, (Time, Span)>,
    /// When the asker needs the answer, or could have it at the earliest.
    needed: BTreeMap<Name, Time>,
    /// When a broker must answer a query.
    due: BTreeMap<Name, Time>,
    /// By when each request must be answered at each unit.
    deadlines: BTreeMap<(UnitId, RequestId), Time>,
    /// Answers that brokers sent at the very deadline, and before it.
    at_deadline: u32,
    before: u32,
}

impl Watch {
    fn query_arrives(&mut self, now: Time, name: Name, query: &Query) {
        let (at, waits) = self.sent.remove(&name).expect("what arrives was sent");
        let way = now - at;
        let time_left = waits.as_ns().saturating_sub(2 * way.as_ns());
        assert_eq!(
            query.time_left.as_ns(),
            time_left,
            "less the way there and back"
        );
        self.needed.insert(name, (at + waits).max(now + way));
        if name.0.kind() == GBU {
            self.due.insert(name, now + query.time_left);
            self.deadlines
                .insert((name.0, query.request), now + query.time_left);
        }
    }

    fn query_leaves(&mut self, now: Time, name: Name, query: &Query) {
        let asker = (name.1, query.request);
        if name.1.kind() == GBU {
            let time_left = self.deadlines[&asker].saturating_since(now);
            assert_eq!(query.time_left, time_left, "all that is left is handed on");
        } else {
            self.deadlines.insert(asker, now + query.time_left);
        }
        self.sent.insert(name, (now, query.time_left));
    }

    fn broker_answers(&mut self, now: Time, name: Name) {
        let due = self.due.remove(&name).expect("a query is answered once");
        assert!(now <= due, "answered {:?} too late", now - due);
        if now == due {
            self.at_deadline += 1;
        } else {
            self.before += 1;
        }
    }
}

impl Measures<ArigatoniProtocol> for Watch {
    fn begin(&mut self, _: Time) {}

    fn unhandled(&mut self, _: Time, _: UnitId, _: &Input<ArigatoniProtocol>) {}

    fn input(&mut self, now: Time, unit: UnitId, input: &Input<ArigatoniProtocol>) {
        let Input::Message { from, message } = input else {
            return;
        };
        match message {
            Message::Query(query) => {
                let name = (unit, *from, query.request, query.ticket);
                self.query_arrives(now, name, query);
            }
            Message::Answer(answer) => {
                let name = (*from, unit, answer.request, answer.ticket);
                let needed = self.needed.remove(&name).expect("it was asked");
                assert!(now <= needed, "{:?} too late", now - needed);
            }
            _ => {}
        }
    }

    fn effect(&mut self, now: Time, unit: UnitId, effect: &Effect<ArigatoniProtocol>) {
        let Effect::Send { to, message, .. } = effect else {
            return;
        };
        match message {
            Message::Query(query) => {
                let name = (*to, unit, query.request, query.ticket);
                self.query_leaves(now, name, query);
            }
            Message::Answer(answer) if unit.kind() == GBU => {
                self.broker_answers(now, (unit, *to, answer.request, answer.ticket));
            }
            _ => {}
        }
    }
}

fn watched(config: &Config, seed: u64, fidelity: Fidelity) -> (Watch, f64) {
    let underlay = underlay("ts600-0");
    let streams = RandomStreams::new(seed, 0);
    let system = Arigatoni::build(&underlay, config, streams).unwrap();
    let mut watch = Watch::default();
    let run = run_watched(
        system,
        Setting::of(&underlay, streams, &fidelity.into()),
        &mut watch,
    );
    assert!(
        watch.sent.is_empty() && watch.due.is_empty() && watch.needed.is_empty(),
        "all is answered"
    );
    (watch, metric(&run, "deadline_hits").unwrap())
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn every_broker_answers_in_the_time_that_its_query_leaves() {
    let (mut hits, mut at_deadline, mut before) = (0.0, 0, 0);
    for (seed, deadline_ms) in [(1, 40), (2, 90), (3, 200), (4, 400)] {
        for search in [Search::Selective, Search::Exhaustive] {
            let mut config = config();
            config.own.search = search;
            config.world.services.density = Some(Fraction(0.002));
            config.world.requests.instances = Some(Count(2));
            config.world.requests.deadline_ms = DurationMs(f64::from(deadline_ms));
            let (watch, hit) = watched(&config, seed, Fidelity::Path);
            hits += hit;
            at_deadline += watch.at_deadline;
            before += watch.before;
            let (by_hops, _) = watched(&config, seed, Fidelity::Hop);
            assert_eq!(by_hops.at_deadline, watch.at_deadline);
        }
    }
    assert!(
        hits > 100.0 && at_deadline > 100 && before > 100,
        "{hits} {at_deadline} {before}"
    );
}

/// A broker that has found some by its deadline hands them over in time: what two subcolonies have
/// found between them is enough, although a third one has not answered.
#[test]
fn what_is_found_by_the_deadline_is_used() {
    let mut config = config();
    config.own.search = Search::Exhaustive;
    config.world.services.density = Some(Fraction(0.02));
    config.world.requests.instances = Some(Count(3));
    config.world.requests.deadline_ms = DurationMs(300.0);
    let underlay = underlay("ts600-0");
    let run = crate::support::run(&underlay, &config, 5, Fidelity::Path);
    let requests = crate::support::export(&underlay, &run, "requests");
    let accepted = super::oracle::requests(&requests);
    let accepted = accepted
        .iter()
        .filter(|request| request.outcome == "accepted");
    let hits = metric(&run, "deadline_hits").unwrap();
    assert!(accepted.count() > 10 && hits > 10.0, "{hits}");
}
