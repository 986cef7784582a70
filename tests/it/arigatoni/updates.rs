//! What a change of offers costs: its updates cross each edge of the overlay at most twice, in trees and in graphs.

use arigatoni::arigatoni::message::{ArigatoniProtocol, Message};
use arigatoni::arigatoni::{Arigatoni, Config};
use arigatoni::discovery::Command;
use arigatoni::parameters::Parameters;
use arigatoni::random::RandomStreams;
use arigatoni::simulation::{self, Setting, network::Fidelity};
use arigatoni::system::{Measures, Model};
use arigatoni::time::Time;
use arigatoni::unit::{Effect, Input, UnitId};
use serde_json::{Value, json};

use super::oracle::World;
use crate::support::{export, t100};

/// How many updates were sent after each change, and until the next one.
#[derive(Default)]
struct Updates {
    after: Vec<usize>,
}

fn is_update(message: &Message) -> bool {
    match message {
        Message::Tunnelled(relayed) => is_update(&relayed.message),
        message => matches!(message, Message::Update { .. }),
    }
}

impl Measures<ArigatoniProtocol> for Updates {
    fn input(&mut self, _: Time, _: UnitId, input: &Input<ArigatoniProtocol>) {
        if let Input::Command(Command::Change { .. }) = input {
            self.after.push(0);
        }
    }

    fn effect(&mut self, _: Time, _: UnitId, effect: &Effect<ArigatoniProtocol>) {
        if let Effect::Send { message, .. } = effect
            && is_update(message)
        {
            let last = self.after.last_mut();
            *last.expect("nothing else changes") += 1;
        }
    }
}

#[test]
#[cfg_attr(debug_assertions, ignore = "long: cargo test --release")]
fn one_change_costs_at_most_two_messages_for_each_edge() {
    let friends = |home: bool, colonies: f64| json!({"share": 0.2, "kind": "friend", "home": home, "colonies": colonies});
    let clones = json!({"share": 0.7, "kind": "clone", "colonies": 1});
    let cases = [
        json!({}),
        json!({"colony_links": {"count": 100}}),
        json!({"tunnels": friends(true, 0.0)}),
        json!({"tunnels": friends(true, 1.0), "colony_links": {"count": 30}}),
        json!({"tunnels": friends(false, 0.5), "firewall": true}),
        json!({"tunnels": clones, "colony_links": {"count": 60}}),
    ];
    let (mut changes, mut longest) = (0, 0);
    for (seed, own) in (0_u32..).zip(&cases) {
        // One change in a hundred seconds or so: the updates of one are over before the next.
        let mut parameters = json!({
            "gcus_per_broker": 2,
            "services": {"count": 300, "density": 0.005, "change": {"exponential": {"mean_s": 20_000}}},
            "disconnection": {"rate": 0.05 * f64::from(seed)},
            "requests": {"count": 40, "instances": 1, "rate_per_s": 0.01},
        });
        let members = parameters.as_object_mut().unwrap();
        members.extend(own.as_object().unwrap().clone());
        let config = Config::read(&parameters, "").unwrap();
        let streams = RandomStreams::new(seed.into(), 0);
        let system = Arigatoni::build(t100(), &config, streams).unwrap();
        let mut updates = Updates::default();
        let run = simulation::run_watched(
            system,
            Setting::of(t100(), streams, &Fidelity::Path.into()),
            &mut updates,
        );
        let world: Value = serde_json::from_str(&export(t100(), &run, "world")).unwrap();
        let count = |member: &str| world[member].as_array().map_or(0, Vec::len);
        let brokers = count("gbus") - 1;
        let beside = count("colony_links") + count("tunnels") + count("colony_tunnels");
        let edges = brokers + count("gcus") + beside;
        let most = updates.after.iter().copied().max().unwrap_or_default();
        assert!(most <= 2 * edges, "{own}: {most} messages, {edges} edges");
        // A chain of brokers hears of it, not everybody.
        assert!(most < edges, "{own}: {most} messages, {edges} edges");
        changes += updates.after.len();
        longest = longest.max(most);
        let tunnels = World::parse(&world.to_string()).tunnels.len();
        assert_eq!(tunnels > 0, own["tunnels"].is_object());
    }
    assert!(changes > 100 && longest > 4, "{changes} {longest}");
}
