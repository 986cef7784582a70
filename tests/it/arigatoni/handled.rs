//! Which requests a broker handles: each one counts once, however many of its queries reach it.

use std::collections::BTreeSet;

use arigatoni::arigatoni::message::{ArigatoniProtocol, Message};
use arigatoni::arigatoni::{Arigatoni, Config};
use arigatoni::discovery::{GBU, RequestId};
use arigatoni::parameters::Parameters;
use arigatoni::random::RandomStreams;
use arigatoni::simulation::{self, Setting, network::Fidelity};
use arigatoni::system::{Measures, Model};
use arigatoni::time::Time;
use arigatoni::unit::{Input, UnitId};
use serde_json::{Value, json};

use super::apart::run_apart;
use crate::support::{export, metric, t100};

/// The queries that have reached brokers, and which request of so many queries each was.
struct Asked {
    queries_each: u32,
    queries: u64,
    requests: BTreeSet<(UnitId, u32)>,
}

impl Measures<ArigatoniProtocol> for Asked {
    fn input(&mut self, _: Time, unit: UnitId, input: &Input<ArigatoniProtocol>) {
        if let Input::Message { message, .. } = input
            && let Some(RequestId(number)) = asked(message)
            && unit.kind() == GBU
        {
            self.queries += 1;
            self.requests.insert((unit, number / self.queries_each));
        }
    }
}

/// The query that a message brings.
fn asked(message: &Message) -> Option<RequestId> {
    match message {
        Message::Query(query) => Some(query.request),
        Message::Tunnelled(relayed) => asked(&relayed.message),
        _ => None,
    }
}

/// A world with few offers, and these members.
fn with(own: &Value) -> Value {
    let mut parameters = json!({
        "gcus_per_broker": 2,
        "services": {"density": 0.005},
        "acceptance_probability": 1,
        "disconnection": {"rate": 0.1},
        "requests": {"count": 150},
    });
    let members = parameters.as_object_mut().unwrap();
    members.extend(own.as_object().unwrap().clone());
    parameters
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn each_request_counts_once_at_each_broker() {
    let both = json!([{"service": 3, "instances": 1}, {"service": 9, "instances": 2}]);
    let clones = |colonies: f64| json!({"share": 0.3, "kind": "clone", "colonies": colonies});
    for (own, parts, comes_again) in [
        (json!({}), 1, false),
        (json!({"search": "exhaustive"}), 1, false),
        (json!({"search": "root-first"}), 1, true),
        (json!({"colony_links": {"count": 60}}), 1, true),
        (
            json!({"colony_links": {"count": 60}, "search": "exhaustive"}),
            1,
            true,
        ),
        (
            json!({"tunnels": clones(0.0), "search": "exhaustive"}),
            1,
            true,
        ),
        (
            json!({"tunnels": clones(1.0), "search": "exhaustive"}),
            1,
            true,
        ),
        (json!({"requests": {"count": 150, "all": both}}), 2, true),
    ] {
        let parameters = with(&own);
        let config = Config::read(&parameters, "").unwrap();
        let streams = RandomStreams::new(6, 0);
        let system = Arigatoni::build(t100(), &config, streams).unwrap();
        let mut asked = Asked {
            queries_each: parts,
            queries: 0,
            requests: BTreeSet::new(),
        };
        let run = simulation::run_watched(
            system,
            Setting::of(t100(), streams, &Fidelity::Path.into()),
            &mut asked,
        );
        let count = asked.requests.len() as f64;
        assert_eq!(asked.queries as f64 > count, comes_again, "{own}");
        let [mean, max, issued] =
            ["load_mean", "load_max", "issued_connected"].map(|name| metric(&run, name).unwrap());
        assert!(
            (mean * issued * 100.0 - count).abs() < 1e-6,
            "{own}: {mean}"
        );
        assert!(max <= 1.0, "{own}: {max}");
        let brokers = export(t100(), &run, "brokers");
        let handled = brokers
            .lines()
            .skip(1)
            .map(|row| row.split(',').nth(2).unwrap());
        let handled: usize = handled.map(|cell| cell.parse::<usize>().unwrap()).sum();
        assert_eq!(handled, asked.requests.len(), "{own}");
        // Parts that are played side by side count alike.
        let (apart, _) = run_apart(t100(), &config, 6, Fidelity::Path, 2);
        assert_eq!(export(t100(), &apart, "brokers"), brokers, "{own}");
        assert_eq!(metric(&apart, "load_max"), Some(max), "{own}");
    }
}
