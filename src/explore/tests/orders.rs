//! What a partial-order reduction would spare, if it knew all histories beforehand.
//!
//! Where no step of others can lead to a new step of one unit before that unit acts, and none of its own steps uses up what others
//! could use as well, its steps alone need to be taken (a persistent set): all orders with those of others lead to the same states.

use std::collections::{BTreeMap, VecDeque};

use super::*;
use crate::explore::bench::Bench;
use crate::explore::state::{State, Underway};
use crate::explore::steps::{Act, Semantics};

/// A step from a state: which unit acts, whether it uses up nothing that others could use, and where it leads.
type Edge = (u8, bool, u32);

/// All states of a world, and the steps from each.
#[derive(Default)]
struct Graph {
    states: Vec<State>,
    steps: Vec<Vec<Edge>>,
}

/// What was counted.
#[derive(Debug, PartialEq, Eq)]
struct Spared {
    states: usize,
    /// States of which not all steps need to be taken.
    apart: usize,
    /// States that are visited if no more steps are taken than need to be.
    left: usize,
}

impl Graph {
    fn of(network: &str, other: &Value, faults: Faults) -> Self {
        let mut system = built(network, other);
        let acting = (
            Arigatoni::handle as Handle<Arigatoni>,
            Arigatoni::always as _,
        );
        let streams = RandomStreams::new(1, 0);
        let mut bench = Bench::new(&mut system, acting, streams, None);
        let ways = Semantics { in_order: true };
        let first = bench.first(faults, ways).unwrap();
        let (mut graph, mut numbers) = (Self::default(), BTreeMap::new());
        let mut enter = |graph: &mut Self, state: State| {
            let mut words = Vec::new();
            state.pack(&mut words);
            let number = *numbers.entry(words).or_insert(graph.states.len());
            if number == graph.states.len() {
                graph.states.push(state);
            }
            number
        };
        enter(&mut graph, first);
        let mut acts = Vec::new();
        while let Some(state) = graph.states.get(graph.steps.len()).cloned() {
            bench.acts(&state, ways, &mut acts);
            let mut steps = Vec::new();
            for &act in &acts {
                let mut next = state.clone();
                bench.act(&mut next, act, ways).unwrap();
                let (place, is_free) = match act {
                    Act::Deliver(at) => (state.under_way[at].to, true),
                    Act::Give(task) => {
                        let unit = bench.tasks.any_time[task as usize].0;
                        (bench.place(unit).unwrap(), true)
                    }
                    Act::Fire(place, _)
                    | Act::Crash(place)
                    | Act::Restart(place)
                    | Act::Leave(place)
                    | Act::Join(place) => (place, false),
                    other => unreachable!("{other:?} cannot happen in these worlds"),
                };
                steps.push((place, is_free, enter(&mut graph, next) as u32));
            }
            graph.steps.push(steps);
        }
        graph
    }

    /// The units, a bit each, to which a step leads a message where none was on its way from the same unit.
    fn reached(&self, from: usize, to: u32) -> u8 {
        let (before, after) = (&self.states[from], &self.states[to as usize]);
        let is_there = |it: &Underway| {
            let mut all = before.under_way.iter();
            all.any(|other| (other.from, other.to) == (it.from, it.to))
        };
        let new = after.under_way.iter().filter(|it| !is_there(it));
        new.fold(0, |units, it| units | 1 << it.to)
    }

    /// For each state the units, a bit each, to which others can lead a new step before they act themselves.
    fn opened(&self) -> Vec<u8> {
        let mut opened = vec![0; self.states.len()];
        let mut has_changed = true;
        while has_changed {
            has_changed = false;
            for from in (0..self.states.len()).rev() {
                let mut units = opened[from];
                for &(place, _, to) in &self.steps[from] {
                    units |= (self.reached(from, to) | opened[to as usize]) & !(1 << place);
                }
                has_changed |= units != opened[from];
                opened[from] = units;
            }
        }
        opened
    }

    /// The unit whose steps alone need to be taken from a state, if there is one: one with the fewest.
    fn alone(&self, state: usize, opened: u8) -> Option<u8> {
        let steps = &self.steps[state];
        let of = |unit: u8| steps.iter().filter(move |(place, ..)| *place == unit);
        let units = (0..u8::BITS as u8).filter(|&unit| {
            opened >> unit & 1 == 0 && of(unit).next().is_some() && of(unit).all(|step| step.1)
        });
        let fewest = units.min_by_key(|&unit| of(unit).count())?;
        (of(fewest).count() < steps.len()).then_some(fewest)
    }

    fn spared(&self) -> Spared {
        let opened = self.opened();
        let alone: Vec<Option<u8>> = (0..self.states.len())
            .map(|state| self.alone(state, opened[state]))
            .collect();
        let mut is_visited = vec![false; self.states.len()];
        is_visited[0] = true;
        let mut queue = VecDeque::from([0]);
        while let Some(state) = queue.pop_front() {
            for &(place, _, to) in &self.steps[state] {
                let to = to as usize;
                if alone[state].is_none_or(|unit| unit == place) && !is_visited[to] {
                    is_visited[to] = true;
                    queue.push_back(to);
                }
            }
        }
        Spared {
            states: self.states.len(),
            apart: alone.iter().flatten().count(),
            left: is_visited.into_iter().filter(|it| *it).count(),
        }
    }
}

/// The table in docs/explore.md says the same.
#[test]
fn few_states_are_spared() {
    let heartbeats = json!({
        "detection": {"heartbeat_ms": 2000, "timeout_ms": 2000, "misses": 1},
        "return_ms": 3000,
    });
    let mut elections = heartbeats.clone();
    elections["election"] = true.into();
    let slots = json!({"slots": 1, "search": "exhaustive", "requests": {"count": 2}});
    let none = Faults::default();
    let timers = Faults { timers: 1, ..none };
    let crashes = Faults { crashes: 1, ..none };
    let comings = Faults {
        leaves: 1,
        joins: 1,
        timers: 2,
        ..none
    };
    let worlds = [
        ("request", "pair", json!({"gcus_per_broker": 2}), comings),
        ("slots", "line", slots, timers),
        ("heartbeats", "pair", heartbeats.clone(), crashes),
        (
            "heartbeats",
            "pair",
            heartbeats,
            Faults {
                timers: 1,
                ..crashes
            },
        ),
        ("election", "star", elections, crashes),
    ];
    let page = include_str!("../../../docs/explore.md").replace(',', "");
    let mut missing = Vec::new();
    for (name, network, other, faults) in worlds {
        let kinds = Faults::KINDS.iter().zip(faults.counts());
        let kinds = kinds.filter(|((kind, _), count)| *count > 0 || *kind == "timers");
        let options: Vec<String> = kinds
            .map(|((kind, _), count)| format!(" --{kind} {count}"))
            .collect();
        let Spared {
            states,
            apart,
            left,
        } = Graph::of(network, &other, faults).spared();
        let row = format!(
            "| `{name}{}` | {states} | {apart} | {left} |",
            options.concat()
        );
        missing.extend(Some(row).filter(|row| !page.contains(row)));
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
