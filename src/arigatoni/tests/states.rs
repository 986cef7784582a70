//! All that can happen in a small overlay, state by state: what a model checker does.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use super::world::World;
use super::*;

/// States by their hashes.
#[derive(Default)]
struct States {
    kept: BTreeMap<u64, Vec<World>>,
    len: usize,
}

impl States {
    /// Keeps `world`, unless it is among them.
    fn insert(&mut self, world: &World) -> bool {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(world);
        let alike = self.kept.entry(hash).or_default();
        let new = !alike.contains(world);
        if new {
            alike.push(world.clone());
            self.len += 1;
        }
        new
    }
}

/// The states that come next: any message arrives or (if so) is lost, any timer fires.
fn after(world: &World, given: &Given<Drawn>, lossy: bool) -> Vec<World> {
    let mut next = Vec::new();
    let mut take = |act: &dyn Fn(&mut World)| {
        let mut world = world.clone();
        act(&mut world);
        next.push(world.canonical());
    };
    for index in 0..world.under_way.len() {
        take(&|world| world.deliver(given, index));
        if lossy {
            take(&|world| drop(world.under_way.remove(index)));
        }
    }
    // Time is of no interest: a timer may fire whenever it is armed.
    for &(owner, slot) in world.timers.keys() {
        take(&|world| {
            let (_, timer) = world.timers.remove(&(owner, slot)).unwrap();
            world.hand(given, owner, Input::Timer(timer));
        });
    }
    next
}

/// Visits every state; how many there are, and those after which nothing can happen.
fn explore(start: &World, given: &Given<Drawn>, lossy: bool) -> (usize, Vec<World>) {
    let mut seen = States::default();
    let (mut todo, mut ends) = (vec![start.canonical()], Vec::new());
    while let Some(world) = todo.pop() {
        if !seen.insert(&world) {
            continue;
        }
        assert!(world.ended.iter().all(|&times| times <= 1), "{world:?}");
        let next = after(&world, given, lossy);
        if next.is_empty() {
            ends.push(world);
        } else {
            todo.extend(next);
        }
    }
    (seen.len, ends)
}

#[test]
fn in_every_history_a_request_ends_once() {
    for search in [Search::Selective, Search::Exhaustive] {
        for (brokers, lossy) in [(1, true), (2, false)] {
            let given = given(Rules { search, ..rules() });
            let mut world = World::new(brokers, &given);
            world.issue(&given, 1, 1);
            let (states, ends) = explore(&world, &given, lossy);
            assert!((10..100_000).contains(&states), "{states}");
            assert!(!ends.is_empty());
            for end in ends {
                assert_eq!(end.ended, [1], "{end:?}");
            }
        }
    }
}

/// What came about at another time, in another order or after other business is the same state.
#[test]
fn equal_states_are_equal_whatever_came_before() {
    let given = given(Rules {
        search: Search::Exhaustive,
        ..rules()
    });
    let fresh = World::new(3, &given);
    let mut used = fresh.clone();
    for round in 0..3 {
        for computer in [4, 0, 2] {
            used.issue(&given, computer, 1 + round);
        }
        used.settle(&given);
    }
    assert!(used.now > Time::ZERO);
    used.ended.clear();
    assert_eq!(used.canonical(), fresh);
    // In the midst of the same request, at another time.
    let [used, fresh] = [used, fresh].map(|mut world| {
        world.issue(&given, 3, 2);
        while world.under_way.len() < 3 {
            world.deliver(&given, 0);
        }
        world
    });
    assert_ne!(used, fresh, "their clocks differ");
    assert_eq!(used.canonical(), fresh.canonical());
}
