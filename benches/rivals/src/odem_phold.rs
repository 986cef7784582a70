//! odem-rs: one job a unit that waits, is handled, and waits again ("hold only": a job stays with
//! its unit, since nothing is sent).

use std::cell::RefCell;
use std::pin::pin;

use odem_rs::prelude::*;

use crate::model::{Random, Size, Watch, Worker};

async fn unit(sim: &Sim, shared: &RefCell<(Random, Watch, Vec<Worker>)>, index: usize, mut payload: u32) {
    loop {
        let delay = shared.borrow_mut().0.delay();
        sim.advance(delay).await;
        let (_, watch, workers) = &mut *shared.borrow_mut();
        watch.tick();
        workers[index].handle(sim.now(), payload);
        payload = payload.wrapping_add(1);
    }
}

#[odem_rs::main]
async fn phold(sim: &Sim, size: Size) {
    let workers = vec![Worker::default(); size.units as usize];
    let shared = RefCell::new((Random::new(), Watch::new(size), workers));
    let jobs = pin!(Pool::with_capacity(size.pending() as usize).with(Job::new));
    for index in 0..size.units as usize {
        for payload in 0..size.jobs {
            sim.activate(jobs.alloc(unit(sim, &shared, index, payload)));
        }
    }
    sim.advance(1e12).await;
}

pub fn run(size: Size) {
    phold(size);
}
