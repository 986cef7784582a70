//! NeXosim: one model with all units, whose job input is scheduled to itself; one thread.
//!
//! A model for each unit would add a mailbox a unit and an asynchronous hand-over a job.

use std::time::Duration;

use nexosim::model::{Context, Model, schedulable};
use nexosim::ports::EventSource;
use nexosim::simulation::{Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use serde::{Deserialize, Serialize};

use crate::model::{Random, Size, Watch, Worker};

#[derive(Serialize, Deserialize)]
struct Workers {
    #[serde(skip)]
    inner: Option<Inner>,
}

struct Inner {
    all: Vec<Worker>,
    random: Random,
    watch: Watch,
}

#[Model]
impl Workers {
    #[nexosim(schedulable)]
    async fn job(&mut self, (to, payload): (u32, u32), context: &Context<Self>) {
        let inner = self.inner.as_mut().expect("it is there");
        inner.watch.tick();
        let now = context.time().duration_since(MonotonicTime::EPOCH).as_secs_f64();
        inner.all[to as usize].handle(now, payload);
        let to = inner.random.below(inner.all.len() as u32);
        let delay = Duration::from_secs_f64(inner.random.delay()).max(Duration::from_nanos(1));
        context
            .schedule_event(delay, schedulable!(Self::job), (to, payload.wrapping_add(1)))
            .expect("it is in the future");
    }
}

pub fn run(size: Size) {
    let watch = Watch::new(size);
    let mut random = Random::new();
    let delays: Vec<f64> = (0..size.pending()).map(|_| random.delay()).collect();
    let all = vec![Worker::default(); size.units as usize];
    let model = Workers { inner: Some(Inner { all, random, watch }) };
    let mailbox = Mailbox::new();
    let mut bench = SimInit::with_num_threads(1);
    let job = EventSource::new().connect(Workers::job, &mailbox).register(&mut bench);
    let mut simulation = bench
        .add_model(model, mailbox, "workers")
        .init(MonotonicTime::EPOCH)
        .expect("it starts");
    let scheduler = simulation.scheduler();
    for (delay, index) in delays.into_iter().zip(0..) {
        let delay = Duration::from_secs_f64(delay).max(Duration::from_nanos(1));
        let (to, payload) = (index / size.jobs, index % size.jobs);
        scheduler.schedule_event(delay, &job, (to, payload)).expect("it is in the future");
    }
    simulation.run().expect("it runs");
}
