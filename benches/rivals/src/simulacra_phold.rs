//! simulacra: its kernel, a queue of events given to one handler; times are whole nanoseconds.
//!
//! Its tasks and its network are no option: they keep a route for each pair of nodes, which is
//! N² of memory, and a law of latency cannot be given to tasks.

use simulacra::{Duration, Simulation, Time};

use crate::model::{Random, Size, Watch, Worker};

struct Job {
    to: u32,
    payload: u32,
}

fn nanoseconds(seconds: f64) -> u64 {
    (seconds * 1e9) as u64
}

pub fn run(size: Size) {
    let mut watch = Watch::new(size);
    let mut random = Random::new();
    let mut workers = vec![Worker::default(); size.units as usize];
    let mut simulation = Simulation::with_capacity(size.pending() as usize);
    for to in 0..size.units {
        for payload in 0..size.jobs {
            simulation.schedule(Time::from_nanos(nanoseconds(random.delay())), Job { to, payload });
        }
    }
    simulation.run_until(|simulation, Job { to, payload }| {
        if !watch.count() {
            let line = watch.line();
            let prints = workers.iter().enumerate().map(|(index, worker)| worker.fingerprint(index));
            println!("{line} {:016x}", prints.fold(0, u64::wrapping_add));
            return false;
        }
        let now = simulation.now().as_nanos() as f64 * 1e-9;
        workers[to as usize].handle(now, payload);
        let to = random.below(size.units);
        let delay = Duration::from_nanos(nanoseconds(random.delay()));
        simulation.schedule_in(delay, Job { to, payload: payload.wrapping_add(1) });
        true
    });
}
