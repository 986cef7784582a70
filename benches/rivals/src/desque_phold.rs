//! desque: events are boxed, and executed with the whole simulation at hand.

use desque::serial::{Event, Simulation};
use desque::{SimState, SimTime};
use std::cmp::Ordering;

use crate::model::{Random, Size, Watch, Worker};

#[derive(Copy, Clone, Debug, PartialEq, PartialOrd)]
struct Time(f64);

impl Eq for Time {}

impl Ord for Time {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl SimTime for Time {}

struct Workers {
    all: Vec<Worker>,
    random: Random,
    watch: Watch,
}

impl SimState<Time> for Workers {}

#[derive(Debug)]
struct Job {
    to: u32,
    payload: u32,
}

impl Event<Workers, Time> for Job {
    fn execute(&mut self, sim: &mut Simulation<Workers, Time>) -> desque::Result {
        let now = sim.current_time().0;
        let state = sim.state_mut();
        state.watch.tick();
        state.all[self.to as usize].handle(now, self.payload);
        let to = state.random.below(state.all.len() as u32);
        let time = Time(now + state.random.delay());
        sim.schedule(Job { to, payload: self.payload.wrapping_add(1) }, time)
    }
}

pub fn run(size: Size) {
    let watch = Watch::new(size);
    let all = vec![Worker::default(); size.units as usize];
    let state = Workers { all, random: Random::new(), watch };
    let mut sim = Simulation::new(state, Time(0.0));
    for to in 0..size.units {
        for payload in 0..size.jobs {
            let time = Time(sim.state_mut().random.delay());
            sim.schedule(Job { to, payload }, time).expect("it is not in the past");
        }
    }
    sim.run().expect("nothing is scheduled in the past");
}
