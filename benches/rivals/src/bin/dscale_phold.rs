//! dscale: one process a unit; a job is a message. `dscale_phold THREADS UNITS JOBS EVENTS` prints
//! the line of `rivals` and a fingerprint. A program of its own: dscale sets the allocator (mimalloc).
//!
//! Not quite PHOLD: the network draws the delays, and it has no exponential law. They are uniform
//! from 0.1 to 1.9 s; the shortest is the window in which threads may work ahead. Timers take any
//! delay, but come back to their process, so a job would be two events; and the window does not heed
//! them. Each process has its own generator, so that destinations do not depend on the threads.
//! Jobs are timed from 2 s on; the fingerprint has those before the end, which all threads reach.

#[allow(dead_code, reason = "the other engines use the rest")]
#[path = "../model.rs"]
mod model;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use dscale::services::kv;
use dscale::{Distr, Jiffies, Message, MessagePtr, Pid, Process, SimulationBuilder, ThreadNumber, TimerId};
use dscale::{now, pid, send};
use model::{Random, Size, Stopwatch, Worker, resident};

/// A jiffy is a nanosecond here.
const SECOND: usize = 1_000_000_000;
const TURNOVER: Jiffies = Jiffies(2 * SECOND);

static BEGIN: OnceLock<Stopwatch> = OnceLock::new();
static TIMED: AtomicU64 = AtomicU64::new(0);
static FINGERPRINT: AtomicU64 = AtomicU64::new(0);

#[derive(Debug)]
struct Job {
    payload: u32,
}

impl Message for Job {}

struct Unit {
    worker: Worker,
    random: Random,
    timed: u64,
    index: Pid,
    end: Jiffies,
    size: Size,
}

impl Default for Unit {
    fn default() -> Self {
        let size: Size = kv::get("size");
        let (random, index) = (Random::seeded(kv::seed()), pid());
        Self { worker: Worker::default(), random, timed: 0, index, end: end(size), size }
    }
}

impl Process for Unit {
    fn on_start(&mut self) {
        for payload in 0..self.size.jobs {
            send(self.index, Job { payload });
        }
    }

    fn on_message(&mut self, _: Pid, message: MessagePtr) {
        let payload = message.as_type::<Job>().payload;
        let now = now();
        if now >= TURNOVER {
            BEGIN.get_or_init(Stopwatch::start);
            self.timed += 1;
        }
        // Threads work beyond the end by what is left of the window.
        if now < self.end {
            self.worker.handle(now.0 as f64 / SECOND as f64, payload);
        }
        send(self.random.below(self.size.units) as usize, Job { payload: payload.wrapping_add(1) });
    }

    fn on_timer(&mut self, _: TimerId) {
        unreachable!("nobody sets a timer")
    }
}

impl Drop for Unit {
    fn drop(&mut self) {
        TIMED.fetch_add(self.timed, Relaxed);
        FINGERPRINT.fetch_add(self.worker.fingerprint(self.index), Relaxed);
    }
}

/// A job is handled once a second.
fn end(size: Size) -> Jiffies {
    TURNOVER + Jiffies((size.events as f64 / size.pending() as f64 * SECOND as f64) as usize)
}

fn main() {
    let arguments: Vec<u64> = std::env::args().skip(1).map(|text| text.parse().expect("a number")).collect();
    let [threads, units, jobs, events] = arguments[..] else {
        panic!("usage: dscale_phold THREADS UNITS JOBS EVENTS")
    };
    let size = Size { units: units as u32, jobs: jobs as u32, events };
    let before = resident();
    let latency = Distr::Uniform { low: Jiffies(SECOND / 10), high: Jiffies(SECOND * 19 / 10) };
    let builder = SimulationBuilder::new()
        .add_pool::<Unit>("units", units as usize)
        .within_pool_latency("units", latency)
        .time_budget(end(size))
        .seed(42);
    let mut runner = match threads {
        1 => builder.seq_sched().build(),
        _ => builder.par_sched(ThreadNumber::Specific(threads as usize)).build(),
    };
    kv::set("size", size);
    runner.run_full_budget();
    let (seconds, share) = BEGIN.get().expect("the run is longer than the turnover").read();
    let memory = resident() - before;
    drop(runner);
    let timed = TIMED.load(Relaxed) as f64;
    println!("{} {memory} {share} {:016x}", timed / seconds, FINGERPRINT.load(Relaxed));
}
