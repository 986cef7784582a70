//! simrs: one component a unit; events are boxed and looked up by the component's type.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use simrs::{Component, ComponentId, Scheduler, Simulation, State};

use crate::model::{Random, Size, Watch, Worker};

struct Shared {
    random: Random,
    watch: Watch,
    ids: Vec<ComponentId<u32>>,
}

struct Unit {
    worker: RefCell<Worker>,
    shared: Rc<RefCell<Shared>>,
}

impl Component for Unit {
    type Event = u32;

    fn process_event(&self, _: ComponentId<u32>, payload: &u32, scheduler: &mut Scheduler, _: &mut State) {
        let shared = &mut *self.shared.borrow_mut();
        shared.watch.tick();
        self.worker.borrow_mut().handle(scheduler.time().as_secs_f64(), *payload);
        let to = shared.ids[shared.random.below(shared.ids.len() as u32) as usize];
        let delay = Duration::from_secs_f64(shared.random.delay());
        scheduler.schedule(delay, to, payload.wrapping_add(1));
    }
}

pub fn run(size: Size) {
    let watch = Watch::new(size);
    let shared = Rc::new(RefCell::new(Shared { random: Random::new(), watch, ids: Vec::new() }));
    let mut simulation = Simulation::default();
    for _ in 0..size.units {
        let unit = Unit { worker: RefCell::default(), shared: Rc::clone(&shared) };
        let id = simulation.add_component(unit);
        shared.borrow_mut().ids.push(id);
    }
    for unit in 0..size.units as usize {
        for payload in 0..size.jobs {
            let (id, delay) = {
                let mut shared = shared.borrow_mut();
                (shared.ids[unit], Duration::from_secs_f64(shared.random.delay()))
            };
            simulation.schedule(delay, id, payload);
        }
    }
    while simulation.step() {}
}
