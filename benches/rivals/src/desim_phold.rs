//! desim: one coroutine a unit, resumed by events. An event carries the state that it is yielded
//! with, so the destination's delay travels in it.

use std::cell::RefCell;
use std::rc::Rc;

use desim::{Effect, EndCondition, SimContext, SimState, Simulation};

use crate::model::{Random, Size, Watch, Worker};

#[derive(Clone)]
struct Job {
    effect: Effect,
    payload: u32,
}

impl SimState for Job {
    fn get_effect(&self) -> Effect {
        self.effect
    }
    fn set_effect(&mut self, effect: Effect) {
        self.effect = effect;
    }
    fn should_log(&self) -> bool {
        false
    }
}

pub fn run(size: Size) {
    let shared = Rc::new(RefCell::new((Random::new(), Watch::new(size))));
    let mut simulation = Simulation::new();
    for _ in 0..size.units {
        let shared = Rc::clone(&shared);
        let mut worker = Worker::default();
        simulation.create_process(Box::new(
            #[coroutine]
            move |mut context: SimContext<Job>| loop {
                let payload = context.state().payload;
                let effect = {
                    let (random, watch) = &mut *shared.borrow_mut();
                    watch.tick();
                    worker.handle(context.time(), payload);
                    let process = random.below(size.units) as usize;
                    Effect::Event { time: random.delay(), process }
                };
                context = yield Job { effect, payload: payload.wrapping_add(1) };
            },
        ));
    }
    for unit in 0..size.units as usize {
        for payload in 0..size.jobs {
            let time = shared.borrow_mut().0.delay();
            let effect = Effect::Event { time, process: unit };
            simulation.schedule_event(time, unit, Job { effect, payload });
        }
    }
    simulation.run(EndCondition::NoEvents);
}
