//! PHOLD on engines of the Rust registry, each through its normal interface.
//!
//! `rivals ENGINE UNITS JOBS EVENTS` prints events a second of wall-clock time, the bytes of memory
//! that the run took, and its share of a processor; the same line as the simulator's own bench.
//! `simulacra` adds a fingerprint of the workers at the end. dscale is a program of its own.
#![feature(coroutines, coroutine_trait)]

mod desim_phold;
mod desque_phold;
mod model;
mod nexosim_phold;
mod odem_phold;
mod simrs_phold;
mod simulacra_phold;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [engine, units, jobs, events] = arguments.as_slice() else {
        panic!("usage: rivals ENGINE UNITS JOBS EVENTS")
    };
    let number = |text: &str| text.parse::<u64>().expect("a number");
    let size = model::Size {
        units: number(units) as u32,
        jobs: number(jobs) as u32,
        events: number(events),
    };
    match engine.as_str() {
        "desim" => desim_phold::run(size),
        "desque" => desque_phold::run(size),
        "nexosim" => nexosim_phold::run(size),
        "odem-rs" => odem_phold::run(size),
        "simrs" => simrs_phold::run(size),
        "simulacra" => simulacra_phold::run(size),
        other => panic!("no engine called {other}"),
    }
}
